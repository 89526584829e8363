"""What the line of work leaves behind, and what is read of it, on every database."""

from __future__ import annotations

from dataclasses import replace

from tests.support.jobs import claim, finish, job, translation
from translate.jobs.queue import BACKGROUND, PREWARM, TranslationQueue
from translate.jobs.results import Counts, Results


class TestFinish:
    def test_the_translation_comes_back_as_it_was(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job("a", digest="7"), now=5)
        stored = results.load("a", "en")
        assert stored is not None
        assert stored.translation == translation()
        assert stored.result.source_digest == "7"
        assert (stored.result.completed_at, stored.result.stored_at) == (5, 5)
        assert results.load("a", "ko") is None
        assert results.load_many([("a", "en"), ("b", "en")]) == {("a", "en"): stored}

    def test_finishing_twice_changes_nothing(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        held = claim(queue)
        assert queue.finish(held, translation("First"), now=1)
        assert not queue.finish(held, translation("Second"), now=2)
        assert [row.seq for row in results.changes()] == [1]

    def test_a_post_that_changed_in_the_meantime(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job(digest="1")], urgency=BACKGROUND, now=0)
        held = claim(queue)
        queue.request([job(digest="2")], urgency=BACKGROUND, now=0)
        assert not queue.finish(held, translation(), now=1)
        assert results.changes() == []
        assert claim(queue).source_digest == "2"

    def test_the_old_translation_stays_until_the_new_one_is_there(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job(digest="1"), now=5, title="Old")
        queue.request([job(digest="2")], urgency=BACKGROUND, now=6)
        held = claim(queue, now=6)
        old = results.load("a", "en")
        assert old is not None
        assert old.translation.title == "Old"
        queue.finish(held, translation("New"), now=7)
        new = results.load("a", "en")
        assert new is not None
        assert new.translation.title == "New"
        assert new.result.completed_at == 7

    def test_better_packages_change_the_text_and_not_its_completion(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        queue.finish(claim(queue), translation("Poor"), now=5, fingerprint="small")
        asked = [job()]
        assert queue.request(asked, urgency=BACKGROUND, now=6, fingerprints=["large"]) == 0
        again = queue.request(
            asked, urgency=BACKGROUND, now=6, fingerprints=["large"], refresh=True
        )
        assert again == 1
        queue.finish(claim(queue), translation("Good"), now=7, fingerprint="large")
        (row,) = results.changes(after=1)
        assert (row.completed_at, row.stored_at, row.fingerprint) == (5, 7, "large")
        assert not queue.request(asked, urgency=2, now=8, fingerprints=["large"], refresh=True)

    def test_the_first_result_is_dated_as_its_text_and_a_later_one_when_it_came(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, replace(job(digest="1"), edited=3), now=5)
        (first,) = results.changes()
        assert (first.completed_at, first.stored_at) == (3, 5)
        finish(queue, replace(job(digest="2"), edited=6), now=7)
        (second,) = results.changes()
        assert (second.completed_at, second.stored_at) == (7, 7)

    def test_updated_changes_when_a_failed_post_is_translated(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([replace(job(), edited=3)], urgency=BACKGROUND, now=4)
        assert queue.fail(claim(queue), "no way", now=5, final=True)
        assert [row.completed_at for row in results.failed()] == [3]
        queue.request([replace(job(), edited=3)], urgency=BACKGROUND, now=6, retry=True)
        queue.finish(claim(queue), translation(), now=7)
        assert [row.completed_at for row in results.changes()] == [7]

    def test_the_same_text_again_is_no_change(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job(), now=5)
        queue.request([job()], urgency=2, now=6, fingerprints=["new"], refresh=True)
        queue.finish(claim(queue), translation(), now=7, fingerprint="new")
        (row,) = results.changes()
        assert (row.seq, row.stored_at, row.fingerprint) == (1, 5, "new")

    def test_times_never_run_backwards(self, queue: TranslationQueue, results: Results) -> None:
        finish(queue, job(digest="1"), now=100)
        finish(queue, job(digest="2"), now=50)
        (row,) = results.changes()
        assert (row.seq, row.completed_at, row.stored_at) == (2, 100, 100)


class TestReading:
    def test_changes_come_in_order_and_once(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        assert results.latest() == 0
        finish(queue, job("a"), job("b"))
        assert [row.seq for row in results.changes()] == [1, 2]
        assert [row.seq for row in results.changes(limit=1)] == [1]
        finish(queue, job("a", digest="2"))
        assert [(row.seq, row.post_key) for row in results.changes(2)] == [(3, "a")]
        assert results.latest() == 3
        assert results.changes(3) == []

    def test_counts(self, queue: TranslationQueue, results: Results) -> None:
        finish(queue, job("ready"))
        jobs = [job("failed", rank=3), job("held", rank=2), job("line"), job("line", "ko")]
        queue.request(jobs, urgency=BACKGROUND, now=0)
        queue.fail(claim(queue), "boom", now=0, final=True)
        claim(queue)
        assert results.counts() == {
            "en": Counts(pending=1, in_work=1, ready=1, failed=1),
            "ko": Counts(pending=1),
        }

    def test_speed_counts_each_sentence_once(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        queue.progress(claim(queue), 20, 60, lease_seconds=90, now=10)
        queue.release("me")
        held = claim(queue)
        queue.progress(held, 20, 60, lease_seconds=90, now=20)
        queue.progress(held, 60, 60, lease_seconds=90, now=70)
        assert results.speed(now=120, minutes=2) == 60 / 120
        assert results.speed(now=119, minutes=1) == 20 / 60  # the minute that runs is not over
        assert results.speed(now=10_000) == 0

    def test_pending_has_the_progress(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=PREWARM, now=0)
        queue.progress(claim(queue), 3, 7, lease_seconds=90, now=0)
        row = queue.pending([("a", "en"), ("b", "en")])
        assert list(row) == [("a", "en")]
        assert (row["a", "en"].done, row["a", "en"].total, row["a", "en"].in_work) == (3, 7, True)
