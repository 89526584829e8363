"""Answers that a client may keep: strong ETags per encoding, 304, HEAD (RFC 9110, RFC 9111)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from flask import Request, Response
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header, parse_date, parse_etags

from infra.compression import Coding, compress

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Best first among equals. Levels: what a server can afford on the first answer of each.
_LEVELS: dict[Coding, int] = {"br": 5, "zstd": 6, "gzip": 6}
# Last-Modified is sent after its second is over, and never ahead of the clock (RFC 9110 section
# 8.8.2). newsboat's HTTP client drops a response that is dated no later than its copy, whatever
# the ETag is: it would miss the second of two changes within a second, with a poll between.
UNSETTLED = timedelta(seconds=2)
_HEADER = 300  # characters of the header that are read
_SMALL = 500  # bytes; below, an encoding costs more than it saves


class _Answer(Response):
    default_mimetype = None  # the headers say it, or there is no content


def _coding(asked: str) -> Coding | Literal[""]:
    """The best encoding for an Accept-Encoding header; "": none."""
    return _known_coding(asked[:_HEADER])


@lru_cache(maxsize=256)  # clients say it in few ways
def _known_coding(asked: str) -> Coding | Literal[""]:
    accepted = parse_accept_header(asked, Accept)
    if not accepted:
        return ""
    best = max(_LEVELS, key=lambda coding: accepted[coding])
    quality = accepted[best]
    # Identity is always acceptable unless forbidden; it wins only when preferred.
    named = any(value.lower() == "identity" for value in accepted.values())
    identity = accepted["identity"] if named else 0.0
    return best if quality > 0 and quality >= identity else ""


@dataclass(eq=False)
class Representation:
    """One response's bytes with its caching headers. Encoded forms are cached."""

    body: bytes
    content_type: str
    last_modified: datetime
    cache_control: str
    headers: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ("Accept-Encoding",)
    digest: str = ""
    _encoded: dict[str, bytes] = field(default_factory=dict)
    _vary: str = field(init=False)
    _dated: str = field(init=False)
    _beside: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.digest = self.digest or hashlib.sha256(self.body).hexdigest()[:32]
        # Computed once: a cached response then costs little more than comparing its ETag.
        self._vary = ", ".join(self.vary)
        self._dated = http_date(self.last_modified)
        self._beside = [each for each in self.headers if not each[0].startswith("Content-")]

    @property
    def weight(self) -> int:
        """Bytes in memory, encoded forms included."""
        return len(self.body) + sum(map(len, self._encoded.values()))

    def respond(self, request: Request) -> Response:
        """The answer to Flask's request."""
        status, headers, body = self.answer(request.environ)
        return _Answer(body, status=status, headers=headers)

    def answer(self, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
        """200 with the bytes in the best encoding, or 304 (RFC 9110 section 13.2.2)."""
        asked = environ.get("HTTP_ACCEPT_ENCODING", "")
        coding = _coding(asked) if len(self.body) >= _SMALL else ""
        etag = f'"{self.digest}-{coding}"' if coding else f'"{self.digest}"'
        headers = [("ETag", etag), ("Cache-Control", self.cache_control), ("Vary", self._vary)]
        if self._fresh(environ, etag):
            # A 304 repeats the caching headers of the 200, not those of its content.
            return 304, headers + self._beside, b""
        headers += (*self.headers, ("Content-Type", self.content_type))
        if datetime.now(UTC) - self.last_modified >= UNSETTLED:
            headers.append(("Last-Modified", self._dated))
        if coding:
            headers.append(("Content-Encoding", coding))
        return 200, headers, self._encode(coding)

    def is_at_hand(self, environ: WSGIEnvironment) -> bool:
        """Whether the answer takes no more than to find it: nothing is to be compressed."""
        coding = _coding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if not coding or len(self.body) < _SMALL or coding in self._encoded:
            return True
        return environ.get("HTTP_IF_NONE_MATCH") == f'"{self.digest}-{coding}"'

    def _encode(self, coding: Coding | Literal[""]) -> bytes:
        if not coding:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = compress(coding, self.body, _LEVELS[coding])
        return self._encoded[coding]

    def _fresh(self, environ: WSGIEnvironment, etag: str) -> bool:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return False
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None:  # wins over any date (section 13.1.3)
            # Nearly every reader sends the one it got, as it got it.
            return known == etag or parse_etags(known).contains_weak(etag.strip('"'))
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        return since is not None and self.last_modified.replace(microsecond=0) <= since
