"""Jekyll's filters for dates. `now` is the post's own date: the same input, the same text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import format_datetime

from dateutil import parser as date_parser
from liquid import RenderContext

from content.rendering.templates.environment import as_context
from content.rendering.templates.values import is_nil, with_context

_PAD = re.compile(r"%([-_0^#]?)(\d*)([a-zA-Z%+])")
_MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@with_context
def format_date(value: object, format: object = None, *, context: RenderContext) -> object:
    if is_nil(value) or is_nil(format) or not str(format):
        return value
    moment = _moment(value, context)
    return strftime(moment, str(format)) if moment else value


@with_context
def date_to_string(
    value: object, kind: object = None, style: object = None, *, context: RenderContext
) -> object:
    return _written_date(value, "%b", kind, style, context)


@with_context
def date_to_long_string(
    value: object, kind: object = None, style: object = None, *, context: RenderContext
) -> object:
    return _written_date(value, "%B", kind, style, context)


@with_context
def date_to_xmlschema(value: object, *, context: RenderContext) -> object:
    moment = _moment(value, context)
    return moment.isoformat(timespec="seconds") if moment else value


@with_context
def date_to_rfc822(value: object, *, context: RenderContext) -> object:
    moment = _moment(value, context)
    return format_datetime(moment) if moment else value


def strftime(moment: datetime, format: str) -> str:
    """The date in Ruby's format (`%-d`, `%e`, `%^a`, widths), in English."""

    def one(match: re.Match[str]) -> str:
        flag, width, letter = match.groups()
        if letter == "%":
            return "%"
        if letter == "s":
            return str(int(moment.timestamp()))
        if letter == "L":
            return f"{moment.microsecond // 1000:03}"
        if letter in "aAbBhpP":
            text = _name(moment, letter)
        elif letter in "+":
            text = moment.strftime("%a %b %e %H:%M:%S %Z %Y")
        else:
            text = moment.strftime(f"%{letter}")
        if flag == "-":
            text = text.lstrip(" 0") or "0"
        elif flag == "_":
            text = (text.lstrip("0") or "0").rjust(len(text))
        elif flag == "^":
            text = text.upper()
        return text.rjust(int(width), " " if letter in "aAbBhe" else "0") if width else text

    return _PAD.sub(one, format)


def _name(moment: datetime, letter: str) -> str:
    """The English name; `strftime` uses the server's locale."""
    if letter in "pP":
        half = "AM" if moment.hour < 12 else "PM"
        return half.lower() if letter == "P" else half
    name = _DAYS[moment.weekday()] if letter in "aA" else _MONTHS[moment.month - 1]
    return name if letter in "AB" else name[:3]


def _written_date(
    value: object, month: str, kind: object, style: object, context: RenderContext
) -> object:
    moment = _moment(value, context)
    if moment is None:
        return value
    if kind != "ordinal":
        return strftime(moment, f"%d {month} %Y")
    day = f"{moment.day}{_ordinal(moment.day)}"
    return strftime(moment, f"{month} {day}, %Y" if style == "US" else f"{day} {month} %Y")


def _ordinal(number: int) -> str:
    if 11 <= number <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _moment(value: object, context: RenderContext) -> datetime | None:
    """The date that a template value means; `now` is the post's own date."""
    now = as_context(context).sources.now
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=now.tzinfo)
    text = "" if is_nil(value) else str(value).strip()
    if text in ("now", "today"):
        return now
    if re.fullmatch(r"\d{9,}", text):
        return datetime.fromtimestamp(0, now.tzinfo) + timedelta(seconds=int(text[:12]))
    if not text:
        return None
    try:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found: datetime = date_parser.parse(text, default=midnight)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


DATE_FILTERS: dict[str, Callable[..., object]] = {
    "date": format_date,
    "date_to_string": date_to_string,
    "date_to_long_string": date_to_long_string,
    "date_to_xmlschema": date_to_xmlschema,
    "date_to_rfc822": date_to_rfc822,
}
