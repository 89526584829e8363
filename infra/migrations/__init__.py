"""The schema of the database and its changes: one Alembic script per revision in `versions`.

The tables of every room are here, because they live in one database and change in one order.
A revision that was released is never edited; the next change is a new file. Scripts say what
they do in full and import no table: today's tables are not those of then.

Importing Alembic costs a tenth of a second, so the usual start only compares numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import Connection, Engine, text

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

VERSIONS = Path(__file__).parent / "versions"
KNOWN = tuple(sorted(path.name[1:5] for path in VERSIONS.glob("r[0-9]*_*.py")))


class NewerDatabaseError(RuntimeError):
    """The database was changed by a newer feedglot; nothing was done to it."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the database has schema {found}, and this feedglot knows {KNOWN[-1]} at most: "
            "install the newer feedglot again, or restore a backup made before the upgrade"
        )


def revision(engine: Engine | Connection) -> str | None:
    """The schema's number; None: an empty database, or one from before there were numbers."""
    if not sqlalchemy.inspect(engine).has_table("alembic_version"):
        return None
    statement = text("SELECT version_num FROM alembic_version")
    if isinstance(engine, Connection):
        found = engine.execute(statement).scalar_one_or_none()
    else:
        with engine.connect() as connection:
            found = connection.execute(statement).scalar_one_or_none()
    if found is not None and found not in KNOWN:
        raise NewerDatabaseError(found)
    return found


def upgrade(connection: Connection) -> None:
    """Brings the schema up to date within the caller's transaction, all of it or nothing.

    The caller is alone: the second of two processes finds the work done.
    """
    if revision(connection) == KNOWN[-1]:
        return
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def steps(current: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("head", current)

    context = MigrationContext.configure(connection, opts={"fn": steps, "script": script})
    with Operations.context(context):
        context.run_migrations()
