"""Whatever translators, readers and writers do, in whatever order, the lease keeps its word."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from infra.database import open_database
from translate.jobs.queue import Claim, Job, TranslationQueue
from translate.jobs.results import Results
from translate.types import Document, Translation

LEASE = 90.0
POSTS = st.sampled_from("abc")
HOLDERS = st.sampled_from(["one", "two"])


def job(post: str, digest: str) -> Job:
    document = Document(language="ja", title=f"{post}{digest}", summary="", html="")
    return Job(post_key=post, language="en", source_digest=digest, document=document)


def translation(claim: Claim) -> Translation:
    return Translation(
        language="en",
        title=f"{claim.document.title} by {claim.token}",
        summary="",
        html="",
        labels=(),
        sentences=(),
        hops=(),
        score=1.0,
        publishable=True,
    )


class Line(RuleBasedStateMachine):
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(f"sqlite:///{Path(self.folder.name)}/work.db")
        self.queue = TranslationQueue(self.database, max_attempts=1000)
        self.results = Results(self.database)
        self.now = 0.0
        self.wanted: dict[str, str] = {}  # the version in line
        self.held: dict[str, tuple[Claim, str]] = {}  # the lease that counts, by post
        self.until: dict[str, float] = {}
        self.ready: dict[str, str] = {}  # version by post
        self.tokens: list[int] = []

    def teardown(self) -> None:
        self.database.dispose()
        self.folder.cleanup()

    def is_current(self, claim: Claim) -> bool:
        held = self.held.get(claim.post_key)
        return held is not None and held[0].token == claim.token

    def lose(self, post: str) -> None:
        self.held.pop(post, None)
        self.until.pop(post, None)

    @rule(post=POSTS, digest=st.sampled_from("12"))
    def ask(self, post: str, digest: str) -> None:
        new = self.queue.request([job(post, digest)], urgency=2, now=self.now)
        assert new == (post not in self.wanted and self.ready.get(post) != digest)
        if self.wanted.get(post) == digest:
            return
        self.lose(post)
        if self.ready.get(post) == digest:
            self.wanted.pop(post, None)
        else:
            self.wanted[post] = digest

    @rule(target=claims, holder=HOLDERS)
    def claim(self, holder: str) -> Claim | None:
        claim = self.queue.claim(holder, lease_seconds=LEASE, now=self.now)
        free = {post for post in self.wanted if self.until.get(post, 0.0) <= self.now}
        if claim is None:
            assert not free
            return None
        assert claim.post_key in free
        assert claim.source_digest == self.wanted[claim.post_key]
        assert not self.tokens or claim.token > self.tokens[-1]
        self.tokens.append(claim.token)
        self.held[claim.post_key] = (claim, holder)
        self.until[claim.post_key] = self.now + LEASE
        return claim

    @rule(claim=claims)
    def renew(self, claim: Claim | None) -> None:
        if claim is None:
            return
        is_mine = self.queue.renew(claim, lease_seconds=LEASE, now=self.now)
        assert is_mine == self.is_current(claim)
        if is_mine:
            self.until[claim.post_key] = self.now + LEASE

    @rule(claim=claims, done=st.integers(0, 9))
    def progress(self, claim: Claim | None, done: int) -> None:
        if claim is None:
            return
        is_mine = self.queue.progress(claim, done, 9, lease_seconds=LEASE, now=self.now)
        assert is_mine == self.is_current(claim)
        if is_mine:
            self.until[claim.post_key] = self.now + LEASE

    @rule(claim=consumes(claims))
    def give_back(self, claim: Claim | None) -> None:
        if claim is not None:
            assert self.queue.give_back(claim) == self.is_current(claim)
            if self.is_current(claim):
                self.lose(claim.post_key)

    @rule(claim=claims)
    def finish(self, claim: Claim | None) -> None:
        if claim is None:
            return
        stored = self.queue.finish(claim, translation(claim), now=self.now)
        assert stored == self.is_current(claim)
        if stored:
            self.lose(claim.post_key)
            del self.wanted[claim.post_key]
            self.ready[claim.post_key] = claim.source_digest
            told = self.results.load(claim.post_key, "en")
            assert told
            assert told.translation.title == f"{claim.document.title} by {claim.token}"

    @rule(holder=HOLDERS)
    def die(self, holder: str) -> None:
        mine = [post for post, (_, whose) in self.held.items() if whose == holder]
        assert self.queue.release(holder) == len(mine)
        for post in mine:
            self.lose(post)

    @rule(seconds=st.sampled_from([1.0, 60.0, 91.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def what_is_told_is_what_was_finished(self) -> None:
        rows = self.results.changes()
        assert {row.post_key: row.source_digest for row in rows} == self.ready
        assert self.results.latest() >= max((row.seq for row in rows), default=0)
        keys = [(post, "en") for post in "abc"]
        in_line = {key[0]: job.source_digest for key, job in self.queue.pending(keys).items()}
        assert in_line == self.wanted


TestLine = pytest.mark.slow(Line.TestCase)
TestLine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
