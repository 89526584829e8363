"""Metadata of pages for search engines and previews: canonical address, hreflang, JSON-LD."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.model.feed import Entry
from feeds.model.timestamps import rfc3339
from translate.types import State


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The page's place among its languages. URLs are absolute."""

    canonical: str
    languages: tuple[tuple[str, str], ...] = ()  # hreflang, URL; with the page itself
    is_indexed: bool = True


def is_elsewhere(site: Site) -> bool:
    """Whether the blog is at another address, which is then the home of the originals."""
    return site.settings.blog_url != site.settings.site_url


def post_languages(site: Site, post: SitePost) -> list[str]:
    """The languages in which the post can be read: its own, and finished translations."""

    def is_ready(code: str) -> bool:
        result = site.standing(post, code)
        by_hand = site.localizer.is_complete_without_machine(post.post, code)
        return by_hand or (result is not None and result.state is State.READY)

    return [code for code in site.settings.languages if is_ready(code)]


def post_links(site: Site, post: SitePost, language: str) -> PageLinks:
    """Of a post's page. With a blog elsewhere, its post is the original's canonical address."""
    ready = post_languages(site, post)
    own, original = post.post.language, site.localizer.original_url(post)
    here = site.localizer.post_url(post, language)
    if language not in ready:
        return PageLinks(original, is_indexed=False)
    if language == own and is_elsewhere(site):
        return PageLinks(original)
    found = [(code, site.localizer.post_url(post, code)) for code in ready if code != own]
    return PageLinks(here, ((own, original), *found, ("x-default", original)))


def languages_changed_at(site: Site, post: SitePost) -> datetime:
    """When a translation of the post into any language was last stored."""
    results = (site.standing(post, code) for code in site.settings.languages)
    times = [result.stored_at for result in results if result]
    return datetime.fromtimestamp(max(times, default=0.0), UTC)


def article(site: Site, entry: Entry, canonical: str) -> Markup:
    """The post as JSON-LD (https://schema.org/Article), safe within a script element."""
    fields: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": entry.title,
        "description": entry.summary,
        "inLanguage": entry.language,
        "url": canonical,
        "datePublished": rfc3339(entry.published),
        "dateModified": rfc3339(entry.updated),
        "author": [{"@type": "Person", "name": name} for name in entry.authors],
        "image": entry.image,
    }
    if entry.original_url and entry.language != entry.original_language:
        fields["translationOfWork"] = {
            "@type": "Article",
            "@id": entry.original_url,
            "inLanguage": entry.original_language,
        }
    stated = {name: value for name, value in fields.items() if value}
    # "</script>" and "<!--" end or change the element, however JSON quotes them.
    text = json.dumps(stated, ensure_ascii=False).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - no "<" is left
