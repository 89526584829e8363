"""The schema: numbered, brought up to date at the start, and never damaged by an older one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, inspect, text

from feeds.store import ledger_tables, search_index, traffic, websub_outbox
from infra.database import counters, open_database, writing
from infra.migrations import KNOWN, NewerDatabaseError, revision
from translate.jobs import tables

METADATA = [
    module.metadata
    for module in (
        tables,
        ledger_tables,
        websub_outbox,
        search_index,
        traffic,
    )  # every module that has tables
]


def test_every_table_is_made_by_the_migrations(database: Engine) -> None:
    """When this fails a table was changed: add a revision to infra/migrations/versions."""
    together = MetaData()
    for metadata in METADATA:
        for table in metadata.tables.values():
            table.to_metadata(together)
    with database.connect() as connection:
        options = {"compare_type": True, "include_name": _is_described}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, together) == []


def _is_described(name: str | None, _kind: str, _parents: object) -> bool:
    """SQLAlchemy cannot describe FTS5's tables, nor Alembic an index on a function."""
    return not name or not (name.startswith("search_grams") or name == "search_texts_grams")


def test_every_module_with_tables_is_compared() -> None:
    root = Path(__file__).parents[2]
    with_tables = {
        path.stem
        for room in ("feeds", "infra", "translate")
        for path in (root / room).rglob("*.py")
        if re.search(r"^_?metadata = .*MetaData\(\)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert with_tables == {"database", "ledger_tables", "websub_outbox", "search_index", "traffic"}


def test_a_database_from_before_there_were_numbers_keeps_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    old = create_engine(url)
    tables.memory.create(old)
    counters.create(old)
    with old.begin() as connection:
        connection.execute(tables.memory.insert().values(key="k", value="v"))
        connection.execute(counters.insert().values(name="change", value=7))
    old.dispose()
    new = open_database(url)
    assert revision(new) == KNOWN[-1]
    with new.connect() as connection:
        assert connection.execute(text("SELECT value FROM memory")).scalars().all() == ["v"]
        rows = connection.execute(text("SELECT name, value FROM counters ORDER BY name"))
        assert [tuple(row) for row in rows] == [("change", 7), ("lease", 0)]
    assert inspect(new).has_table("ledger_posts")


def test_a_database_of_a_newer_version_is_refused_untouched(database_url: str) -> None:
    engine = open_database(database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        connection.execute(text("DROP TABLE pace"))  # which the newer version does without
    engine.dispose()
    with pytest.raises(NewerDatabaseError, match=r"schema 0999.*install the newer feedglot"):
        open_database(database_url)
    engine = create_engine(engine.url)
    assert not inspect(engine).has_table("pace")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert found == "0999"


def test_a_migration_that_fails_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    create = Operations.create_table

    def fail(self: Operations, name: str, *args: object, **kwargs: object) -> object:
        if name == "work":
            raise RuntimeError("the disk is full")
        return create(self, name, *args, **kwargs)  # type: ignore[arg-type]

    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_table", lambda *a, **k: fail(_operations(), *a, **k))
        with pytest.raises(RuntimeError, match="disk is full"):
            open_database(url)
    assert inspect(create_engine(url)).get_table_names() == []
    assert revision(open_database(url)) == KNOWN[-1]


def _operations() -> object:
    from alembic import op

    return op._proxy  # type: ignore[attr-defined]


def test_the_usual_start_does_not_import_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    open_database(url)
    code = (
        "import sys; from infra.database import open_database;"
        f"open_database({url!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
