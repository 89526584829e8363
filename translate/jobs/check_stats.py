"""Per-translation counts of accepted and rejected sentences.

Each translation has a row of counts, written in its transaction, so that the sums over a
whole site do not read the sentences of every post.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, delete, select

from infra.database import insert, reading
from translate.jobs.tables import verdicts
from translate.types import Translation


@dataclass(frozen=True, slots=True)
class Refusals:
    """Counts of sentences with at least one hypothesis that one check rejected."""

    kept: int = 0  # no hypothesis passed: the original is kept
    mended: int = 0  # another hypothesis passed


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckStats:
    """The sums over all translations of one language."""

    posts: int = 0
    sentences: int = 0
    kept: int = 0  # sentences left in the original
    refusals: Mapping[str, Refusals] = field(default_factory=dict)  # by reason


def load_check_stats(engine: Engine) -> dict[str, CheckStats]:
    """The sums by language. Reads one short row per translation: callers cache the result."""
    posts: Counter[str] = Counter()
    sentences: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    refused: dict[str, Counter[tuple[str, bool]]] = {}
    columns = verdicts.c
    statement = select(columns.language, columns.sentences, columns.kept, columns.refusals)
    with reading(engine) as connection:
        for language, sentence_count, sentences_kept, text in connection.execute(statement):
            posts[language] += 1
            sentences[language] += sentence_count
            kept[language] += sentences_kept
            counts = refused.setdefault(language, Counter())
            for reason, (kept_count, mended) in json.loads(text).items():
                counts[reason, True] += kept_count
                counts[reason, False] += mended
    return {
        language: CheckStats(
            posts=posts[language],
            sentences=sentences[language],
            kept=kept[language],
            refusals={
                reason: Refusals(counts[reason, True], counts[reason, False])
                for reason in sorted({reason for reason, _ in counts})
            },
        )
        for language, counts in sorted(refused.items())
    }


def record_stats(
    connection: Connection, post_key: str, language: str, translation: Translation | None
) -> None:
    """Stores the counts of a translation; None: deletes them."""
    is_row = (verdicts.c.post_key == post_key) & (verdicts.c.language == language)
    if translation is None:
        connection.execute(delete(verdicts).where(is_row))
        return
    counts: dict[str, list[int]] = {}
    for sentence in translation.sentences:
        for reason in sentence.reasons:
            counts.setdefault(reason, [0, 0])[0 if sentence.kept else 1] += 1
    values = {
        "sentences": len(translation.sentences),
        "kept": sum(sentence.kept for sentence in translation.sentences),
        "refusals": json.dumps(counts, sort_keys=True),
    }
    connection.execute(
        insert(connection, verdicts)
        .values(post_key=post_key, language=language, **values)
        .on_conflict_do_update(
            index_elements=[verdicts.c.post_key, verdicts.c.language], set_=values
        )
    )
