"""Requests for translations: what is queued, how much of it, and who is notified."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog, filled


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return filled(Blog(tmp_path, queue_jobs=2))


def in_english(blog: Blog) -> list[tuple[object, str]]:
    return [(post, "en") for post in blog.site.catalogue.posts]


def test_what_is_queued_already_is_not_queued_again(blog: Blog) -> None:
    newest = in_english(blog)[:1]
    assert [blog.requests.add(newest) for _ in range(2)] == [1, 0]


def test_the_queue_takes_what_it_has_room_for_newest_first(blog: Blog) -> None:
    assert blog.requests.add(in_english(blog)) == 2
    keys = [post.key for post in blog.site.catalogue.posts]
    assert set(blog.site.queue.pending((key, "en") for key in keys)) == {
        (key, "en") for key in keys[:2]
    }


def test_translators_are_notified_of_new_jobs_alone(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[None] = []
    monkeypatch.setattr(blog.requests.notifier, "notify", lambda: rung.append(None))
    newest = in_english(blog)[:1]
    blog.requests.add(newest)
    assert len(rung) == 1
    blog.requests.add(newest)
    assert len(rung) == 1


def test_nothing_is_queued_where_no_translator_is_wanted(tmp_path: Path) -> None:
    blog = filled(Blog(tmp_path / "off", translator="off"))
    assert blog.requests.add(in_english(blog)) == 0


def test_prewarming_queues_the_newest_posts_in_every_language(tmp_path: Path) -> None:
    blog = filled(Blog(tmp_path / "warm", prewarm=1))
    blog.requests.prewarm()
    newest, older = blog.site.catalogue.posts[:2]
    wanted = {(newest.key, "en"), (newest.key, "ko")}
    asked = [(post.key, code) for post in (newest, older) for code in ("en", "ko")]
    assert set(blog.site.queue.pending(asked)) == wanted
