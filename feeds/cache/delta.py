"""Deltas (RFC 3229, instance manipulation `feed`): the entries that a client's ETag names.

A delta needs to know which entries were in the representation that the client's ETag names.
The ETag itself says so: behind the digest of the bytes it carries a fingerprint of each
entry. Nothing is stored, so every worker and every node knows every ETag, after any restart
too, and the same posts and translations still give the same ETag.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

from feeds.model.feed import Entry

# Readers keep ETags in columns of 255 characters: beyond so many entries none are named.
MAX_ENTRIES = 50

# Three bytes as four characters: a changed entry is mistaken for another one of fifty with
# a chance of 3 in a million; a client that requests deltas then gets it with a later change.
_BYTES = 3
_ETAG = re.compile(r"[0-9a-f]{32}\.((?:[A-Za-z0-9~_]{4})+)(?:-[a-z]+)?")


def fingerprint(entry: Entry) -> str:
    """Four characters that change when anything of the entry does, in any process the same."""
    digest = hashlib.sha256(repr(entry).encode()).digest()
    return base64.b64encode(digest[:_BYTES], altchars=b"~_").decode()


def digest(body: bytes, entries: Sequence[Entry]) -> str:
    """The part that all ETags of the feed begin with, whatever the encoding."""
    whole = hashlib.sha256(body).hexdigest()[:32]
    if not 0 < len(entries) <= MAX_ENTRIES:
        return whole
    return f"{whole}.{''.join(map(fingerprint, entries))}"


def known_entries(etags: Iterable[str]) -> tuple[str, frozenset[str]] | None:
    """The first of a client's ETags that names entries, and their fingerprints."""
    for etag in etags:
        found = _ETAG.fullmatch(etag)
        if found:
            named = found[1]
            return etag, frozenset(named[i : i + 4] for i in range(0, len(named), 4))
    return None
