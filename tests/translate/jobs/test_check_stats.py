"""What the gate refused, summed up without reading the sentences again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from infra.database import open_database, writing
from translate.jobs.check_stats import Refusals, load_check_stats
from translate.jobs.results import record
from translate.types import Sentence, Translation


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'db'}")


def sentence(*reasons: str, kept: bool = False) -> Sentence:
    return Sentence(source="文。", target="x", kept=kept, score=0.5, reasons=reasons)


def finish(database: Engine, post: str, *sentences: Sentence, failed: bool = False) -> None:
    translation = Translation(
        language="en",
        title="t",
        summary="s",
        html="",
        labels=(),
        sentences=sentences,
        hops=(),
        score=1.0,
        publishable=True,
    )
    with writing(database) as connection:
        record(
            connection,
            post_key=post,
            language="en",
            source_digest=post + str(failed) + str(len(sentences)),
            ended="gave up" if failed else translation,
            fingerprint="f",
            now=1.0,
        )


def test_sentences_are_counted_by_reason_and_by_how_they_ended(database: Engine) -> None:
    finish(database, "a", sentence(), sentence("loop", "numbers", kept=True), sentence("loop"))
    finish(database, "b", sentence("loop", kept=True))
    (found,) = load_check_stats(database).values()
    assert (found.posts, found.sentences, found.kept) == (2, 4, 2)
    assert found.refusals == {"loop": Refusals(2, 1), "numbers": Refusals(1, 0)}


def test_a_new_translation_takes_the_place_of_the_old(database: Engine) -> None:
    finish(database, "a", sentence("loop", kept=True))
    finish(database, "a", sentence(), sentence("length"))
    assert load_check_stats(database)["en"].refusals == {"length": Refusals(0, 1)}


def test_failed_translations_are_not_counted(database: Engine) -> None:
    finish(database, "a", sentence("loop"))
    finish(database, "b", sentence("loop"))
    finish(database, "a", failed=True)
    assert load_check_stats(database)["en"].posts == 1
