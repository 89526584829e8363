"""Names with their readings in brackets, 金明洙（キム・ミョンス）, and whether they come through.

A model that has not met a name takes its characters for words, so that a person becomes a
neighborhood; the author's reading says how the name sounds. Sounds are compared roughly:
キム・ミョンス is Kim Myung-soo as well as 김명수. A reading in Latin letters has to be there as
it is. `Glossary.with_names` makes terms of them, for the whole post.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from translate.text import kana
from translate.types import Span

TARGETS = ("en", "ko")  # in whose letters sounds are compared

# Of 36 names in translations by hand two are less alike, 런정페이 and 마윈, which kana cannot
# tell. In one of a hundred sentences about something else words are as much alike.
_ALIKE, _ALIKE_IN_HANGUL = 72.0, 78.0
_ALIKE_IF_JAPANESE = 85.0  # which hiragana spells exactly: the least alike is 95

_PERSON = (
    "さん|氏|様|君|ちゃん|先生|教授|博士|院長|社長|会長|代表|所長|部長|選手|監督|記者|議員|前?大統領|"
    "前?首相|外相|国家主席|主席|長官|知事|市長|大臣"
)
_NAMED = re.compile(
    r"(?P<name>[\u4e00-\u9fff々ヶ]{1,5}(?:[ 　・]?[\u4e00-\u9fff々ヶ]{1,4})?)[ 　]?"
    r"[（(](?P<reading>[ァ-ヴー]{1,12}(?:[ 　・=＝][ァ-ヴー]+){0,3}"
    r"|[ぁ-ゖー]{2,12}(?:[ 　・][ぁ-ゖー]{2,})?|[A-Z][A-Za-z'’.-]+(?: [A-Z][A-Za-z'’.-]*)*)[）)]"
    rf"(?P<person>{_PERSON})?"
)
# What is in brackets may be a remark: 画面（システムトレイ）, 選択（はい・いいえ）, 高性能
# （ハイ・パフォーマンス）, 温度（Temperature）, whose Latin a third of Korean references leave
# out. Without a word for a person behind it a reading has two parts, and its name is as long
# as a Japanese one, or begins as Korean and Chinese ones do.
_SURNAMES = frozenset(
    "金李朴崔鄭姜趙尹張林呉韓申徐権黄安宋柳洪孫梁裵裴曺許南沈盧郭朱禹具羅閔任池厳辛玄卞蔡孔咸楊"
    "呂秋薛馬吉余魯魏蒋鄒王劉陳周胡何謝唐馮于董蕭程曹袁鄧傅曾彭蘇賈葉閻潘杜戴夏鍾汪田范姚譚廖"
    "熊陸郝康毛邱秦顧侯邵孟雷銭湯黎喬賀頼龔文習温丁車成"
)
_SYLLABLES = 2.4  # kana, small ones aside, for each character of such a name
_TITLE = re.compile(
    rf"^.*(?:{_PERSON}|代表取締役|取締役|講師|著者|作者|担当|俳優|女優|歌手|作家|画家|研究員)(?=..)"
)
_KANA, _HIRAGANA = re.compile("[ぁ-ヴ]"), re.compile("[ぁ-ゖ]")
_SMALL = re.compile(r"[ァィゥェォャュョー・=＝\s]")
_PART = re.compile(r"[ 　・=＝]+")
_WORD = re.compile(r"[^\W\d_가-힣]+|[가-힣]+")
_HANGUL = re.compile("[가-힣]+")
_WORDS = 4  # that one name may be


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name, and how the author says that it is read."""

    name: str
    reading: str
    written: str  # both, as they stand in the text

    def form(self, language: str) -> str:
        """The name as it is written where the model has no form for it."""
        # Katakana reads a Korean or Chinese name, and does not tell how Hangul spells it.
        if language == "ko" and is_japanese(self.reading):
            return kana.hangul(self.reading)
        return latin(self.reading)


def is_kana(reading: str) -> bool:
    """Whether the reading says how the name sounds; else it is the name in Latin letters."""
    return _KANA.search(reading) is not None


def is_japanese(reading: str) -> bool:
    """Whether the reading, in hiragana, spells its name exactly."""
    return _HIRAGANA.search(reading) is not None


def latin(reading: str) -> str:
    """The reading in Latin letters."""
    return kana.hepburn(reading) if is_kana(reading) else reading


def find(text: str) -> tuple[NameReading, ...]:
    """The names of a Japanese text that have a reading beside them, in order."""
    return tuple(named for match in _NAMED.finditer(text) for named in _named(match))


def _named(match: re.Match[str]) -> Iterator[NameReading]:
    name, titles = _TITLE.subn("", match["name"].strip(" 　"))
    start, end = match.start("name") + match["name"].index(name), match.end("reading") + 1
    if titles or match["person"] or _is_name(name, match["reading"]):
        yield NameReading(name, match["reading"], match.string[start:end])


def _is_name(name: str, reading: str) -> bool:
    if not is_kana(reading) or not _PART.search(reading):
        return False
    if is_japanese(reading):
        return len(name) > 2
    syllables = len(_SMALL.sub("", reading))
    return name[0] in _SURNAMES and 2 <= len(name) <= 4 and syllables <= _SYLLABLES * len(name)


def without(text: str) -> str:
    """The text with the names alone."""
    for named in find(text):
        text = text.replace(named.written, named.name)
    return text


def find_rendering(reading: str, target: str) -> Span | None:
    """The words that sound most like the reading, its parts in either order; None: none do."""
    parts = _PART.split(reading)
    wanted = {kana.sounds("".join(order)) for order in (parts, parts[::-1])}
    best, place = 0.0, None
    for span in _candidates(target):
        words = target[span.start : span.end]
        alike = max(fuzz.ratio(one, kana.sounds(words)) for one in wanted)
        least = _ALIKE_IN_HANGUL if _HANGUL.search(words) else _ALIKE
        least = _ALIKE_IF_JAPANESE if is_japanese(reading) else least
        if alike > best and alike >= least:
            best, place = alike, span
    return place


def _candidates(target: str) -> Iterator[Span]:
    """Words in a row that may be a name; of a word in Hangul its head, without an ending."""
    words = list(_WORD.finditer(target))
    for place, first in enumerate(words):
        for last in words[place : place + _WORDS]:
            ends = range(last.start() + 1, last.end()) if _HANGUL.fullmatch(last[0]) else ()
            for end in (last.end(), *ends):
                yield Span(first.start(), end)
