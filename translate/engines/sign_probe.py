"""Trial of signs with one package: which it reads, and which spelling it reads instead.

Each sign is tried once per package, when a text first has it. It passes as it is when it has
a piece of its own behind the package's normaliser and comes through in both of its carrier
sentences; otherwise its spellings are tried in turn. Where none passes, a sign without a
piece of its own is spelled as comes closest: read as another sign it would say something
else. The outcome is kept beside the package under its checksum, as the trial of its
attention is.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from translate.engines.spelled import SpelledSentence, read
from translate.text.sign_table import Sign, Spelling
from translate.text.signs import signs_in
from translate.types import Hypothesis, Pair

log = logging.getLogger(__name__)

_TABLE = 2  # raised when signs or their trials change: each package is tried again
_AS_IT_IS, _NOTHING = -1, -2  # in the record; else the number of the spelling


@dataclass(kw_only=True)
class SignProbe:
    """The trials of one package."""

    pair: Pair
    checksum: str
    record: Path  # where the outcomes are kept
    knows: Callable[[str], bool]  # whether each piece of a text is in the vocabulary
    decode: Callable[[Sequence[str]], Sequence[Sequence[Hypothesis]]]
    _outcomes: dict[str, int] | None = field(default=None, init=False)

    def chosen(self, texts: Sequence[str]) -> Mapping[str, Spelling | None]:
        """The spelling of each sign of the texts; None where the sign needs none or has none."""
        signs = {sign.name: sign for text in texts for sign in signs_in(text, self.pair.source)}
        if not signs:
            return {}
        if self._outcomes is None:
            self._outcomes = self._load()
        untried = [sign for name, sign in signs.items() if name not in self._outcomes]
        if untried:
            self._outcomes |= self._try(untried)
            self._save()
        outcomes = self._outcomes
        return {
            name: sign.spellings[outcomes[name]] if outcomes[name] >= 0 else None
            for name, sign in signs.items()
        }

    def _try(self, signs: Sequence[Sign]) -> dict[str, int]:
        known = [sign for sign in signs if self._is_known(sign)]
        right = self._right([(sign, None) for sign in known])
        found = {
            sign.name: _AS_IT_IS
            for sign, count in zip(known, right, strict=True)
            if count == len(sign.trials)
        }
        closest: dict[str, tuple[int, int]] = {}  # carriers that came out right, minus the number
        for number in range(max(len(sign.spellings) for sign in signs)):
            left = [one for one in signs if one.name not in found and number < len(one.spellings)]
            right = self._right([(sign, sign.spellings[number]) for sign in left])
            for sign, count in zip(left, right, strict=True):
                if count == len(sign.trials):
                    found[sign.name] = number
                elif not sign.spellings[number].stands_in:
                    closest[sign.name] = max(closest.get(sign.name, (-1, 0)), (count, -number))
        for sign in signs:
            spare = closest.get(sign.name) if sign not in known else None
            found.setdefault(sign.name, -spare[1] if spare else _NOTHING)
        log.info("%s-%s: signs tried: %s", *self.pair, _told(signs, found))
        return found

    def _is_known(self, sign: Sign) -> bool:
        matches = [sign.pattern.search(carrier) for carrier, _ in sign.trials]
        return all(match is not None and self.knows(match[0]) for match in matches)

    def _right(self, tried: Sequence[tuple[Sign, Spelling | None]]) -> list[int]:
        """How many carriers of each sign come out right with these spellings."""
        readings = [
            read(carrier, self.pair, {sign.name: spelling})
            for sign, spelling in tried
            for carrier, _ in sign.trials
        ]
        texts = [part.text for reading in readings for part in reading.parts]
        decoded = iter(self.decode(texts) if texts else [])
        said = iter(
            SpelledSentence(reading, [next(decoded) for _ in reading.parts], self.pair.target)[0]
            for reading in readings
        )
        return [
            sum(_is_right(*trial, next(said).text, self.pair.target) for trial in sign.trials)
            for sign, _ in tried
        ]

    def _load(self) -> dict[str, int]:
        try:
            kept = json.loads(self.record.read_bytes())
            if (kept["checksum"], kept["table"]) == (self.checksum, _TABLE):
                return {str(name): int(number) for name, number in kept["signs"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return {}

    def _save(self) -> None:
        kept = {"checksum": self.checksum, "table": _TABLE, "signs": self._outcomes}
        with suppress(OSError):  # a read-only package is tried again by each process
            self.record.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def _is_right(carrier: str, want: Mapping[str, str], said: str, target: str) -> bool:
    """Whether the translation of a carrier has its sign; for other targets, its numbers."""
    if target in want:
        return re.search(want[target], said) is not None
    numbers = re.findall(r"\d+", carrier)
    return bool(said) and re.findall(r"\d+", said) == numbers


def _told(signs: Sequence[Sign], outcomes: Mapping[str, int]) -> str:
    words = []
    for sign in signs:
        number = outcomes[sign.name]
        way = {_AS_IT_IS: "as it is", _NOTHING: "not at all"}.get(number)
        words.append(f"{sign.name} {way or 'as ' + sign.spellings[number].text}")
    return ", ".join(words)
