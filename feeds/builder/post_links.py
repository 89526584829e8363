"""Links between posts: which post a URL of the blog or of this service leads to."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from feeds.model.catalog import Catalog, SitePost
from feeds.model.selection import encode
from feeds.settings import Settings


def is_candidate(url: str, settings: Settings) -> bool:
    """Whether an absolute URL could be a post's, now or later."""
    bases = (settings.blog_url, settings.site_url)
    return url.startswith(("http://", "https://")) and any(_below(url, b) for b in bases)


def find_post(url: str, settings: Settings, catalogue: Catalog) -> SitePost | None:
    """The post whose page an absolute URL is; its fragment does not count."""
    address, query = url.partition("#")[0], "?" in url
    if query:
        return None
    path = _below(address, settings.site_url)
    if path:
        parts = unquote(path).strip("/").split("/")
        if len(parts) == 3 and parts[0] in settings.languages and parts[1] == "posts":
            return catalogue.by_slug.get(parts[2])
    path = _below(address, settings.blog_url)
    if path and settings.blog_url != settings.site_url:
        return catalogue.by_permalink(unquote(path))
    return None


def post_url(post: SitePost, language: str, settings: Settings) -> str:
    """The address of the post's page on this service."""
    return f"{settings.site_url}/{language}/posts/{encode(post.record.slug)}/"


def _below(url: str, base: str) -> str | None:
    """The path of a URL below the base, with its slash; None: it is elsewhere."""
    here, there = urlsplit(url), urlsplit(base)
    same = here.netloc.lower() == there.netloc.lower()
    # http and https of one host are the same blog: old posts link to what it was.
    if not same or not f"{here.path}/".startswith(f"{there.path}/"):
        return None
    return here.path[len(there.path) :] or "/"
