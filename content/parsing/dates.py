"""Dates as bloggers write them: with or without a time, with or without a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

HINT = "write it as 2026-01-31 or 2026-01-31 09:00:00 +0900"

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[Tt \t]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r"[ \t]*(Z|z|UTC|GMT|JST|KST|[+-]\d{1,2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_ZONES = {"Z": 0, "z": 0, "UTC": 0, "GMT": 0, "JST": 540, "KST": 540}


# RSS knows no date before (RFC 5322 section 3.3), and Python none behind the last year,
# which another time zone may reach.
_YEARS = range(1900, 9999)


def parse_date(text: str, zone: tzinfo) -> datetime:
    """The moment `text` names, in UTC; without a zone of its own, in `zone`.

    A day alone is its midnight. Raises ValueError when it names none.
    """
    text = text.strip()
    match = _ISO.fullmatch(text)
    try:
        if match is None:
            moment = parsedate_to_datetime(text)  # RFC 5322, as feeds and mails write it
        else:
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
            at_zone = _offset(match[7]) if match[7] else zone
            moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=at_zone)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
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


def _offset(zone: str) -> timezone:
    if zone in _ZONES:
        return timezone(timedelta(minutes=_ZONES[zone]))
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if zone[0] == "-" else offset)
