"""Values of the translation room: languages, packages, hypotheses, documents, states.

Values only. Everything here is frozen and free of I/O, so that the engine, the memory,
the gate and the web side can share it without knowing each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from infra.command_name import command_line


class State(StrEnum):
    """State of the translation of one post into one language."""

    READY = "ready"
    FAILED = "failed"  # given up: crashed the translator, or nothing was fit to publish


class LeaseEnd(StrEnum):
    """How the translator that held a job ended."""

    CRASHED = "crashed"  # by itself, out of memory, or asleep for good: counts as an attempt
    SLOW = "slow"  # too much processor time in one batch: tried last, in smaller batches
    INTERRUPTED = "interrupted"  # stopped from outside: not an attempt


class Pair(NamedTuple):
    source: str  # BCP 47 primary language, "ja"
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """One installed package on the way from a language to another."""

    pair: Pair
    name: str  # the package's folder or file stem, "translate-ja_ko-0_2"
    version: str
    starter: bool  # one of the small models that ship with the project


class Span(NamedTuple):
    """Characters start to end (exclusive) of a string."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which source characters each piece of the target came from.

    `weights[i][j]` is the attention of target piece i on source piece j (rows sum to about 1);
    pieces are character spans of the two plain texts, in order, not necessarily
    covering white space.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One translation of a sentence that the engine proposes."""

    text: str
    score: float  # mean log-probability per token: 0 is certain, below -2 is guessing
    alignment: Alignment | None = None  # None: this package's attention is not usable


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoding:
    """Options of the beam search; part of the memory's key."""

    beam_size: int = 4
    hypotheses: int = 1
    no_repeat_ngram: int = 0
    repetition_penalty: float = 1.0
    length_penalty: float = 1.0  # above 1, of two ways to say it the longer one wins sooner


class Router(Protocol):
    """Which packages lead from one language to another."""

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        """The hops from source to target, shortest first; raises `NoPathError`."""
        ...


class Engine(Router, Protocol):
    """Translates sentences from one language to another: Argos, and the test fake."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> Sequence[Sequence[Hypothesis]]:
        """Best hypotheses first, as many as there are, for each sentence in the order given."""
        ...


_NO_PATH = "no installed package translates"


class NoPathError(LookupError):
    """No chain of installed packages leads from one language to the other."""

    def __init__(self, pair: Pair, reachable: Sequence[str] = ()) -> None:
        self.pair = pair
        instead = f" (only to {', '.join(reachable)})" if reachable else ""
        super().__init__(
            f"{_NO_PATH} {pair.source} to {pair.target}{instead}: "
            f"run `{command_line(f'models install {pair.source} {pair.target}')}`"
        )

    @staticmethod
    def is_reason(error: str | None) -> bool:
        """Whether the recorded error of a translation is a missing package."""
        return error is not None and error.startswith(_NO_PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The translatable parts of a post. `html` is sanitised; the rest is plain text, NFC."""

    language: str
    title: str
    summary: str
    html: str
    labels: tuple[str, ...] = ()  # tags and categories, as written
    labels_language: str = ""  # "": that of the document


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence of a translated document, with scores and reasons."""

    source: str
    target: str  # the source itself where the original was kept
    kept: bool  # True: nothing was fit to publish, the original stands
    score: float  # 0 (kept) to 1
    reasons: tuple[str, ...] = ()  # why hypotheses were refused, in the order they were tried
    pivot: str | None = None  # the sentence in the language between, None on a direct path
    by_hand: bool = False  # a correction, which the gate does not judge


@dataclass(frozen=True, kw_only=True, slots=True)
class Translation:
    """A document in another language, fit to publish or not."""

    language: str
    title: str
    summary: str
    html: str  # kept sentences are wrapped in <span lang="ja">, kept blocks carry lang="ja"
    labels: tuple[str, ...]  # parallel to the document's
    sentences: tuple[Sentence, ...]
    hops: tuple[Hop, ...]
    score: float  # share of the text's characters that was translated and passed, 0 to 1
    publishable: bool  # False: too many were kept; the original is shown, marked


class TranslationMemory(Protocol):
    """Store of decoded sentences. The caller makes the keys."""

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The JSON values known, by key."""
        ...

    def put_many(self, items: dict[str, str]) -> None:
        """Stores values; committed when this returns."""
        ...

    def tally(self, hits: int, misses: int) -> None:
        """Adds to the counts of lookups."""
        ...


Progress = Callable[[int, int], None]  # (sentences done, sentences in all), once per batch
