"""The feed menu (draft-nottingham-feed-menu): the site's feeds, for programs that know its host.

The draft asks that no software publishes one without the site's owner: `FEEDS_FEED_MENU=on`.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from feeds.cache.representation import Representation
from feeds.model.feed import Format
from feeds.model.messages import Message, say
from feeds.model.selection import PLURALS, FeedSelection
from feeds.model.site_names import site_description, site_title
from feeds.services import services
from feeds.web.errors import UnknownTermError
from feeds.web.page_context import subscription
from feeds.web.tag_cloud import SHOWN, labels_of, term_links

blueprint = Blueprint("feed_menu", __name__)

_TITLE, _DESCRIPTION = 50, 140  # characters, as the draft recommends


@blueprint.get("/.well-known/feed-menu.json")
def feed_menu() -> Response:
    """The menu of the language that Accept-Language prefers.

    No `lang` member: a program leaves out menus of a language that its user did not name, and
    who names none of ours is to see the menu of the original.
    """
    site, builder = services().site, services().builder
    settings = site.settings
    if settings.feed_menu == "off":
        raise UnknownTermError(Message("why_no_menu"))
    site.follow()
    language = request.accept_languages.best_match(settings.languages) or settings.language
    whole = FeedSelection()
    window = builder.window(whole, language)
    labels = labels_of(builder.entries(window, language))
    title = site_title(settings, language)
    urls = subscription(site, whole, language, title).urls
    items = [_feed(title, site_description(settings, language), urls)]
    for kind, most in SHOWN.items():
        terms = term_links(site, kind, language, labels, most)
        if terms:
            found = [
                _feed(term.label, say(language, kind, name=term.label, title=title), term.feeds)
                for term in terms
            ]
            items.append({"feed-menu": say(language, PLURALS[kind]), "items": found})
    document = {"feed-menu": _short(title, _TITLE), "items": items}
    return Representation(
        body=json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(),
        content_type="application/json",
        last_modified=builder.last_modified(whole, window),
        cache_control="public, max-age=1800",
        headers=(("Content-Language", language),),
        vary=("Accept-Encoding", "Accept-Language"),
    ).respond(request)


def _feed(title: str, description: str, urls: tuple[tuple[Format, str], ...]) -> dict[str, Any]:
    by_format = dict(urls)
    return {
        "feed-title": _short(title, _TITLE),
        "description": _short(description, _DESCRIPTION),
        "rss": by_format["rss"],
        "atom": by_format["atom"],
    }


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
