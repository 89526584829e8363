"""Compressed bodies: what goes in comes out, and the same body gives the same bytes."""

from __future__ import annotations

import gzip
from typing import get_args

import brotli
import pytest

from infra.compression import Coding, compress, zstd

BODY = "題名です。".encode() * 200
READ = {"br": brotli.decompress, "zstd": zstd.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize("coding", get_args(Coding))
def test_a_body_comes_out_as_it_went_in(coding: Coding) -> None:
    packed = compress(coding, BODY, 6)
    assert len(packed) < len(BODY) / 4
    assert READ[coding](packed) == BODY


@pytest.mark.parametrize("coding", get_args(Coding))
def test_no_clock_is_in_the_bytes(coding: Coding, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compress(coding, BODY, 6)
    monkeypatch.setattr("time.time", lambda: 1.0)
    assert compress(coding, BODY, 6) == first
