"""The change number that every request asks for."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import SQLAlchemyError

from infra.change_counter import ChangeCounter
from tests.support.blog import Blog


def test_a_change_is_seen_at_once(blog: Blog) -> None:
    generation = ChangeCounter(blog.site.engine)
    before = generation.latest()
    blog.write("2026-01-01-new.md")
    blog.look()
    blog.get("/en/feed.atom?wait=0")
    blog.translate()
    assert generation.latest() == blog.site.results.latest() > before


def test_errors_are_those_of_the_database_and_recoverable(blog: Blog) -> None:
    generation = ChangeCounter(blog.site.engine)
    usual = generation._path
    generation._path = str(blog.settings.state_dir / "none" / "there.db")
    assert generation.latest() == blog.site.results.latest()  # asked the usual way
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE counters RENAME TO away")
    with pytest.raises(SQLAlchemyError):
        generation.latest()
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO counters")
    generation._path = usual
    assert generation.latest() == blog.site.results.latest()
