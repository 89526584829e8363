"""What the line of work leaves behind, and what is read of it, on every database."""

from __future__ import annotations

from tests.support.jobs import claim, finish, is_empty, job, translation
from translate.jobs.queue import BACKGROUND, PREWARM, Work
from translate.jobs.results import Counts, Results


class TestFinish:
    def test_the_translation_comes_back_as_it_was(self, work: Work, results: Results) -> None:
        finish(work, job("a", digest="7"), now=5)
        stored = results.load("a", "en")
        assert stored is not None
        assert stored.translation == translation()
        assert stored.result.source_digest == "7"
        assert (stored.result.completed_at, stored.result.stored_at) == (5, 5)
        assert results.load("a", "ko") is None
        assert results.load_many([("a", "en"), ("b", "en")]) == {("a", "en"): stored}

    def test_finishing_twice_changes_nothing(self, work: Work, results: Results) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        held = claim(work)
        assert work.finish(held, translation("First"), now=1)
        assert not work.finish(held, translation("Second"), now=2)
        assert [row.seq for row in results.changes()] == [1]

    def test_a_post_that_changed_in_the_meantime(self, work: Work, results: Results) -> None:
        work.request([job(digest="1")], urgency=BACKGROUND, now=0)
        held = claim(work)
        work.request([job(digest="2")], urgency=BACKGROUND, now=0)
        assert not work.finish(held, translation(), now=1)
        assert results.changes() == []
        assert claim(work).source_digest == "2"

    def test_the_old_translation_stays_until_the_new_one_is_there(
        self, work: Work, results: Results
    ) -> None:
        finish(work, job(digest="1"), now=5, title="Old")
        work.request([job(digest="2")], urgency=BACKGROUND, now=6)
        held = claim(work, now=6)
        old = results.load("a", "en")
        assert old is not None
        assert old.translation.title == "Old"
        work.finish(held, translation("New"), now=7)
        new = results.load("a", "en")
        assert new is not None
        assert new.translation.title == "New"
        assert new.result.completed_at == 7

    def test_better_packages_change_the_text_and_not_its_completion(
        self, work: Work, results: Results
    ) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        work.finish(claim(work), translation("Poor"), now=5, fingerprint="small")
        asked = [job()]
        assert work.request(asked, urgency=BACKGROUND, now=6, fingerprints=["large"]) == 0
        again = work.request(asked, urgency=BACKGROUND, now=6, fingerprints=["large"], refresh=True)
        assert again == 1
        work.finish(claim(work), translation("Good"), now=7, fingerprint="large")
        (row,) = results.changes(after=1)
        assert (row.completed_at, row.stored_at, row.fingerprint) == (5, 7, "large")
        assert not work.request(asked, urgency=2, now=8, fingerprints=["large"], refresh=True)

    def test_the_same_text_again_is_no_change(self, work: Work, results: Results) -> None:
        finish(work, job(), now=5)
        work.request([job()], urgency=2, now=6, fingerprints=["new"], refresh=True)
        work.finish(claim(work), translation(), now=7, fingerprint="new")
        (row,) = results.changes()
        assert (row.seq, row.stored_at, row.fingerprint) == (1, 5, "new")

    def test_times_never_run_backwards(self, work: Work, results: Results) -> None:
        finish(work, job(digest="1"), now=100)
        finish(work, job(digest="2"), now=50)
        (row,) = results.changes()
        assert (row.seq, row.completed_at, row.stored_at) == (2, 100, 100)


class TestReading:
    def test_changes_come_in_order_and_once(self, work: Work, results: Results) -> None:
        assert results.latest() == 0
        finish(work, job("a"), job("b"))
        assert [row.seq for row in results.changes()] == [1, 2]
        assert [row.seq for row in results.changes(limit=1)] == [1]
        finish(work, job("a", digest="2"))
        assert [(row.seq, row.post_key) for row in results.changes(2)] == [(3, "a")]
        assert results.latest() == 3
        assert results.changes(3) == []

    def test_counts(self, work: Work, results: Results) -> None:
        finish(work, job("ready"))
        jobs = [job("failed", rank=3), job("held", rank=2), job("line"), job("line", "ko")]
        work.request(jobs, urgency=BACKGROUND, now=0)
        work.fail(claim(work), "boom", now=0, final=True)
        claim(work)
        assert results.counts() == {
            "en": Counts(pending=1, in_work=1, ready=1, failed=1),
            "ko": Counts(pending=1),
        }

    def test_speed_counts_each_sentence_once(self, work: Work, results: Results) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        work.progress(claim(work), 20, 60, lease_seconds=90, now=10)
        work.release("me")
        held = claim(work)
        work.progress(held, 20, 60, lease_seconds=90, now=20)
        work.progress(held, 60, 60, lease_seconds=90, now=70)
        assert results.speed(now=120, minutes=2) == 60 / 120
        assert results.speed(now=119, minutes=1) == 20 / 60  # the minute that runs is not over
        assert results.speed(now=10_000) == 0

    def test_pending_tells_how_far_it_is(self, work: Work) -> None:
        work.request([job()], urgency=PREWARM, now=0)
        work.progress(claim(work), 3, 7, lease_seconds=90, now=0)
        row = work.pending([("a", "en"), ("b", "en")])
        assert list(row) == [("a", "en")]
        assert (row["a", "en"].done, row["a", "en"].total, row["a", "en"].in_work) == (3, 7, True)

    def test_forgetting_leaves_nothing(self, work: Work, results: Results) -> None:
        finish(work, job("a"), job("b"))
        work.request([job("a", "ko")], urgency=BACKGROUND, now=0)
        work.forget(["a"])
        assert [row.post_key for row in results.changes()] == ["b"]
        assert is_empty(work)
