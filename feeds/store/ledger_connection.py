"""The connection to the database at startup: a database that is away is waited for."""

from __future__ import annotations

import logging
import time

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DatabaseError

from feeds.store.ledger import Ledger
from infra.database import open_database
from infra.error_text import cause

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
WRITE_LOCK_TIMEOUT = 1.0  # seconds


class DatabaseAwayError(RuntimeError):
    """The database cannot be opened or read; names the database and the reason."""


def open_ledger(url: str, *, wait: bool) -> tuple[Engine, Ledger]:
    """The database and its ledger, once they can be read.

    Entry ids are in the ledger, and a changed id is a duplicate in every reader. So a new
    worker waits while the other workers go on serving; if it gave up, gunicorn would end them
    too. Without `wait`, a database that is away is a `DatabaseAwayError`.
    """
    while True:
        try:
            engine = open_database(url, patience=WRITE_LOCK_TIMEOUT)
            ledger = Ledger(engine)
            ledger.revision()
            return engine, ledger
        except DatabaseError as error:
            if not wait:
                shown = make_url(url).set(query={}).render_as_string()  # without its password
                raise DatabaseAwayError(f"FEEDS_DATABASE_URL={shown}: {cause(error)}") from error
            log.error(
                "the database cannot be used; next try in %g s: %s", RETRY_SECONDS, error.orig
            )
            time.sleep(RETRY_SECONDS)
