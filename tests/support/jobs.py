"""Jobs for the line of work, and what comes of them. Times are small numbers."""

from __future__ import annotations

from collections.abc import Mapping

from translate.jobs.queue import BACKGROUND, Claim, Job, TranslationQueue
from translate.types import Document, Hop, Pair, Sentence, Translation

DOCUMENT = Document(
    language="ja", title="題", summary="要約\x00\ud800", html="<p>本文。</p>", labels=("人工知能",)
)


def job(post: str = "a", language: str = "en", *, digest: str = "1", rank: int = 0) -> Job:
    return Job(post_key=post, language=language, source_digest=digest, document=DOCUMENT, rank=rank)


def translation(title: str = "Title", *, publishable: bool = True) -> Translation:
    return Translation(
        language="en",
        title=title,
        summary="",
        html="<p>Text.</p>",
        labels=("AI",),
        sentences=(
            Sentence(source="題", target=title, kept=False, score=0.9),
            Sentence(source="本文。", target="本文。", kept=True, score=0, reasons=("empty",)),
        ),
        hops=(Hop(pair=Pair("ja", "en"), name="ja_en", version="1", starter=True),),
        score=0.5,
        publishable=publishable,
    )


def claim(
    queue: TranslationQueue,
    *,
    now: float = 0,
    holder: str = "me",
    after: Mapping[str, str] | None = None,
) -> Claim:
    claimed = queue.claim(holder, lease_seconds=90, now=now, after=after)
    assert claimed is not None
    return claimed


def is_empty(queue: TranslationQueue, *, now: float = 0) -> bool:
    return queue.claim("me", lease_seconds=90, now=now) is None


def finish(queue: TranslationQueue, *jobs: Job, now: float = 0, title: str = "Title") -> None:
    queue.request(jobs, urgency=BACKGROUND, now=now)
    for _ in jobs:
        assert queue.finish(claim(queue, now=now), translation(title), now=now)
