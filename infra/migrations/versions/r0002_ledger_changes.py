"""What the ledger has changed is found without reading all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    zero = sa.text("0")
    op.add_column(
        "ledger_posts", sa.Column("changed", sa.BigInteger(), nullable=False, server_default=zero)
    )
    op.create_index(op.f("ix_ledger_posts_changed"), "ledger_posts", ["changed"])
    gone = sa.text("removed_at IS NOT NULL")
    op.create_index(
        "ledger_posts_gone", "ledger_posts", ["digest"], sqlite_where=gone, postgresql_where=gone
    )
    op.add_column(
        "ledger_touched", sa.Column("places", sa.Integer(), nullable=False, server_default=zero)
    )
    op.execute(
        "UPDATE ledger_touched SET places = COALESCE((SELECT max(place) FROM ledger_places p "
        "WHERE p.kind = ledger_touched.kind AND p.slug = ledger_touched.slug), 0)"
    )
    op.execute(
        "UPDATE ledger_touched SET places = COALESCE((SELECT max(number) FROM ledger_posts), 0) "
        "WHERE kind = 'site'"
    )
