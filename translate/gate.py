"""Is this output fit to publish?

`check` answers with the reasons against, none if it is fit. Reasons are short slugs that
are stored, counted and shown:

empty    nothing came out
same     the source came back
script   kana or kanji left over, or no Hangul in Korean
loop     a word, a phrase or a few characters over and over
length   far too long or far too short for its source
"""

from __future__ import annotations

import re

from translate.types import Pair

VERSION = "gate-1"  # part of the memory's key: a changed gate judges everything anew

_JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_CHARACTER_LOOP = re.compile(r"(.{1,6}?)\1{4,}")


def check(source: str, target: str, pair: Pair, score: float = 0.0) -> tuple[str, ...]:
    """The reasons not to publish `target` as a translation of `source`; empty if fit."""
    reasons = []
    if not target.strip():
        return ("empty",)
    if target.strip() == source.strip():
        return ("same",)
    if pair.target != "ja" and _JAPANESE.search(target):
        reasons.append("script")
    if pair.target == "ko" and not _HANGUL.search(target):
        reasons.append("script")
    if _CHARACTER_LOOP.search(target):
        reasons.append("loop")
    if len(target) > 40 + 6 * len(source):
        reasons.append("length")
    return tuple(dict.fromkeys(reasons))
