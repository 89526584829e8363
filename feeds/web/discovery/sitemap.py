"""The sitemap (https://www.sitemaps.org/protocol.html) with each page's other languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Blueprint, Response, request

from feeds.cache.representation import Representation
from feeds.model.selection import FeedSelection
from feeds.model.timestamps import rfc3339
from feeds.model.window import EMPTY
from feeds.services import services
from feeds.web.search_engines import languages_changed_at, post_languages, post_links

blueprint = Blueprint("sitemap", __name__)

MOST = 50_000  # URLs in one file, by the protocol
_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
register_namespace("", _MAP)
register_namespace("xhtml", _XHTML)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The front pages, and newest first the pages of posts that are canonical here."""
    site = services().site
    site.follow()
    root = Element(f"{{{_MAP}}}urlset")
    changed = services().builder.last_modified(FeedSelection(), EMPTY)
    fronts = [(code, f"{site.settings.site_url}/{code}/") for code in site.settings.languages]
    for _, url in fronts:
        _add(root, url, changed, [*fronts, ("x-default", f"{site.settings.site_url}/")])
    for post in site.catalogue.posts:
        if len(root) > MOST - len(fronts):
            break
        if not post.post.in_sitemap:
            continue
        stored = languages_changed_at(site, post)
        changed = max(changed, stored)
        for language in post_languages(site, post):
            links = post_links(site, post, language)
            if links.canonical == site.localizer.post_url(post, language):
                _add(root, links.canonical, max(post.record.edited, stored), links.languages)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return Representation(
        body=body,
        content_type="application/xml; charset=utf-8",
        last_modified=changed,
        cache_control="public, max-age=3600",
    ).respond(request)


def _add(root: Element, url: str, changed: datetime, languages: Iterable[tuple[str, str]]) -> None:
    found = SubElement(root, f"{{{_MAP}}}url")
    SubElement(found, f"{{{_MAP}}}loc").text = url
    SubElement(found, f"{{{_MAP}}}lastmod").text = rfc3339(changed)
    for code, other in languages:
        SubElement(found, f"{{{_XHTML}}}link", rel="alternate", hreflang=code, href=other)
