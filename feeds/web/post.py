"""The page of one post, with how its translation came about; and its state for the script."""

from __future__ import annotations

import json
import posixpath
import re
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, request, send_file
from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone, Library
from content.library.scan import is_hidden
from content.post import Post
from content.taxonomy import nearest
from feeds.builder.disclosure import disclose
from feeds.model.catalog import SitePost
from feeds.model.messages import Message
from feeds.model.selection import FeedSelection, encode
from feeds.services import services
from feeds.web.canonical_url import check_language, redirect
from feeds.web.errors import UnknownTermError
from feeds.web.page_context import author_links, base, entry_terms, page, post_path, subscription
from feeds.web.search_engines import article, is_elsewhere, languages_changed_at, post_links
from translate.jobs.results import Stored
from translate.types import NoPathError, Sentence

blueprint = Blueprint("posts", __name__)

# What a post may bring along from its folder. SVG can carry scripts: not served from here.
MEDIA = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".mp4", ".webm", ".mp3", ".ogg"}

# Whatever may be an address in an attribute, one of `srcset` too.
_WORDS = re.compile(r"[^\s\"',]+")
_SCROLLS = re.compile(r"<(/?)(table|pre)(?=[ >])([^>]*)>")


@blueprint.get("/<language>/posts/<slug>/")
def post_page(language: str, slug: str) -> Response:
    check_language(language)
    here, builder = services().site, services().builder
    here.follow()
    original = None if slug in here.catalogue.by_slug else _original(slug)
    if original is not None:
        return redirect(f"/{language}/posts/{encode(original.record.slug)}/")
    post = find_post(language, slug)
    window = builder.window_of(post, language)
    if window.missing:
        services().translation_requests.add([(post, language)])
    entry = next(builder.entries(window, language), None)
    waiting = entry is None
    if entry is None:  # not translated yet: the original, and the state
        entry = here.localizer.original(post, language)
    standing = here.standing(post, language)
    stored = None if waiting or not entry.machine else here.results.load(post.key, language)
    whole = FeedSelection()
    links = post_links(here, post, language)
    around = _around(post)
    changes = [languages_changed_at(here, each) for each in (post, *around.values())]
    return page(
        "post.html",
        # A page that waits for its translation is asked for again, not taken from a cache.
        cache_control="no-cache" if waiting else "public, max-age=60",
        last_modified=max(builder.last_modified(whole, window), *changes),
        language=language,
        links=links,
        article=article(here, entry, links.canonical),
        blog_post=here.localizer.original_url(post) if is_elsewhere(here) else "",
        changed_day=_changed_day(post, entry.updated),
        translating=waiting and is_translating(),
        newer=_titled(around["newer"], language) if "newer" in around else None,
        older=_titled(around["older"], language) if "older" in around else None,
        title=entry.title,
        description=entry.summary,
        site_title=builder.title(whole, language),
        post=post.post,
        entry=entry,
        html=readable(disclose(entry, language, here.settings.disclosure).html),
        waiting=waiting,
        no_package=NoPathError.is_reason(standing.error if standing else None),
        by_hand=not waiting and not entry.machine and language != post.post.language,
        original_path=post_path(here, post, post.post.language),
        translation=stored.translation if stored else None,
        pairs=_pairs(stored),
        counts=_counts(_pairs(stored)),
        terms=entry_terms(here, entry, language),
        authors=author_links(here, post.post.authors, language),
        state_path=f"{base(here)}/api/posts/{language}/{encode(slug)}",
        subscription=subscription(here, whole, language, builder.title(whole, language)),
        elsewhere=[(code, post_path(here, post, code)) for code in here.settings.languages],
    ).respond(request)


@blueprint.get("/api/posts/<language>/<slug>")
def post_state(language: str, slug: str) -> Response:
    """How far the translation of a post is: ready, pending or failed. Starts no work."""
    check_language(language)
    here = services().site
    here.follow()
    post = find_post(language, slug)
    window = services().builder.window_of(post, language)
    waiting = here.queue.pending([(post.key, language)]).get((post.key, language))
    failed = any(slot.failed for slot in window.slots)
    fields = {
        "state": "failed" if failed else "ready" if window.slots else "pending",
        "done": waiting.done if waiting else 0,
        "total": waiting.total if waiting else 0,
    }
    return Response(
        json.dumps(fields) + "\n",
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


@blueprint.get("/<language>/posts/<slug>/<path:name>")
def post_media(language: str, slug: str, name: str) -> Response:
    """A media file from the post's folder."""
    check_language(language)
    post = services().site.catalogue.by_slug.get(slug)
    if post is None or PurePosixPath(name).suffix.lower() not in MEDIA:
        raise _no_file(slug, name)
    library = services().site.library
    file = library.find_file(str(PurePosixPath(post.post.path).parent / name))
    if file is None or not _is_of_post(library, post.post, name):
        raise _no_file(slug, name)
    return send_file(file, max_age=86_400)


def _no_file(slug: str, name: str) -> UnknownTermError:
    return UnknownTermError(Message("why_no_file", {"value": name[:100], "post": slug[:100]}))


def _is_of_post(library: Library, post: Post, name: str) -> bool:
    """Whether a file lies beside a post and is not hidden, or is named by the post.

    What lies deeper may be a draft's, or of a post of the future.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return False
    if len(parts) == 1 and not is_hidden(name):
        return True
    htmls = [post.image or ""]
    with suppress(BodyGone):  # the file is being rewritten
        htmls.append(library.body(post).html)
        htmls += [library.version_body(v).html for v in post.versions if v.has_body]
    named = (unescape(word) for html in htmls for word in _WORDS.findall(html))
    return name in {posixpath.normpath(unquote(urlsplit(word).path)) for word in named}


def readable(html: str) -> str:
    """Sanitised HTML for the page: wide tables and code scroll, by keyboard too."""

    def scrolling(match: re.Match[str]) -> str:
        close, name, attributes = match.groups()
        if name == "pre":
            return match[0] if close else f'<pre{attributes} tabindex="0">'
        return (
            "</table></div>" if close else f'<div class="scroll" tabindex="0"><table{attributes}>'
        )

    return _SCROLLS.sub(scrolling, html).replace("<img ", '<img loading="lazy" ')


def _original(slug: str) -> SitePost | None:
    """The post that a former one with this slug is a translation of now."""
    here = services().site
    try:
        return here.catalogue.find(here.ledger.leads_to(slug) or "")
    except SQLAlchemyError:
        return None  # then it is not found, as any other


def find_post(language: str, slug: str) -> SitePost:
    """The post with this slug; the nearest ones in `language` are named where there is none."""
    here = services().site
    post = here.catalogue.by_slug.get(slug)
    if post is None:
        known = here.catalogue.by_slug
        raise UnknownTermError(
            Message("why_no_post", {"value": slug[:100]}),
            tuple(
                (known[near].post.title, here.localizer.post_url(known[near], language))
                for near in nearest(slug, known, 5)
            ),
        )
    return post


def _changed_day(post: SitePost, updated: datetime) -> date | None:
    """The day of the last change, where that is a later one than the post's."""
    day = updated.astimezone(services().site.settings.timezone).date()
    return day if day > post.post.day else None


def is_translating() -> bool:
    """Whether a translator process is alive."""
    if services().settings.translator == "off":
        return False
    return bool(services().site.translators.alive(time.time()))


def _around(post: SitePost) -> dict[str, SitePost]:
    """The next post as "newer" and the previous one as "older", where there are such."""
    posts = services().site.catalogue.posts  # newest first
    place = bisect_left(posts, post)
    found = {"newer": posts[place - 1]} if place > 0 else {}
    return found | ({"older": posts[place + 1]} if place + 1 < len(posts) else {})


def _titled(post: SitePost, language: str) -> tuple[str, str, str | None]:
    """The path of a post's page, its title in `language`, and the title's if it is another."""
    builder = services().builder
    entry = next(builder.entries(builder.window_of(post, language), language), None)
    title, spoken = post.post.title, post.post.language
    if entry:
        title, spoken = entry.title, entry.title_language or entry.language
    path = post_path(services().site, post, language)
    return path, title, None if spoken == language else spoken


def _counts(pairs: Sequence[Sentence]) -> dict[str, int]:
    """Counts of sentences: "machine", "by_hand", "kept" (in the original) and "all"."""
    kept = sum(sentence.kept for sentence in pairs)
    by_hand = sum(sentence.by_hand for sentence in pairs)
    machine = len(pairs) - kept - by_hand
    return {"all": len(pairs), "machine": machine, "by_hand": by_hand, "kept": kept}


def _pairs(stored: Stored | None) -> tuple[Sentence, ...]:
    """The sentences to compare: those kept in the original, and those that changed."""
    if stored is None:
        return ()
    return tuple(s for s in stored.translation.sentences if s.kept or s.source != s.target)
