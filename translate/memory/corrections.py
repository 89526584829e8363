"""Corrections: human translations of sentences. They win over the machine and are not judged.

They are rows of the translation memory under keys of their own, by source text and pair, so
that no package, glossary or rule changes them. A pair has a state, a new one after each
change: it is part of what decides the translations of the pair. A correction that another
one replaces is kept in its row, with the time until which it held.
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

# The other keys are hexadecimal, and never begin so.
_PREFIX = "hand"
_SPACE = re.compile(r"[ \t\n\r\f]+")
_AT_ONCE = 5_000  # corrections looked up in one go
_KEPT = 20  # replaced texts of one sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A sentence in two languages, as a person wrote it."""

    pair: Pair
    source: str
    target: str
    at: float | None = None  # epoch seconds since which it holds; None: not known

    def settled(self) -> Correction:
        """With both texts as posts are cut into sentences: NFC, white space collapsed."""
        return Correction(
            pair=self.pair,
            source=_settled(self.source),
            target=_settled(self.target),
            at=self.at,
        )


@dataclass(kw_only=True)
class Changes:
    """Counts of corrections by what adding them does."""

    taken: int = 0  # new, or with another text than before
    replaced: int = 0  # of those taken, the ones that had another human text before
    known: int = 0  # already there with the same text
    older: int = 0  # made before the correction that is there; left out


def find_corrections(
    memory: TranslationMemory, texts: Sequence[str], pairs: Sequence[Pair]
) -> dict[str, Mapping[Pair, str]]:
    """The corrections of the texts, by pair, for texts that have any."""
    used = [pair for pair, state in zip(pairs, states(memory, pairs), strict=True) if state]
    keys = {_key(text, pair): (text, pair) for pair in used for text in texts}
    found: dict[str, dict[Pair, str]] = {}
    for key, value in memory.get_many(list(keys)).items() if keys else ():
        text, pair = keys[key]
        found.setdefault(text, {})[pair] = json.loads(value)["target"]
    return dict(found)


def states(memory: TranslationMemory, pairs: Sequence[Pair]) -> list[str]:
    """The state of each pair; "" for one that nobody ever corrected."""
    known = memory.get_many([_state_key(pair) for pair in pairs])
    return [known.get(_state_key(pair), "") for pair in pairs]


def add_corrections(
    memory: Memory,
    corrections: Iterable[Correction],
    *,
    now: float | None = None,
    dry_run: bool = False,
) -> Changes:
    """Stores corrections, the last of each sentence, in one transaction.

    A correction known to be older than the one that is there is left out. `dry_run` only
    counts. `now` is the time from which they hold, in epoch seconds; None: not known.
    """
    changes = Changes()
    memory.put_batches(_planned(memory, corrections, changes, now), dry_run=dry_run)
    return changes


def forget_correction(memory: Memory, pair: Pair, source: str, *, previous: bool = False) -> str:
    """Takes back the correction of a sentence; returns the text that holds from now on.

    With `previous` that is the human text that the correction replaced; "": the machine's.
    Raises `LookupError` when there is no correction.
    """
    key = _key(_settled(source), pair)
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
        if key.count(" ") == 2:  # not a state
            fields = json.loads(value)
            yield Correction(
                pair=Pair(*fields["pair"]),
                source=fields["source"],
                target=fields["target"],
                at=fields.get("at"),
            )


def is_correction(key: str) -> bool:
    """Whether a key of the memory belongs to corrections."""
    return key.startswith(_PREFIX)


def _planned(
    memory: Memory, corrections: Iterable[Correction], changes: Changes, now: float | None
) -> Iterator[dict[str, str]]:
    """The rows to write, some at a time; a new state of each pair comes last."""
    pairs: set[Pair] = set()
    asked = (one.settled() for one in corrections if one.source and one.target)
    while some := list(islice(asked, _AT_ONCE)):
        latest = {_key(one.source, one.pair): one for one in some if one.source and one.target}
        known = memory.get_many(list(latest))
        rows = {}
        for key, one in latest.items():
            before = json.loads(known[key]) if key in known else None
            if before and before["target"] == one.target:
                changes.known += 1
            elif before and one.at is not None and one.at < before.get("at", 0.0):
                changes.older += 1
            else:
                changes.taken += 1
                changes.replaced += before is not None
                rows[key] = _to_json(_fields(one, before, now))
                pairs.add(one.pair)
        yield rows
    yield {_state_key(pair): uuid.uuid4().hex for pair in pairs}


def _fields(one: Correction, before: dict[str, Any] | None, at: float | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"pair": one.pair, "source": one.source, "target": one.target}
    if at is not None:
        fields["at"] = round(at, 3)
    if before is not None:
        fields["replaced"] = [*before.get("replaced", []), [before["target"], at]][-_KEPT:]
    return fields


def _to_json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _state_key(pair: Pair) -> str:
    return f"{_PREFIX} {pair.source}-{pair.target}"


def _key(text: str, pair: Pair) -> str:
    return f"{_state_key(pair)} {hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _settled(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
