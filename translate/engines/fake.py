"""An engine for tests and for trying things out: instant, and it keeps the contract.

Its words mean nothing, but they are in the right script, of a plausible length, the same
every time, and whatever is Latin or a number in the source is in them.
"""

from __future__ import annotations

import hashlib
import re
from calendar import month_name
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from translate.text import months
from translate.text.numbers import render
from translate.text.quantities import find_numbers
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
    starter: bool = False
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
        return Hop(pair=pair, name=name, version=self.version, starter=self.starter)


def _say(sentence: str, hop: Hop, rank: int) -> Hypothesis:
    text = ""
    source, target = [], []
    for span, word, mark in _words(sentence, hop, rank):
        if mark:
            text = text.rstrip() if mark in "、。？！」）" else text
            text += _PUNCTUATION.get(mark, mark)
            continue
        gap = "" if not text or text[-1] in " (\"'" else " "
        text += gap + word
        source.append(span)
        target.append(Span(len(text) - len(word), len(text)))
    weights = tuple(
        tuple(1.0 if i == j else 0.0 for j in range(len(source))) for i in range(len(target))
    )
    return Hypothesis(text, -0.3 - 0.05 * rank, Alignment(tuple(source), tuple(target), weights))


def _words(sentence: str, hop: Hop, rank: int) -> Iterator[tuple[Span, str, str]]:
    """The words in the other language, or punctuation marks, with where they come from."""
    amounts = {
        number.span.start: number
        for number in find_numbers(sentence, hop.pair.source)
        if number.certain and not _in_latin(sentence, number.span)
    }
    place = 0
    while match := _PIECE.search(sentence, place):
        month = months.DATE.match(sentence, match.start())
        if month and hop.pair.source == "ja":
            said = f"{month[1]}월" if hop.pair.target == "ko" else month_name[int(month[1])]
            yield Span(*month.span()), said, ""
            place = month.end()
            continue
        ahead = [start for start in amounts if match.start() <= start < match.end()]
        if ahead and ahead[0] == match.start():
            number = amounts[ahead[0]]
            yield number.span, render(number, hop.pair.target), ""
            place = number.span.end
            continue
        place = ahead[0] if ahead else match.end()
        piece = sentence[match.start() : place]
        span = Span(match.start(), place)
        english = hop.pair.source == "en" and piece.isalpha() and piece.islower()
        if match[3]:
            yield span, "", piece
        else:
            yield span, piece if match[1] and not english else _word(piece, span, hop, rank), ""


def _in_latin(sentence: str, span: Span) -> bool:
    """Whether a number is a part of a name, GPT-4 or B2B, which is kept as it is."""
    around = sentence[max(0, span.start - 2) : span.start] + sentence[span.end : span.end + 1]
    return bool(re.search("[A-Za-z@#/]", around))


def _word(piece: str, span: Span, hop: Hop, rank: int) -> str:
    # The place is part of the word: a source that repeats itself must not look like a loop.
    seed = f"{hop.version} {hop.pair.target} {rank} {span.start} {piece}"
    digest = hashlib.sha256(seed.encode()).digest()
    if hop.pair.target == "ko":
        return "".join(_HANGUL[byte % len(_HANGUL)] for byte in digest[: len(piece) % 3 + 1])
    letters = zip(digest[:3], digest[3:6], strict=True)
    return "".join(
        _CONSONANTS[one % len(_CONSONANTS)] + _VOWELS[two % len(_VOWELS)] for one, two in letters
    )
