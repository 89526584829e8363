"""robots.txt: what crawlers may fetch, and where the sitemap is."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from feeds.cache.representation import Representation
from feeds.services import services

blueprint = Blueprint("crawlers", __name__)

# The longest rule that fits decides. Combinations of terms and searches are without number,
# and hold nothing that the pages of posts do not; as feeds somebody has subscribed to them.
_ROBOTS = """\
User-agent: *
Disallow: {base}/*/?
Disallow: {base}/*/feed.html
Disallow: {base}/api/posts/
Allow: {base}/*/?page=
Allow: {base}/

Sitemap: {url}/sitemap.xml
"""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """The crawling rules (RFC 9309): feeds, posts and lists are allowed, searches are not."""
    url = services().site.settings.site_url
    return Representation(
        body=_ROBOTS.format(base=urlsplit(url).path, url=url).encode(),
        content_type="text/plain; charset=utf-8",
        last_modified=services().site.facts.config_changed_at,
        cache_control="public, max-age=86400",
    ).respond(request)
