"""Where sentences end, in Japanese, Korean and languages written like English.

Pure. Nothing is ever lost: between the spans returned there is nothing but white space.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from translate.types import Span

LONG = 200  # characters; a Japanese sentence beyond this is cut at its commas
LONG_QUOTE = 120  # characters; what is said in a longer quotation is cut as if it were not quoted
LINE_BREAK = "\u2028"  # what `segments` writes for <br>; ends a sentence like "\n"

_CJK = r"\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f々〆"
_WIDE = re.compile(rf"[{_CJK}\u3000-\u303f\uff01-\uff60]")
_EMOJI = r"\u2600-\u27bf\u2b50\ufe0f\u200d\U0001f000-\U0001faff"
_CLOSERS = r"」』）)】］\]〉》〕｝}”’\"｣"

_NON_SPACE = re.compile(r"\S")
_LINE = re.compile(rf"[^\n\r\v\f\x85\u2029{LINE_BREAK}]+")
_PAIRS = {"「": "」", "『": "』", "（": "）", "(": ")", "【": "】", "［": "］", "[": "]"}
_PAIRS |= {"〈": "〉", "《": "》", "〔": "〕", "｛": "｝", "“": "”", "｢": "｣"}
_BRACKET = re.compile("[" + re.escape("".join([*_PAIRS, *_PAIRS.values()])) + "]")

# A full stop between Latin letters or digits (Node.js, 3.5, U.S.) ends no Japanese sentence,
# nor does the "!" of a name (Yahoo!ニュース), nor an ellipsis that the sentence goes on after.
_JAPANESE_STOP = re.compile(
    rf"(?:[。！？｡]|(?<![A-Za-z])[!?]|[!?](?![{_CJK}A-Za-z0-9])|(?<=[{_CJK}」）])[.．](?![A-Za-z0-9.])"
    rf"|(?<![…‥])[…‥]++(?=\s|$))[。！？｡!?…‥]*[{_CLOSERS}]*[{_EMOJI}]*"
)
# An emoji behind the end of a sentence stands for its full stop: できました🎉また使います. Behind a
# noun or an adjective (バグ🐛修正, 新しい✨機能) only if the next word begins a sentence.
_PICTURE = (
    r"[☀☔☺♡♥♪♫⚡✨❤⭐\U0001f300-\U0001f445\U0001f44a-\U0001faff]"
    r"[♀♂\ufe0f\u200d\U0001f3fb-\U0001f3ff]*+"
)
_ENDING = "です|ます|でした|ました|ません|ましょう|ください|[ねよ]"
_GOES_ON = "が|けど|けれ|から|って|と|の|か|[ねよー・]"
_OPENING = "しかも|また|さらに|そして|なお|ただし|ぜひ|さあ|もちろん|ちなみに|次は|次回"
_EMOJI_STOP = re.compile(
    rf"(?:{_ENDING})(?:{_PICTURE})++(?=[「『【A-Za-z0-9{_CJK}])(?!{_GOES_ON})"
    rf"|(?<=[{_CJK}A-Za-z0-9{_CLOSERS}])(?:{_PICTURE})++(?={_OPENING})"
)
# What follows a sentence in quotation marks, where the sentence around it does not go on.
_NEXT = re.compile(r"[「『（(【\s]|[—―─–]++(?!\s*(?:と|って))")
_QUOTE_END = re.compile(rf"[。！？｡!?…‥][{_CLOSERS}]++(?={_NEXT.pattern}|$)")
_SPACED_STOP = re.compile(rf"(?<![.!?…。！？])[.!?…。！？]++[{_CLOSERS}]*+[{_EMOJI}]*+(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“‘'])(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Mrs?|Ms|Dr|Prof|Sr|Jr|St|vs|etc|cf|al|"
    r"approx|Inc|Ltd|Corp|Co|No|Nos|Fig|Figs|Vol|pp|ed|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|"
    r"Nov|Dec|\d{1,3})\.$"
)
_COMMA = re.compile(rf"[、，､][{_CLOSERS}]*|;\s|,\s")
_CLAUSE = re.compile(
    rf"(?:けれども|けれど|けど|ので|から|のに|ため|ですが|ますが|たが|だが)(?=[{_CJK}])"
)
_LATIN_CLAUSE = re.compile(r"[,;:]\s|\s(?=(?:and|but|or|because|which|while|when|that)\s)|[–—]")
_KOREAN_CLAUSE = re.compile(r"[,;:]\s|(?<=[고며만면데서])\s")

_KANJI = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々"
_SCRIPTS = {
    "ja": re.compile(rf"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d{_KANJI}]"),
    "zh": re.compile(rf"[{_KANJI}]"),
    "ko": re.compile(rf"[\u1100-\u11ff\uac00-\ud7a3{_KANJI}]"),
}
# Possessive: a text of signs, or a word without end, costs one pass.
_WORD = re.compile(r"(?<!\S)(?:[^\w\s]|\d)*+[^\W\d_]{2,}+(?!\S*(?:://|@|\w\.\w))")


def split(text: str, language: str) -> list[str]:
    """The sentences of a plain text, in order. A line break always ends one."""
    return [text[start:end] for start, end in spans(text, language)]


def spans(text: str, language: str) -> list[Span]:
    """Where the sentences of a plain text are, without the white space around them."""
    found: list[Span] = []
    for line in _LINE.finditer(text):
        ends = _japanese(line[0]) if _is_japanese(language) else _spaced(line[0])
        found.extend(_between(line[0], ends, line.start()))
    return found


def finer(sentence: str, language: str) -> list[Span]:
    """The sentence in two, cut at the clause boundary nearest its middle.

    A comma is preferred to a conjunction. Where nothing is found in the middle half, the
    sentence is left whole.
    """
    low, high = len(sentence) // 4, len(sentence) - len(sentence) // 4
    if _is_japanese(language):
        patterns = [_COMMA, _CLAUSE]
    else:
        patterns = [_KOREAN_CLAUSE if language == "ko" else _LATIN_CLAUSE]
    inside = _brackets(sentence)
    for pattern in patterns:
        ends = [match.end() for match in pattern.finditer(sentence, low, high)]
        outside = [end for end in ends if not _within(inside, end)] or ends
        if outside:
            return _between(sentence, [_nearest_middle(outside, 0, len(sentence))])
    return _between(sentence, [])


def speaks(text: str, language: str) -> bool:
    """Whether there is anything in the text to translate from the language.

    Japanese and Korean are known by their script, others by any word that is no address.
    """
    return bool(_SCRIPTS.get(language.partition("-")[0], _WORD).search(text))


def space_between(language: str) -> str:
    """What stands between two sentences of a paragraph."""
    return "" if _is_japanese(language) else " "


def is_wide(character: str) -> bool:
    """Whether a character is one that Japanese is written in, its punctuation included."""
    return bool(_WIDE.match(character))


def _is_japanese(language: str) -> bool:
    return language.partition("-")[0] in ("ja", "zh")


def _between(text: str, ends: Iterable[int], offset: int = 0) -> list[Span]:
    """The stretches between cuts, without white space, empty ones left out."""
    found = []
    start = 0
    for end in [*ends, len(text)]:
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            found.append(Span(offset + left, offset + right))
        start = max(start, end)
    return found


def _brackets(text: str, longest: int = LONG_QUOTE) -> list[Span]:
    """The outermost bracketed stretches, in order; unpaired and very long ones left out."""
    pairs: list[Span] = []
    opened: list[int] = []
    for match in _BRACKET.finditer(text):
        if match[0] in _PAIRS:
            opened.append(match.start())
        else:
            # An opener without its closer is skipped, so that one slip does not swallow
            # the rest; looking back only a little keeps a wall of openers linear.
            for back in range(len(opened) - 1, max(-1, len(opened) - 9), -1):
                if _PAIRS[text[opened[back]]] == match[0]:
                    pairs.append(Span(opened[back], match.end()))
                    del opened[back:]
                    break
    outermost: list[Span] = []
    for pair in sorted(pair for pair in pairs if pair.end - pair.start <= longest):
        if not outermost or pair.start >= outermost[-1].end:
            outermost.append(pair)
    return outermost


def _within(stretches: list[Span], position: int) -> bool:
    """Whether the position is inside one, its own borders not counted."""
    index = bisect_left(stretches, position, key=lambda stretch: stretch.start) - 1
    return index >= 0 and position < stretches[index].end


def _japanese(line: str) -> list[int]:
    quoted = _brackets(line)
    stops = [match.end() for match in _JAPANESE_STOP.finditer(line)]
    stops.extend(match.end() for match in _EMOJI_STOP.finditer(line))
    # 「一つ。」「二つ。」 are two sentences, but 「一つ。」と言った。 is one.
    stops.extend(match.end() for match in _QUOTE_END.finditer(line))
    ends = sorted({stop for stop in stops if not _within(quoted, stop)} - _particles(line, stops))
    return list(_shortened(line, ends))


def _particles(line: str, stops: list[int]) -> set[int]:
    """Stops right after a closing quotation mark that the sentence goes on after."""
    return {
        stop
        for stop in stops
        if 0 < stop < len(line) and line[stop - 1] in "」』）)】" and not _NEXT.match(line, stop)
    }


def _shortened(line: str, ends: list[int]) -> Iterator[int]:
    """The ends, with more of them where a sentence would be longer than `LONG`."""
    commas: list[int] | None = None
    start = 0
    for end in [*ends, len(line)]:
        if end - start > LONG:
            if commas is None:
                quoted = _brackets(line)
                commas = [match.end() for match in _COMMA.finditer(line)]
                commas = [comma for comma in commas if not _within(quoted, comma)]
            yield from _halved(commas, start, end)
        yield end
        start = end


def _halved(commas: list[int], start: int, end: int) -> list[int]:
    cuts = []
    todo = [(start, end)]
    while todo:
        left, right = todo.pop()
        # A piece of a few characters is no clause; it would be translated without sense.
        first, last = bisect_left(commas, left + 20), bisect_right(commas, right - 20)
        if right - left > LONG and first < last:
            cut = _nearest_middle(commas[first:last], left, right)
            cuts.append(cut)
            todo += [(left, cut), (cut, right)]
    return sorted(cuts)


def _nearest_middle(positions: list[int], start: int, end: int) -> int:
    middle = (start + end) / 2
    return min(positions, key=lambda position: abs(position - middle))


def _spaced(line: str) -> list[int]:
    quoted = _brackets(line)
    return [
        match.end()
        for match in _SPACED_STOP.finditer(line)
        if not _within(quoted, match.end()) and not _goes_on(line, match)
    ]


def _goes_on(line: str, stop: re.Match[str]) -> bool:
    """Whether the sentence goes on after a stop: an abbreviation, or words that were quoted."""
    following = _NON_SPACE.search(line, stop.end())
    if following and following[0].islower():
        return True  # "Stop!" he said.
    return stop[0] == "." and bool(
        _ABBREVIATION.search(line[max(0, stop.start() - 12) : stop.end()])
    )
