"""The line of work, on every database. Times are small numbers; nobody reads a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.jobs import DOCUMENT, claim, finish, is_empty, job, translation
from translate.jobs.queue import (
    BACKGROUND,
    PREWARM,
    WAITED_FOR,
    TranslationQueue,
)
from translate.jobs.results import Results
from translate.jobs.retries import slow_pause
from translate.types import LeaseEnd, State


class TestRequest:
    def test_a_requested_job_can_be_claimed(self, queue: TranslationQueue) -> None:
        assert queue.request([job("a", digest="7")], urgency=BACKGROUND, now=0) == 1
        claimed = claim(queue)
        assert (claimed.post_key, claimed.language, claimed.source_digest) == ("a", "en", "7")
        assert claimed.document == DOCUMENT

    def test_asking_twice_enqueues_once(self, queue: TranslationQueue) -> None:
        assert queue.request([job(), job()], urgency=BACKGROUND, now=0) == 1
        assert queue.request([job()], urgency=BACKGROUND, now=1) == 0
        claim(queue)
        assert queue.request([job()], urgency=WAITED_FOR, now=2) == 0
        assert is_empty(queue)

    def test_a_ready_translation_is_not_queued(self, queue: TranslationQueue) -> None:
        finish(queue, job())
        assert queue.request([job()], urgency=WAITED_FOR, now=1) == 0
        assert is_empty(queue)

    def test_another_version_replaces_the_queued_one(self, queue: TranslationQueue) -> None:
        queue.request([job(digest="1")], urgency=WAITED_FOR, now=0)
        assert queue.request([job(digest="2")], urgency=BACKGROUND, now=0) == 0
        assert queue.pending([("a", "en")])["a", "en"].urgency == WAITED_FOR
        assert claim(queue).source_digest == "2"
        assert is_empty(queue)

    def test_a_reverted_edit_leaves_the_queue(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job(digest="1"))
        queue.request([job(digest="2")], urgency=BACKGROUND, now=1)
        queue.request([job(digest="1")], urgency=BACKGROUND, now=2)
        assert is_empty(queue)
        assert [row.source_digest for row in results.changes()] == ["1"]

    def test_limit_keeps_the_newest(self, queue: TranslationQueue) -> None:
        jobs = [job(post, rank=rank) for rank, post in enumerate("abcd")]
        assert queue.request(jobs, urgency=BACKGROUND, now=0, limit=2) == 2
        assert [claim(queue).post_key, claim(queue).post_key] == ["d", "c"]
        assert is_empty(queue)

    def test_the_limit_never_delays_requested_jobs(self, queue: TranslationQueue) -> None:
        queue.request([job("a"), job("b")], urgency=BACKGROUND, now=0, limit=2)
        assert queue.request([job("c")], urgency=BACKGROUND, now=0, limit=2) == 0
        assert queue.request([job("c")], urgency=WAITED_FOR, now=0, limit=2) == 1
        assert queue.request([job("b")], urgency=WAITED_FOR, now=0, limit=1) == 0
        assert queue.pending([("b", "en")])["b", "en"].urgency == WAITED_FOR

    @pytest.mark.slow
    def test_more_than_a_statement_can_carry(self, queue: TranslationQueue) -> None:
        jobs = [job(f"post {number}", rank=number) for number in range(1_200)]
        assert queue.request(jobs, urgency=BACKGROUND, now=0) == 1_200
        assert len(queue.pending(each.key for each in jobs)) == 1_200
        assert claim(queue).post_key == "post 1199"


class TestClaim:
    def test_nothing_to_do(self, queue: TranslationQueue) -> None:
        assert is_empty(queue)

    def test_waited_for_first_then_newest(self, queue: TranslationQueue) -> None:
        queue.request([job("old", rank=1), job("new", rank=2)], urgency=BACKGROUND, now=0)
        queue.request([job("warm", rank=0)], urgency=PREWARM, now=0)
        queue.request([job("wanted", rank=0)], urgency=WAITED_FOR, now=0)
        order = [claim(queue).post_key for _ in range(4)]
        assert order == ["wanted", "warm", "new", "old"]

    def test_asking_more_urgently_moves_a_job_forward(self, queue: TranslationQueue) -> None:
        queue.request([job("new", rank=2), job("old", rank=1)], urgency=BACKGROUND, now=0)
        queue.request([job("old", rank=1)], urgency=WAITED_FOR, now=0)
        queue.request([job("old", rank=1)], urgency=BACKGROUND, now=0)  # does not move it back
        assert claim(queue).post_key == "old"

    def test_a_lease_that_ran_out_is_taken_over(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        lost = claim(queue, now=0)
        assert is_empty(queue, now=89)
        held = claim(queue, now=91, holder="you")
        assert held.token > lost.token
        assert held.attempt == 2
        assert not queue.finish(lost, translation("Late"), now=92)
        assert not queue.progress(lost, 1, 2, lease_seconds=90, now=92)
        assert not queue.renew(lost, lease_seconds=90, now=92)
        assert not queue.fail(lost, "late", now=92)
        assert not queue.give_back(lost)
        assert queue.finish(held, translation("In time"), now=92)

    def test_renewing_keeps_the_lease(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        held = claim(queue, now=0)
        assert queue.renew(held, lease_seconds=90, now=80)
        assert queue.progress(held, 1, 2, lease_seconds=90, now=160)
        assert is_empty(queue, now=240)
        assert queue.finish(held, translation(), now=240)

    def test_a_clock_set_back_delays_no_job_for_hours(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=BACKGROUND, now=100_000)
        claim(queue, now=100_000)
        assert claim(queue, now=10_000).attempt == 2

    def test_a_released_holder_has_nothing(self, queue: TranslationQueue) -> None:
        queue.request([job("a"), job("b")], urgency=BACKGROUND, now=0)
        dead, alive = claim(queue, holder="dead"), claim(queue, holder="alive")
        assert queue.release("dead") == 1
        assert claim(queue, holder="next").post_key == dead.post_key
        assert not queue.finish(dead, translation(), now=1)
        assert queue.finish(alive, translation(), now=1)

    def test_korean_waits_for_the_english_of_the_same_post(self, queue: TranslationQueue) -> None:
        after = {"ko": "en"}
        queue.request([job("a", "en", rank=1), job("b", "en", rank=2)], urgency=PREWARM, now=0)
        queue.request([job("a", "ko", rank=1)], urgency=WAITED_FOR, now=0)
        first = claim(queue, after=after)
        assert (first.post_key, first.language) == ("a", "en")  # lent the place of the Korean
        second = claim(queue, after=after)
        assert (second.post_key, second.language) == ("b", "en")  # not the Korean yet
        assert queue.claim("me", lease_seconds=90, now=0, after=after) is None
        queue.finish(first, translation(), now=0)
        third = claim(queue, after=after)
        assert (third.post_key, third.language) == ("a", "ko")

    def test_korean_does_not_wait_on_a_direct_path(self, queue: TranslationQueue) -> None:
        queue.request([job("a", "ko")], urgency=WAITED_FOR, now=0)
        queue.request([job("a", "en")], urgency=PREWARM, now=0)
        assert claim(queue).language == "ko"


class TestFailure:
    def test_a_post_that_kills_the_translator_is_given_up(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job("killer", rank=1), job("other")], urgency=BACKGROUND, now=0)
        for attempt in (1, 2, 3):
            assert claim(queue, holder="me").attempt == attempt
            queue.release("me")
        assert claim(queue).post_key == "other"
        (row,) = results.failed()
        assert (row.post_key, row.state) == ("killer", State.FAILED)
        assert row.error == "crashed the translator 3 times"
        assert results.load("killer", "en") is None

    def test_an_attempt_that_gets_further_counts_as_the_first(
        self, queue: TranslationQueue
    ) -> None:
        """Someone restarts the machine again and again: the post is not to blame."""
        queue.request([job()], urgency=BACKGROUND, now=0)
        for done in range(1, 10):
            assert queue.progress(claim(queue), done, 10, lease_seconds=90, now=0)
            queue.release("me")
        assert claim(queue).attempt == 2
        queue.release("me")
        assert queue.progress(
            claim(queue), 9, 10, lease_seconds=90, now=0
        )  # no further than before
        queue.release("me")
        assert is_empty(queue)

    def test_slow_jobs_come_last_and_never_fail(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job("slow", rank=1)], urgency=WAITED_FOR, now=0)
        now = 0.0
        for times in range(1, 8):
            held = claim(queue, holder="me", now=now)
            assert (held.attempt, held.slow) == (1, times - 1)
            queue.release("me", LeaseEnd.SLOW, now=now)
            now += slow_pause(times)
        queue.request([job("other")], urgency=BACKGROUND, now=now)
        assert [claim(queue, now=now).post_key for _ in range(2)] == ["other", "slow"]
        assert results.failed() == []

    def test_slow_jobs_wait_for_their_pause(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        claim(queue, holder="me", now=0)
        queue.release("me", LeaseEnd.SLOW, now=0)
        assert is_empty(queue, now=4.9)
        assert claim(queue, now=5).slow == 1

    def test_a_translator_stopped_from_outside_costs_no_attempt(
        self, queue: TranslationQueue
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        for _ in range(5):
            assert claim(queue, holder="me").attempt == 1
            queue.release("me", LeaseEnd.INTERRUPTED)

    def test_giving_back_is_no_attempt(self, queue: TranslationQueue) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        for _ in range(5):
            held = claim(queue)
            assert held.attempt == 1
            assert queue.give_back(held)

    def test_an_error_is_tried_again_after_a_pause(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        assert queue.fail(claim(queue, now=0), "boom", now=0)
        assert queue.pending([("a", "en")])["a", "en"].error == "boom"
        assert is_empty(queue, now=4)
        queue.fail(claim(queue, now=100), "boom", now=100)
        queue.fail(claim(queue, now=200), "bang", now=200)
        assert is_empty(queue, now=1000)
        assert [(row.error, row.completed_at) for row in results.failed()] == [("bang", 200)]

    def test_a_final_error_is_not_tried_again(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        assert queue.fail(claim(queue), "no package", now=1, final=True)
        assert [row.error for row in results.failed()] == ["no package"]
        assert is_empty(queue, now=1000)

    def test_an_unpublishable_translation_is_a_failure(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job(digest="1"), title="Old")
        queue.request([job(digest="2")], urgency=BACKGROUND, now=1)
        assert queue.finish(claim(queue), translation(publishable=False), now=2)
        (row,) = results.changes()
        assert row.state == State.FAILED
        assert row.error == "1 of 2 sentences could not be translated"
        assert results.load("a", "en") is None

    def test_failed_jobs_are_retried_on_request_or_with_other_packages(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        queue.request([job()], urgency=BACKGROUND, now=0)
        queue.fail(claim(queue), "no package", now=1, final=True, fingerprint="none")
        assert queue.request([job()], urgency=0, now=2) == 0
        assert queue.request([job()], urgency=0, now=2, fingerprints=["none"]) == 0
        assert queue.request([job()], urgency=0, now=2, fingerprints=["ja_en 1"]) == 1
        queue.fail(claim(queue), "no package", now=3, final=True, fingerprint="ja_en 1")
        assert results.latest() == 1  # failed as before
        assert queue.request([job()], urgency=0, now=4, retry=True) == 1
        queue.finish(claim(queue), translation(), now=5)
        (row,) = results.changes()
        assert (row.seq, row.state, row.completed_at) == (2, State.READY, 5)

    def test_a_translation_stays_when_a_better_package_fails(
        self, queue: TranslationQueue, results: Results
    ) -> None:
        finish(queue, job())
        queue.request([job()], urgency=2, now=6, fingerprints=["new"], refresh=True)
        queue.fail(claim(queue), "boom", now=7, final=True, fingerprint="new")
        (row,) = results.changes()
        assert (row.seq, row.state, row.fingerprint) == (1, State.READY, "new")

    def test_another_version_is_a_new_start(self, queue: TranslationQueue) -> None:
        queue.request([job(digest="1")], urgency=BACKGROUND, now=0)
        queue.fail(claim(queue), "boom", now=1, final=True)
        assert queue.request([job(digest="2")], urgency=BACKGROUND, now=2) == 1
        assert claim(queue).attempt == 1


def test_a_key_is_a_post_and_a_language(queue: TranslationQueue) -> None:
    jobs = [job("a", "en"), job("a", "ko"), replace(job("b"), language="ko")]
    assert queue.request(jobs, urgency=BACKGROUND, now=0) == 3
