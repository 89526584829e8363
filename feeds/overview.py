"""The terms of the site as a reader looks over them: how many posts, how much weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log

from content.taxonomy import Kind, Term, term_slug
from feeds.frame import TermLink, base
from feeds.model import Entry
from feeds.selection import FeedSelection
from feeds.serve import FORMATS
from feeds.site import Site

SHOWN: dict[Kind, int] = {"category": 12, "tag": 40, "author": 12}  # on the overview


def term_links(
    site: Site,
    kind: Kind,
    language: str,
    labels: Mapping[str, str],
    limit: int | None = None,
) -> list[TermLink]:
    """The terms of one kind, most posts first. `labels`: those known in this language."""
    terms = sorted(site.catalogue.terms[kind].values(), key=lambda t: (-t.count, t.slug))
    most = terms[0].count if terms else 1
    return [
        _link(site, term, language, labels.get(term.slug), weigh(term.count, most))
        for term in terms[:limit]
    ]


def weigh(count: int, most: int) -> int:
    """1 to 5 on the scale of logarithms: a tag with twice the posts is one notch up, not twice."""
    return 1 + round(4 * log(count) / log(most)) if most > 1 else 2


def labels_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Terms as these entries call them in their language, by slug."""
    return {
        term_slug(category.term): category.label
        for entry in entries
        for category in entry.categories
        if category.label != category.term
    }


def _link(site: Site, term: Term, language: str, label: str | None, weight: int) -> TermLink:
    selection = FeedSelection.term(term.kind, term.slug)
    original = site.settings.language
    return TermLink(
        label=label or term.name,
        path=base(site) + selection.path(language),
        count=term.count,
        weight=weight,
        language=original if label is None and language != original else None,
        feeds=tuple(
            (f, site.settings.site_url + selection.path(language, f"feed.{f}")) for f in FORMATS
        ),
    )
