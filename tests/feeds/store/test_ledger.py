from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from content.post import HumanTranslation, Post
from feeds.store.ledger import SITE, Ledger
from tests.support.posts import make_post

T0 = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(database: Engine) -> Ledger:
    return Ledger(database)


def test_recording_twice_writes_once(ledger: Ledger) -> None:
    post = make_post("a", tags=("AI",))
    first = ledger.record([post], T0)
    again = ledger.record([post], T0 + HOUR)
    assert again.revision == first.revision
    assert again == first


def test_an_edit_is_dated_by_when_it_was_seen(ledger: Ledger) -> None:
    post = make_post("a")
    assert ledger.record([post], T0).records[post.path].edited == post.published
    edited = replace(post, digest="other")
    assert ledger.record([edited], T0 + HOUR).records[post.path].edited == T0 + HOUR


def test_a_stated_edit_date_is_used_and_never_in_the_future(ledger: Ledger) -> None:
    post = make_post("a")
    ledger.record([post], T0)
    stated = replace(post, digest="2", edited=T0 - HOUR)
    assert ledger.record([stated], T0).records[post.path].edited == T0 - HOUR
    ahead = replace(post, digest="3", edited=T0 + 99 * HOUR)
    assert ledger.record([ahead], T0 + HOUR).records[post.path].edited == T0 + HOUR
    withdrawn = replace(post, digest="4", edited=T0 - HOUR)
    record = ledger.record([withdrawn], T0 + 2 * HOUR).records[post.path]
    assert record.edited == T0 + HOUR, "updated must not go back"


def test_identity_outlives_a_new_date_a_new_slug_and_a_new_file_name(ledger: Ledger) -> None:
    post = make_post("a")
    before = ledger.record([post], T0).records[post.path]
    changed = replace(
        post,
        slug="b",
        day=post.day + timedelta(days=3),
        published=post.published + timedelta(days=3),
        digest="2",
    )
    after = ledger.record([changed], T0 + HOUR).records[post.path]
    assert (after.key, after.slug) == (before.key, before.slug)
    assert after.published == changed.published
    moved = replace(changed, path="elsewhere/b.md")
    again = ledger.record([moved], T0 + 2 * HOUR).records["elsewhere/b.md"]
    assert (again.key, again.slug, again.number) == (before.key, before.slug, before.number)


def test_posts_that_say_the_same_keep_their_identities_in_another_folder(ledger: Ledger) -> None:
    posts = [
        make_post(f"p{n}", published=T0 - (9 - n) * 24 * HOUR, digest="same") for n in range(6)
    ]
    before = ledger.record(posts, T0).records
    # Their dates are known by their names alone, and go the other way in the new folder.
    moved = [
        replace(post, path=f"in/{post.path}", published=T0 - n * HOUR)
        for n, post in enumerate(posts)
    ]
    after = ledger.record(moved, T0 + HOUR).records
    assert [after[f"in/{post.path}"].key for post in posts] == [
        before[post.path].key for post in posts
    ]


def test_a_post_that_comes_back_is_the_same_post(ledger: Ledger) -> None:
    post = make_post("a", tags=("AI",))
    before = ledger.record([post], T0).records[post.path]
    gone = ledger.record([], T0 + HOUR)
    assert gone.records == {}
    assert gone.touched["tag", "ai"] == T0 + HOUR
    back = ledger.record([post], T0 + 2 * HOUR).records[post.path]
    assert back == before


def test_two_posts_with_one_slug_are_both_served(ledger: Ledger) -> None:
    older = make_post("same", published=T0 - 48 * HOUR)
    newer = make_post("same", published=T0 - 24 * HOUR)
    records = ledger.record([newer, older], T0).records
    assert records[older.path].slug == "same"
    assert records[newer.path].slug == f"{newer.day}-same"


def test_a_link_once_served_is_not_given_to_an_older_post_that_comes_later(
    ledger: Ledger,
) -> None:
    newer = make_post("same", published=T0 - 24 * HOUR)
    ledger.record([newer], T0)
    older = make_post("same", published=T0 - 48 * HOUR)
    records = ledger.record([newer, older], T0 + HOUR).records
    assert records[newer.path].slug == "same"
    assert records[older.path].slug == f"{older.day}-same"


def test_only_the_terms_of_what_changed_are_touched(ledger: Ledger) -> None:
    a, b = make_post("a", tags=("x",)), make_post("b", tags=("y",))
    ledger.record([a, b], T0)
    page = ledger.record([replace(a, tags=("z",), digest="2"), b], T0 + HOUR)
    assert page.touched["tag", "x"] == page.touched["tag", "z"] == T0 + HOUR
    assert page.touched[SITE] == T0 + HOUR
    assert page.touched["tag", "y"] == T0


def test_a_clock_that_went_back_changes_no_date(ledger: Ledger) -> None:
    post = make_post("a")
    ledger.record([post], T0)
    page = ledger.record([replace(post, digest="2")], T0 - HOUR)
    assert page.touched[SITE] > T0


def test_a_version_that_comes_changes_or_goes_is_dated(ledger: Ledger) -> None:
    version = HumanTranslation(
        path="a.ko.md", language="ko", title="제목", excerpt=None, has_body=True, digest="v1"
    )
    post = make_post("a", versions=(version,))
    assert ledger.record([post], T0).records[post.path].version_changes == {}
    second = replace(post, versions=(replace(version, digest="v2"),))
    record = ledger.record([second], T0 + HOUR).records[post.path]
    assert record.version_changes == {"ko": T0 + HOUR}
    assert record.edited == post.published, "the original was not edited"
    gone = replace(post, versions=())
    record = ledger.record([gone], T0 + 2 * HOUR).records[post.path]
    assert record.version_changes == {"ko": T0 + 2 * HOUR}


def test_facts_stay_as_first_recorded(ledger: Ledger) -> None:
    assert ledger.fact("id_authority", "one.example") == "one.example"
    assert ledger.fact("id_authority", "two.example") == "one.example"


def test_since_tells_when_a_value_was_taken_and_never_goes_back(ledger: Ledger) -> None:
    assert ledger.since("shape", "a", T0) == T0
    assert ledger.since("shape", "a", T0 + HOUR) == T0
    assert ledger.since("shape", "b", T0 + HOUR) == T0 + HOUR
    assert ledger.since("shape", "a", T0) > T0 + HOUR


def at_once(times: int, action: Callable[[int], object]) -> None:
    """Calls the action in as many threads, as near to the same moment as can be."""
    barrier = threading.Barrier(times)
    failed: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            action(number)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_nodes_that_find_the_same_posts_together_record_them_once(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    nodes = [Ledger(open_engine(database_url)) for _ in range(4)]
    for turn in range(5):
        posts = [make_post(f"p{turn}-{number}", tags=("AI", "x")) for number in range(3)]
        everything = {}

        def record(node: int, posts: list[Post] = posts) -> None:
            everything[node] = nodes[node].record(posts, T0 + turn * HOUR)  # noqa: B023

        at_once(len(nodes), record)
        assert len({page.revision for page in everything.values()}) == 1
        pages = list(everything.values())
        assert all(page == pages[0] for page in pages)
        assert sorted(r.number for r in pages[0].records.values()) == list(
            range(turn * 3 + 1, turn * 3 + 4)
        )
        assert pages[0].places["tag", "ai"] == turn * 3 + 3


def test_nodes_that_start_at_once_agree_on_facts(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    nodes = [Ledger(open_engine(database_url)) for _ in range(4)]
    for turn in range(5):
        facts: set[str] = set()
        moments: set[datetime] = set()

        def ask(node: int) -> None:
            facts.add(nodes[node].fact(f"name {turn}", str(node)))  # noqa: B023
            when = T0 + node * HOUR
            moments.add(nodes[node].since(f"shape {turn}", "same", when))  # noqa: B023

        at_once(len(nodes), ask)
        assert len(facts) == 1
        assert len(moments) == 1
