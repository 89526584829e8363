"""Whether a date of a Japanese source (9月30日) has its month in the translation."""

from __future__ import annotations

import re

from translate.text.numerals import half_width
from translate.types import Pair

DATE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月(?=\d{1,2}日)")
_NAMES = (
    "Jan(?:uary)?", "Feb(?:ruary)?", "Mar(?:ch)?", "Apr(?:il)?", "May", "June?", "July?",
    "Aug(?:ust)?", "Sept?(?:ember)?", "Oct(?:ober)?", "Nov(?:ember)?", "Dec(?:ember)?",
)  # fmt: skip


def is_lost(source: str, target: str, pair: Pair) -> bool:
    """Whether the target says neither the name of a month nor a date in digits in its place."""
    if pair.source != "ja" or pair.target not in ("en", "ko"):
        return False
    for match in DATE.finditer(half_width(source)):
        month = int(match[1])
        name = rf"\b{_NAMES[month - 1]}\b" if pair.target == "en" else rf"(?<!\d){month} ?월"
        digits = rf"(?<!\d)0?{month}[/.-]\d|\d[/.-]0?{month}(?!\d)"
        if not re.search(f"{name}|{digits}", target):
            return True
    return False
