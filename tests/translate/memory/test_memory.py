from __future__ import annotations

import pytest
from sqlalchemy import Engine

from infra.database import open_database
from translate.memory.memory import Memory


def test_remembers_what_it_was_given(database: Engine) -> None:
    memory = Memory(database)
    memory.put_many({"a": '"あ"', "b": "[1]"})
    assert memory.get_many(["a", "b", "c"]) == {"a": '"あ"', "b": "[1]"}
    assert len(memory) == 2


def test_another_process_sees_it_at_once(database: Engine, database_url: str) -> None:
    Memory(database).put_many({"a": "1"})
    assert Memory(open_database(database_url)).get_many(["a"]) == {"a": "1"}


def test_a_known_key_takes_the_new_value(database: Engine) -> None:
    memory = Memory(database)
    memory.put_many({"a": "1", "b": "2"})
    memory.put_many({"a": "3"})
    assert memory.get_many(["a", "b"]) == {"a": "3", "b": "2"}


def test_an_empty_list_gives_an_empty_list(database: Engine) -> None:
    memory = Memory(database)
    memory.put_many({})
    assert memory.get_many([]) == {}


def test_lookups_of_all_nodes_are_counted_together(database: Engine, database_url: str) -> None:
    memory = Memory(database)
    assert memory.lookups() == {"hits": 0, "misses": 0}
    memory.tally(0, 3)
    Memory(open_database(database_url)).tally(2, 1)
    memory.tally(0, 0)
    assert memory.lookups() == {"hits": 2, "misses": 4}


@pytest.mark.slow
def test_more_keys_than_a_statement_can_carry(database: Engine) -> None:
    items = {f"key {number}": str(number) for number in range(70_000)}
    memory = Memory(database)
    memory.put_many(items)
    # SQLite takes 32,766 as a rule, 250,000 as Debian builds it.
    assert memory.get_many([*items] * 4) == items
