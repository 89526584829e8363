"""A selection of posts, which a feed or page shows, and its canonical URL.

A selection is read from the path and the query string, and written back in one way only,
so that readers, caches and the feed's own `self` link agree on the address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Literal, Self
from urllib.parse import quote

from content.taxonomy import MAX_TERM, Kind, term_slug
from feeds.model.messages import Message

Display = Literal["one", "both"]

PLURALS: dict[Kind, str] = {"tag": "tags", "category": "categories", "author": "authors"}
KINDS: dict[str, Kind] = {plural: kind for kind, plural in PLURALS.items()}

# Asked of this answer rather than of the selection: never in a canonical URL.
PASSING = ("wait", "require", "raw")
PARAMETERS = ("tag", "category", "author", "q", "since", "limit", "page", "display", "full")
# Readers, link decorators and caches append parameters of their own, which are ignored. A name
# close to a known one is a typing error; ignoring it would serve all posts in place of some.
NEAR = 0.7  # of difflib's ratio; "tags" has 0.86 to "tag", "source" 0.55 to "since"
_ASKED_FOR_BY_PATH = ("lang", "language")

_OR = re.compile(r"(?<!\\)\|")

MAX_LIMIT = 100
MAX_CHOICES = 20
MAX_QUERY = 200  # characters
MAX_WORDS = 10  # of a query
MAX_UNKNOWN = 20  # parameters that are compared with known ones
MAX_NAME = 30  # characters of them


class BadParameterError(ValueError):
    """A parameter of the URL that says nothing sensible; `why` names a message."""

    def __init__(self, name: str, why: str, **values: str | int) -> None:
        self.name = name
        self.message = Message(why, values)
        super().__init__(f"{name}: {self.message}")


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """One condition: any of these terms (or, negated, none of them)."""

    kind: Kind
    slugs: tuple[str, ...]  # sorted, at least one
    negated: bool = False

    def __str__(self) -> str:
        """As a query value. Slugs hold no backslash, so it can mask what has a meaning here."""
        text = "|".join(slug.replace("|", "\\|") for slug in self.slugs)
        if self.negated:
            return "-" + text
        return "|" + text if text.startswith("-") else text


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedSelection:
    """Every condition must hold. The default is the whole site."""

    choices: tuple[Choice, ...] = ()  # sorted, no duplicates
    query: str | None = None
    since: date | None = None
    limit: int | None = None  # None: the setting's
    page: int = 1
    display: Display = "one"
    full: bool = True
    archive: int | None = None  # RFC 5005 section 4, counted from the oldest; None: no archive

    @classmethod
    def term(cls, kind: Kind, slug: str) -> Self:
        return cls(choices=(Choice(kind, (slug,)),))

    @classmethod
    def parse(
        cls, arguments: Iterable[tuple[str, str]], path: tuple[Kind, str] | None = None
    ) -> Self:
        """The selection that a query string and a term in the path ask for.

        Raises `BadParameterError` naming the parameter; empty parameters say nothing, and
        unknown ones neither, unless they look like a known one.
        """
        choices = {Choice(path[0], (path[1],))} if path else set()
        single: dict[str, str] = {}
        unknown = 0
        for name, value in arguments:
            if name in PASSING:
                continue
            if name not in PARAMETERS:
                unknown += 1
                if unknown <= MAX_UNKNOWN:
                    _check_unknown(name[:MAX_NAME])
                continue
            if "\ufffd" in value or "\x00" in value:
                raise BadParameterError(name, "why_not_text")
            if not value.strip():
                continue
            if name in PLURALS:
                choices.add(_choice(name, value))
            elif name in single and single[name] != value:
                raise BadParameterError(name, "why_twice")
            else:
                single[name] = value
        if len(choices) > MAX_CHOICES:
            raise BadParameterError("tag", "why_conditions", most=MAX_CHOICES)
        return cls(
            choices=tuple(sorted(choices)),
            query=_query(single.get("q")),
            since=_since(single.get("since")),
            limit=_number("limit", single.get("limit"), MAX_LIMIT),
            page=_number("page", single.get("page"), 1_000_000) or 1,
            display="both" if _one_of("display", single, ("one", "both")) == "both" else "one",
            full=_one_of("full", single, ("1", "0")) != "0",
        )

    @property
    def single_term(self) -> Choice | None:
        """The one plain term, when the selection has a path of its own."""
        if len(self.choices) == 1:
            (choice,) = self.choices
            if not choice.negated and len(choice.slugs) == 1:
                return choice
        return None

    @property
    def is_whole_site(self) -> bool:
        return self == FeedSelection()

    @property
    def has_archives(self) -> bool:
        """Whether it is a feed that one subscribes to and that is archived: the site, a term."""
        plain = FeedSelection(choices=self.choices, limit=self.limit)
        return self == plain and (not self.choices or self.single_term is not None)

    @property
    def is_announced(self) -> bool:
        """Whether hubs are notified of changes: the feeds of the site and of each term."""
        plain = FeedSelection(choices=self.choices)
        return self == plain and (not self.choices or self.single_term is not None)

    @property
    def logical(self) -> Self:
        """The feed that this is a page or an archive of."""
        return replace(self, page=1, archive=None)

    def path(self, language: str, leaf: str = "") -> str:
        """The canonical path and query under the site's address, percent-encoded.

        `leaf` is `feed.rss` and the like for feeds, empty for the page. An archive has no
        page of its own: it leads to that of the feed.
        """
        choice = self.single_term
        folder = f"/{language}/"
        if choice:
            folder += f"{PLURALS[choice.kind]}/{encode(choice.slugs[0])}/"
        if self.archive is not None and leaf:
            folder += f"archive/{self.archive}/"
        pairs: list[tuple[str, str]] = []
        if not choice:
            pairs += [(c.kind, str(c)) for c in self.choices]
        if self.query:
            pairs.append(("q", self.query))
        if self.since:
            pairs.append(("since", self.since.isoformat()))
        if self.limit is not None:
            pairs.append(("limit", str(self.limit)))
        if self.page != 1:
            pairs.append(("page", str(self.page)))
        if self.display != "one":
            pairs.append(("display", self.display))
        if not self.full:
            pairs.append(("full", "0"))
        query = "&".join(f"{name}={encode(value)}" for name, value in pairs)
        return folder + leaf + (f"?{query}" if query else "")

    def on_page(self, page: int) -> Self:
        return replace(self, page=page)

    def in_archive(self, number: int) -> Self:
        """The archive of that number; raises where the selection has none."""
        if self.page != 1 or self.limit is not None or not self.logical.has_archives:
            raise BadParameterError("archive", "why_archive")
        return replace(self, archive=number)

    def shown_in(self, language: str, written_in: str) -> Self:
        """The selection for `language`; the original's own feeds have no `display=both`."""
        return replace(self, display="one") if language == written_in else self


def encode(text: str) -> str:
    """One path segment or query value, percent-encoded as RFC 3986 section 2.1 says."""
    return quote(text, safe="")


def is_known(name: str) -> bool:
    """Whether a parameter is of the selection or of the answer; others are ignored."""
    return name in PARAMETERS or name in PASSING


def _check_unknown(name: str) -> None:
    """Raises `BadParameterError` for a near miss of a known parameter."""
    lower = name.casefold()
    if lower in _ASKED_FOR_BY_PATH:
        raise BadParameterError(name, "why_language")
    known = (*PARAMETERS, *PASSING)
    swapped = [other for other in known if sorted(other) == sorted(lower)]
    near = swapped or get_close_matches(lower, known, n=1, cutoff=NEAR)
    if near:
        raise BadParameterError(name, "why_near", near=near[0])


def _choice(name: str, value: str) -> Choice:
    negated = value.startswith("-")
    terms = value.removeprefix("-") if negated else value
    parts = [part.replace("\\|", "|") for part in _OR.split(terms)]
    if any(len(part) > MAX_TERM for part in parts):
        raise BadParameterError(name, "why_long_term", most=MAX_TERM)
    slugs = tuple(sorted({term_slug(part) for part in parts} - {""}))
    if not slugs:
        raise BadParameterError(name, "why_no_term", value=value)
    if len(slugs) > MAX_CHOICES:
        raise BadParameterError(name, "why_terms", most=MAX_CHOICES)
    kind: Kind = "tag" if name == "tag" else "category" if name == "category" else "author"
    return Choice(kind, slugs, negated)


def _query(value: str | None) -> str | None:
    if value is None:
        return None
    if len(value) > MAX_QUERY:
        raise BadParameterError("q", "why_long_query", most=MAX_QUERY)
    words = unicodedata.normalize("NFC", value).split()
    if len(words) > MAX_WORDS:
        raise BadParameterError("q", "why_words", most=MAX_WORDS)
    return " ".join(words)


def _since(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadParameterError("since", "why_not_date", value=value) from error


def _number(name: str, value: str | None, most: int) -> int | None:
    if value is None:
        return None
    # Python takes no more than 4,300 digits for a number, however many of them are zeros.
    is_short = value.isascii() and value.isdigit() and len(value) <= 9
    if not is_short or not 1 <= int(value) <= most:
        raise BadParameterError(name, "why_not_number", value=value, least=1, most=most)
    return int(value)


def _one_of(name: str, single: dict[str, str], allowed: tuple[str, ...]) -> str:
    value = single.get(name, allowed[0])
    if value not in allowed:
        raise BadParameterError(name, "why_not_one_of", value=value, known=", ".join(allowed))
    return value
