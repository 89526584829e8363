"""Answers that a client may keep: strong ETags per encoding, 304, HEAD (RFC 9110, RFC 9111)."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import brotli
from flask import Request, Response

try:  # in the standard library from Python 3.14
    from compression import zstd
except ImportError:
    from backports import zstd

# Best first among equals. Levels: what a server can afford on the first answer of each.
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "zstd": lambda body: zstd.compress(body, level=6),
    # mtime would change the bytes, and so the ETag's promise, every second.
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
# A date is told once nothing else can happen within its second, and never ahead of the
# clock (RFC 9110 section 8.8.2). newsboat's HTTP client drops an answer that is dated no
# later than the one it has, whatever the ETag says: two changes within a second, with a
# poll between them, would be one to it.
UNSETTLED = timedelta(seconds=2)
_SMALL = 500  # bytes; below, an encoding costs more than it saves


@dataclass(eq=False)
class Representation:
    """One answer's bytes with everything a cache wants to know. Encoded forms are kept."""

    body: bytes
    content_type: str
    last_modified: datetime
    cache_control: str
    headers: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ("Accept-Encoding",)
    digest: str = ""
    _encoded: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.digest = self.digest or hashlib.sha256(self.body).hexdigest()[:32]

    @property
    def weight(self) -> int:
        """Bytes in memory, encoded forms included."""
        return len(self.body) + sum(map(len, self._encoded.values()))

    def respond(self, request: Request) -> Response:
        """200 with the bytes in the best encoding, or 304 (RFC 9110 section 13.2.2)."""
        coding = self._coding(request)
        etag = f"{self.digest}-{coding}" if coding else self.digest
        response = Response(content_type=self.content_type)
        response.set_etag(etag)
        response.headers["Cache-Control"] = self.cache_control
        response.headers["Vary"] = ", ".join(self.vary)
        for name, value in self.headers:
            response.headers.add(name, value)
        if datetime.now(UTC) - self.last_modified >= UNSETTLED:
            response.last_modified = self.last_modified
        if self._fresh(request, etag):
            # A 304 repeats what a 200 would have said of the cache, not of the content.
            response.status_code = 304
            response.headers.remove("Content-Type")
            return response
        if coding:
            response.headers["Content-Encoding"] = coding
        response.set_data(self._encode(coding))
        return response

    def _coding(self, request: Request) -> str:
        accepted = request.accept_encodings
        if len(self.body) < _SMALL or not accepted:
            return ""
        best = max(_ENCODERS, key=lambda coding: accepted[coding])
        quality = accepted[best]
        # Identity is always acceptable unless forbidden; it wins only when preferred.
        named = any(value.lower() == "identity" for value in accepted.values())
        identity = accepted["identity"] if named else 0.0
        return best if quality > 0 and quality >= identity else ""

    def _encode(self, coding: str) -> bytes:
        if not coding:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = _ENCODERS[coding](self.body)
        return self._encoded[coding]

    def _fresh(self, request: Request, etag: str) -> bool:
        if request.method not in ("GET", "HEAD"):
            return False
        if "If-None-Match" in request.headers:  # wins over any date (section 13.1.3)
            return request.if_none_match.contains_weak(etag)
        since = request.if_modified_since
        return since is not None and self.last_modified.replace(microsecond=0) <= since
