"""The page that a browser gets at a feed's own address.

Browsers show RSS and Atom as bare source and are giving up XSLT, so a browser that navigates
to a feed gets this page at the feed's own address. Browsers say so in Sec-Fetch-Dest
(https://www.w3.org/TR/fetch-metadata/); readers do not send it.
"""

from __future__ import annotations

from feeds.cache.representation import Representation
from feeds.model.feed import Format
from feeds.model.selection import FeedSelection
from feeds.services import Services
from feeds.web.page_context import FORMAT_NAMES, base, elsewhere, page, placed, subscription

VARY = ("Accept-Encoding", "Sec-Fetch-Dest")


def feed_view(
    parts: Services,
    selection: FeedSelection,
    language: str,
    format: Format | None = None,
) -> Representation:
    """The page of a feed: what it is, how to subscribe, what it holds. None: of all formats."""
    site, builder = parts.site, parts.builder
    window = builder.window(selection, language)
    if window.missing:
        parts.translation_requests.add((post, language) for post in window.missing)
    entries = tuple(builder.entries(window, language))
    title = builder.title(selection, language, entries)
    # Nobody subscribes to an archive, which never changes.
    followed = selection if selection.archive is None else selection.logical
    offered = subscription(site, followed, language, title)
    shown: Format = format or offered.urls[0][0]
    leaf = f"feed.{format or 'html'}"
    source = base(site) + selection.path(language, f"feed.{shown}")
    # At a feed's own address the page is for this browser alone: a cache that takes no notice
    # of Vary would give it to readers.
    return page(
        "feed.html",
        cache_control="private, max-age=60" if format else "public, max-age=60",
        last_modified=builder.last_modified(selection, window),
        language=language,
        vary=VARY,
        title=title,
        format=shown,
        format_name=FORMAT_NAMES[shown],
        url=dict(offered.urls)[shown],
        source=source + ("&" if "?" in source else "?") + "raw=1",
        page_path=base(site) + selection.path(language),
        window=window,
        entries=list(placed(site, window, entries, language)),
        subscription=offered,
        elsewhere=elsewhere(site, selection, leaf),
    )
