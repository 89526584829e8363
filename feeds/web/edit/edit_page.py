"""The page on which a person corrects the translation of a post, sentence by sentence."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

from click import ClickException
from flask import Blueprint, Response, render_template, request

from feeds.builder.post_sentences import (
    PostSentence,
    PostSentences,
    correct,
    load_sentences,
    withdraw,
)
from feeds.builder.rate_limit import client, client_of
from feeds.model.catalog import SitePost
from feeds.model.messages import Message, say, say_time
from feeds.model.selection import BadParameterError, encode
from feeds.services import services
from feeds.web.canonical_url import check_language, redirect
from feeds.web.edit.login import TooManyTriesError, login
from feeds.web.errors import UnknownTermError, problem
from feeds.web.page_context import post_path
from feeds.web.post import find_post, is_translating
from translate.memory.corrections import Correction
from translate.pipeline.document import ENDLESS
from translate.types import NoPathError

blueprint = Blueprint("edit", __name__)

log = logging.getLogger(__name__)

MAX_BODY = 16_384  # bytes of a form, which has one sentence

_PATH = "/<language>/posts/<slug>/edit"


@blueprint.before_request
def guard() -> Response | None:
    """Refuses what no page of this service asks for; None: go on."""
    allowed = login()
    url = services().settings.site_url
    if not allowed.is_enabled:
        return problem(404, "Not found", Message("why_edit_off"))
    if not allowed.is_host(request):
        return problem(421, "Misdirected Request", Message("why_edit_host", {"url": url}))
    if request.method == "POST" and not allowed.is_own_form(request):
        return problem(403, "Forbidden", Message("why_edit_form", {"url": url}))
    return None


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """For whoever is logged in, and never for caches and search engines.

    robots.txt does not name these pages: what a crawler may not fetch it may still list.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.errorhandler(ClickException)
def unusable(error: ClickException) -> Response:
    """A glossary that cannot be read: which machine's words are remembered depends on it."""
    return problem(503, "Service Unavailable", error.message)


@blueprint.get(_PATH)
def edit_page(language: str, slug: str) -> Response:
    post = _post(language, slug)
    if not login().is_valid(request, time.time()):
        return _login_page(post, language)
    return _sentences_page(post, language)


@blueprint.post(_PATH)
def edit(language: str, slug: str) -> Response:
    """Takes a form: `do` is login, logout, set or undo."""
    request.max_content_length = MAX_BODY
    post = _post(language, slug)
    do = request.form.get("do", "")
    if do not in ("login", "logout", "set", "undo"):
        known = "login, logout, set, undo"
        raise BadParameterError("do", "why_not_one_of", value=do[:20], known=known)
    now = time.time()
    if do == "login":
        return _log_in(post, language, now)
    if do == "logout":
        response = _to_page(post, language)
        login().end(response)
        return response
    if not login().is_valid(request, now):
        return _login_page(post, language, 403, say(language, "edit_again"), _typed())
    return _change(post, language, do)


def _log_in(post: SitePost, language: str, now: float) -> Response:
    try:
        is_right = login().check(request.form.get("token", ""), client_of(client.get()), now)
    except TooManyTriesError as error:
        wait = say(language, "edit_tries", time=say_time(language, error.seconds))
        response = _login_page(post, language, 429, wait)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    if not is_right:
        log.warning("%s: a wrong token", request.path)
        return _login_page(post, language, 403, say(language, "edit_denied"))
    response = _to_page(post, language)
    login().begin(response, now)
    return response


def _change(post: SitePost, language: str, do: str) -> Response:
    found = _load(post, language)
    one = found.find(request.form.get("sentence", "")) if found else None
    if found is None or one is None:
        return _sentences_page(post, language, 400, say(language, "edit_gone"))
    if do == "undo":
        with suppress(LookupError):  # it was taken back elsewhere
            withdraw(services().site, found.pair, one.source, previous=True)
    else:
        mine = Correction(pair=found.pair, source=one.source, target=_typed()).normalized()
        wrong = _what_is_wrong(found, mine, language)
        if wrong:
            return _sentences_page(post, language, 400, wrong, at=one)
        correct(services().site, mine)
    # Whatever it was made with; other posts that have the sentence follow in the background.
    services().translation_requests.add([(post, language)], retry=True, refresh=())
    log.info("%s (%s): a sentence was corrected (%s)", post.record.slug, language, do)
    return _to_page(post, language, one)


def _what_is_wrong(found: PostSentences, mine: Correction, language: str) -> str:
    """Why the correction cannot be taken, in the language of the page; "": it can."""
    if not mine.target:
        return say(language, "edit_empty")
    if len(mine.target) > ENDLESS:
        return say(language, "edit_long", n=ENDLESS)
    lost = found.lost_marks(mine.source, mine.target)
    if lost and lost.texts:
        return say(language, "edit_lost", text=", ".join(lost.texts))
    return say(language, "edit_crowded") if lost else ""


def _typed() -> str:
    return request.form.get("target", "")


def _post(language: str, slug: str) -> SitePost:
    """The post; 404 where there is none, or where it was written in that language."""
    check_language(language)
    here = services().site
    here.follow()
    post = find_post(language, slug)
    if post.post.language == language:
        others = [code for code in here.settings.languages if code != language]
        url = here.settings.site_url
        path = f"posts/{encode(post.record.slug)}/edit"
        raise UnknownTermError(
            Message("why_edit_original", {"value": slug[:100], "language": language}),
            tuple((code, f"{url}/{code}/{path}") for code in others),
        )
    return post


def _load(post: SitePost, language: str) -> PostSentences | None:
    try:
        return load_sentences(services().site, post, language)
    except NoPathError:
        return None


def _to_page(post: SitePost, language: str, at: PostSentence | None = None) -> Response:
    """Back to the page, by a GET, at a sentence."""
    place = f"#s-{at.key}" if at else ""
    return redirect(f"/{language}/posts/{encode(post.record.slug)}/edit{place}", 303)


def _login_page(
    post: SitePost, language: str, status: int = 200, error: str = "", typed: str = ""
) -> Response:
    """`typed` was not stored, and is shown so that it is not lost."""
    return _page(post, language, status, found=None, is_in=False, error=error, typed=typed)


def _sentences_page(
    post: SitePost,
    language: str,
    status: int = 200,
    error: str = "",
    at: PostSentence | None = None,
) -> Response:
    """`error` is about the sentence `at`, or about the page."""
    return _page(
        post,
        language,
        status,
        found=_load(post, language),
        is_in=True,
        error=error,
        typed=_typed() if error else "",
        at=at.key if at else "",
        translating=is_translating(),
    )


def _page(post: SitePost, language: str, status: int, **values: Any) -> Response:
    here = services().site
    codes = [code for code in here.settings.languages if code != post.post.language]
    body = render_template(
        "edit.html",
        language=language,
        post=post.post,
        page_path=post_path(here, post, language),
        longest=ENDLESS,
        elsewhere=[(code, f"{post_path(here, post, code)}edit") for code in codes],
        **values,
    )
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language
    return response
