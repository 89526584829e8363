"""A feed as JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/"""

from __future__ import annotations

import json
from typing import Any

from feeds.model.feed import Entry, Feed

_ABOUT = (
    "Added by feedglot: reading_time_minutes; categories as in the post (term, label, scheme); "
    "original_url and original_language of a translation; machine, what translated it; "
    "untranslated, true where the original is shown because its translation failed; "
    "title_language and summary_language, where one of them stayed in the original; "
    "links to other parts of the feed and archive, true where it will not change (RFC 5005)."
)

_ABOUT_HITS = " Of a search: hits, on all pages."


def render_json(feed: Feed) -> bytes:
    """The feed as UTF-8 JSON, compact, keys in the order of the specification."""
    links = dict(feed.links)
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": feed.self_url,
        # Older entries: of the next page, or of the archive before this one.
        "next_url": links.get("next") or links.get("prev-archive"),
        "description": feed.subtitle if feed.subtitle.strip() else feed.title,
        "icon": feed.icon or feed.logo,
        "favicon": feed.icon,
        "authors": [{"name": feed.title}],
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        "_feedglot": {
            "about": _ABOUT if feed.hits is None else _ABOUT + _ABOUT_HITS,
            "id": feed.id,
            "updated": feed.updated.isoformat(),
            **({} if feed.hits is None else {"hits": feed.hits}),
            **_stated({"archive": feed.archived, "links": links}),
        },
        "items": [_item(entry) for entry in feed.entries],
    }
    items = document["items"]  # required, even when there are none
    text = json.dumps(
        _stated(document) | {"items": items}, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode()


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        # A summary alone is the whole text that there is: an item must have content.
        "content_text": "" if entry.html else entry.summary or entry.title,
        "summary": entry.summary,
        "image": entry.image,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": author} for author in entry.authors],
        "tags": [category.label for category in entry.categories],
        "language": entry.language,
    }
    extension = {
        "reading_time_minutes": max(1, entry.reading_time),
        "categories": [
            {"term": category.term, "label": category.label, "scheme": category.scheme}
            for category in entry.categories
        ],
        "original_url": entry.original_url,
        "original_language": entry.original_language,
        "machine": entry.machine,
        "untranslated": entry.untranslated,
        "title_language": entry.title_language,
        "summary_language": entry.summary_language,
    }
    return _stated(item) | {"_feedglot": _stated(extension)}


def _stated(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that have a value; the specification has no nulls."""
    return {name: value for name, value in fields.items() if value}
