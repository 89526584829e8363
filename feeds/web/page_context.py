"""The context of every page: its language, messages, addresses and subscribe links.

Links between pages are paths, so that a site opened under another name stays there; what
leaves the browser (feeds to subscribe to, alternates) is absolute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Request, render_template, request

from content.taxonomy import term_slug
from feeds.builder.site import Site
from feeds.cache.representation import Representation
from feeds.model.catalog import SitePost
from feeds.model.feed import FORMATS, MEDIA_TYPES, Entry, Format
from feeds.model.messages import (
    direction,
    name_of,
    native_name,
    say,
    say_day,
    say_reason,
    say_short_day,
    say_time,
)
from feeds.model.selection import PLURALS, FeedSelection, encode
from feeds.model.site_names import author_name, site_title
from feeds.model.timestamps import rfc3339
from feeds.model.window import Window
from feeds.services import services
from feeds.web import static_files

# What a page may load and run. Exports say it too, in pages and in the host's configuration.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src * data:; media-src *; form-action 'self'; base-uri 'none'"
)
CONTENT_POLICY = f"{PAGE_POLICY}; frame-ancestors 'none'"  # which no page can say of itself
EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)

FORMAT_NAMES: dict[Format, str] = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}

# Readers that take a feed's address in a link. Each is asked for by its own button only.
READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
)


@dataclass(frozen=True, slots=True)
class SubscribeLinks:
    """The links of a page's Subscribe control; the first address is the recommended one."""

    title: str
    urls: tuple[tuple[Format, str], ...]  # absolute

    @property
    def url(self) -> str:
        return self.urls[0][1]

    @property
    def readers(self) -> list[tuple[str, str]]:
        return [(name, link.format(quote(self.url, safe=""))) for name, link in READERS]


@dataclass(frozen=True, slots=True)
class TermLink:
    label: str
    path: str
    count: int = 0
    weight: int = 1  # 1 to 5: how much of the site it is
    language: str | None = None  # of the label, where it is not the page's
    feeds: tuple[tuple[Format, str], ...] = ()  # absolute


def subscription(site: Site, selection: FeedSelection, language: str, title: str) -> SubscribeLinks:
    url = site.settings.site_url
    return SubscribeLinks(
        title, tuple((f, url + selection.path(language, f"feed.{f}")) for f in FORMAT_NAMES)
    )


def elsewhere(site: Site, selection: FeedSelection, leaf: str = "") -> list[tuple[str, str]]:
    """The same place in each language, as paths."""
    return [(code, base(site) + selection.path(code, leaf)) for code in site.settings.languages]


def base(site: Site) -> str:
    """The path that the service lives under, without a slash at its end."""
    return urlsplit(site.settings.site_url).path


def post_path(site: Site, post: SitePost, language: str) -> str:
    return f"{base(site)}/{language}/posts/{encode(post.record.slug)}/"


def placed(
    site: Site, window: Window, entries: Iterable[Entry], language: str
) -> Iterator[tuple[SitePost, str, Entry]]:
    """The window's entries with their posts and the paths of their pages."""
    posts = {site.localizer.entry_id(slot.post, language): slot.post for slot in window.slots}
    for entry in entries:
        post = posts[entry.id]
        yield post, post_path(site, post, language), entry


def entry_terms(site: Site, entry: Entry, language: str) -> dict[str, list[TermLink]]:
    """An entry's categories and tags, by "categories" and "tags"."""
    found: dict[str, list[TermLink]] = {"categories": [], "tags": []}
    for category in entry.categories:
        plural = category.scheme.rstrip("/").rpartition("/")[2]
        path = f"{base(site)}/{language}/{plural}/{encode(term_slug(category.term))}/"
        foreign = label_language(site, category.label, language)
        own = foreign if category.label == category.term else None
        found[plural].append(TermLink(category.label, path, language=own))
    return found


def label_language(site: Site, label: str, language: str) -> str | None:
    """The language of a label that is not translated; None: the page's, or ASCII."""
    original = site.settings.language
    return None if language == original or label.isascii() else original


def author_links(site: Site, names: Iterable[str], language: str) -> list[TermLink]:
    """Authors by their names in `language`; `names` are as the posts write them."""
    folder = f"{base(site)}/{language}/{PLURALS['author']}"
    return [
        TermLink(author_name(site.settings, name, language), f"{folder}/{encode(term_slug(name))}/")
        for name in names
    ]


def page_language(site: Site, request: Request) -> str:
    """The language of the URL; of the browser, where the URL has none."""
    languages = site.settings.languages
    first = request.path.split("/")[1]
    if first in languages:
        return first
    wanted = request.args.get("lang")
    if wanted in languages:
        return wanted
    return request.accept_languages.best_match(languages) or site.settings.language


def helpers(site: Site) -> dict[str, Any]:
    """Variables and functions of every template; a page's own values win."""
    language = page_language(site, request)
    return {
        "settings": site.settings,
        # The site of an export queues nothing, whatever the service does.
        "translation_is_off": services().settings.translator == "off",
        "base": base(site),
        "origin": site.settings.site_url.removesuffix(base(site)),
        "asset": partial(_asset, site),
        "language": language,
        "direction": direction,
        "elsewhere": [(code, f"{base(site)}/{code}/") for code in site.settings.languages],
        "formats": FORMATS,
        "format_names": FORMAT_NAMES,
        "media_types": MEDIA_TYPES,
        "native_name": native_name,
        "name_of": partial(name_of, language),
        "rfc3339": rfc3339,
        "t": partial(say, language),
        "say": say,
        "say_day": partial(say_day, language),
        "say_short_day": partial(say_short_day, language),
        "say_reason": partial(say_reason, language),
        "say_time": partial(say_time, language),
        "page_policy": PAGE_POLICY,
        "query": request.args.get("q", ""),
        "site_name": site_title(site.settings, language),
        "site_name_language": (
            language if language in site.settings.site_titles else site.settings.language
        ),
    }


def page(
    template: str,
    *,
    last_modified: datetime,
    language: str,
    cache_control: str = "public, max-age=60",
    vary: tuple[str, ...] = ("Accept-Encoding",),
    **values: Any,
) -> Representation:
    """A page's bytes, with what caches want to know."""
    body = render_template(template, language=language, **values)
    return Representation(
        body=body.encode(),
        content_type="text/html; charset=utf-8",
        last_modified=last_modified,
        cache_control=cache_control,
        headers=(("Content-Language", language),),
        vary=vary,
    )


def _asset(site: Site, name: str) -> str:
    return f"{base(site)}/static/{name}?v={static_files.version(name)}"
