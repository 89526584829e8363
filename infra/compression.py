"""Bodies compressed with gzip, Brotli and Zstandard; the same body gives the same bytes."""

from __future__ import annotations

import gzip
from typing import Literal

import brotli

try:  # in the standard library from Python 3.14
    from compression import zstd
except ImportError:
    from backports import zstd

Coding = Literal["br", "zstd", "gzip"]  # as HTTP names them


def compress(coding: Coding, body: bytes, level: int) -> bytes:
    if coding == "br":
        return bytes(brotli.compress(body, quality=level))
    if coding == "zstd":
        return bytes(zstd.compress(body, level=level))
    # mtime would change the bytes, and so the ETag's promise, every second.
    return gzip.compress(body, compresslevel=level, mtime=0)
