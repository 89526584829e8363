"""The tables as they were when there first were numbers; a database from before has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "pace",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sentences", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute"),
        if_not_exists=True,
    )
    op.create_table(
        "results",
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_digest", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.Double(), nullable=False),
        sa.Column("stored_at", sa.Double(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("translation", sa.Text()),
        sa.PrimaryKeyConstraint("post_key", "language"),
        sa.UniqueConstraint("seq"),
        if_not_exists=True,
    )
    op.create_table(
        "translators",
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("packages", sa.Text(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sentences", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holder"),
        if_not_exists=True,
    )
    op.create_table(
        "verdicts",
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("post_key", "language"),
        if_not_exists=True,
    )
    op.create_table(
        "work",
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source_digest", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sa.Column("lease_holder", sa.Text()),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("sentences_done", sa.Integer(), nullable=False),
        sa.Column("sentences_total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("post_key", "language"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index(
        "work_in_line",
        "work",
        ["urgency", sa.literal_column("rank DESC")],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "ledger_facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "ledger_places",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", "place"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_ledger_places_post_key"),
        "ledger_places",
        ["post_key"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "ledger_posts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("published", sa.Float(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("edited", sa.Float(), nullable=False),
        sa.Column("removed_at", sa.Float()),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("slug"),
        if_not_exists=True,
    )
    op.create_table(
        "ledger_touched",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug"),
        if_not_exists=True,
    )
    op.create_table(
        "traffic_hours",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("not_modified", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour"),
        if_not_exists=True,
    )
    op.create_table(
        "traffic_readers",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("subscribers", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "reader"),
        if_not_exists=True,
    )
    op.create_table(
        "search_signatures",
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("language", "post_key"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "search_texts",
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("language", "post_key"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "websub_lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "websub_pings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", "language", "format", "hub"),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_websub_pings_due_at"), "websub_pings", ["due_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "websub_seen",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug"),
        if_not_exists=True,
    )
    op.create_table(
        "websub_told",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", "language", "format", "hub"),
        if_not_exists=True,
    )
    for name in ("change", "lease"):
        op.execute(
            f"INSERT INTO counters (name, value) SELECT '{name}', 0 "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT 1 FROM counters WHERE name = '{name}')"
        )
