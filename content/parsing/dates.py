"""Dates as bloggers write them: with or without a time, with or without a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

HINT = "write it as 2026-01-31 or 2026-01-31 09:00:00 +0900"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"

# What Ruby's Time.parse, and so Jekyll, takes for a day, at the beginning of the text.
_DAYS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})(?P<number>\d{2})(?P<day>\d{2})(?!\d)",
        rf"(?:[a-z]+,?\s+)?{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
        rf"(?:[a-z]+,?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH}[\s-]+(?P<year>\d{{4}})\b",
        rf"[a-z]+\s+{_MONTH}\s+(?P<day>\d{{1,2}})\s+(?P<clock>[\d:]+\s+(?:[a-z]+\s+)?)(?P<year>\d{{4}})\b",
    )
)
_TIME = re.compile(
    r"(?:[T\s,]+|^)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?\s*(?:([ap])(?:m\b|\.m\.))?"
    r"(?:\s*(Z\b|[A-Z]{2,4}\b|[+-]\d{1,2}(?::?\d{2})?))?",
    re.ASCII | re.IGNORECASE,
)
_HOURS_ONLY = re.compile(r"[T\s,]+(\d{1,2})()()\s*([ap])\.?m\b()", re.ASCII | re.IGNORECASE)
_COMPACT_TIME = re.compile(
    r"[T\s](\d{2})(\d{2})(\d{2})?\s*()(Z\b|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE
)
# A timestamp of YAML 1.1 that states no zone: it is in UTC.
_YAML_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?", re.ASCII
)
# Those that Ruby knows, and the two that bloggers here write.
_ZONES = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


# RSS knows no date before (RFC 5322 section 3.3), and Python none behind the last year,
# which another time zone may reach.
_YEARS = range(1900, 9999)


def parse_date(text: str, zone: tzinfo, *, yaml: bool = False) -> datetime:
    """The moment `text` names, in UTC; without a zone of its own, in `zone`.

    A day alone is its midnight. `yaml`: the text is a plain scalar, as Jekyll reads it, where
    a timestamp with seconds and without a zone is in UTC. Raises ValueError when it names none.
    """
    text = text.strip()
    try:
        day, rest = _day(text)
        if yaml and _YAML_TIMESTAMP.fullmatch(text):
            zone = UTC
        moment = _at(day, rest, zone)
        if moment.year not in _YEARS:
            raise ValueError(f"the year {moment.year}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a date: {text!r}") from error


def parse_day(year: str, month: str, day: str) -> date:
    """The day of a file name. Raises ValueError when there is no such day."""
    if int(year) not in _YEARS:
        raise ValueError(f"the year {year}")
    return date(int(year), int(month), int(day))


def midnight(day: date, zone: tzinfo) -> datetime:
    """The beginning of `day` in `zone`, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _day(text: str) -> tuple[date, str]:
    """The day at the beginning of `text`, and what may hold a time."""
    for pattern in _DAYS:
        match = pattern.match(text)
        if match:
            parts = match.groupdict()
            number = parts.get("number") or _MONTHS.index(parts["month"].lower()) + 1
            found = date(int(parts["year"]), int(number), int(parts["day"]))
            clock = parts.get("clock")
            return found, f" {clock}" if clock else text[match.end() :]
    raise ValueError("no day")


def _at(day: date, rest: str, zone: tzinfo) -> datetime:
    """The time on that day; ignores text that is not a time or follows it."""
    match = _HOURS_ONLY.match(rest) or _TIME.match(rest) or _COMPACT_TIME.match(rest)
    if match is None:
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    hour, minute, second = (int(match[n] or 0) for n in (1, 2, 3))
    half, name = match[4], match[5]
    if half:
        if hour > 12:
            raise ValueError(f"{hour} o'clock")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time")
    at_zone = _offset(name) if name else zone
    # In the zone's own clock, where a day may have 23 hours.
    day, hour = (day + timedelta(days=1), 0) if hour == 24 else (day, hour)
    second = min(second, 59)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=at_zone or zone)


def _offset(zone: str) -> timezone | None:
    """The zone of that name; None: a word that names none."""
    if zone[0] not in "+-":
        known = _ZONES.get(zone.upper())
        return None if known is None else timezone(timedelta(hours=known))
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if zone[0] == "-" else offset)
