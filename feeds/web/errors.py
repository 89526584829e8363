"""Error responses: problem+json (RFC 9457), or a page where Accept prefers HTML."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from feeds.model.messages import Message
from feeds.model.selection import BadParameterError
from infra.command_name import command_line

log = logging.getLogger(__name__)

RETRY_SECONDS = 30


class UnknownTermError(LookupError):
    """Unknown term, post or language; carries close matches."""

    def __init__(self, message: Message, nearest: tuple[tuple[str, str], ...] = ()) -> None:
        self.message = message
        self.nearest = nearest  # (name, absolute URL)
        super().__init__(str(message))


def problem(status: int, title: str, detail: Message | str, **more: Any) -> Response:
    """An RFC 9457 problem, or the same as a page where Accept prefers HTML.

    Programs read a message in English, pages say it in their language.
    """
    if prefers_html(request):
        body = render_template("error.html", status=status, title=title, detail=detail, **more)
        response = Response(body, status, content_type="text/html; charset=utf-8")
    else:
        said = f"{more['parameter']}: {detail}" if "parameter" in more else str(detail)
        fields = {"type": "about:blank", "title": title, "status": status, "detail": said, **more}
        text = json.dumps(fields, ensure_ascii=False)
        response = Response(text, status, content_type="application/problem+json")
    # Where the address names no language, a page speaks the browser's.
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Cache-Control"] = "no-store" if status >= 500 else "public, max-age=60"
    return response


def prefers_html(request: Request) -> bool:
    """Whether the client named HTML, and nothing it likes better."""
    offers = ["application/problem+json", "text/html"]
    named = any(value == "text/html" for value, _ in request.accept_mimetypes)
    return named and request.accept_mimetypes.best_match(offers) == "text/html"


def register(app: Flask) -> None:
    @app.errorhandler(BadParameterError)
    def bad_parameter(error: BadParameterError) -> Response:
        return problem(400, "Bad parameter", error.message, parameter=error.name)

    @app.errorhandler(UnknownTermError)
    def unknown_term(error: UnknownTermError) -> Response:
        nearest = [{"name": name, "url": url} for name, url in error.nearest]
        return problem(404, "Not found", error.message, nearest=nearest)

    @app.errorhandler(SQLAlchemyError)
    def database_away(error: SQLAlchemyError) -> Response:
        log.error("%s: the database does not answer", request.path, exc_info=error)
        response = problem(
            503,
            "The database does not answer",
            Message("why_database", {"command": command_line("doctor")}),
        )
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if isinstance(error.response, Response) or (error.code or 500) < 400:
            return error.get_response()  # type: ignore[return-value]
        status = error.code or 500
        detail = Message("why_method") if status == 405 else error.description or ""
        response = problem(status, HTTPStatus(status).phrase, detail)
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                response.headers[name] = value
        return response
