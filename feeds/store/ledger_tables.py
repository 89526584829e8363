"""The ledger's tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

posts = sa.Table(
    "ledger_posts",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # day:slug as first seen
    sa.Column("number", sa.Integer, nullable=False, unique=True),  # order first seen, from 1
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("slug", sa.Text, nullable=False, unique=True),  # of the URL
    sa.Column("published", sa.Float, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("edited", sa.Float, nullable=False),  # the entry's `updated`; never decreases
    sa.Column("removed_at", sa.Float),  # null: not removed
    sa.Column("terms", sa.Text, nullable=False),  # JSON [[kind, slug], ...]
    # JSON {language: [digest, changed_at, whole]}; no changed_at: there from the start; no
    # digest: gone; whole: it has once been all that was shown in that language
    sa.Column("versions", sa.Text, nullable=False),
    # The revision of the ledger that last changed the row; 0: one from before it was noted.
    sa.Column("changed", sa.BigInteger, nullable=False, server_default="0", index=True),
    # Digest of what its readers read; null: it was last changed before that was noted.
    sa.Column("text", sa.Text),
    sa.Column("former_id", sa.Text),  # the id of its original; null: a tag URI
    sa.Column("link", sa.Text),  # its path on the blog; null: last changed before that was noted
    sa.Column("moved_from", sa.Text),  # JSON [published, link] at first; null: it never moved
    sa.Column("leads_to", sa.Text),  # the key of the post that it translates now; null: none
)
# Posts that return under another name are found by their content.
sa.Index(
    "ledger_posts_gone",
    posts.c.digest,
    sqlite_where=posts.c.removed_at.is_not(None),
    postgresql_where=posts.c.removed_at.is_not(None),
)
touched = sa.Table(
    "ledger_touched",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),  # "site" for the whole, with an empty slug
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("places", sa.Integer, nullable=False, server_default="0"),  # ever given in it
)
# The whole site's are the posts' numbers.
places = sa.Table(
    "ledger_places",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),  # from 1
    sa.Column("post_key", sa.Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)
facts = sa.Table(
    "ledger_facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
