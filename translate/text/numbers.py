"""The numbers of a sentence: found, compared with its translation's, written by rule.

A wrong magnitude is worse than a sentence left in the original, so numbers are compared as
exact values with their currency: 2,378億ウォン is "237.8 billion won" and nothing else. What
is written in digits must be on both sides. What is spelled ("two", ひとつ, 두) may stand for
digits, but is never asked for: words for small numbers come and go in translation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from translate.text import edits, numerals
from translate.text.edits import Edit
from translate.text.quantities import Number, find_numbers
from translate.types import Alignment, Pair, Span

_LOOKED = 0.4  # share of its attention that shows which number a garbled one was to be
_CLAUSE_END = re.compile(r"\s*(?:[,.;:!?)]|$)")
_BREAK = re.compile(r"[,.]\s?")
_DIGITS = re.compile(numerals.DIGITS)
_PADDED = re.compile(r"(?<![\d.])\d+\.\d*0(?![\d.])")
_ORDINAL = re.compile("st|nd|rd|th")


@dataclass(frozen=True, slots=True)
class Difference:
    """Numbers that a translation lost, and numbers that it added."""

    missing: tuple[Number, ...]  # of the source
    added: tuple[Number, ...]  # in the target

    def __bool__(self) -> bool:
        return bool(self.missing or self.added)


_WRITTEN = {
    "ja": {"KRW": "ウォン", "JPY": "円", "USD": "ドル", "EUR": "ユーロ", "CNY": "元",
           "GBP": "ポンド", "%": "%"},
    "ko": {"KRW": " 원", "JPY": " 엔", "USD": "달러", "EUR": "유로", "CNY": "위안",
           "GBP": "파운드", "%": "%"},
    "en": {"KRW": " won", "JPY": " yen", "USD": " dollars", "EUR": " euros", "CNY": " yuan",
           "GBP": " pounds", "%": "%"},
}  # fmt: skip

# One is said in too many ways to ask for it, unless it is a place or has a unit.
_ONE = {
    "en": re.compile(
        r"\b(?:an?|one|single|first|once|each|every|per|whole|sole|top|by the)\b", re.IGNORECASE
    ),
    "ko": re.compile("한|하나|첫|매|일|월|단|당|전체|하루"),
}


@lru_cache(maxsize=512)  # the repairs and the gate ask about the same two texts
def compare(source: str, target: str, pair: Pair) -> Difference:
    """The numbers of the source missing in the target, and the other way round."""
    ours, theirs = find_numbers(source, pair.source), find_numbers(target, pair.target)
    # "100 billion dollars for a company valued at 80 billion": a currency said once is said.
    units = {number.unit for number in theirs}
    free = [number for number in theirs if number.certain]
    loose = [number for number in theirs if not number.certain]
    missing = []
    for number in sorted((one for one in ours if one.certain), key=lambda one: bool(one.others)):
        match = next((other for other in free if number.says(other)), None)
        if match is None and number.unit in units - {"%"}:
            bare = replace(number, unit="")
            match = next((one for one in free if bare.says(one) and _is_bare(one, target)), None)
        if match is not None:
            free.remove(match)
        elif not any(number.says(other) for other in loose) and not _said(number, target, pair):
            missing.append(number)
    spelled = [number for number in ours if not number.certain]
    added = [
        one
        for one in free
        if (one.value != 1 or one.unit) and not any(other.says(one) for other in spelled)
    ]
    missing.sort(key=lambda one: one.span)
    return Difference(tuple(missing), tuple(added))


def render(number: Number, language: str) -> str:
    """The number as a newspaper of the language writes it, unit included.

    Never rounded: what has no short exact form is written in full.
    """
    if number.parts:
        return _render_parts(number.value, language)
    if number.ungrouped:
        return str(number.value)
    write = _render_english if language == "en" else _render_eastern
    text = write(number.value, language) + _WRITTEN[language].get(number.unit, "")
    return "1 dollar" if text == "1 dollars" else text


def _render_parts(value: Fraction, language: str) -> str:
    if language == "en":
        return f"{value.numerator}/{value.denominator}"
    return f"{value.denominator}{'分の' if language == 'ja' else '분의 '}{value.numerator}"


def _render_english(value: Fraction, _: str) -> str:
    for word in ("trillion", "billion", "million"):
        short = value / numerals.MAGNITUDES[word]
        if short >= 1 and (short * 1000).denominator == 1:
            return f"{_decimal(short)} {word}"
    return _decimal(value)


def _render_eastern(value: Fraction, language: str) -> str:
    magnitudes = "兆億万" if language == "ja" else "조억만"
    # "1만 1" reads as two numbers, so what has a small rest is written in digits.
    if value.denominator != 1 or not 10**4 <= value < 10**16 or 0 < value % 10**4 < 1000:
        return _decimal(value)
    parts = []
    for sign in magnitudes:
        count, value = divmod(value, numerals.MAGNITUDES[sign])
        if count:
            parts.append(f"{count:,}{sign}")
    if value:
        parts.append(f"{int(value):,}")
    return ("" if language == "ja" else " ").join(parts)


def _decimal(value: Fraction) -> str:
    whole, rest = divmod(value, 1)
    if not rest:
        return f"{int(whole):,}"
    for places in range(1, 13):
        if (rest * 10**places).denominator == 1:
            return f"{int(whole):,}.{int(rest * 10**places):0{places}d}"
    return f"{value.numerator}/{value.denominator}"


def _is_bare(number: Number, text: str) -> bool:
    return not number.unit and bool(_CLAUSE_END.match(text, number.span.end))


def _said(number: Number, target: str, pair: Pair) -> bool:
    if number.value != 1 or number.unit:
        return False
    one = _ONE.get(pair.target)
    return one is not None and bool(one.search(target))


def repair(
    source: str, target: str, pair: Pair, alignment: Alignment | None = None
) -> tuple[Edit, ...]:
    """The edits that put the source's numbers where the target has wrong ones.

    A wrong number is only replaced where it is sure which number it was to be: the decoder
    looked at it, or each side has one amount of money or one percentage left over. Empty
    if there is nothing to repair, or no sure way to. The caller checks the result again.
    """
    wrong = compare(source, target, pair)
    if pair.target not in _WRITTEN or not wrong.missing or not wrong.added:
        return ()
    added = _whole(wrong.added, target)
    looked = [edits.sources(alignment, other.span) if alignment else {} for other in added]
    found: list[Edit] = []
    for number in wrong.missing:
        meant = [
            other for other, places in zip(added, looked, strict=True) if _looks_at(places, number)
        ]
        if not meant and number.unit:
            meant = [other for other in added if other.unit == number.unit]
            if [one.unit for one in wrong.missing].count(number.unit) > 1:
                return ()
        if not meant and len(added) == len(wrong.missing) == 1 and number.unit and added[0].unit:
            meant = added
        if len(meant) != 1 or any(edits.overlap(edit.span, meant[0].span) for edit in found):
            return ()
        found.append(rewritten(meant[0], number, target, pair.target))
    return tuple(found)


def same_digits(source: str, target: str, pair: Pair) -> tuple[Edit, ...]:
    """The edits that write decimals of the source as the source does: 0.60, not 0.6."""
    ours = find_numbers(source, pair.source)
    written: dict[Fraction, str] = {}
    for number in ours:
        digits = _PADDED.search(numerals.half_width(source[slice(*number.span)]))
        if digits:
            written.setdefault(numerals.read_digits(digits[0]), digits[0])
    if not written:
        return ()
    found = []
    for number in find_numbers(target, pair.target):
        for match in _DIGITS.finditer(target, *number.span) if number.certain else ():
            ours_written = written.get(numerals.read_digits(match[0]), match[0])
            if ours_written != match[0]:
                found.append(Edit(Span(*match.span()), ours_written))
    return tuple(found)


def _whole(added: Sequence[Number], target: str) -> list[Number]:
    """Broken numbers in one piece: "2,37.8 billion" is read as 2 and 37.8 billion."""
    whole: list[Number] = []
    for number in added:
        before = whole[-1] if whole else None
        if before and _BREAK.fullmatch(target, before.span.end, number.span.start):
            whole[-1] = replace(number, span=Span(before.span.start, number.span.end))
        else:
            whole.append(number)
    return whole


def _looks_at(looked: dict[Span, float], number: Number) -> bool:
    return sum(part for at, part in looked.items() if edits.overlap(at, number.span)) >= _LOOKED


def rewritten(wrong: Number, number: Number, target: str, language: str) -> Edit:
    """The edit that writes `number` where the target has another one."""
    text, (start, end) = render(number, language), wrong.span
    suffix = _ORDINAL.match(target, end) if language == "en" and not number.unit else None
    if suffix:
        return Edit(Span(start, suffix.end()), text + _ordinal_suffix(number.value))
    if end < len(target) and target[end].isalnum() and target[end].isascii():
        text += " "
    return Edit(wrong.span, text)


def _ordinal_suffix(value: Fraction) -> str:
    if value % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(int(value % 10), "th")
