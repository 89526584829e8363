"""Japanese punctuation as languages with spaces between words write it.

A sentence of names, numbers and signs is not sent to a package, but its readers do not read
「RSS 2.0、Atom 1.0。」. The signs are those of the packages' translations: straight quotation
marks, and full-width forms as NFKC has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from translate.text.placeables import literal_spans
from translate.text.sentences import space_between
from translate.types import Pair, Span

_SIGNS = {
    character: unicodedata.normalize("NFKC", character)
    for character in ("\u3000", *map(chr, range(0xFF01, 0xFF5F)))  # the latter are ASCII's
}
_SIGNS |= dict(zip("、､。｡【】〔〕〜", ",,..[][]~", strict=True))
_SIGNS |= dict.fromkeys("「」『』｢｣〈〉《》", '"')
_SIGN = re.compile(f"[{re.escape(''.join(_SIGNS))}・]")
_OPENING = "「『｢【〔〈《（［｛"
_CLOSING = "」』｣】〕〉》）］｝"
_STOPS = "、､，。｡．！？：；"
# A search for literals takes the square of the length: 26 ms with 4,000 characters.
_LONGEST = 1_000
_UNSPACED = f"{_STOPS}{_CLOSING})]}}\"'”’,.;:!?…/"  # no stop has a space before these


def has_signs(text: str) -> bool:
    """Whether a text has Japanese punctuation."""
    return _SIGN.search(text) is not None


def respelled(text: str, pair: Pair, untouched: Iterable[Span] = ()) -> list[str]:
    """What each character of a text becomes with the punctuation of the target language.

    Addresses, formulas and other literals stay as they are, and what is `untouched`; so does
    a text of more than 1,000 characters, which is no line of names.
    """
    pieces = list(text)
    if len(text) > _LONGEST or not has_signs(text):
        return pieces
    if space_between(pair.source) or not space_between(pair.target):
        return pieces
    masked = list(text)
    for start, end in (*untouched, *literal_spans(text)):
        masked[start:end] = "x" * (end - start)
    shown = "".join(masked)
    for match in _SIGN.finditer(shown):
        pieces[match.start()] = _written(shown, match.start(), pair.target)
    return pieces


def _written(text: str, place: int, language: str) -> str:
    """The character as the language has it, with the spaces that its neighbours ask for."""
    character = text[place]
    before, after = text[max(0, place - 1) : place], text[place + 1 : place + 2]
    is_between = before.isalnum() and after.isalnum()
    if character == "・":
        return "." if "・" in (before, after) else "·" if is_between else "・"
    if character in "〜～" and is_between and language != "ko":
        return "–"
    plain = _SIGNS[character]
    if character in _OPENING:
        is_joined = language == "ko" and plain in "([{"
        is_word = before.isalnum() or before in ("+", "#", "%", "％")
        return f" {plain}" if is_word and not is_joined else plain
    if character in _CLOSING:
        is_followed = after.isalnum() or (after != "" and after in _OPENING)
        return f"{plain} " if is_followed else plain
    is_number = before.isdigit() and after.isdigit() and character in "，．："
    is_name = character == "．" and after.isalnum()  # Node．js
    if character not in _STOPS or is_number or is_name or not after or after.isspace():
        return plain
    return plain if after in _UNSPACED else f"{plain} "
