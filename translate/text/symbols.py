"""Signs and emoji at the ends of a sentence, which the engine does not see.

Small models drop most of them (🎉, ★, →) and make up others (⏏ for ●, ⻐ for ※).
"""

from __future__ import annotations

import re
from dataclasses import replace

from translate.sentence_result import SentenceResult
from translate.text import edits
from translate.types import Span

# ※ and •; arrows, technical signs, shapes, dingbats, emoji and what joins them. Neither
# mathematics nor ① and ㈱, which are words.
SIGN = re.compile(
    r"[※•\u2190-\u21ff\u2300-\u23ff\u2580-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
    r"\ufe0e\ufe0f\u200d]"
)
_SIGNS = re.compile(rf"(?:{SIGN.pattern}\s*)*")
# Lists in plain text begin with a dot, which joins words elsewhere; sources of quotations and
# asides begin with a dash.
_BULLET = "[・･—―─]"
_START = re.compile(rf"(?:(?:{SIGN.pattern}|{_BULLET})\s*)*")


def has_bullet(text: str) -> bool:
    """Whether the text begins with the dot of a list in plain text, or with a dash."""
    start = _START.match(text)
    return bool(start and re.search(_BULLET, start[0]))


def core(text: str) -> str:
    """The text without the signs at its ends."""
    inside = _inside(text)
    return text[inside.start : inside.end]


def dressed(outcome: SentenceResult, read: str) -> SentenceResult:
    """The result of the core of `read`, with the signs of `read` around it."""
    start, end = _inside(read)
    if end - start == len(read):
        return outcome
    parts = [
        (Span(0, start), read[:start], edits.identity(read[:start])),
        (Span(start, end), outcome.text, outcome.alignment),
        (Span(end, len(read)), read[end:], edits.identity(read[end:])),
    ]
    text, alignment = edits.join([part for part in parts if part[1]], "")
    return replace(outcome, text=text, alignment=alignment)


def _inside(text: str) -> Span:
    start, end = _START.match(text), _SIGNS.match(text[::-1])
    first = start.end() if start else 0
    # Backwards, for a search of the end tries each sign of a long row as the first.
    return Span(first, max(first, len(text) - (end.end() if end else 0)))
