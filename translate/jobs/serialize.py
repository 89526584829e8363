"""Documents and translations as JSON text, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from translate.types import Document, Hop, Pair, Sentence, Translation


def dump(value: Document | Translation) -> str:
    """The value as JSON; equal values give equal text."""
    fields = asdict(value)
    text = _to_json(fields, ascii_only=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # an unpaired surrogate: no database takes it as it is
        return _to_json(fields, ascii_only=True)
    return text


def load_document(text: str) -> Document:
    fields = json.loads(text)
    return Document(**{**fields, "labels": tuple(fields["labels"])})


def load_translation(text: str) -> Translation:
    fields = json.loads(text)
    return Translation(
        **{
            **fields,
            "labels": tuple(fields["labels"]),
            "sentences": tuple(_sentence(each) for each in fields["sentences"]),
            "hops": tuple(_hop(each) for each in fields["hops"]),
        }
    )


def dump_hops(hops: tuple[Hop, ...]) -> str:
    return _to_json([asdict(hop) for hop in hops], ascii_only=False)


def load_hops(text: str) -> tuple[Hop, ...]:
    return tuple(_hop(each) for each in json.loads(text))


def _to_json(fields: object, *, ascii_only: bool) -> str:
    return json.dumps(fields, ensure_ascii=ascii_only, sort_keys=True, separators=(",", ":"))


def _sentence(fields: dict[str, Any]) -> Sentence:
    return Sentence(**{**fields, "reasons": tuple(fields["reasons"])})


def _hop(fields: dict[str, Any]) -> Hop:
    return Hop(**{**fields, "pair": Pair(*fields["pair"])})
