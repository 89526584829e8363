"""Texts to search have an index of their grams; signatures go.

The texts are derived from posts and translations, and are made anew: they hold more now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_table("search_signatures")
    op.drop_table("search_texts")
    op.create_table(
        "search_posts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("language", "post_key"),
    )
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_grams USING fts5"
            "(grams, content='', columnsize=0, detail=none, tokenize=ascii)"
        )
        return
    # An index of what a function makes of a text, or the grams would be stored twice. The
    # planner needs no statistics of them, which ANALYZE would cut thousands of texts for.
    op.execute(GRAMS)
    op.execute(
        "CREATE INDEX search_texts_grams ON search_texts USING gin (search_grams(language, body))"
    )
    op.execute("ALTER INDEX search_texts_grams ALTER COLUMN 1 SET STATISTICS 0")


# Milliseconds for a text of 2,000 characters: the planner is told, and takes the index.
# As `feeds.model.search_text.grams`, each behind its language; and the mark of a long text.
GRAMS = """
CREATE FUNCTION search_grams(language text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT language || '·' || gram), '{}')
        || CASE WHEN length(body) > 50000 THEN ARRAY[language] ELSE '{}' END)
    FROM (
        SELECT split_part(
            a || coalesce(lead(a, 1) OVER w, '') || coalesce(lead(a, 2) OVER w, ''), ' ', 1
        ) AS gram
        FROM unnest(string_to_array(left(body, 50000), NULL)) WITH ORDINALITY AS every(a, n)
        WINDOW w AS (ORDER BY n)
    ) AS found
    WHERE gram <> ''
$$
"""
