"""Whether an ordinal of a Japanese source (第一, 二つ目, 3番目) is in its translation."""

from __future__ import annotations

import re

from translate.text.numerals import half_width, read_eastern
from translate.text.quantities import find_numbers
from translate.types import Pair

_NUMERAL = r"(?:[0-9]+|[一二三四五六七八九十]+)"
# Not 第三者 (a third party), 第一線, 第六感, nor the 一人目標 of 一人 and 目標.
_ORDINAL = re.compile(
    rf"第({_NUMERAL})(?!者|線|人称|人者|感|次|印象|セクター|[0-9一二三四五六七八九十百千])"
    rf"|({_NUMERAL})(?:つ|番|人|回|件|社|日|点|度|枚|本|個|年|冊|種類|段階|問|列|台)目"
    r"(?!標|的|次|指)"
)
_FIRST = {
    "en": re.compile(
        r"\b(?:first|1st|one|once|primary|initial|foremost|begin\w*|start\w*|"
        r"no\. ?1|top|firstly)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile("첫|처음|먼저|제일|우선|일단|하나|한 |일차|초"),
}
_SECOND = {
    "en": re.compile(r"\b(?:another|next|latter|other|again)\b", re.IGNORECASE),
    "ko": re.compile("다음|또|다른|재차|다시"),
}


def lost(source: str, target: str, pair: Pair) -> tuple[str, ...]:
    """The ordinals of the source whose number the target does not have in any form."""
    if pair.source != "ja" or pair.target not in _FIRST:
        return ()
    found = list(_ORDINAL.finditer(half_width(source)))
    if not found:
        return ()
    numbers = find_numbers(target, pair.target)
    said = {number.value for number in numbers}.union(*(number.others for number in numbers))
    missing = []
    for match in found:
        value = read_eastern(match[1] or match[2])
        other = {1: _FIRST, 2: _SECOND}.get(int(value)) if value is not None else None
        if value is None or value in said or (other and other[pair.target].search(target)):
            continue
        missing.append(match[0])
    return tuple(missing)
