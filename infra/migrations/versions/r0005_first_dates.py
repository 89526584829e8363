"""A job knows the date of its text, which a first translation is dated with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("work", sa.Column("edited", sa.Double(), nullable=True))
