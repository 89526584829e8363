"""Adds the column `slow`: slow jobs are retried after all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("work", sa.Column("slow", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("work_in_line", table_name="work")
    op.create_index("work_in_line", "work", ["slow", "urgency", sa.literal_column("rank DESC")])
