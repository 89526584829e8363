"""What a number counts, compared between a sentence and its translation.

Only a contradiction is told: 18℃ as "18 people". A number whose unit has no word here, or is
said in another way (18人, "18 engineers"), may be right.
"""

from __future__ import annotations

import re
from fractions import Fraction

from translate.text.numerals import half_width
from translate.text.quantities import find_numbers
from translate.types import Pair

# By what is counted: how a number in Japanese, English and Korean says it, right behind it.
_UNITS = {
    "people": ("人(?![目称前工間気類口分])|名(?![前詞])", "people|persons?", "명|사람|분"),
    "minute": ("分(?![の野類散析割岐])|分間", "minutes?|mins?", "분(?![의기야류])"),
    "hour": ("時間", "hours?|hrs?", "시간"),
    "clock": ("時(?![間代点期])", "o['’]clock|[ap]\\.?m\\b", "시(?!간)"),
    "second": ("秒", "seconds|secs?", "초"),
    "day": ("日(?!目|本)", "days?", "일(?=[ ,.간에을이의로동까부]|$)"),
    "week": ("週", "weeks?", "주(?=[ ,.간에을이의로동일까부]|$)"),
    "month": ("[かカヵヶケ箇]月", "months?", "개월|달(?=[ ,.간에을이의로동까부]|$)"),
    "year": ("年(?![代生度目])", "years?", "년"),
    "age": ("[歳才]", "years? old|years?[- ]of[- ]age", "살|세(?=[ ,.에의이가로인]|$)"),
    "time": ("回(?![目線路転答復])|度目", "times", "번(?!째|호)|회(?!차)"),
    "fold": ("倍", "times|fold|x\\b", "배"),
    "item": ("個(?![人別所])", "pieces?|items?", "개(?!월|년|국|사)"),
    "kilometer": ("km|キロ(?!グラム|バイト|ワット)", "km|kilomet(?:er|re)s?",
                  "km|킬로(?!그램|바이트|와트)"),
    "meter": ("m(?![A-Za-z0-9])|メートル", "m|met(?:er|re)s?", "m(?![A-Za-z])|미터"),
    "centimeter": ("cm|センチ", "cm|centimet(?:er|re)s?", "cm|센티"),
    "millimeter": ("mm|ミリ(?!秒)", "mm|millimet(?:er|re)s?", "mm|밀리(?!초)"),
    "kilogram": ("kg|キロ(?!メートル|バイト|ワット)", "kg|kilos?|kilograms?",
                 "kg|킬로(?!미터|바이트|와트)"),
    "gram": ("g(?![A-Za-z0-9])|グラム", "g|grams?", "g(?![A-Za-z])|그램"),
    "celsius": ("℃|°C?", "℃|°|degrees?", "℃|°|도(?=[ ,.에를가의로였입이까]|$)"),
    "degree": ("度(?![目々])", "℃|°|degrees?", "℃|°|도(?=[ ,.에를가의로였입이까]|$)"),
    "percent": ("%|パーセント", "%|percent\\b|per cent\\b", "%|퍼센트|프로"),
    "money": ("[円元]|ドル|ユーロ|ウォン|ポンド", "yen|dollars?|euros?|won|yuan|pounds?",
              "엔|원|달러|유로|위안|파운드"),
}  # fmt: skip
# Units that are said by one word somewhere, or that follow from each other.
_SAME = (
    {"clock", "hour"},
    {"age", "year"},
    {"time", "fold"},
    {"degree", "time"},  # 二度, twice
    {"item", "time"},
    {"day", "clock"},
)
_PATTERNS = {
    language: {
        unit: re.compile(
            rf"[ -]?(?:{words[side]})" + (r"(?![A-Za-z])" if language == "en" else ""),
            re.IGNORECASE if language == "en" else 0,
        )
        for unit, words in _UNITS.items()
    }
    for side, language in enumerate(("ja", "en", "ko"))
}


def is_wrong(source: str, target: str, pair: Pair) -> bool:
    """Whether a number of a Japanese source counts something else in its translation."""
    if pair.source != "ja" or pair.target not in _PATTERNS:
        return False
    ours = _counted(source, "ja")
    theirs = _counted(target, pair.target) if any(ours.values()) else {}
    return any(
        # With each of them a word of the table, none of which will do.
        all(told) and not any(_agree(one, other) for one in meant for other in told)
        for value, meant in ours.items()
        for told in [theirs.get(value, [])]
        if told and all(meant)
    )


def _agree(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(ours & theirs) or any(ours & same and theirs & same for same in _SAME)


def _counted(text: str, language: str) -> dict[Fraction, list[frozenset[str]]]:
    """The units of each value, as often as it is there."""
    plain = half_width(text)
    found: dict[Fraction, list[frozenset[str]]] = {}
    for number in find_numbers(text, language):
        if language == "ja" and not number.certain:  # 半年, 一時
            continue
        end = (number.bare or number.span).end
        units = {unit for unit, words in _PATTERNS[language].items() if words.match(plain, end)}
        if number.unit:
            units.add("percent" if number.unit == "%" else "money")
        found.setdefault(number.value, []).append(frozenset(units))
    return found
