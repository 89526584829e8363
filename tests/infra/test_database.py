from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from infra.database import counters, next_number, open_database, reading, writing
from infra.urls import ServerError
from tests.support.servers import Postgres
from translate.jobs.notify import open_notifier
from translate.jobs.tables import memory

OPENING = """
import sys, time
from pathlib import Path
from infra.database import open_database
folder, number = Path(sys.argv[1]), sys.argv[2]
(folder / number).touch()
while not (folder / "go").exists():
    time.sleep(0.001)
open_database(f"sqlite:///{folder}/state/new.sqlite3", patience=0.05).dispose()
"""


@pytest.mark.slow
def test_processes_that_open_a_new_database_at_once_all_succeed(tmp_path: Path) -> None:
    """With SQLite's timeout alone, all but one are told that the database is locked."""
    command = [sys.executable, "-c", OPENING, str(tmp_path)]
    processes = [
        subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE, text=True)
        for number in range(6)
    ]
    while len(list(tmp_path.iterdir())) < len(processes):
        time.sleep(0.01)
    (tmp_path / "go").touch()
    for process in processes:
        assert process.wait(60) == 0, process.communicate()[1][-500:]


@pytest.mark.slow
def test_two_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    program = (
        "import sys; from infra.database import open_database;"
        "sys.stdin.read(); open_database(sys.argv[1])"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in both:
        assert process.stdin
        process.stdin.close()  # all have started; now all open
    for process in both:
        assert process.stderr
        assert process.stderr.read() == ""
        assert process.wait(30) == 0


def test_opening_again_keeps_what_is_there(database_url: str) -> None:
    first = open_database(database_url)
    with writing(first) as connection:
        connection.execute(memory.insert().values(key="k", value="1"))
        assert next_number(connection, "change") == 1
    second = open_database(database_url)
    with reading(second) as connection:
        assert connection.execute(select(memory.c.value)).scalars().all() == ["1"]
        statement = select(counters.c.value).where(counters.c.name == "change")
        assert connection.execute(statement).scalar_one() == 1


def test_writers_wait_for_each_other_instead_of_failing(database: Engine) -> None:
    """Each reads before it writes, which in a plain SQLite transaction fails at once."""
    numbers: list[int] = []

    def count() -> None:
        for _ in range(20):
            with writing(database) as connection:
                connection.execute(select(counters)).all()
                numbers.append(next_number(connection, "change"))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(numbers) == list(range(1, 81))


def test_a_reader_sees_one_state_while_another_writes(database: Engine) -> None:
    with reading(database) as reader:
        assert reader.execute(select(memory)).all() == []
        with writing(database) as writer:
            writer.execute(memory.insert().values(key="k", value="1"))
        assert reader.execute(select(memory)).all() == []
    with reading(database) as reader:
        assert len(reader.execute(select(memory)).all()) == 1


def test_an_error_takes_back_the_whole_transaction(database: Engine) -> None:
    def fail_halfway() -> None:
        with writing(database) as connection:
            connection.execute(memory.insert().values(key="k", value="1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with reading(database) as reader:
        assert reader.execute(select(memory)).all() == []


def test_one_process_finds_no_other(database: Engine) -> None:
    """Reads, thinks, writes what depends on it: nobody else does so in between."""
    add = memory.insert()

    def append() -> None:
        for _ in range(10):
            with writing(database, alone="test") as connection:
                known = len(connection.execute(select(memory)).all())
                connection.execute(add.values(key=str(known), value=""))

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with reading(database) as connection:
        keys = connection.execute(select(memory.c.key)).scalars()
        assert sorted(map(int, keys)) == list(range(40))


def test_a_writer_waits_as_long_as_it_has_patience(database_url: str) -> None:
    holder, hurried = open_database(database_url), open_database(database_url, patience=0.3)
    with writing(holder, alone="test"):
        started = time.monotonic()
        with pytest.raises(OperationalError), writing(hurried, alone="test"):
            pass
        assert 0.2 < time.monotonic() - started < 3
    with writing(hurried, alone="test"):
        pass
    for engine in (holder, hurried):
        engine.dispose()


@pytest.mark.slow
def test_a_paused_node_loses_its_transaction_and_does_not_block_others(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.database._IDLE_SECONDS", 1)
    url = postgres.new_database()
    paused, other = open_database(url), open_database(url)

    def write_before_and_after_a_pause() -> None:
        with writing(paused, alone="test") as connection:
            connection.execute(memory.insert().values(key="before", value=""))
            with writing(other, alone="test") as waiting:
                assert waiting.execute(select(memory)).all() == []
            connection.execute(memory.insert().values(key="after", value=""))

    with pytest.raises(DBAPIError):
        write_before_and_after_a_pause()
    with reading(other) as connection:
        assert connection.execute(select(memory)).all() == []
    for engine in (paused, other):
        engine.dispose()


def test_a_missing_driver_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServerError, match=r"pip install 'feedglot\[postgres\]'"):
        open_database("postgresql://localhost/feedglot")
    with pytest.raises(ServerError, match=r"pip install 'feedglot\[postgres\]'"):
        open_notifier("postgresql://localhost/feedglot")
    with pytest.raises(ServerError, match=r"pip install 'feedglot\[redis\]'"):
        open_notifier("redis://localhost/0")


def test_sqlite_is_set_up_for_many_processes(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/feedglot.db")
    wanted = {"journal_mode": "wal", "busy_timeout": 30000, "synchronous": 1, "foreign_keys": 1}
    with reading(engine) as connection:
        for name, value in wanted.items():
            assert connection.execute(text(f"PRAGMA {name}")).scalar_one() == value


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot share a database in memory: name a file"):
        open_database("sqlite://")
