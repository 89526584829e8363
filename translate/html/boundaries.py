"""Boundaries: where a mark begins and ends exactly, once the words it covers are known.

Attention finds words; whether a preposition, a particle or a quotation mark beside them is
marked too follows from what the source has at the edge of the mark.
"""

from __future__ import annotations

import re

from translate.types import Span

_OPENERS = "「『（(【［[〈《〔“‘\"'"
_CLOSERS = "」』）)】］]〉》〕”’\"'"
_PAIRED = dict(zip(_OPENERS, _CLOSERS, strict=True))
# A quotation in either language, told from apostrophes.
_QUOTATION = re.compile(
    r"「[^「」]+」|『[^『』]+』|“[^“”]+”|‘[^‘’]+’|\"[^\"]+\"|(?<!\w)'[^']+'(?![A-Za-z])|《[^《》]+》"
)
_STOP = re.compile(r"(?<![。．.！!？?…])[。．.！!？?…]++$")
_STOPS = re.compile(r"[。．.！!？?…]+")
_PAUSES = ",;:、，；： "

# What a Japanese mark leaves outside as a particle stands in English before its words, and
# attention lets it follow them.
_LEADING = re.compile(
    r"(?:about|and|are|as|at|be|been|by|for|from|had|has|have|in|into|is|of|on|or|than|that|to|"
    r"until|up|was|were|which|with)\s+",
    re.IGNORECASE,
)
# So do verbs, before what is marked as a noun: 「文書」を見る is 'See the "document"'.
_VERB = re.compile(r"(?:check(?: out)?|read|refer to|see|use|using|visit)\s+", re.IGNORECASE)
_NOUN = re.compile(r"[^\u3041-\u3096]$")
_TRAILING = re.compile(
    r"(?<!\s)\s++(?:a|an|and|are|as|at|be|been|by|for|from|had|has|have|in|into|is|of|on|or|than|that|"
    r"the|to|was|were|which|with)$",
    re.IGNORECASE,
)
# Korean writes its particles as Japanese does, after the word, but without a space before
# the next: where the source leaves one out of the mark, so does the target.
_PARTICLES = {
    "は": "은 는",
    "が": "이 가 은 는",
    "を": "을 를",
    "に": "에 에게 에서 에는 으로 로 이 가",
    "には": "에는 에게는",
    "で": "에서 으로 로 에서는",
    "では": "에서는 에서",
    "の": "의 에서",
    "と": "와 과 하고 이라는 라는",
    "という": "이라는 라는",
    "も": "도",
    "や": "와 과 나 이나",
    "へ": "으로 로 에",
    "から": "에서 부터 으로부터 로부터 에게서",
    "まで": "까지",
    "より": "보다",
    "なら": "라면 이라면",
    "な": "인 한",
    "だ": "이다 다 이지",
    "だった": "이었다 였다 이었던 였던",
    "だっ": "이었다고 였다고",
    "であ": "이다 이지 이며",
    "です": "입니다 이다 예요 이에요",
    "でし": "이었습니다 였습니다",
}
_FOLLOWING = sorted(_PARTICLES, key=len, reverse=True)


def fit(source: str, mark: Span, target: str, span: Span, language: str) -> Span:
    """The span with its edges as the mark has them in the source."""
    start, end = span
    marked = source[mark.start : mark.end].strip()
    if language == "en":
        verb = _VERB.match(target, start, end) if _NOUN.search(marked) else None
        start = verb.end() if verb and verb.end() < end else start
        start, end = _without_function_words(target, start, end)
    elif language == "ko":
        end = _without_particle(source[mark.end :], target, start, end)
    words = target[start:end].rstrip(_PAUSES)
    if words and marked[-1:] not in _PAUSES:
        end = start + len(words)
    before, after = target[:start].rstrip(), target[end:]
    if _QUOTATION.fullmatch(marked):
        said = [one for one in _QUOTATION.finditer(target) if one.start() < end > start < one.end()]
        if len(said) == 1:
            return Span(*said[0].span())
    if marked[:1] in _PAIRED and marked[-1:] == _PAIRED[marked[:1]]:
        if before[-1:] in _PAIRED and after[:1] == _PAIRED[before[-1:]]:
            return Span(len(before) - 1, end + 1)
    elif _STOP.search(marked):
        stops = _STOPS.match(after)
        end += stops.end() if stops else 0
    return _evened(target, Span(start, balanced(target, start, end)))


def _without_function_words(target: str, start: int, end: int) -> tuple[int, int]:
    while (word := _LEADING.match(target, start, end)) and word.end() < end:
        start = word.end()
    while (word := _TRAILING.search(target[start:end])) and word.start() > 0:
        end = start + word.start()
    return start, end


def _without_particle(rest: str, target: str, start: int, end: int) -> int:
    following = next((particle for particle in _FOLLOWING if rest.startswith(particle)), None)
    if following is None:
        return end
    text = target[start:end]
    fitting = [one for one in _PARTICLES[following].split() if text.endswith(one)]
    longest = max(fitting, key=len, default="")
    return end - len(longest) if len(longest) < len(text) else end


def balanced(target: str, start: int, end: int) -> int:
    """The end, moved over a quotation mark or bracket that was opened inside."""
    closer = target[end : end + 1]
    if closer and closer in "」』）)】］]〉》〕”":
        opener = _OPENERS[_CLOSERS.index(closer)]
        inside = target[start:end]
        if inside.count(opener) > inside.count(closer):
            return end + 1
    return end


def _evened(target: str, span: Span) -> Span:
    """The span with both or neither of a pair of straight quotation marks."""
    start, end = span
    if target.count('"', start, end) % 2 == 0:
        return span
    if target[end : end + 1] == '"':
        return Span(start, end + 1)
    if start and target[start - 1] == '"':
        return Span(start - 1, end)
    if target[start] == '"' and end - start > 1:
        return Span(start + 1, end)
    return Span(start, end - 1) if target[end - 1] == '"' and end - start > 1 else span
