"""Rows with other numbers: what a row says on both sides is replaced by drawn ones.

Japanese and Korean count in units of ten thousand, English in thousands: 4000億 is 400 billion.
A small corpus has few such amounts, and a model that saw few of them writes 4,000 billion.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from training.corpus import Row

NUMBER_ROWS = "numbers"

_MYRIADS = {"ja": ("", "万", "億", "兆"), "ko": ("", "만", "억", "조")}
_THOUSANDS = ("", "thousand", "million", "billion", "trillion")
_LARGE = 10_000
_YEARS = range(1900, 2100)


class Number(NamedTuple):
    """A number of a text: where it is, and its value."""

    start: int
    end: int
    value: int


def _pattern(language: str) -> re.Pattern[str]:
    digits = r"\d[\d,]*"
    if language == "en":
        scale = "|".join(_THOUSANDS[1:])
        number = rf"{digits}(?:\.\d+)?(?: (?:{scale})\b)?"
    else:
        units = "".join(_MYRIADS[language])
        number = rf"{digits}(?:\.\d+)?(?:[{units}] ?{digits})*[{units}]?"
    # Not a part of a name, a version or a range.
    return re.compile(rf"(?<![A-Za-z\d.,~-])(?:{number})(?![A-Za-z\d~-]|[.,]\d)")


_PATTERNS = {language: _pattern(language) for language in ("en", "ja", "ko")}


def numbers(text: str, language: str) -> Iterator[Number]:
    """The whole numbers that a text writes in digits."""
    for found in _PATTERNS[language].finditer(text):
        value = _value(found[0].replace(",", ""), language)
        if value == int(value):
            yield Number(found.start(), found.end(), int(value))


def _value(text: str, language: str) -> float:
    if language == "en":
        digits, _, scale = text.partition(" ")
        return round(float(digits) * math.pow(1000, _THOUSANDS.index(scale)), 3)
    parts = re.findall(r"(\d+(?:\.\d+)?)(\D?)", text.replace(" ", ""))
    units = _MYRIADS[language]
    return round(sum(float(digits) * math.pow(_LARGE, units.index(u)) for digits, u in parts), 3)


def write(value: int, language: str, *, comma: bool = True) -> str:
    """The number as the language writes it; `comma`: in digits from 1,000 on."""
    shown = ",d" if comma else "d"
    if language == "en":
        power = min(4, (len(str(value)) - 1) // 3)
        if power < 2:
            return format(value, shown)
        return f"{value / 1000**power:.4f}".rstrip("0").rstrip(".") + f" {_THOUSANDS[power]}"
    parts = []
    for unit in reversed(range(4)):
        count, value = divmod(value, _LARGE**unit)
        if count:
            parts.append(format(count, shown) + _MYRIADS[language][unit])
    return (" " if language == "ko" else "").join(parts)


def number_rows(
    rows: Sequence[Row], count: int, source: str, target: str, *, seed: int = 3
) -> list[Row]:
    """So many rows with other numbers, half of them with one of 10,000 or more; none for other
    languages than English, Japanese and Korean."""
    if not {source, target} <= _PATTERNS.keys():
        return []
    draw = random.Random(seed)
    large: list[tuple[Row, list[tuple[Number, Number]]]] = []
    small: list[tuple[Row, list[tuple[Number, Number]]]] = []
    for row in rows:
        if len(row.source) < 160 and (pairs := _shared(row, source, target)):
            is_large = any(number.value >= _LARGE for number, _ in pairs)
            (large if is_large else small).append((row, pairs))
    return [
        Row(NUMBER_ROWS, *_replaced(row, pairs, (source, target), draw))
        for kind in (large, small)
        if kind
        for row, pairs in draw.choices(kind, k=count // 2)
    ]


def _shared(row: Row, source: str, target: str) -> list[tuple[Number, Number]]:
    """The numbers above 1 that the row says once on either side."""
    sides = [list(numbers(row.source, source)), list(numbers(row.target, target))]
    counts = [Counter(number.value for number in side) for side in sides]
    once = [
        {one.value: one for one in side if one.value > 1 and count[one.value] == 1}
        for side, count in zip(sides, counts, strict=True)
    ]
    return [(once[0][value], once[1][value]) for value in once[0] if value in once[1]]


def _replaced(
    row: Row, pairs: Sequence[tuple[Number, Number]], pair: tuple[str, str], draw: random.Random
) -> list[str]:
    values = [_other(number.value, draw) for number, _ in pairs]
    texts = []
    for side, language in enumerate(pair):
        text = (row.source, row.target)[side]
        places = [numbers[side] for numbers in pairs]
        for (start, end, old), new in sorted(zip(places, values, strict=True), reverse=True):
            comma = "," in text[start:end]
            if new >= _LARGE:
                comma = language == "en" or draw.random() < 0.5
            elif old in _YEARS:
                comma = False
            text = text[:start] + write(new, language, comma=comma) + text[end:]
        texts.append(text)
    return texts


def _other(value: int, draw: random.Random) -> int:
    """Another number of the same kind: a year, as many digits, or any large amount."""
    if value in _YEARS:
        return draw.randint(1990, 2035)
    if value < _LARGE:
        return draw.randint(max(2, 10 ** (len(str(value)) - 1)), 10 ** len(str(value)) - 1)
    digits = draw.choices((1, 2, 3, 4), (3, 4, 2, 1))[0]
    first = draw.randint(10 ** (digits - 1), 10**digits - 1)
    return first * int(math.pow(10, draw.randint(5 - digits, 14 - digits)))
