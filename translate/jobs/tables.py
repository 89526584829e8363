"""Tables of the translation memory, the job queue and its results, in one database.

Times are seconds since the epoch. The module that owns a table describes it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from infra.database import metadata

memory = Table(
    "memory",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,  # all look-ups are by key: one B-tree instead of two
)

work = Table(
    "work",
    metadata,
    Column("post_key", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("source_digest", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("requested_at", Double, nullable=False),
    # When the text was last edited; null: readers have seen the post in another form.
    Column("edited", Double),
    Column("lease_holder", Text),  # null: no translator works on it
    Column("lease_token", BigInteger, nullable=False, default=0),
    # The row is not claimed before this: the end of a lease, or of the pause after an error.
    Column("lease_until", Double, nullable=False, default=0.0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),  # null: no attempt has raised
    Column("sentences_done", Integer, nullable=False, default=0),
    Column("sentences_total", Integer, nullable=False, default=0),
    # Number of batches that took too much processor time; rows with more than 0 come last.
    Column("slow", Integer, nullable=False, default=0, server_default="0"),
    sqlite_with_rowid=False,
)
Index("work_in_line", work.c.slow, work.c.urgency, work.c.rank.desc())

results = Table(
    "results",
    metadata,
    Column("post_key", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("source_digest", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("completed_at", Double, nullable=False),
    Column("stored_at", Double, nullable=False),
    Column("error", Text),  # null: ready
    Column("translation", Text),  # null: failed, there is no translation
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("post_key", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("sentences", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("refusals", Text, nullable=False),  # JSON {reason: [kept, mended]}
)

translators = Table(
    "translators",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("fingerprint", Text, nullable=False),  # JSON [[source, target, made with]]
    Column("packages", Text, nullable=False),  # JSON
    Column("memory_bytes", BigInteger, nullable=False),
    Column("sentences", BigInteger, nullable=False),
)

pace = Table(
    "pace",
    metadata,
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("sentences", BigInteger, nullable=False),
)
