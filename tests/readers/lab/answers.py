"""What a client makes of a feed, in the words of docs/readers.md."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

COLUMNS = (
    "title",
    "date",
    "link",
    "authors",
    "categories",
    "language",
    "content",
    "post without body",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What the feed says, from our JSON Feed."""

    language: str
    site: str  # the feed's own author
    odd: dict[str, Any]  # the item with signs in its title and two authors
    empty: dict[str, Any]  # the item without a body


def truth(feed: dict[str, Any]) -> Truth:
    """The two posts of odd_posts.py that answers are about."""
    by_slug = {item["id"].split(":")[-1].split("/")[0]: item for item in feed["items"]}
    return Truth(
        language=feed["language"],
        site=feed["authors"][0]["name"],
        odd=by_slug["odd"],
        empty=by_slug["empty"],
    )


def answers(found: dict[str, Any], true: Truth) -> tuple[str, ...]:
    """One answer for each of COLUMNS."""
    if "error" in found:
        return (f"fails: {found['error']}"[:80],) + ("",) * (len(COLUMNS) - 1)
    odd = _entry(found["entries"], true.odd)
    empty = _entry(found["entries"], true.empty)
    if odd is None:
        return ("entry lost",) + ("",) * (len(COLUMNS) - 1)
    return (
        _title(odd.get("title"), true.odd["title"]),
        _date(odd.get("date"), true.odd),
        _link(odd.get("link"), true.odd),
        _authors(odd, [author["name"] for author in true.odd["authors"]], true.site),
        _categories(odd.get("categories") or [], true.odd["_feedglot"]["categories"]),
        _language(found.get("language"), true.language),
        _content(odd.get("content"), true.odd),
        _empty(empty, true.empty),
    )


def _entry(entries: Sequence[dict[str, Any]], item: dict[str, Any]) -> dict[str, Any] | None:
    """The entry of an item: by its link, whichever of them that is, else by its title."""
    urls = (item["url"], item["_feedglot"]["original_url"])
    for entry in entries:
        link = str(entry.get("link"))
        if any(url in link for url in urls) or entry.get("title") == item["title"]:
            return entry
    return None


def _title(shown: Any, title: str) -> str:
    if shown == title:
        return "as written"
    if not shown:
        return "none"
    if html.unescape(str(shown)) == title:
        return "references left"
    if _decoded(str(shown)) == title:
        return "bytes, not decoded"
    if re.sub(r"\s+", " ", str(shown)) == re.sub(r"\s+", " ", re.sub("<.*?>", "", title)):
        return "tags removed"
    return "taken for HTML"


def _date(shown: Any, item: dict[str, Any]) -> str:
    if not shown:
        return "none"
    moment = _moment(str(shown))
    if moment is None:
        return "not a date"
    for word, key in (("published", "date_published"), ("updated", "date_modified")):
        if abs((moment - datetime.fromisoformat(item[key])).total_seconds()) < 1:
            return word
    near = abs((datetime.now(UTC) - moment).total_seconds()) < 3600
    return "time of reading" if near else "another"


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _link(shown: Any, item: dict[str, Any]) -> str:
    if isinstance(shown, list):
        if len(shown) > 1:
            return "all, in a list"
        shown = shown[0] if shown else None
    if not shown:
        return "none"
    named = {item["url"]: "page", item["_feedglot"]["original_url"]: "original"}
    return named.get(shown, "another")


def _authors(entry: dict[str, Any], names: list[str], site: str) -> str:
    author = str(entry.get("author") or "")
    text = _decoded(" ".join([*map(str, entry.get("authors") or []), author]).strip())
    first, last = (name in text for name in names)
    if first and last:
        last_alone = author and names[0] not in author
        return "both; author: the last" if last_alone else "both"
    if first or last:
        return "the first" if first else "the last"
    if not text or text == site:
        return "the feed's" if text else "none"
    return "an array's address" if "ARRAY(" in text else text[:30]


def _decoded(text: str) -> str:
    """The text that was meant where UTF-8 was not decoded."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _categories(shown: Sequence[Any], true: Sequence[dict[str, str]]) -> str:
    labels, terms = ({each[key] for each in true} for key in ("label", "term"))
    pairs = [each for each in shown if isinstance(each, list)]
    if pairs and all(label for _, label in pairs):
        return "labels and terms" if {label for _, label in pairs} == labels else "changed"
    plain = {_decoded(str(each[0] if isinstance(each, list) else each)) for each in shown}
    if not plain:
        return "none"
    return "labels" if plain == labels else "terms" if plain == terms else "changed"


def _language(shown: Any, language: str) -> str:
    return "yes" if shown == language else "no" if not shown else f"wrong: {shown}"


def _content(shown: Any, item: dict[str, Any]) -> str:
    if not shown:
        return "none"
    text, whole = str(shown), item["content_html"]
    if _plain(whole, "code") in text:
        return "whole"
    if re.search(r"<p[ >]", text):
        return "changed"
    return "summary" if item["summary"][:10] in html.unescape(html.unescape(text)) else "text"


def _plain(content: str, element: str) -> str:
    match = re.search(rf"<{element}>.*?</{element}>", content)
    return match[0] if match else content


def _empty(entry: dict[str, Any] | None, item: dict[str, Any]) -> str:
    if entry is None:
        return "lost"
    content = str(entry.get("content") or "").strip()
    if not content:
        return "kept"
    return "kept, title as text" if content == item["title"] else "kept, with another text"
