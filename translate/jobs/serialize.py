"""Documents and translations as JSON text, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TypeVar

import msgspec

from translate.types import Document, Hop, Translation

T = TypeVar("T")


def dump(value: Document | Translation) -> str:
    """The value as JSON; equal values give equal text."""
    fields = asdict(value)
    text = _to_json(fields, ascii_only=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # an unpaired surrogate: no database stores it unescaped
        return _to_json(fields, ascii_only=True)
    return text


def load_document(text: str) -> Document:
    return _load(text, Document)


def load_translation(text: str) -> Translation:
    return _load(text, Translation)


def dump_hops(hops: tuple[Hop, ...]) -> str:
    return _to_json([asdict(hop) for hop in hops], ascii_only=False)


def load_hops(text: str) -> tuple[Hop, ...]:
    return _load(text, tuple[Hop, ...])


def _load(text: str, type: type[T]) -> T:
    """The value that any version of `dump` wrote.

    Every rendered entry is decoded; msgspec takes an eighth of the time of json and
    constructors. It rejects an unpaired surrogate, which json reads.
    """
    try:
        return msgspec.json.decode(text, type=type)
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(text), type)


def _to_json(fields: object, *, ascii_only: bool) -> str:
    return json.dumps(fields, ensure_ascii=ascii_only, sort_keys=True, separators=(",", ":"))
