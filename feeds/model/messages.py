"""The messages of pages and feeds, in the languages that have a file of them.

One file per language in `feeds/messages`; a language without a file gets English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "messages"
FALLBACK = "en"

NAMES = {"ja": "日本語", "en": "English", "ko": "한국어"}
# Languages written from right to left.
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}

Word = str | Mapping[str, str]  # {one: ..., other: ...} where a number changes the noun


# Read at the start: when a page asks, there may be no handle left for a file.
_WORDS: Mapping[str, Mapping[str, Word]] = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))
}


def words(language: str) -> Mapping[str, Word]:
    """Every word in `language`, a primary subtag that has a file."""
    return _WORDS[language]


def spoken() -> tuple[str, ...]:
    """The languages that have words."""
    return tuple(_WORDS)


def say(language: str, word: str, /, **values: str | int) -> str:
    """`word` in `language`, in English where we have no words of that language."""
    said = words(_nearest(language))[word]
    if not isinstance(said, str):
        said = said["one" if values.get("n") == 1 else "other"]
    shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in values.items()}
    return said.format(**shown)


@dataclass(frozen=True, slots=True)
class Message:
    """One of the words with what fills it in, to be said in a language that is chosen later."""

    word: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def say(self, language: str) -> str:
        return say(language, self.word, **self.values)

    def __str__(self) -> str:
        return self.say(FALLBACK)


def speaks(language: str) -> str:
    """The language that `say` answers in for `language`: its own, or English."""
    return _nearest(language)


def native_name(language: str) -> str:
    return NAMES.get(language.partition("-")[0], language)


def name_of(language: str, named: str) -> str:
    """The name of a language, in another: name_of("en", "ja") is Japanese."""
    primary = named.partition("-")[0]
    known = words(_nearest(language))
    return say(language, primary) if primary in known and primary in NAMES else named


def direction(language: str) -> str:
    """The `dir` of text in that language."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def say_day(language: str, day: date) -> str:
    """A date as people write it."""
    months = say(language, "months").split()
    month = months[day.month - 1] if months else str(day.month)
    return say(language, "day", y=str(day.year), m=str(day.month), d=str(day.day), month=month)


def say_short_day(language: str, day: date) -> str:
    """A date as lists have it: 20 Nov 2026."""
    months = say(language, "months_short").split()
    if not months:
        return say_day(language, day)
    return say(language, "day", y=str(day.year), d=str(day.day), month=months[day.month - 1])


def say_time(language: str, seconds: float) -> str:
    """A length of time, roughly: one unit."""
    for word, size in (("days", 86400), ("hours", 3600), ("minutes_long", 60)):
        if seconds >= 1.5 * size:
            return say(language, word, n=round(seconds / size))
    return say(language, "seconds", n=round(seconds))


def say_reason(language: str, reason: str) -> str:
    """Why the gate refused something; a reason that is new to us, as the gate calls it."""
    known = words(_nearest(language))
    return say(language, f"reason_{reason}") if f"reason_{reason}" in known else reason


def _nearest(language: str) -> str:
    primary = language.partition("-")[0]
    return primary if primary in spoken() else FALLBACK
