"""Requests as strangers send them: what Werkzeug would take for an error of ours is mended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import parse_date

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DATED = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE")
_USUAL_DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
# Neither a date nor any ETag of ours: such a condition is not met (RFC 9110 section 13.1).
_NEVER = '"not a date"'


class RequestSanitizer:
    """WSGI middleware: queries become UTF-8, dates beyond the calendar no dates."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        sanitize_request(environ)
        return self._app(environ, start_response)


def sanitize_request(environ: WSGIEnvironment) -> None:
    """Repairs a request in place; idempotent."""
    query = environ.get("QUERY_STRING", "")
    if not query.isascii():
        # Werkzeug decodes strictly; the replacement character is refused by name (400).
        text = query.encode("latin-1").decode(errors="replace")
        environ["QUERY_STRING"] = text.encode().decode("latin-1")
    for name in _DATED:
        if name in environ and not _can_be_read(environ[name]):
            environ[name] = _NEVER


def _can_be_read(date: str) -> bool:
    if _USUAL_DATE.fullmatch(date):
        return True
    try:
        parse_date(date)
    except OverflowError:  # the year 99999999999
        return False
    return True
