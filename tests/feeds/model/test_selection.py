from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.taxonomy import term_slug
from feeds.model.selection import BadParameterError, Choice, FeedSelection


def parse(query: str = "", path: tuple | None = None) -> FeedSelection:
    return FeedSelection.parse(parse_qsl(query, keep_blank_values=True), path)


def test_the_whole_site_is_the_default() -> None:
    assert parse().is_whole_site
    assert parse().path("ja", "feed.rss") == "/ja/feed.rss"


def test_one_plain_term_has_a_path_of_its_own() -> None:
    assert parse("tag=AI").path("ko", "feed.atom") == "/ko/tags/ai/feed.atom"
    assert parse("", ("category", "技術")).path("ja") == ("/ja/categories/%E6%8A%80%E8%A1%93/")


def test_and_or_and_not_are_written_in_one_order() -> None:
    one = parse("tag=b&tag=a|C&category=-x&limit=50")
    other = parse("limit=50&category=-x&tag=c|a&tag=b")
    assert one == other
    assert one.path("ja", "feed.json") == ("/ja/feed.json?category=-x&tag=a%7Cc&tag=b&limit=50")


def test_a_term_in_the_path_keeps_the_other_parameters() -> None:
    selection = parse("limit=5&page=2", ("tag", "ai"))
    assert selection.path("ja", "feed.rss") == "/ja/tags/ai/feed.rss?limit=5&page=2"


def test_what_is_asked_of_the_answer_is_no_part_of_the_selection() -> None:
    assert parse("wait=30&require=complete&utm_source=x&fbclid=y").is_whole_site


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1e3", "limit"),
        ("limit=٣", "limit"),
        ("limit=5&limit=6", "limit"),
        ("page=0", "page"),
        ("page=99999999999999999999", "page"),
        ("since=yesterday", "since"),
        ("display=all", "display"),
        ("full=yes", "full"),
        ("tag=-", "tag"),
        ("tag=%7C", "tag"),
        ("tag=%00", "tag"),
        ("tga=ai", "tga"),
        ("q=" + "x" * 201, "q"),
        ("limit=00000000019999999999", "limit"),
        ("page=" + "0" * 8 + "1" + "0" * 5_000, "page"),
        ("&".join(f"tag=t{n}" for n in range(21)), "tag"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_parameter(query: str, name: str) -> None:
    with pytest.raises(BadParameterError) as caught:
        parse(query)
    assert caught.value.name == name


def test_a_misspelt_parameter_gets_a_hint() -> None:
    with pytest.raises(BadParameterError, match="did you mean tag"):
        parse("tags=ai")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("tags", "did you mean tag?"),
        ("Tag", "did you mean tag?"),
        ("categroy", "did you mean category?"),
        ("waits", "did you mean wait?"),
        ("lang", "the language is in the path"),
        ("Language", "the language is in the path"),
    ],
)
def test_a_near_miss_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(BadParameterError, match=hint) as caught:
        parse(f"{name}=x")
    assert caught.value.name == name


@pytest.mark.parametrize(
    "name",
    ["_", "utm_source", "mtm_campaign", "_ga", "_gl", "source", "ref", "fbclid", "v", "t", "id"],
)
def test_other_unknown_parameters_are_ignored(name: str) -> None:
    assert parse(f"{name}=1764&tag=ai") == parse("tag=ai")


def test_since_is_a_day() -> None:
    assert parse("since=2026-01-01").since == date(2026, 1, 1)


terms = st.text(min_size=1, max_size=12).filter(
    lambda t: (
        t.strip()
        and not t.startswith("-")
        and "|" not in t
        and "\x00" not in t
        and "\ufffd" not in t
    )
)


@given(st.lists(st.tuples(st.sampled_from(["tag", "category", "author"]), terms), max_size=4))
def test_the_canonical_url_reads_back_as_the_same_selection(pairs: list) -> None:
    try:
        selection = FeedSelection.parse(pairs)
    except BadParameterError:
        return
    url = urlsplit(selection.path("ja", "feed.rss"))
    choice = selection.single_term
    path = (choice.kind, unquote(url.path.split("/")[3])) if choice else None
    again = FeedSelection.parse(parse_qsl(url.query, keep_blank_values=True), path)
    assert again == selection


def test_slugs_of_terms_are_canonical() -> None:
    assert parse("tag=ＡＩ").choices == (Choice("tag", (term_slug("ai"),)),)
