"""Where a post is and was, what its readers read, and the id that it had in a former feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("text", "former_id", "leads_to", "link", "moved_from"):
        op.add_column("ledger_posts", sa.Column(name, sa.Text(), nullable=True))
