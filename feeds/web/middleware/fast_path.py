"""WSGI middleware: answers polls, nearly all requests of readers, without Flask.

A poll is a GET of a feed's canonical address with nothing else to it, while the feed is
complete and kept. Through Flask a 304 costs a processor 260 microseconds, of which 160 are
Flask's own; from here it costs 70, with the same headers, line in the log and counts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from feeds.cache.known_feeds import KnownFeed
from feeds.monitoring import access_log, metrics
from feeds.services import services
from feeds.web.middleware.request_sanitizer import sanitize_request
from infra.log_format import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


log = logging.getLogger(__name__)

_Answer = tuple[int, list[tuple[str, str]], bytes]

FAST_PATH = "feedglot.fast_path"  # its name among the app's extensions
_PREPARED = "feedglot.answer"
_STATUS = {200: "200 OK", 304: "304 NOT MODIFIED"}
# Sec-Fetch-Dest of scripts' fetches. Other values (document) may get another response.
_FETCH = "empty"


class FastPath:
    """WSGI middleware of one app; `headers` go with every answer."""

    def __init__(self, app: Flask, headers: Iterable[tuple[str, str]]) -> None:
        self._app = app
        self._beyond = app.wsgi_app
        self._headers = tuple(headers)

    def is_known(self, path: str) -> bool:
        """Whether it is a feed's address that somebody has requested."""
        return services(self._app).known_feeds.get(path) is not None

    def prepare(self, environ: WSGIEnvironment) -> bool:
        """Finds the answer where that takes no waiting; the call with the same environ gives it.

        So that the thread that all clients share can answer polls itself.
        """
        sanitize_request(environ)  # the middleware before this one has not seen it yet
        answer = self._answer(environ, at_once=True)
        if answer is not None:
            environ[_PREPARED] = answer
        return answer is not None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = environ.get(_PREPARED) or self._answer(environ)
        if answer is None:
            return self._beyond(environ, start_response)
        status, headers, body = answer
        start_response(_STATUS[status], headers)
        return (body,) if body else ()

    def _answer(self, environ: WSGIEnvironment, *, at_once: bool = False) -> _Answer | None:
        poll = services(self._app).known_feeds.get(environ["PATH_INFO"])
        if poll is None or not _is_plain(environ):
            return None
        try:
            return self._found(poll, environ, at_once=at_once)
        except Exception:  # only Flask's way knows how to say what goes wrong
            log.exception("%s: the fast path failed, the request goes through Flask", poll.path)
            return None

    def _found(self, poll: KnownFeed, environ: WSGIEnvironment, *, at_once: bool) -> _Answer | None:
        began = time.perf_counter()
        found = services(self._app)
        served = found.feeds.settled(poll.selection, poll.language, poll.format, at_once=at_once)
        if served is None or (at_once and not served.representation.is_at_hand(environ)):
            return None
        status, headers, body = served.representation.answer(environ)
        headers += [*self._headers, ("X-Request-ID", access_log.identify(environ))]
        if status == 200:
            headers.append(("Content-Length", str(len(body))))
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        agent = environ.get("HTTP_USER_AGENT", "")
        found.traffic.saw(poll.path, status, agent, time.time())
        seconds = time.perf_counter() - began
        metrics.count(poll.kind, poll.language, poll.format, status, len(body), seconds)
        access_log.log_line(environ, poll.path, status, len(body), seconds)
        request_id.set("")
        return status, headers, body


def _is_plain(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ.get("QUERY_STRING")
        and "HTTP_A_IM" not in environ
        and environ.get("HTTP_SEC_FETCH_DEST", _FETCH) == _FETCH
    )
