"""Signs of a sentence, rewritten as a package can read them, and brought back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from translate.text.edits import Edit
from translate.text.sign_table import MEANT, SIGNS, Sign, Spelling
from translate.types import Pair, Span


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A place of a sentence that is spelled otherwise."""

    edit: Edit
    spelling: Spelling
    match: re.Match[str]


# Digits in kanji, place by place, as years and telephone numbers are: 二〇二六, 三〇〇〇. Not
# 二三日 (two or three days) and 三三五五.
_KANJI_DIGITS = re.compile(
    r"(?<![〇零一二三四五六七八九十百千万億])"
    r"(?:[一二三四五六七八九][一二三四五六七八九]*〇[〇一二三四五六七八九]*"
    r"|[一二][一二三四五六七八九]{3}(?=年))(?![十百千])"
)
_IN_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")


def signs_in(text: str, language: str) -> tuple[Sign, ...]:
    """The signs of the text that a package may not know."""
    return tuple(sign for sign in SIGNS.get(language, ()) if sign.pattern.search(text))


def has_signs(text: str, language: str) -> bool:
    """Whether a package may read the text otherwise than it is written."""
    return bool(signs_in(text, language)) or (
        language == "ja" and _KANJI_DIGITS.search(text) is not None
    )


def rewritten(
    text: str, language: str, chosen: Mapping[str, Spelling | None]
) -> tuple[Rewriting, ...]:
    """How the text is to be spelled: `chosen` names a spelling for signs that need one.

    Places do not overlap and are in order; where two signs meet, the one listed first wins.
    """
    found: list[Rewriting] = []
    for sign in SIGNS.get(language, ()):
        spelling = chosen.get(sign.name)
        if spelling is not None:
            for match in sign.pattern.finditer(text):
                _add(found, Rewriting(_edit(match, match.expand(spelling.text)), spelling, match))
    if language == "ja":
        for match in _KANJI_DIGITS.finditer(text):
            digits = match[0].translate(_IN_DIGITS)
            _add(found, Rewriting(_edit(match, digits), Spelling(digits), match))
    return tuple(sorted(found, key=lambda one: one.edit.span))


def _edit(match: re.Match[str], text: str) -> Edit:
    return Edit(Span(*match.span()), text)


def _add(found: list[Rewriting], new: Rewriting) -> None:
    if all(_are_apart(new.edit.span, one.edit.span) for one in found):
        found.append(new)


def _are_apart(one: Span, other: Span) -> bool:
    return one.end <= other.start or other.end <= one.start


def restored(
    rewritings: Sequence[Rewriting], target: str, language: str
) -> tuple[Edit, ...] | None:
    """The edits of a translation that bring the author's signs back.

    None: a stand-in is not there, so the translation says something else.
    """
    found: list[Edit] = []
    for one in rewritings:
        back = one.spelling.back.get(language)
        match = _find(back[0], one.match, target, found) if back else None
        if back and match:
            found.append(_edit(match, one.match.expand(back[1])))
        elif one.spelling.stands_in:
            return None
    return tuple(found)


def unsaid(source: str, target: str, pair: Pair) -> tuple[str, ...]:
    """The signs of a Japanese source whose sense is nowhere in the target."""
    if pair.source != "ja":
        return ()
    return tuple(
        found[0]
        for sign, ways in MEANT
        for found in [sign.search(source)]
        if found and pair.target in ways and not ways[pair.target].search(target)
    )


def _find(
    template: str, source: re.Match[str], target: str, taken: Sequence[Edit]
) -> re.Match[str] | None:
    """The first match of the template, with the source's groups in it, that is not taken."""
    groups = [re.escape(group or "") for group in source.groups()]
    pattern = re.sub(r"\\([1-9])", lambda number: groups[int(number[1]) - 1], template)
    for match in re.finditer(pattern, target):
        if all(_are_apart(Span(*match.span()), edit.span) for edit in taken):
            return match
    return None
