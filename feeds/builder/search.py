"""Search in the language of a feed: the posts whose text there holds every word of a query.

A word is a run of characters without white space, looked for as it stands (NFKC, case
folded) anywhere in title, summary and text, so that Japanese, and Korean with its particles,
are found without a dictionary. Labels of terms are not searched: they have feeds of their own.

The texts lie in a table, and are looked through newest first, as far as the feed needs. What
makes that cheap is a signature of each text, one kilobyte held in memory: the set of its
characters and pairs of characters, hashed to 8,192 bits. A text whose signature lacks a bit
of the word's cannot hold the word and is not read. 10,000 posts of 2,000 characters: 10 MB
in a worker for each language that is searched, and a query takes 4 to 100 ms. Beyond `HELD`
posts, signatures are read from the table where a query gets that far. (SQLite's own
scan of these texts, by LIKE or instr, took 200 to 400 ms on the same machine; an FTS5 trigram
table does not know words of one or two characters, of which Japanese is full, is not there
in PostgreSQL, and doubled the database.)
"""

from __future__ import annotations

import html
import logging
import re
import threading
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.model.feed import Entry
from infra.database import CHUNK, chunks, insert, reading, writing

log = logging.getLogger(__name__)

BITS = 8192
FILL_SECONDS = 1.0  # what one request spends on texts that are not in the table yet
BATCH = 50  # texts per transaction
LOOK = 100  # texts read at once
HELD = 20_000  # signatures of a language, those of the newest posts

metadata = sa.MetaData()

_texts = sa.Table(
    "search_texts",
    metadata,
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("post_key", sa.Text, primary_key=True),
    sa.Column("made_of", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
# Apart from the texts, or reading all signatures would mean reading all texts.
_signatures = sa.Table(
    "search_signatures",
    metadata,
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("post_key", sa.Text, primary_key=True),
    sa.Column("made_of", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


# A post that is finished in a language, and what its text there was made of.
Finished = tuple[SitePost, str]


class Search:
    """`compose` gives the entries of posts in a language, as their readers see them."""

    def __init__(
        self,
        site: Site,
        compose: Callable[[Sequence[SitePost], str], Iterable[tuple[SitePost, Entry]]],
    ) -> None:
        self._site = site
        self._engine = site.engine
        self._compose = compose
        self._complete_at: dict[str, int] = {}  # by language, the site's generation then
        self._filling = threading.Lock()
        # By language and post: what its text in the table is made of, and of some the signature.
        self._known: dict[str, dict[str, str]] = {}
        self._signatures: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()  # one at a time fills

    def prepare(self, language: str) -> bool:
        """Whether every finished text is in the table; a thread reads the rest."""
        generation = self._site.generation
        if self._complete_at.get(language) == generation:
            return True  # no need to ask it of each post
        if self._update(language, FILL_SECONDS):
            self._complete_at[language] = generation
            return True
        if self._filling.acquire(blocking=False):

            def fill() -> None:
                try:
                    self._update(language, 600.0)
                finally:
                    self._filling.release()

            threading.Thread(target=fill, name="search", daemon=True).start()
        return False

    def _finished(self, language: str) -> list[Finished]:
        site = self._site
        found: list[Finished] = []
        for post in site.catalogue.posts:
            result = site.standing(post, language)
            by_hand = site.localizer.is_complete_without_machine(post.post, language)
            if by_hand or result or site.localizer.is_shown_until_translated(post, language):
                digests = [post.post.digest, *(v.digest for v in post.post.versions)]
                digests.append(post.post.context)
                seq = str(result.seq) if result and not by_hand else ""
                found.append((post, " ".join([*(d[:16] for d in digests), seq])))
        return found

    def _update(self, language: str, seconds: float) -> bool:
        """Brings the table up to date; False: there is more to do than fits in the time.

        Raises `SQLAlchemyError` while nothing is known of the texts: none would be found.
        What is written is derived from posts and results, so it can be lost at any time.
        """
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            finished = self._finished(language)
            deadline = time.monotonic() + seconds
            known = self._known.get(language)
            if known is None:
                known = self._known[language] = self._load(language)
                self._signatures[language] = {}
            todo = [f for f in finished if not _is_known(known, f)]
            if todo:
                self._take_over(known, language, todo)
                todo = [f for f in todo if not _is_known(known, f)]
            for some in chunks(todo, BATCH):
                if time.monotonic() > deadline:
                    return False
                self._fill(known, language, some)
            return True
        except SQLAlchemyError:
            if language not in self._known:
                raise
            log.exception("the texts to search cannot be read or written")
            return False
        finally:
            self._lock.release()

    def find(self, posts: Iterable[SitePost], language: str, query: str) -> Iterator[SitePost]:
        """Those of `posts` that hold every word, in their order; read as far as is asked for."""
        words = sorted(set(fold(query).split()), key=len, reverse=True)
        mask = signature(words)
        candidates = self._candidates(posts, language, mask)
        while some := list(islice(candidates, LOOK)):
            holding = self._holding([post.key for post in some], language, words)
            yield from (post for post in some if post.key in holding)

    def _candidates(
        self, posts: Iterable[SitePost], language: str, mask: int
    ) -> Iterator[SitePost]:
        """Those of `posts` whose signatures have all bits of the mask."""
        known, held = self._known.get(language, {}), self._signatures.get(language, {})
        indexed = (post for post in posts if post.key in known)
        while some := list(islice(indexed, CHUNK)):
            found: dict[str, int] = {}
            if missing := [post.key for post in some if post.key not in held]:
                found = self._read_signatures(language, missing)
                if len(held) < HELD:
                    held.update(found)
            signatures = ((post, held.get(post.key) or found.get(post.key, 0)) for post in some)
            yield from (post for post, bits in signatures if bits & mask == mask)

    def _read_signatures(self, language: str, keys: Sequence[str]) -> dict[str, int]:
        here = _signatures.c.post_key.in_(keys) & (_signatures.c.language == language)
        with reading(self._engine) as db:
            rows = db.execute(
                sa.select(_signatures.c.post_key, _signatures.c.signature).where(here)
            )
            return {row.post_key: int.from_bytes(row.signature, "little") for row in rows}

    def _holding(self, keys: list[str], language: str, words: list[str]) -> set[str]:
        statement = sa.select(_texts.c.post_key, _texts.c.text).where(
            _texts.c.language == language, _texts.c.post_key.in_(keys)
        )
        with reading(self._engine) as db:
            rows = db.execute(statement)
            return {row.post_key for row in rows if all(word in row.text for word in words)}

    def _load(self, language: str, keys: Sequence[str] | None = None) -> dict[str, str]:
        columns = (_signatures.c.post_key, _signatures.c.made_of)
        statement = sa.select(*columns).where(_signatures.c.language == language)
        if keys is not None:
            statement = statement.where(_signatures.c.post_key.in_(keys))
        with reading(self._engine) as db:
            return {row.post_key: row.made_of for row in db.execute(statement)}

    def _take_over(self, known: dict[str, str], language: str, todo: Sequence[Finished]) -> None:
        """Reads the rows that other workers wrote since the last read."""
        for some in chunks(todo):
            for key, made_of in self._load(language, [post.key for post, _ in some]).items():
                known[key] = made_of
                self._signatures[language].pop(key, None)

    def _fill(self, known: dict[str, str], language: str, some: Sequence[Finished]) -> None:
        made_of = {post.key: made for post, made in some}
        entries = self._compose([post for post, _ in some], language)
        texts = {post.key: searchable(entry) for post, entry in entries}
        # A post that cannot be shown now is not found either, until it changes.
        found = {key: signature([texts.get(key, "")]) for key in made_of}
        with writing(self._engine) as db:
            for table in (_texts, _signatures):
                here = table.c.post_key.in_(list(made_of)) & (table.c.language == language)
                db.execute(table.delete().where(here))
            both = [
                {
                    "language": language,
                    "post_key": key,
                    "made_of": made_of[key],
                    "text": texts.get(key, ""),
                    "signature": bits.to_bytes(BITS // 8, "little"),
                }
                for key, bits in found.items()
            ]
            for table in (_texts, _signatures):
                db.execute(insert(db, table).on_conflict_do_nothing(), both)
        known.update(made_of)
        held = self._signatures[language]  # another thread may just have read an old one
        held.update((key, bits) for key, bits in found.items() if key in held)


def _is_known(known: dict[str, str], finished: Finished) -> bool:
    post, made_of = finished
    return known.get(post.key) == made_of


# Text

_READING = re.compile(r"<(rt|rp|rtc)\b[^>]*>.*?</\1>", re.DOTALL)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|data|del|dfn|em|i|ins|kbd|mark|q|ruby|rb|s|samp|small"
    r"|span|strong|sub|sup|time|u|var|wbr)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
# A line that ends within a Japanese sentence ends nothing: 人工\n知能 is one word.
_JAPANESE = r"[\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f]"
_BROKEN = re.compile(rf"(?<={_JAPANESE})[ \t]*\n[ \t]*(?={_JAPANESE})")


def searchable(entry: Entry) -> str:
    """Title, summary and text of an entry, folded."""
    text = _INLINE.sub("", _READING.sub("", entry.html))
    text = _TAG.sub("\x1f", _BROKEN.sub("", text))
    return fold(f"{entry.title}\x1f{entry.summary}\x1f{html.unescape(text)}")


def fold(text: str) -> str:
    """Width, case and composition evened out: ＡＩ, ai and AI are one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def signature(texts: Iterable[str]) -> int:
    """The bits of every character and pair of characters in the texts."""
    grams: set[str] = set()
    for text in texts:
        grams.update(text)
        grams.update(a + b for a, b in pairwise(text))
    bits = bytearray(BITS // 8)
    for gram in grams:
        code = zlib.crc32(gram.encode("utf-8", "replace"))
        for bit in (code % BITS, code // BITS % BITS):
            bits[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(bits, "little")
