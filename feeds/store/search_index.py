"""The texts to search, and the index of their grams: FTS5 in SQLite, GIN in PostgreSQL.

A gram is three characters, or fewer at the end of a word (`feeds.model.search_text`). FTS5's
own trigrams know no words of two characters, of which Japanese and Korean are full; here such
a word is looked for as the beginning of a gram. The index knows texts that hold every gram of
a word; that they hold the word is seen in the text.

What has changed since all posts were indexed is read from the ledger and the results, whose
rows have the numbers of their last changes: a new worker need not compare every post.

Everything here is derived from posts and results, and may be lost at any time, together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from feeds.model.search_text import WHOLE, grams, grams_of_word
from feeds.store.ledger_tables import posts as ledger
from infra.database import CHUNK, chunks, insert, reading, writing
from translate.jobs.tables import results

metadata = sa.MetaData()

posts = sa.Table(
    "search_posts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("post_key", sa.Text, nullable=False),
    sa.Column("made_of", sa.Text, nullable=False),
    sa.UniqueConstraint("language", "post_key"),
)
# Apart, or going through posts would mean going through texts.
texts = sa.Table(
    "search_texts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
# Up to which change of the database every post is indexed; no row: it is not known.
progress = sa.Table(
    "search_progress",
    metadata,
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Column("made_with", sa.Text, nullable=False),  # digest of what else texts are made of
)

_IN_FTS = "SELECT rowid FROM search_grams WHERE search_grams MATCH :match"
_IN_GIN = (
    "SELECT id FROM search_texts WHERE search_grams(language, body) @@ CAST(:match AS tsquery)"
)

MERGED = 500  # pages of the index that one transaction rewrites

# FTS5's `ascii` tokenizer parts tokens at the signs of ASCII alone, and takes letters as they
# are when they are folded. Signs take part as private characters, which no text has folded.
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum() and code != 0x20}


class SearchIndex:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"

    def made_of(self, language: str, keys: Collection[str]) -> dict[str, str]:
        """What these posts' texts in a language are made of, by post."""
        statement = sa.select(posts.c.post_key, posts.c.made_of).where(
            posts.c.language == language, posts.c.post_key.in_(keys)
        )
        with reading(self._engine) as db:
            return {row.post_key: row.made_of for row in db.execute(statement)}

    def changed(self, language: str, made_with: str) -> tuple[set[str], int]:
        """The posts that have changed since all were indexed with that, and up to which change.

        -1: they never were, and so all posts.
        """
        known = (progress.c.language == language) & (progress.c.made_with == made_with)
        with reading(self._engine) as db:
            mark = db.scalar(sa.select(progress.c.change).where(known))
            mark = -1 if mark is None else mark
            return _changed(db, language, mark), mark

    def note_complete(self, language: str, made_with: str, change: int) -> None:
        """Notes that every post is indexed as of that change."""
        fields = {"change": change, "made_with": made_with}
        with writing(self._engine) as db:
            statement = insert(db, progress).values(language=language, **fields)
            db.execute(statement.on_conflict_do_update(index_elements=["language"], set_=fields))

    def put(self, language: str, found: Mapping[str, tuple[str, str]], as_of: int) -> bool:
        """Sets what these posts' texts are made of, and the texts. One transaction.

        Posts that have changed after `as_of` are left out, or an older text might replace what
        another worker has just written; False: there were such.
        """
        with writing(self._engine, alone="search") as db:
            later = _changed(db, language, as_of) & found.keys()
            known = {
                row.post_key: row
                for row in db.execute(
                    sa.select(posts.c.id, posts.c.post_key, posts.c.made_of).where(
                        posts.c.language == language, posts.c.post_key.in_(list(found))
                    )
                )
            }
            # Another worker may just have written the same.
            changed = {
                key: it for key, it in found.items()
                if key not in later and (key not in known or known[key].made_of != it[0])
            }  # fmt: skip
            self._delete(db, [known[key].id for key in changed if key in known])
            if changed:
                self._insert(db, language, changed)
        return not later

    def _insert(
        self, db: sa.Connection, language: str, found: Mapping[str, tuple[str, str]]
    ) -> None:
        last = db.scalar(sa.select(sa.func.max(posts.c.id))) or 0
        rows = [
            (number, key, made_of, body)
            for number, (key, (made_of, body)) in enumerate(found.items(), last + 1)
        ]
        db.execute(
            posts.insert(),
            [
                {"id": number, "language": language, "post_key": key, "made_of": made_of}
                for number, key, made_of, _ in rows
            ],
        )
        db.execute(
            texts.insert(),
            [{"id": number, "language": language, "body": body} for number, *_, body in rows],
        )
        if self._is_sqlite:
            tokens = [(number, _tokens(language, body)) for number, *_, body in rows]
            db.exec_driver_sql("INSERT INTO search_grams (rowid, grams) VALUES (?, ?)", tokens)

    def candidates(
        self,
        language: str,
        words: Sequence[str],
        limit: int | None = None,
        *,
        long: bool = True,
    ) -> set[str]:
        """The keys of posts whose texts hold every gram of the words; at most `limit` of them.

        `long` texts are among them, whatever is in their ends.
        """
        query = _fts_query if self._is_sqlite else _ts_query
        found = _IN_FTS if self._is_sqlite else _IN_GIN
        bounded = "" if limit is None else f" LIMIT {limit:d}"
        statement = sa.text(f"SELECT post_key FROM search_posts WHERE id IN ({found}{bounded})")  # noqa: S608
        with reading(self._engine) as db:
            return set(db.scalars(statement, {"match": query(language, words, long)}))

    def holding(self, language: str, keys: Collection[str], words: Sequence[str]) -> set[str]:
        """Those of these posts whose texts hold every word."""
        joined = posts.join(texts, texts.c.id == posts.c.id)
        statement = sa.select(posts.c.post_key, texts.c.body).select_from(joined)
        found: set[str] = set()
        with reading(self._engine) as db:
            for some in chunks(keys):
                here = (posts.c.language == language) & posts.c.post_key.in_(some)
                rows = db.execute(statement.where(here))
                found |= {key for key, body in rows if all(word in body for word in words)}
        return found

    def forget(self, gone: sa.Select[tuple[str]]) -> int:
        """Deletes the texts of posts whose keys `gone` selects; returns their number."""
        due = posts.c.post_key.in_(gone)
        deleted = 0
        while True:
            with reading(self._engine) as db:  # mostly there is nothing
                ids = list(db.scalars(sa.select(posts.c.id).where(due).limit(CHUNK)))
            if not ids:
                break
            with writing(self._engine, alone="search") as db:
                if self._is_sqlite:
                    db.exec_driver_sql("PRAGMA secure_delete = ON")  # not only from the index
                # Asked again: the post may just have come back.
                still = list(db.scalars(sa.select(posts.c.id).where(posts.c.id.in_(ids) & due)))
                self._delete(db, still)
            deleted += len(still)
        if deleted and self._is_sqlite:
            self._merge()
        return deleted

    def _delete(self, db: sa.Connection, ids: Sequence[int]) -> None:
        if not ids:
            return
        if self._is_sqlite:
            # FTS5 finds what it is to delete by being told what it was.
            rows = db.execute(sa.select(texts).where(texts.c.id.in_(ids))).all()
            db.exec_driver_sql(
                "INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', ?, ?)",
                [(row.id, _tokens(row.language, row.body)) for row in rows],
            )
        for table in (texts, posts):
            db.execute(table.delete().where(table.c.id.in_(ids)))

    def _merge(self) -> None:
        """Rewrites the index, which only marks what is deleted, in short transactions."""
        pages = -MERGED  # negative: all segments, whatever their sizes
        while True:
            with writing(self._engine) as db:
                db.exec_driver_sql("PRAGMA secure_delete = ON")
                before = db.exec_driver_sql("SELECT total_changes()").scalar_one()
                db.exec_driver_sql(
                    "INSERT INTO search_grams (search_grams, rank) VALUES ('merge', ?)", (pages,)
                )
                after = db.exec_driver_sql("SELECT total_changes()").scalar_one()
            if after - before < 2:  # FTS5's own sign that there is nothing left to merge
                return
            pages = MERGED


def _changed(db: sa.Connection, language: str, after: int) -> set[str]:
    """The posts that have changed after that number, or their results in the language."""
    here = sa.select(ledger.c.key).where(ledger.c.removed_at.is_(None))
    of_results = (results.c.language == language) & (results.c.seq > after)
    with_result = here.join_from(ledger, results, results.c.post_key == ledger.c.key)
    statement = here.where(ledger.c.changed > after).union(with_result.where(of_results))
    return set(db.scalars(statement))


def _tokens(language: str, body: str) -> str:
    """The grams of a text as FTS5 takes them, each behind its language."""
    prefix = _token(language, "")
    tokens = [prefix + gram for gram in grams(body.translate(_SIGNS))]
    if len(body) > WHOLE:
        tokens.append(prefix)
    return " ".join(tokens)


def _token(language: str, gram: str) -> str:
    return f"{language}·{gram}".translate(_SIGNS)


def _fts_query(language: str, words: Iterable[str], long: bool) -> str:
    # Signs of the query language are no part of tokens, so nothing is to be escaped.
    every = " ".join(
        f'"{_token(language, gram)}"' + ("*" if len(gram) < 3 else "") for gram in _grams(words)
    )
    return f'({every}) OR "{_token(language, "")}"' if long else every


def _ts_query(language: str, words: Iterable[str], long: bool) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    every = " & ".join(
        quoted(f"{language}·{gram}") + (":*" if len(gram) < 3 else "") for gram in _grams(words)
    )
    return f"({every}) | {quoted(language)}" if long else every


def _grams(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(gram for word in words for gram in grams_of_word(word)))
