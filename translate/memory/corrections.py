"""Corrections: human translations of sentences, which replace the machine's and skip checks.

They are rows of the translation memory under keys of source text and pair, so that no
package, glossary or rule changes them. Each pair has a state, a random text that each change
replaces: it is part of the fingerprint of the pair's translations. A correction's row also
holds the texts that it replaced, with the time until which each was valid.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from translate.memory.memory import Memory
from translate.types import Pair, TranslationMemory

# All other keys of the memory are hexadecimal and cannot start with this.
_PREFIX = "hand"
_SPACE = re.compile(r"[ \t\n\r\f]+")
_BATCH = 5_000  # corrections looked up together
_MAX_REPLACED = 20  # stored replaced texts of one sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A human translation of one sentence."""

    pair: Pair
    source: str
    target: str
    at: float | None = None  # epoch seconds: valid from; None: not known

    def normalized(self) -> Correction:
        """The correction with both texts normalized as sentences of posts are."""
        return Correction(
            pair=self.pair,
            source=_normalized(self.source),
            target=_normalized(self.target),
            at=self.at,
        )


@dataclass(kw_only=True)
class Changes:
    """Counts of corrections by the effect of adding them."""

    taken: int = 0  # new, or with a changed text
    replaced: int = 0  # of those taken: replaced another human text
    known: int = 0  # stored already with the same text
    older: int = 0  # older than the stored correction; left out


def find_corrections(
    memory: TranslationMemory, texts: Sequence[str], pairs: Sequence[Pair]
) -> dict[str, Mapping[Pair, str]]:
    """The corrections of texts, by text and pair; texts without any are left out."""
    used = [pair for pair, state in zip(pairs, states(memory, pairs), strict=True) if state]
    keys = {_key(text, pair): (text, pair) for pair in used for text in texts}
    found: dict[str, dict[Pair, str]] = {}
    for key, value in memory.get_many(list(keys)).items() if keys else ():
        text, pair = keys[key]
        found.setdefault(text, {})[pair] = json.loads(value)["target"]
    return dict(found)


def states(memory: TranslationMemory, pairs: Sequence[Pair]) -> list[str]:
    """The state of each pair; "" for a pair without corrections so far."""
    known = memory.get_many([_state_key(pair) for pair in pairs])
    return [known.get(_state_key(pair), "") for pair in pairs]


def add_corrections(
    memory: Memory,
    corrections: Iterable[Correction],
    *,
    now: float | None = None,
    dry_run: bool = False,
) -> Changes:
    """Stores corrections, the last one of each sentence, in one transaction.

    Leaves out a correction that is known to be older than the stored one. `dry_run` only
    counts. `now`: epoch seconds from which they are valid; None: not known.
    """
    changes = Changes()
    memory.put_batches(_planned(memory, corrections, changes, now), dry_run=dry_run)
    return changes


def withdraw_correction(memory: Memory, pair: Pair, source: str, *, previous: bool = False) -> str:
    """Withdraws the correction of a sentence; returns the text that replaces it.

    With `previous` that is the human text that the correction replaced; "": the machine's.
    Raises `LookupError` if there is no correction.
    """
    key = _key(_normalized(source), pair)
    value = memory.get_many([key]).get(key)
    if value is None:
        raise LookupError(f"no correction of {source!r} from {pair.source} to {pair.target}")
    fields = json.loads(value)
    replaced = fields.pop("replaced", [])
    state = {_state_key(pair): uuid.uuid4().hex}
    if not (previous and replaced):
        memory.delete_many([key])
        memory.put_many(state)
        return ""
    fields["target"], _ = replaced.pop()
    fields.pop("at", None)
    if replaced:
        fields["replaced"] = replaced
    memory.put_many({key: _to_json(fields)} | state)
    return str(fields["target"])


def load_corrections(memory: Memory) -> Iterator[Correction]:
    """All corrections, in the order of their pairs."""
    for key, value in memory.items(_PREFIX):
        if key.count(" ") == 2:  # not the state of a pair
            fields = json.loads(value)
            yield Correction(
                pair=Pair(*fields["pair"]),
                source=fields["source"],
                target=fields["target"],
                at=fields.get("at"),
            )


def is_correction(key: str) -> bool:
    """Whether a key of the memory is a correction's or a pair's state."""
    return key.startswith(_PREFIX)


def _planned(
    memory: Memory, corrections: Iterable[Correction], changes: Changes, now: float | None
) -> Iterator[dict[str, str]]:
    """The rows to write, in batches; the last batch holds the new state of each pair."""
    pairs: set[Pair] = set()
    normalized = (
        correction.normalized()
        for correction in corrections
        if correction.source and correction.target
    )
    while some := list(islice(normalized, _BATCH)):
        latest = {
            _key(correction.source, correction.pair): correction
            for correction in some
            if correction.source and correction.target
        }
        known = memory.get_many(list(latest))
        rows = {}
        for key, correction in latest.items():
            before = json.loads(known[key]) if key in known else None
            if before and before["target"] == correction.target:
                changes.known += 1
            elif before and correction.at is not None and correction.at < before.get("at", 0.0):
                changes.older += 1
            else:
                changes.taken += 1
                changes.replaced += before is not None
                rows[key] = _to_json(_fields(correction, before, now))
                pairs.add(correction.pair)
        yield rows
    yield {_state_key(pair): uuid.uuid4().hex for pair in pairs}


def _fields(
    correction: Correction, before: dict[str, Any] | None, at: float | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "pair": correction.pair,
        "source": correction.source,
        "target": correction.target,
    }
    if at is not None:
        fields["at"] = round(at, 3)
    if before is not None:
        fields["replaced"] = [*before.get("replaced", []), [before["target"], at]][-_MAX_REPLACED:]
    return fields


def _to_json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _state_key(pair: Pair) -> str:
    return f"{_PREFIX} {pair.source}-{pair.target}"


def _key(text: str, pair: Pair) -> str:
    return f"{_state_key(pair)} {hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _normalized(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
