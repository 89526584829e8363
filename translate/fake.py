"""An engine for tests and for trying things out: instant, and it keeps the contract.

Its words mean nothing, but they are in the right script, of a plausible length, the same
every time, and whatever is Latin or a number in the source is in them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from translate.types import Alignment, Decoding, Hop, Hypothesis, NoPathError, Pair, Span

PAIRS = (Pair("ja", "en"), Pair("ja", "ko"), Pair("en", "ko"))

# Chosen so that no word of them is a numeral.
_HANGUL = "가나라마바사아자차카타파하거너러머버서어저"
_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"

# What comes out as it went in, and what becomes a word: two Japanese characters, or a
# Latin word of an English sentence.
_KEPT = r"https?://[\w./?=&%#~-]+|[\w.+-]+@[\w.-]+\w|[@#]?[A-Za-z0-9][\w.,:'+-]*\w|[A-Za-z0-9]"
_PIECE = re.compile(rf"({_KEPT})|([\u3041-\u30ff\u3400-\u9fff々ー]{{1,2}})|(\S)", re.ASCII)
_PUNCTUATION = dict(zip("、。？！「」（）", ',.?!""()', strict=True))


@dataclass
class FakeEngine:
    """Keeps the `Engine` contract without a model; counts the sentences it decoded."""

    pairs: Iterable[Pair] = PAIRS
    version: str = "1.0"
    decoded: list[tuple[Pair, str]] = field(default_factory=list)

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        known = tuple(self.pairs)
        if pair in known:
            return (self._hop(pair),)
        for first in known:
            second = Pair(first.target, pair.target)
            if first.source == pair.source and second in known:
                return self._hop(first), self._hop(second)
        raise NoPathError(pair)

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        self.decoded.extend((hop.pair, sentence) for sentence in sentences)
        return [
            [_say(sentence, hop, rank) for rank in range(options.hypotheses)]
            for sentence in sentences
        ]

    def _hop(self, pair: Pair) -> Hop:
        name = f"fake-{pair.source}_{pair.target}"
        return Hop(pair=pair, name=name, version=self.version, starter=False)


def _say(sentence: str, hop: Hop, rank: int) -> Hypothesis:
    text = ""
    source, target = [], []
    for match in _PIECE.finditer(sentence):
        kept, _, mark = match.groups()
        if mark:
            text = text.rstrip() if mark in "、。？！」）" else text
            text += _PUNCTUATION.get(mark, mark)
            continue
        gap = "" if not text or text[-1] in " (\"'" else " "
        english = hop.pair.source == "en" and match[0].isalpha() and match[0].islower()
        word = match[0] if kept and not english else _word(match, hop, rank)
        text += gap + word
        source.append(Span(*match.span()))
        target.append(Span(len(text) - len(word), len(text)))
    weights = tuple(
        tuple(1.0 if i == j else 0.0 for j in range(len(source))) for i in range(len(target))
    )
    return Hypothesis(text, -0.3 - 0.05 * rank, Alignment(tuple(source), tuple(target), weights))


def _word(match: re.Match[str], hop: Hop, rank: int) -> str:
    # The place is part of the word: a source that repeats itself must not look like a loop.
    seed = f"{hop.version} {hop.pair.target} {rank} {match.start()} {match[0]}"
    digest = hashlib.sha256(seed.encode()).digest()
    if hop.pair.target == "ko":
        return "".join(_HANGUL[byte % len(_HANGUL)] for byte in digest[: len(match[0]) % 3 + 1])
    letters = zip(digest[:3], digest[3:6], strict=True)
    return "".join(
        _CONSONANTS[one % len(_CONSONANTS)] + _VOWELS[two % len(_VOWELS)] for one, two in letters
    )
