"""However posts come, change and go, what is served is what a fresh look at all of them gives."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from content.post import HumanTranslation, Post
from content.taxonomy import Term
from feeds.model.catalog import Catalog
from feeds.model.selection import Choice, FeedSelection
from feeds.store.ledger import Ledger
from infra.database import open_database
from tests.support.posts import make_post

T0 = datetime(2026, 6, 1, tzinfo=UTC)


def catalogue(posts: list[Post], engine: Engine) -> Catalog:
    ledger = Ledger(engine)
    return Catalog(ledger.read(), UTC).after(posts, ledger.record(posts, T0))


NAMES = ("AI", "ai", "ＡＩ", "News", "news", "c++")
names = st.lists(st.sampled_from(NAMES), max_size=2, unique_by=str.casefold).map(tuple)
versions = st.dictionaries(st.sampled_from(["en", "ko"]), st.sampled_from("xyz"), max_size=1)


@st.composite
def one_post(draw: st.DrawFn) -> Post:
    """A post among few paths, days and slugs, so that they meet."""
    day = date(2026, 1, draw(st.integers(1, 3)))
    tags = draw(names)
    return make_post(
        draw(st.sampled_from("ab")),
        path=draw(st.sampled_from(["1.md", "2.md", "3.md", "in/4.md", "5.md"])),
        published=datetime(day.year, day.month, day.day, tzinfo=UTC),
        tags=tuple(tag for tag in tags if tag != "ＡＩ" or len(tags) == 1),
        categories=draw(names)[:1],
        digest=draw(st.sampled_from("pqrs")),
        versions=tuple(
            HumanTranslation(
                path="v", language=x, title="t", excerpt=None, has_body=True, digest=digest
            )
            for x, digest in draw(versions).items()
        ),
    )


turns = st.lists(st.lists(one_post(), unique_by=lambda post: post.path), min_size=2, max_size=5)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(turns)
def test_an_updated_catalog_equals_a_new_one(turns: list[list[Post]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        engine = open_database(f"sqlite:///{Path(name) / 'db.sqlite3'}")
        ledger = Ledger(engine)
        page = other = ledger.read()
        known = Catalog(page, UTC)
        for turn, posts in enumerate(turns):
            page = ledger.record(posts, T0 + timedelta(hours=turn), page)
            assert page == ledger.read()
            assert {path: record.digest for path, record in page.records.items()} == {
                post.path: post.digest for post in posts
            }
            if turn % 2:  # another worker, which looks less often
                other = ledger.read(other)
                assert other == page
            known = known.after(posts, page)
            fresh = Catalog(page, UTC).after(posts, page)
            assert known == fresh
            assert all(list(known.terms[kind]) == sorted(known.terms[kind]) for kind in known.terms)
            assert all(known.find(post.key) is post for post in known.posts)
            order = [(post.record.published, post.key) for post in known.posts]
            assert order == sorted(order, reverse=True)
        engine.dispose()


def test_an_unchanged_post_stays_the_same_object(database: Engine) -> None:
    ledger = Ledger(database)
    posts = [make_post(f"p{n}", tags=("AI",)) for n in range(3)]
    page = ledger.record(posts, T0)
    before = Catalog(page, UTC).after(posts, page)
    posts[1] = replace(posts[1], digest="other")
    page = ledger.record(posts, T0, page)
    after = before.after(posts, page)
    same = [a is b for a, b in zip(before.posts, after.posts, strict=True)]
    assert same == [True, False, True]
    assert after.after(posts, page).posts is after.posts


def test_a_term_is_named_as_most_posts_and_else_the_oldest_write_it(database: Engine) -> None:
    def post(tags: tuple[str, ...], year: int) -> Post:
        return make_post(f"p{year}", tags=tags, published=datetime(year, 1, 1, tzinfo=UTC))

    posts = [post(("AI", "ﾆｭｰｽ"), 2026), post(("ai", "ニュース"), 2024), post(("AI",), 2025)]
    terms = catalogue(posts, database).terms
    assert terms["tag"] == {
        "ai": Term(kind="tag", slug="ai", name="AI", count=3),
        "ニュース": Term(kind="tag", slug="ニュース", name="ニュース", count=2),
    }
    assert terms["author"] == {}


def test_a_post_is_found_by_its_key_whatever_its_slug(database: Engine) -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    found = catalogue([make_post("a", published=day) for day in days], database)
    assert {post.record.slug for post in found.posts} == {"a", "2026-01-02-a"}
    for post in found.posts:
        assert found.find(post.key) is post
    assert found.find("2026-01-03:a") is None
    assert found.find("") is None


def test_a_post_is_found_by_its_file_whatever_its_slug(database: Engine) -> None:
    posts = [make_post("a", day=date(2026, 1, day), path=f"{day}.md") for day in (1, 2)]
    found = catalogue(posts, database)
    assert [found.by_slug[slug].post for slug in ("a", "2026-01-02-a")] == posts
    for post in posts:
        known = found.at(post.path)
        assert known is not None
        assert known.post is post
    gone = found.after(posts[1:], found.page)
    assert gone.at("1.md") is None
    assert gone.at("3.md") is None


def test_a_permalink_is_found_in_every_spelling_of_its_address(database: Engine) -> None:
    permalinks = ("/a/", "/b.html", "/c/index.html", "/d", "/e.html/", "/f//")
    posts = [make_post(f"p{n}", permalink=link) for n, link in enumerate(permalinks)]
    known = catalogue(posts, database)
    for n, name in enumerate("abcdef"):
        for link in (f"/{name}/", f"/{name}", f"/{name}.html", f"/{name}/index.html"):
            post = known.by_permalink(link)
            assert post is not None, link
            assert post.post.path == posts[n].path
    assert known.by_permalink("/g/") is None


def test_of_posts_with_one_address_that_with_the_smallest_key_is_found(database: Engine) -> None:
    one, other = make_post("b", permalink="/x.html"), make_post("a", permalink="/x/")
    for posts in ([one, other], [other, one]):
        found = catalogue(posts, database).by_permalink("/x")
        assert found is not None
        assert found.post.slug == "a"


@pytest.fixture
def five(database: Engine) -> Catalog:
    tags = [("a",), ("a", "b"), ("b",), ("a", "b", "c"), ()]
    posts = [
        make_post(f"p{n}", tags=tags[n], published=datetime(2026, 1, 1 + n, tzinfo=UTC))
        for n in range(5)
    ]
    return catalogue(posts, database)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ([], "43210"),
        ([("a",)], "310"),
        ([("a",), ("b",)], "31"),
        ([("a", "b")], "3210"),  # either, and nothing twice
        ([("a", "c"), ("b",)], "31"),
        ([("a", "nowhere")], "310"),
        ([("nowhere",)], ""),
    ],
)
def test_posts_of_terms_come_newest_first(
    five: Catalog, choices: list[tuple[str, ...]], expected: str
) -> None:
    wanted = tuple(Choice(kind="tag", slugs=slugs) for slugs in choices)
    without_c = (*wanted, Choice(kind="tag", slugs=("c",), negated=True))
    for selected, shown in ((wanted, expected), (without_c, expected.replace("3", ""))):
        found = list(five.select(FeedSelection(choices=selected)))
        assert "".join(post.post.slug[1:] for post in found) == shown
        assert all(five.holds(post, FeedSelection(choices=selected)) for post in found)
    since = FeedSelection(choices=wanted, since=date(2026, 1, 3))
    assert [post.post.slug for post in five.select(since)] == [
        f"p{n}" for n in expected if n >= "2"
    ]
