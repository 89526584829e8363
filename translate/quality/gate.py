"""Quality gate: whether a translation is fit to publish.

`check` returns the reasons against, none if it is fit. Reasons are short slugs that
are stored, counted and shown:

empty    nothing came out
same     the source came back
script   kana or kanji left over, or no Hangul in Korean
loop     a word, a phrase or a few characters over and over
length   far too long or far too short for its source
numbers  a number of the source is gone, another value or of something else (18℃ and "18
         people"), a date without its month, or there is one more
ordinals an ordinal of the source (第一, 二つ目) is gone or another one
negation the source denies something and the target nothing
coverage the decoder hardly looked at the second half of the source
urls     a literal (URL, @name, #tag, version, file, option, ...) is gone or made up, or a word
         in another script (한국어) is gone
junk     what models trained on web pages say when they are lost: "Contact us", obscenities
symbols  quotation marks or brackets opened and not closed, a heap of signs, one that the
         source has not, 3.2.1th, 24WW, a dash or number at the end that the source has not, or a
         sign of the source that says something (℃, ±, µ, →) gone
score    the model itself was guessing

How strict each is was measured on essays with human translations: all together refuse less
than one in fifty of those (`benchmarks/gate.py`).
"""

from __future__ import annotations

import re
from collections import Counter

from translate.quality import coverage, negation, ordinals, units
from translate.text import months, name_readings, numbers, placeables, signs, symbols
from translate.text.numerals import half_width
from translate.types import Alignment, Pair

# Part of the memory's key: raised with every change of the rules, the one before is added to
# `cache_keys.EARLIER`.
VERSION = "gate-10"

LOWEST_SCORE = -1.1

_JAPANESE = re.compile(
    r"[\u2e80-\u2fdf\u3041-\u3096\u30a1-\u30fa々\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]"
)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")

# Target characters for each source character. No reference of the essays is outside; of
# those cut to a third 97 of 100 are.
_RATIOS = {
    Pair("ja", "en"): (1.4, 5.0),
    Pair("ja", "ko"): (0.7, 2.0),
    Pair("en", "ko"): (0.25, 1.0),
}
_ANY_RATIO = (0.2, 6.0)
_TOO_SHORT, _TOO_LONG = 10, 12  # characters that are let go

# The same one to eight characters three times and more ("ssessesse", "기기기"); digits,
# dots and dashes repeat for good reasons.
_CHARACTERS = re.compile(r"([^\W\d_]{1,2}?)\1{3,}|([^\W\d_][\w]{1,7}?)\2{2,}|([가-힣])\3\3")
_TOKEN = re.compile(r"(?<!['’.-])(?:['’.-]*+\w++)++")
_JUNK = (
    "contact us", "click here", "all rights reserved", "subscribe to our", "sign up for",
    "privacy policy", "terms of use", "terms and conditions", "cookie policy", "read more",
    "learn more about", "copyright ©", "powered by", "free shipping", "add to cart",
    "무단 전재", "저작권자", "구독하기", "자세히 보기", "문의하기", "개인정보 처리방침",
    "여기를 클릭",
)  # fmt: skip
_SOURCES_OF_JUNK = re.compile(
    r"連絡|問い合わせ|クリック|著作|権利|転載|購読|登録|プライバシ|個人情報|利用規約|規約|続き|"
    r"詳細|詳し|もっと|搭載|提供|送料|カート|クッキー|学ぶ|[Cc]ontact|[Cc]lick|[Ss]ubscri"
)
_OBSCENE = re.compile(
    r"fuck|\b(?:bull)?shit(?:ty|s)?\b|\bcunt|\bniggers?\b|\bfaggots?\b|\bbitch(?:es)?\b|씨발|개새끼|좆",
    re.IGNORECASE,
)
_SOURCES_OF_OBSCENITY = re.compile(r"[糞屎]|クソ|くそ|ファック|ビッチ|畜生|ちくしょう|卑語|罵")
_BRACKETS = {")": "(", "]": "[", "}": "{", "」": "「", "』": "『", "”": "“", "》": "《", "〉": "〈"}
_BRACKET = re.compile("[" + re.escape("".join([*_BRACKETS, *_BRACKETS.values()])) + "]")
_OPEN_END = re.compile(r"[-–—:,、·]$")
_OPEN_SOURCE = re.compile(r"[-–—:：,，、・―ー…~～〜]$")
_STOP = re.compile(r"[。．！？!?.…」』）)]$")
_LAST_NUMBER = re.compile(r"(?<![\w.])(\d+)\.?$")
_NUMERAL = re.compile(r"[〇一二三四五六七八九十]")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
# The letters of a unit twice: 24WW.
_DOUBLED_UNIT = re.compile(r"(?<![A-Za-z0-9])\d+([A-Za-z]{1,3})\1(?![A-Za-z])")
# Quotation marks in Korean, apostrophes of Latin words aside.
_KOREAN_QUOTE = re.compile(r"(?<![A-Za-z])'|'(?![A-Za-z])")
_HEAP = re.compile(
    r"[^\w\s]{5,}|[$\\<>{}|^~]{2,}|%%|\ufffd|⁇|(?<![A-Za-z])[a-z]{3,}\d{2}|"
    r"\d(?:st|nd|rd|th){2}|\.\d+(?:st|nd|rd|th)\b"
)


def check(
    source: str,
    target: str,
    pair: Pair,
    score: float = 0.0,
    alignment: Alignment | None = None,
) -> tuple[str, ...]:
    """The reasons not to publish `target` as a translation of `source`; empty if fit.

    `score` is the engine's mean log-probability per token; 0 leaves it out of the question,
    as None does the `alignment` of the two.
    """
    text = target.strip()
    if not text:
        return ("empty",)
    if text == source.strip():
        return ("same",)
    tests = {
        "script": not _in_script(source, text, pair),
        "loop": loops(source, text),
        "length": not _fits(name_readings.without(source), text, pair),
        "numbers": bool(numbers.compare(source, text, pair))
        or units.is_wrong(source, text, pair)
        or months.is_lost(source, text, pair),
        "ordinals": bool(ordinals.lost(source, text, pair)),
        "negation": negation.is_lost(source, text, pair),
        "urls": any(placeables.compare(source, text))
        or not placeables.has_foreign(source, text, pair.source),
        "junk": _is_junk(source, text),
        "symbols": _is_garbled(source, text) or bool(signs.unsaid(source, text, pair)),
        "score": score < LOWEST_SCORE,
        "coverage": coverage.is_cut(alignment),
    }
    return tuple(reason for reason, refused in tests.items() if refused)


def loops(source: str, target: str) -> bool:
    """Whether the target repeats itself more than the source does."""
    if _CHARACTERS.search(target) and not _CHARACTERS.search(source):
        return True
    words = [word.casefold() for word in _TOKEN.findall(target)]
    if _has_triple(words) and not _has_triple(_TOKEN.findall(source.casefold())):
        return True
    # A Japanese source has no words to count; where it says something twice itself, the
    # translation may.
    found = _repeats(words)
    return found > 0 and found > _repeats([word.casefold() for word in _TOKEN.findall(source)])


def _has_triple(words: list[str]) -> bool:
    """One content word in three forms in a row: 서비스는 서비스를 서비스가."""
    stems = [_stem(word) for word in words]
    return any(
        one and one == two == three
        for one, two, three in zip(stems, stems[1:], stems[2:], strict=False)
    )


def _stem(word: str) -> str:
    if _HANGUL.match(word):
        return word[:2] if len(word) > 1 else ""
    return word[:5] if len(word) > 4 and word.isalpha() else ""


def _repeats(words: list[str]) -> int:
    """How often one to eight words stand right after themselves ("decided decided")."""
    if len(set(words)) == len(words):
        return 0
    found = 0
    for size in range(1, 9):
        for start in range(len(words) - 2 * size + 1):
            if words[start] != words[start + size]:
                continue
            phrase = words[start : start + size]
            if phrase == words[start + size : start + 2 * size] and not _doubled(phrase):
                found += 1
    # The same three words again and again, not side by side: a quarter of the sentence.
    triples = Counter(tuple(words[start : start + 3]) for start in range(len(words) - 2))
    found += sum(count > 2 and 12 * count > len(words) for count in triples.values())
    return found


def _doubled(phrase: list[str]) -> bool:
    """Words that good sentences repeat: "had had", "하나 하나", and dates such as 2026-01-01."""
    if all(word.isdecimal() for word in phrase):
        return True  # numbers have a comparison of their own
    return phrase in (["had"], ["that"], ["very"], ["하나"], ["조금"], ["점점"], ["한"])


def is_foreign(text: str, language: str) -> bool:
    """Whether the text has characters that no translation into the language may have."""
    return language not in ("ja", "zh") and bool(_JAPANESE.search(text))


def _in_script(source: str, target: str, pair: Pair) -> bool:
    if is_foreign(target, pair.target):
        return False
    # A sentence that is all names may come back in Latin letters.
    return pair.target != "ko" or bool(_HANGUL.search(target)) or not _LETTER.search(source)


def _fits(source: str, target: str, pair: Pair) -> bool:
    low, high = _RATIOS.get(pair, _ANY_RATIO)
    # Latin letters and digits count as much on both sides; the ratio is for the rest.
    plain = sum(character.isascii() and not character.isspace() for character in source)
    rest = len(source) - plain if pair.source != "en" else len(source)
    plain = plain if pair.source != "en" else 0
    shortest = low * rest + 0.6 * plain - _TOO_SHORT
    longest = high * rest + 1.3 * plain + _TOO_LONG
    return shortest <= len(target) <= longest


def _is_junk(source: str, target: str) -> bool:
    said = target.casefold()
    if _OBSCENE.search(target) and not _OBSCENE.search(source):
        return not _SOURCES_OF_OBSCENITY.search(source)
    return any(junk in said for junk in _JUNK) and not _SOURCES_OF_JUNK.search(source)


def _is_garbled(source: str, target: str) -> bool:
    if _HEAP.search(target) and not _HEAP.search(source):
        return True
    if set(_DOUBLED_UNIT.findall(target)) - set(_DOUBLED_UNIT.findall(half_width(source))):
        return True
    if _dangles(source.strip(), target):
        return True
    if set(symbols.SIGN.findall(target)) - set(symbols.SIGN.findall(source)):
        return True
    opened = []
    for bracket in _BRACKET.findall(target):
        if bracket not in _BRACKETS:
            opened.append(bracket)
        elif not opened or opened.pop() != _BRACKETS[bracket]:
            return _balanced(source)
    is_odd = _HANGUL.search(target) and len(_KOREAN_QUOTE.findall(target)) % 2
    return bool(opened or is_odd or _is_crossed(target)) and _balanced(source)


def _is_crossed(target: str) -> bool:
    """Whether a straight quotation mark opens within a quotation, or closes outside of one."""
    is_open = False
    for match in re.finditer('"', target):
        before, after = target[: match.start()][-1:], target[match.end() :][:1]
        opens = (not before or before in " ([") and after.strip() != ""
        closes = before.strip() != "" and (not after or after in " ,.;:!?)]")
        if opens != closes and opens == is_open:
            return True
        is_open = not is_open
    return is_open


def _dangles(source: str, target: str) -> bool:
    """Whether the target, often a title's, ends in a dash or a number that the source has not."""
    if _OPEN_END.search(target) and not _OPEN_SOURCE.search(source):
        # Sentences that lead to a list or a listing end in a colon in English.
        return not (target.endswith(":") and _STOP.search(source))
    last = None if _STOP.search(source) or _NUMERAL.search(source) else _LAST_NUMBER.search(target)
    return last is not None and last[1] not in _DIGITS.findall(half_width(source))


def _balanced(text: str) -> bool:
    pairs = (*((opener, closer) for closer, opener in _BRACKETS.items()), ("（", "）"))
    return text.count('"') % 2 == 0 and all(
        text.count(opener) == text.count(closer) for opener, closer in pairs
    )
