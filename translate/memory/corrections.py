"""Corrections: what persons made of sentences. They win over the machine, unjudged.

They lie in the translation memory under keys of their own, by source text and pair, so that
no package, glossary or rule changes them. A pair has a state, another one after each change:
it is part of what decides the translations of the pair.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from translate.memory.memory import Memory
from translate.types import Pair, TranslationMemory

# The other keys are hexadecimal, and never begin so.
_PREFIX = "hand"
_SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A sentence in two languages, as a person said it."""

    pair: Pair
    source: str
    target: str

    def settled(self) -> Correction:
        """With both texts as posts are cut into sentences: NFC, white space collapsed."""
        return Correction(
            pair=self.pair, source=_settled(self.source), target=_settled(self.target)
        )


def find_corrections(
    memory: TranslationMemory, texts: Sequence[str], pairs: Sequence[Pair]
) -> dict[str, Mapping[Pair, str]]:
    """What persons made of the texts, for those that have anything, by pair."""
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


def add_corrections(memory: Memory, corrections: Iterable[Correction]) -> int:
    """Keeps them, the last of each sentence; returns how many were new or said otherwise.

    Whoever translates sees all of them or none.
    """
    asked = {
        _key(one.source, one.pair): (one.pair, _dump(one))
        for one in (correction.settled() for correction in corrections)
        if one.source and one.target
    }
    known = memory.get_many(list(asked))
    fresh = {key: value for key, (_, value) in asked.items() if known.get(key) != value}
    pairs = {asked[key][0] for key in fresh}
    memory.put_many(fresh | {_state_key(pair): uuid.uuid4().hex for pair in pairs})
    return len(fresh)


def load_corrections(memory: Memory) -> Iterator[Correction]:
    """All of them, in the order of their pairs."""
    for key, value in memory.items(_PREFIX):
        if key.count(" ") == 2:  # not a state
            fields = json.loads(value)
            pair = Pair(*fields["pair"])
            yield Correction(pair=pair, source=fields["source"], target=fields["target"])


def is_correction(key: str) -> bool:
    """Whether a key of the memory is one of these."""
    return key.startswith(_PREFIX)


def _dump(one: Correction) -> str:
    fields = {"pair": one.pair, "source": one.source, "target": one.target}
    return json.dumps(fields, ensure_ascii=False)


def _state_key(pair: Pair) -> str:
    return f"{_PREFIX} {pair.source}-{pair.target}"


def _key(text: str, pair: Pair) -> str:
    return f"{_state_key(pair)} {hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _settled(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
