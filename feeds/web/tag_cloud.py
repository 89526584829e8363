"""The terms of the site as a reader looks over them: how many posts, how much weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from math import log

from content.taxonomy import Kind, Term, term_slug
from feeds.builder.site import Site
from feeds.model.feed import FORMATS, Entry
from feeds.model.selection import Choice, FeedSelection
from feeds.model.site_names import author_name
from feeds.store.ledger import terms_of
from feeds.web.page_context import TermLink, base, label_language

SHOWN: dict[Kind, int] = {"category": 12, "tag": 40, "author": 12}  # on the overview
SHOWN_NARROWER = 24
MOST = 2_000  # posts looked through for what goes together


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


def narrower(
    site: Site, selection: FeedSelection, language: str, labels: Mapping[str, str]
) -> list[TermLink]:
    """Tags and categories that would leave some of the selection's posts, and how many."""
    counts: Counter[tuple[Kind, str]] = Counter()
    total = 0
    for post in islice(site.catalogue.select(selection), MOST):
        total += 1
        counts.update(term for term in terms_of(post.post) if term[0] != "author")
    taken = {(choice.kind, slug) for choice in selection.choices for slug in choice.slugs}
    useful = {term: n for term, n in counts.items() if term not in taken and n < total}
    found = sorted(useful.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_NARROWER]
    most = found[0][1] if found else 1
    links = []
    for (kind, slug), count in found:
        choices = tuple(sorted({*selection.choices, Choice(kind, (slug,))}))
        narrow = replace(selection, choices=choices, page=1)
        term = site.catalogue.terms[kind][slug]
        label = labels.get(slug)
        links.append(
            TermLink(
                label=label or term.name,
                path=base(site) + narrow.path(language),
                count=count,
                weight=weigh(count, most),
                language=None if label else label_language(site, term.name, language),
            )
        )
    return links


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
    name = author_name(site.settings, term.name, language) if term.kind == "author" else term.name
    return TermLink(
        label=label or name,
        path=base(site) + selection.path(language),
        count=term.count,
        weight=weight,
        language=None if label or name != term.name else label_language(site, term.name, language),
        feeds=tuple(
            (f, site.settings.site_url + selection.path(language, f"feed.{f}")) for f in FORMATS
        ),
    )
