"""The line of work, on every database. Times are small numbers; nobody reads a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.jobs import DOCUMENT, claim, finish, is_empty, job, translation
from translate.jobs.queue import BACKGROUND, PREWARM, WAITED_FOR, Work
from translate.jobs.results import Results
from translate.types import State


class TestRequest:
    def test_what_is_asked_is_what_is_claimed(self, work: Work) -> None:
        assert work.request([job("a", digest="7")], urgency=BACKGROUND, now=0) == 1
        claimed = claim(work)
        assert (claimed.post_key, claimed.language, claimed.source_digest) == ("a", "en", "7")
        assert claimed.document == DOCUMENT

    def test_asking_twice_enqueues_once(self, work: Work) -> None:
        assert work.request([job(), job()], urgency=BACKGROUND, now=0) == 1
        assert work.request([job()], urgency=BACKGROUND, now=1) == 0
        claim(work)
        assert work.request([job()], urgency=WAITED_FOR, now=2) == 0
        assert is_empty(work)

    def test_what_is_ready_is_not_queued(self, work: Work) -> None:
        finish(work, job())
        assert work.request([job()], urgency=WAITED_FOR, now=1) == 0
        assert is_empty(work)

    def test_another_version_takes_the_place_of_the_one_in_line(self, work: Work) -> None:
        work.request([job(digest="1")], urgency=WAITED_FOR, now=0)
        assert work.request([job(digest="2")], urgency=BACKGROUND, now=0) == 0
        assert work.pending([("a", "en")])["a", "en"].urgency == WAITED_FOR
        assert claim(work).source_digest == "2"
        assert is_empty(work)

    def test_an_edit_taken_back_leaves_the_line(self, work: Work, results: Results) -> None:
        finish(work, job(digest="1"))
        work.request([job(digest="2")], urgency=BACKGROUND, now=1)
        work.request([job(digest="1")], urgency=BACKGROUND, now=2)
        assert is_empty(work)
        assert [row.source_digest for row in results.changes()] == ["1"]

    def test_limit_keeps_the_newest(self, work: Work) -> None:
        jobs = [job(post, rank=rank) for rank, post in enumerate("abcd")]
        assert work.request(jobs, urgency=BACKGROUND, now=0, limit=2) == 2
        assert [claim(work).post_key, claim(work).post_key] == ["d", "c"]
        assert is_empty(work)

    def test_limit_never_holds_up_what_is_waited_for(self, work: Work) -> None:
        work.request([job("a"), job("b")], urgency=BACKGROUND, now=0, limit=2)
        assert work.request([job("c")], urgency=BACKGROUND, now=0, limit=2) == 0
        assert work.request([job("c")], urgency=WAITED_FOR, now=0, limit=2) == 1
        assert work.request([job("b")], urgency=WAITED_FOR, now=0, limit=1) == 0
        assert work.pending([("b", "en")])["b", "en"].urgency == WAITED_FOR

    @pytest.mark.slow
    def test_more_than_a_statement_can_carry(self, work: Work) -> None:
        jobs = [job(f"post {number}", rank=number) for number in range(1_200)]
        assert work.request(jobs, urgency=BACKGROUND, now=0) == 1_200
        assert len(work.pending(each.key for each in jobs)) == 1_200
        assert claim(work).post_key == "post 1199"


class TestClaim:
    def test_nothing_to_do(self, work: Work) -> None:
        assert is_empty(work)

    def test_waited_for_first_then_newest(self, work: Work) -> None:
        work.request([job("old", rank=1), job("new", rank=2)], urgency=BACKGROUND, now=0)
        work.request([job("warm", rank=0)], urgency=PREWARM, now=0)
        work.request([job("wanted", rank=0)], urgency=WAITED_FOR, now=0)
        order = [claim(work).post_key for _ in range(4)]
        assert order == ["wanted", "warm", "new", "old"]

    def test_asking_more_urgently_moves_a_job_forward(self, work: Work) -> None:
        work.request([job("new", rank=2), job("old", rank=1)], urgency=BACKGROUND, now=0)
        work.request([job("old", rank=1)], urgency=WAITED_FOR, now=0)
        work.request([job("old", rank=1)], urgency=BACKGROUND, now=0)  # does not move it back
        assert claim(work).post_key == "old"

    def test_a_lease_that_ran_out_is_taken_over(self, work: Work) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        lost = claim(work, now=0)
        assert is_empty(work, now=89)
        held = claim(work, now=91, holder="you")
        assert held.token > lost.token
        assert held.attempt == 2
        assert not work.finish(lost, translation("Late"), now=92)
        assert not work.progress(lost, 1, 2, lease_seconds=90, now=92)
        assert not work.renew(lost, lease_seconds=90, now=92)
        assert not work.fail(lost, "late", now=92)
        assert not work.give_back(lost)
        assert work.finish(held, translation("In time"), now=92)

    def test_renewing_keeps_the_lease(self, work: Work) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        held = claim(work, now=0)
        assert work.renew(held, lease_seconds=90, now=80)
        assert work.progress(held, 1, 2, lease_seconds=90, now=160)
        assert is_empty(work, now=240)
        assert work.finish(held, translation(), now=240)

    def test_a_clock_set_back_holds_no_job_for_hours(self, work: Work) -> None:
        work.request([job()], urgency=BACKGROUND, now=100_000)
        claim(work, now=100_000)
        assert claim(work, now=10_000).attempt == 2

    def test_a_released_holder_has_nothing(self, work: Work) -> None:
        work.request([job("a"), job("b")], urgency=BACKGROUND, now=0)
        dead, alive = claim(work, holder="dead"), claim(work, holder="alive")
        assert work.release("dead") == 1
        assert claim(work, holder="next").post_key == dead.post_key
        assert not work.finish(dead, translation(), now=1)
        assert work.finish(alive, translation(), now=1)

    def test_korean_waits_for_the_english_of_the_same_post(self, work: Work) -> None:
        after = {"ko": "en"}
        work.request([job("a", "en", rank=1), job("b", "en", rank=2)], urgency=PREWARM, now=0)
        work.request([job("a", "ko", rank=1)], urgency=WAITED_FOR, now=0)
        first = claim(work, after=after)
        assert (first.post_key, first.language) == ("a", "en")  # lent the place of the Korean
        second = claim(work, after=after)
        assert (second.post_key, second.language) == ("b", "en")  # not the Korean yet
        assert work.claim("me", lease_seconds=90, now=0, after=after) is None
        work.finish(first, translation(), now=0)
        third = claim(work, after=after)
        assert (third.post_key, third.language) == ("a", "ko")

    def test_korean_does_not_wait_on_a_direct_path(self, work: Work) -> None:
        work.request([job("a", "ko")], urgency=WAITED_FOR, now=0)
        work.request([job("a", "en")], urgency=PREWARM, now=0)
        assert claim(work).language == "ko"


class TestFailure:
    def test_a_post_that_kills_the_translator_is_given_up(
        self, work: Work, results: Results
    ) -> None:
        work.request([job("killer", rank=1), job("other")], urgency=BACKGROUND, now=0)
        for attempt in (1, 2, 3):
            assert claim(work, holder="me").attempt == attempt
            work.release("me")
        assert claim(work).post_key == "other"
        (row,) = results.failed()
        assert (row.post_key, row.state) == ("killer", State.FAILED)
        assert row.error == "killed or hung the translator 3 times"
        assert results.load("killer", "en") is None

    def test_an_attempt_that_gets_further_counts_as_the_first(self, work: Work) -> None:
        """Someone restarts the machine again and again: the post is not to blame."""
        work.request([job()], urgency=BACKGROUND, now=0)
        for done in range(1, 10):
            assert work.progress(claim(work), done, 10, lease_seconds=90, now=0)
            work.release("me")
        assert claim(work).attempt == 2
        work.release("me")
        assert work.progress(claim(work), 9, 10, lease_seconds=90, now=0)  # no further than before
        work.release("me")
        assert is_empty(work)

    def test_giving_back_is_no_attempt(self, work: Work) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        for _ in range(5):
            held = claim(work)
            assert held.attempt == 1
            assert work.give_back(held)

    def test_an_error_is_tried_again_after_a_pause(self, work: Work, results: Results) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        assert work.fail(claim(work, now=0), "boom", now=0)
        assert work.pending([("a", "en")])["a", "en"].error == "boom"
        assert is_empty(work, now=4)
        work.fail(claim(work, now=100), "boom", now=100)
        work.fail(claim(work, now=200), "bang", now=200)
        assert is_empty(work, now=1000)
        assert [(row.error, row.completed_at) for row in results.failed()] == [("bang", 200)]

    def test_a_final_error_is_not_tried_again(self, work: Work, results: Results) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        assert work.fail(claim(work), "no package", now=1, final=True)
        assert [row.error for row in results.failed()] == ["no package"]
        assert is_empty(work, now=1000)

    def test_what_is_not_fit_to_publish_is_no_translation(
        self, work: Work, results: Results
    ) -> None:
        finish(work, job(digest="1"), title="Old")
        work.request([job(digest="2")], urgency=BACKGROUND, now=1)
        assert work.finish(claim(work), translation(publishable=False), now=2)
        (row,) = results.changes()
        assert row.state == State.FAILED
        assert row.error == "1 of 2 sentences could not be translated"
        assert results.load("a", "en") is None

    def test_what_failed_is_tried_again_when_asked_or_with_other_packages(
        self, work: Work, results: Results
    ) -> None:
        work.request([job()], urgency=BACKGROUND, now=0)
        work.fail(claim(work), "no package", now=1, final=True, fingerprint="none")
        assert work.request([job()], urgency=0, now=2) == 0
        assert work.request([job()], urgency=0, now=2, fingerprints=["none"]) == 0
        assert work.request([job()], urgency=0, now=2, fingerprints=["ja_en 1"]) == 1
        work.fail(claim(work), "no package", now=3, final=True, fingerprint="ja_en 1")
        assert results.latest() == 1  # failed as before
        assert work.request([job()], urgency=0, now=4, retry=True) == 1
        work.finish(claim(work), translation(), now=5)
        (row,) = results.changes()
        assert (row.seq, row.state, row.completed_at) == (2, State.READY, 5)

    def test_what_was_good_stays_when_a_better_package_fails(
        self, work: Work, results: Results
    ) -> None:
        finish(work, job())
        work.request([job()], urgency=2, now=6, fingerprints=["new"], refresh=True)
        work.fail(claim(work), "boom", now=7, final=True, fingerprint="new")
        (row,) = results.changes()
        assert (row.seq, row.state, row.fingerprint) == (1, State.READY, "new")

    def test_another_version_is_a_new_start(self, work: Work) -> None:
        work.request([job(digest="1")], urgency=BACKGROUND, now=0)
        work.fail(claim(work), "boom", now=1, final=True)
        assert work.request([job(digest="2")], urgency=BACKGROUND, now=2) == 1
        assert claim(work).attempt == 1


def test_a_key_is_a_post_and_a_language(work: Work) -> None:
    jobs = [job("a", "en"), job("a", "ko"), replace(job("b"), language="ko")]
    assert work.request(jobs, urgency=BACKGROUND, now=0) == 3
