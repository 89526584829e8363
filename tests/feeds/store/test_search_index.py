"""The index of texts, in both databases: it finds what a look at every text finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from feeds.model.search_text import WHOLE, fold, grams
from feeds.store.ledger import Ledger
from feeds.store.search_index import SearchIndex, _tokens, posts, texts
from infra.database import open_database, reading, writing
from tests.support.posts import make_post
from tests.support.servers import Postgres

LETTERS = "ab漢字・ア'\"\\&|!:*-()^~\u00b7\ue021é𠮷\U0001f600"
BODY = st.text(st.sampled_from(LETTERS + "  "), max_size=30).map(
    lambda t: " ".join(fold(t).split())
)
WORD = st.text(st.sampled_from(LETTERS), min_size=1, max_size=6).map(fold)


def found(index: SearchIndex, language: str, words: list[str]) -> set[str]:
    return index.holding(language, index.candidates(language, words), words)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(BODY, max_size=6),
    edited=st.dictionaries(st.integers(0, 5), BODY, max_size=3),
    words=st.lists(WORD, min_size=1, max_size=3),
)
def test_it_finds_what_a_look_at_every_text_finds(
    database: Engine, bodies: list[str], edited: dict[int, str], words: list[str]
) -> None:
    index = SearchIndex(database)
    index.forget(sa.select(posts.c.post_key))
    held = {str(n): body for n, body in enumerate(bodies)}
    index.put("ja", {key: ("1", body) for key, body in held.items()}, 0)
    index.put("ko", {key: ("1", body + "가") for key, body in held.items()}, 0)
    held |= {str(n): body for n, body in edited.items()}
    index.put("ja", {str(n): ("2", body) for n, body in edited.items()}, 0)
    expected = {key for key, body in held.items() if all(word in body for word in words)}
    assert found(index, "ja", words) == expected
    assert index.candidates("ja", ["가"]) == set()
    assert index.candidates("ko", ["가"]) == {str(n) for n in range(len(bodies))}


def test_a_text_is_cut_as_in_earlier_releases() -> None:
    """FTS5 deletes what it is told: what is told has to be what was once put in."""
    assert set(_tokens("ja", "東京 it's").split()) == {
        "ja·東京", "ja·京", "ja·it\ue027", "ja·t\ue027s", "ja·\ue027s", "ja·s",
    }  # fmt: skip


def test_words_of_one_and_two_characters_need_no_dictionary(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("ja", {"a": ("1", "彼は韓国へ 都"), "b": ("1", "東京都")}, 0)
    assert index.candidates("ja", ["韓国"]) == {"a"}
    assert index.candidates("ja", ["都"]) == {"a", "b"}
    assert index.candidates("ja", ["国へ"]) == {"a"}


def test_no_more_than_asked_for(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("ja", {str(n): ("1", "東京") for n in range(5)}, 0)
    assert len(index.candidates("ja", ["東京"], 3)) == 3


def test_the_end_of_a_long_text_is_found_too(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("ja", {"long": ("1", "漢字" * WHOLE + "仮名"), "short": ("1", "仮")}, 0)
    assert found(index, "ja", ["仮名"]) == {"long"}
    assert index.candidates("ja", ["仮"]) == {"long", "short"}
    assert index.candidates("ja", ["仮"], long=False) == {"short"}
    index.put("ja", {"long": ("2", "漢")}, 0)
    assert index.candidates("ja", ["仮名"]) == set()


def test_one_language_is_not_found_in_another_that_begins_like_it(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("zh", {"a": ("1", "漢字")}, 0)
    index.put("zh-hant", {"b": ("1", "漢字")}, 0)
    assert index.candidates("zh", ["漢字"]) == {"a"}
    assert index.candidates("zh-hant", ["漢"]) == {"b"}


def test_what_another_worker_wrote_meanwhile_stays(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("ja", {"a": ("1", "東京")}, 0)
    with reading(database) as db:
        before = db.execute(sa.select(posts.c.id)).all()
    index.put("ja", {"a": ("1", "東京")}, 0)
    with reading(database) as db:
        assert db.execute(sa.select(posts.c.id)).all() == before
    assert index.made_of("ja", ["a"]) == {"a": "1"}
    assert index.made_of("ja", ["b"]) == {}


def test_what_a_worker_that_lags_behind_knows_replaces_nothing(database: Engine) -> None:
    index = SearchIndex(database)
    found, now = [make_post("a"), make_post("b")], datetime.now(UTC)
    ledger = Ledger(database)
    first = ledger.record(found, now).revision
    keys = [f"{each.day}:{each.slug}" for each in found]
    assert index.changed("ja", "x") == (set(keys), -1)
    assert index.put("ja", dict.fromkeys(keys, ("1", "東京")), first)
    index.note_complete("ja", "x", first)
    assert index.changed("ja", "x") == (set(), first)
    assert index.changed("ja", "y") == (set(keys), -1)
    assert index.changed("ko", "x") == (set(keys), -1)
    later = ledger.record([replace(found[0], digest="new"), found[1]], now).revision
    assert index.changed("ja", "x") == ({keys[0]}, first)
    assert index.put("ja", {keys[0]: ("2", "大阪")}, later)
    assert not index.put("ja", {keys[0]: ("1", "東京"), keys[1]: ("3", "京都")}, first)
    assert index.candidates("ja", ["大阪"]) == {keys[0]}
    assert index.candidates("ja", ["京都"]) == {keys[1]}


def test_what_is_forgotten_leaves_nothing(database: Engine) -> None:
    index = SearchIndex(database)
    index.put("ja", {str(n): ("1", f"東京{n}") for n in range(20)}, 0)
    index.put("ja", {"gone": ("1", "秘密")}, 0)
    assert index.forget(sa.select(posts.c.post_key).where(posts.c.post_key == "gone")) == 1
    assert index.candidates("ja", ["秘密"]) == set()
    assert len(index.candidates("ja", ["東京"])) == 20
    with reading(database) as db:
        assert len(db.execute(sa.select(texts.c.id)).all()) == 20


def test_sqlite_keeps_no_gram_of_what_is_forgotten(open_sqlite: Engine) -> None:
    index = SearchIndex(open_sqlite)
    for n in range(30):  # each a segment of the index
        index.put("ja", {str(n): ("1", f"東京{n}")}, 0)
    index.put("ja", {"gone": ("1", "秘密")}, 0)
    index.forget(sa.select(posts.c.post_key).where(posts.c.post_key == "gone"))
    with writing(open_sqlite) as db:
        db.exec_driver_sql("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, search_grams, row)")
        terms = set(db.exec_driver_sql("SELECT term FROM temp.v").scalars())
        blocks = db.exec_driver_sql("SELECT block FROM search_grams_data").scalars().all()
    assert "ja·秘密" not in terms
    assert "ja·東京2" in terms
    assert not any("密".encode() in block for block in blocks)


@pytest.fixture
def open_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return open_database(f"sqlite:///{tmp_path_factory.mktemp('index')}/db.sqlite3")


@pytest.mark.slow
class TestPostgreSQL:
    @pytest.fixture
    def engine(self, postgres: Postgres) -> Engine:
        return open_database(postgres.new_database())

    @pytest.mark.parametrize("body", ["東京 a it's 都 ・ab𠮷c x", "", "a", "漢字" * WHOLE])
    def test_cuts_the_same_grams_as_python(self, engine: Engine, body: str) -> None:
        statement = sa.text("SELECT tsvector_to_array(search_grams('ja', :body))")
        with reading(engine) as db:
            cut = set(db.scalar(statement, {"body": body}))
        long = {"ja"} if len(body) > WHOLE else set()
        assert cut == {f"ja·{gram}" for gram in grams(body)} | long

    def test_asks_the_index(self, engine: Engine) -> None:
        SearchIndex(engine).put("ja", {str(n): ("1", f"東京{n}") for n in range(100)}, 0)
        query = "SELECT id FROM search_texts WHERE search_grams(language, body) @@ 'a'::tsquery"
        with writing(engine) as db:
            db.exec_driver_sql("ANALYZE search_texts")
            plan = " ".join(db.exec_driver_sql(f"EXPLAIN {query}").scalars())
            for limit in ("setup_cost", "tuple_cost"):
                db.exec_driver_sql(f"SET LOCAL parallel_{limit} = 0")
            db.exec_driver_sql("SET LOCAL min_parallel_table_scan_size = 0")
            eager = " ".join(db.exec_driver_sql(f"EXPLAIN {query}").scalars())
        assert "search_texts_grams" in plan
        assert "Gather" not in eager  # a worker's start takes longer than most queries

    def test_takes_the_longest_grams_that_there_are(self, engine: Engine) -> None:
        """A megabyte of them is the most; each of these has 12 bytes and differs."""
        body = "".join(map(chr, range(0x20000, 0x20000 + WHOLE - 10)))
        SearchIndex(engine).put("zh-hant", {"a": ("1", body)}, 0)
        assert SearchIndex(engine).candidates("zh-hant", [body[5:9]]) == {"a"}
