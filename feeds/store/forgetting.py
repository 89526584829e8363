"""Deletes the stored texts of posts that have been removed for a month.

A removed post may come back under its ids and with its translations. After
`FORGET_SECONDS` its rows go from the tables of search, results and check statistics, and with
them from every later backup. The ledger keeps its id, slug, dates and terms: an id is never
given to another post.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from feeds.store.ledger_tables import posts
from feeds.store.search_index import SearchIndex
from infra.database import CHUNK, reading, writing

log = logging.getLogger(__name__)

FORGET_SECONDS = 30 * 86400.0
EVERY_SECONDS = 3600.0

TABLES = tuple(
    sa.table(name, sa.column("post_key", sa.Text)) for name in ("results", "verdicts", "work")
)


class Forgetting:
    """Deletes the rows of posts that have been removed for a month."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._next = 0.0

    def delete_due(self, now: float) -> None:
        """Deletes rows that are due, once an hour, and logs their number."""
        if now < self._next:
            return
        self._next = now + EVERY_SECONDS
        try:
            deleted = forget_removed(self._engine, now - FORGET_SECONDS)
        except SQLAlchemyError:
            log.exception("texts of removed posts cannot be deleted; retrying")
            return
        if deleted:
            log.info("deleted %d rows of posts that were removed 30 days ago", deleted)


def forget_removed(engine: sa.Engine, before: float) -> int:
    """Deletes the texts of posts removed before that time; returns the number of rows."""
    gone = sa.select(posts.c.key).where(posts.c.removed_at < before)
    deleted = SearchIndex(engine).forget(gone)
    for table in TABLES:
        own = table.c.post_key
        due = sa.select(own).where(own.in_(gone)).limit(CHUNK)
        while True:
            with reading(engine) as db:  # usually no row is due, and no write transaction is needed
                keys = list(db.scalars(due))
            if not keys:
                break
            with writing(engine) as db:
                if db.dialect.name == "sqlite":
                    db.exec_driver_sql("PRAGMA secure_delete = ON")  # not only from the index
                # Checked again: the post may have come back meanwhile.
                still = own.in_(keys) & own.in_(gone)
                deleted += db.execute(sa.delete(table).where(still)).rowcount
    return deleted
