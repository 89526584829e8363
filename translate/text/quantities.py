"""Numbers of a sentence: their spans, values and units."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from translate.text import numerals, placeables
from translate.types import Span

_DATE = re.compile(numerals.DOTTED_DATE)
_UNGROUPED = re.compile(r"[0-9]{4,}|(?=.*〇)[〇零一二三四五六七八九]{4,}")
_VULGAR = re.compile(r"(?<!\d)[½⅓⅔¼¾]")
_VULGAR_VALUES = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text."""

    value: Fraction
    span: Span  # with magnitude and unit: what another rendering would replace
    unit: str = ""  # ISO 4217 code or "%"; empty for anything else
    certain: bool = True  # in digits, or otherwise surely a number
    others: frozenset[Fraction] = frozenset()  # what else it may be called: 4割 is 40 (%)
    bare: Span | None = None  # without the unit; None: there is none
    parts: bool = False  # written as so many parts of a whole: 10分の1
    ungrouped: bool = False  # four digits and more without a comma: a year, the number of a line

    def says(self, other: Number) -> bool:
        """Whether both may mean the same amount."""
        if self.value != other.value and not (
            self.value in other.others or other.value in self.others
        ):
            return False
        # A translation may add the unit that its source left out, and a spelled number may
        # stand apart from its unit; digits have it beside them.
        loose = not self.unit or not (other.unit or (self.certain and other.certain))
        return self.unit == other.unit or loose


_UNITS = {
    "ja": {"KRW": "ウォン", "JPY": "円", "USD": "ドル", "EUR": "ユーロ", "CNY": "元",
           "GBP": "ポンド", "%": "%|パーセント"},
    "ko": {"KRW": "원", "JPY": "엔", "USD": "달러", "EUR": "유로", "CNY": "위안",
           "GBP": "파운드", "%": "%|퍼센트|프로"},
    "en": {"KRW": r"won\b", "JPY": r"yen\b", "USD": r"(?:US )?dollars?\b", "EUR": r"euros?\b",
           "CNY": r"yuan\b", "GBP": r"pounds?\b", "%": r"%|percent\b|per cent\b"},
}  # fmt: skip
_UNITS_AFTER = {
    language: {
        code: re.compile(rf"[\s-]?(?:{pattern})", re.IGNORECASE) for code, pattern in units.items()
    }
    for language, units in _UNITS.items()
}
_SYMBOL_BEFORE = re.compile(r"(?:US)?([$€£¥₩])\s?$")
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW"}
# After a numeral in kanji these say that it counts something: 七年, but not 七転び.
_COUNTERS = (
    "年|か月|カ月|ヶ月|箇月|週間|日間|時間|分間|秒|歳|社|台|個|件|倍|円|ドル|ウォン|"
    "ユーロ|割|問|冊|枚|本|頭|匹|万|位|章|ページ|種類|か国|カ国|ヶ国"
)
_ENGLISH_DIGITS = re.compile(rf"(?:{numerals.DIGITS})(?:[ -]?(hundred|thousand|million|billion|"
                             r"trillion)\b)?", re.IGNORECASE)  # fmt: skip
_SHORT = re.compile(r"\s?([KMBkmb])(?![A-Za-z0-9])")
_SHORT_VALUES = {"k": 10**3, "m": 10**6, "b": 10**9}
_SLASHED = re.compile(r"(?<![\d/.])(\d{1,3})/(\d{1,4})(?![\d/])")
_PARTS = {"ja": "分の", "ko": "분의 ?"}
_MANY = re.compile("[数何幾](?:[十百千万億]*分の)?$")


@lru_cache(maxsize=512)  # the gate, the repairs and the disguises all ask about one sentence
def find_numbers(text: str, language: str) -> tuple[Number, ...]:
    """Every number of the text that is not in a literal, in order. Spans are offsets in `text`."""
    plain = numerals.half_width(text)
    plain = _DATE.sub(lambda date: date[0].replace(".", "-"), plain)
    find = {"ja": _japanese, "ko": _korean}.get(language, _english)
    kept = placeables.literal_spans(plain)
    return tuple(
        replace(number, ungrouped=True) if _UNGROUPED.fullmatch(plain, *number.span) else number
        for number in sorted(
            (*find(plain), *_vulgar(plain)), key=lambda number: (number.span, number.value)
        )
        if not any(_is_in(number.bare or number.span, span) for span in kept)
    )


def _is_in(span: Span, whole: Span) -> bool:
    # Of #100,000 and #123万 the literal is the head only: as numbers they are compared whole.
    return whole.start <= span.start and span.end <= whole.end


def _vulgar(text: str) -> Iterator[Number]:
    for match in _VULGAR.finditer(text):
        yield Number(Fraction(*_VULGAR_VALUES[match[0]]), Span(*match.span()))


def _with_unit(number: Number, text: str, language: str) -> Number:
    """The same number with the unit before or after it."""
    start, end = number.span
    for code, pattern in _UNITS_AFTER.get(language, _UNITS_AFTER["en"]).items():
        after = pattern.match(text, end)
        if after:
            return replace(number, span=Span(start, after.end()), unit=code, bare=number.span)
    before = _SYMBOL_BEFORE.search(text, 0, start)
    if before:
        return replace(
            number, span=Span(before.start(), end), unit=_SYMBOLS[before[1]], bare=number.span
        )
    return number


def _fractions(
    text: str, runs: Sequence[tuple[Span, Fraction]], joint: str, certain: bool
) -> Iterator[Number]:
    """10分の1, 10분의 1: the parts come first, then how many of them."""
    between = re.compile(joint)
    for (below, denominator), (above, numerator) in itertools.pairwise(runs):
        if denominator and between.fullmatch(text, below.end, above.start):
            yield Number(
                numerator / denominator,
                Span(below.start, above.end),
                certain=certain,
                parts=True,
            )


def _japanese(text: str) -> Iterator[Number]:
    runs = []
    for match in numerals.JAPANESE.finditer(text):
        # 数千 and 何十 say "many", 数分の1 "a fraction", 十数 "ten and some".
        if _MANY.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        value = numerals.read_eastern(match[0])
        if value is not None:
            runs.append((Span(*match.span()), value))
    parts = list(_fractions(text, runs, _PARTS["ja"], certain=True))
    yield from parts
    for span, value in runs:
        whole = any(part.span.start <= span.start < part.span.end for part in parts)
        certain = not whole and _certain_japanese(text, span)
        others = set()
        tenths = re.compile("割(?:([1-9一二三四五六七八九])分)?").match(text, span.end)
        if tenths:
            rest = numerals.read_eastern(tenths[1]) if tenths[1] else None
            others |= {value * 10 + (rest or 0), value / 10}
        if text[max(0, span.start - 2) : span.start] == "午後":
            others.add(value + 12)
        if text[span.end : span.end + 1] == "時" and value > 12:
            others.add(value - 12)
        if re.compile(r"\D{0,3}半").match(text, span.end):
            others.add(value + Fraction(1, 2))
        number = Number(value, span, "", certain, frozenset(others))
        yield _with_unit(number, text, "ja")
    yield from _halves(text, "半")
    yield from _hiragana(text)


def _halves(text: str, pattern: str) -> Iterator[Number]:
    """Half of anything: of one, of a year, of an hour, of a hundred."""
    for match in re.finditer(pattern, text):
        for value in (Fraction(1, 2), Fraction(6), Fraction(30), Fraction(50)):
            yield Number(value, Span(*match.span()), certain=False)


def _hiragana(text: str) -> Iterator[Number]:
    for word, value in numerals.JAPANESE_SAYING.items():
        for match in re.finditer(word, text):
            yield Number(Fraction(value), Span(*match.span()), certain=False)


def _certain_japanese(text: str, span: Span) -> bool:
    run = text[span.start : span.end]
    if _is_full_hour(text, span):
        return False
    if re.search(r"\d", run):
        return True
    if run in ("一", "二", "十", "百", "千", "万") and not re.match("円|ドル|歳", text[span.end :]):
        return False
    if text[span.start - 1 : span.start] == "第" or len(run) > 2:
        return True
    return bool(re.match(_COUNTERS, text[span.end :]))


def _is_full_hour(text: str, span: tuple[int, int]) -> bool:
    """Of 18:00 only the hour is a number."""
    return text[slice(*span)] == "00" and text[span[0] - 1 : span[0]] == ":"


def _korean(text: str) -> Iterator[Number]:
    runs = []
    for match in numerals.KOREAN.finditer(text):
        value = numerals.read_eastern(re.sub(r"\s", "", match[0]))
        if value is not None:
            runs.append((Span(*match.span()), value))
    parts = list(_fractions(text, runs, _PARTS["ko"], certain=True))
    yield from parts
    for span, value in runs:
        whole = any(part.span.start <= span.start < part.span.end for part in parts)
        certain = not whole and not _is_full_hour(text, span)
        others = set()
        if re.search(r"(?:오후|저녁|밤)\s?$", text[: span.start]):
            others.add(value + 12)
        if text[span.end : span.end + 1] == "할":
            others |= {value * 10, value / 10}
        if re.compile(r"\s?[가-힣]{1,3} 반(?![가-힣])").match(text, span.end):
            others.add(value + Fraction(1, 2))
        yield _with_unit(Number(value, span, "", certain, frozenset(others)), text, "ko")
    for match in numerals.KOREAN_WORDS.finditer(text):
        spelled = numerals.read_eastern(match[0])
        if spelled is not None:
            number = Number(spelled, Span(*match.span()), certain=False)
            yield _with_unit(number, text, "ko")
    for match in numerals.KOREAN_NATIVE_RUN.finditer(text):
        native = numerals.read_native(match[1], match[2] or match[3])
        yield Number(native, Span(*match.span()), certain=False)
    yield from _halves(text, "절반|반(?![가-힣])")
    for word, worth in numerals.KOREAN_SAYING.items():
        for match in re.finditer(word, text):
            yield Number(Fraction(worth), Span(*match.span()), certain=False)


def _english(text: str) -> Iterator[Number]:
    for match in _ENGLISH_DIGITS.finditer(text):
        digits = re.match(numerals.DIGITS, match[0])
        if digits is None:
            continue
        value = numerals.read_digits(digits[0])
        if match[1]:
            scale = 100 if match[1].lower() == "hundred" else numerals.MAGNITUDES[match[1].lower()]
            value *= scale
        others = set()
        short = _SHORT.match(text, match.end())
        if short and not match[1]:
            others.add(value * _SHORT_VALUES[short[1].lower()])
        if re.compile(r"\s?p\.?m\b", re.IGNORECASE).match(text, match.end()):
            others.add(value + 12)
        if re.compile(r" and a half\b").match(text, match.end()):
            others.add(value + Fraction(1, 2))
        certain = not _is_full_hour(text, match.span())
        number = Number(value, Span(*match.span()), "", certain, frozenset(others))
        yield _with_unit(number, text, "en")
    for match in _SLASHED.finditer(text):
        if int(match[2]):
            yield Number(Fraction(int(match[1]), int(match[2])), Span(*match.span()), certain=False)
    for match in numerals.ENGLISH_WORDS.finditer(numerals.small_letters(text)):
        for value in numerals.read_english(match[0]):
            number = Number(value, Span(*match.span()), certain=False)
            yield _with_unit(number, text, "en")
            if text.startswith(" and a half", match.end()):
                yield Number(value + Fraction(1, 2), Span(*match.span()), certain=False)
