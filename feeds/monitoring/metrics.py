"""The metrics for Prometheus: the home of prometheus_client.

Workers count in files of a common directory, so that any worker answers /metrics for all.
prometheus_client looks for the directory's name (PROMETHEUS_MULTIPROC_DIR)
when it is imported: gunicorn.conf.py sets it before. Labels take few values each: never a
path, a tag or a client.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from infra.locks import folder_lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LABELS = ("kind", "language", "format")
# One histogram per kind: its count is the number of requests, too.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Counter(
    "feedglot_requests", "Answered requests; a 304 is a status.", (*_LABELS, "status")
)
BYTES = Counter("feedglot_response_bytes", "Bytes of bodies, as sent.", _LABELS)
ANSWER = Histogram(
    "feedglot_request_seconds", "From request to answer.", ("kind",), buckets=_SECONDS
)
RENDER = Histogram(
    "feedglot_render_seconds", "Time to build a feed.", ("format",), buckets=_SECONDS
)


# Labels take few values, so each combination is looked up once.
_requests = cache(REQUESTS.labels)
_bytes = cache(BYTES.labels)
_answer = cache(ANSWER.labels)


def count(kind: str, language: str, format: str, status: int, size: int, seconds: float) -> None:
    """One answered request."""
    with suppress(OSError):  # a disk that is full costs the count, not the answer
        _requests(kind, language, format, status).inc()
        if size:
            _bytes(kind, language, format).inc(size)
        _answer(kind).observe(seconds)


@contextmanager
def rendering(format: str) -> Iterator[None]:
    """Notes how long the block took to make a feed's bytes."""
    started = time.perf_counter()
    yield
    with suppress(OSError):
        RENDER.labels(format).observe(time.perf_counter() - started)


def render_metrics(report: dict[str, Any]) -> bytes:
    """Everything as Prometheus reads it; `report` is the status board's."""
    registry = CollectorRegistry()
    registry.register(_Board(report))
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        registry.register(_Own())
        return bytes(generate_latest(registry))
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    with folder_lock(Path(folder)):  # counts of a worker that ends must not be read twice
        return bytes(generate_latest(registry))


class _Own(Collector):
    """What this process alone has counted."""

    def collect(self) -> Iterable[Metric]:
        return (m for m in REGISTRY.collect() if m.name.startswith("feedglot_"))


class _Board(Collector):
    """What the database and the posts say: the same in every process."""

    def __init__(self, report: dict[str, Any]) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report
        yield _gauge("posts", "Posts that are served.", report["posts"]["served"])
        yield _gauge("post_problems", "Posts set aside.", report["posts"]["set_aside"])
        yield _gauge("given_up", "Translations given up.", report["given_up"])
        yield _gauge("sentences_per_second", "Translated lately.", report["sentences_per_second"])
        alive = sum(translator["alive"] for translator in report["translators"])
        yield _gauge("translators", "Translators heard of lately.", alive)
        oldest = report["queue"]["oldest_seconds"] or 0
        yield _gauge("queue_age_seconds", "Age of the oldest job.", oldest)
        queue = GaugeMetricFamily(
            "feedglot_queue_jobs", "Queued jobs.", labels=("language", "state")
        )
        posts = GaugeMetricFamily(
            "feedglot_translations",
            "Posts by state of their translation.",
            labels=("language", "state"),
        )
        for language, row in report["languages"].items():
            queue.add_metric((language, "waiting"), row["in_line"])
            queue.add_metric((language, "in_work"), row["in_work"])
            for state in ("written", "translated", "failed"):
                posts.add_metric((language, state), row[state])
        yield queue
        yield posts
        refusals = GaugeMetricFamily(
            "feedglot_gate_refusals",
            "Sentences the gate refused in what is stored now.",
            labels=("reason", "outcome"),
        )
        for reason, outcomes in report["refusals"].items():
            for outcome in ("kept", "mended"):
                refusals.add_metric((reason, outcome), outcomes[outcome])
        yield refusals
        subscribers = GaugeMetricFamily(
            "feedglot_subscribers", "As readers report them.", labels=("language", "format")
        )
        for (language, format), people in _subscribers(report).items():
            subscribers.add_metric((language, format), people)
        yield subscribers
        memory = CounterMetricFamily(
            "feedglot_memory_lookups",
            "Sentences to be translated, by whether the memory had them.",
            labels=("found",),
        )
        for found, sentences in report["memory"].items():
            memory.add_metric((found,), sentences)
        yield memory


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"feedglot_{name}", what, value=value)


def _subscribers(report: dict[str, Any]) -> dict[tuple[str, str], int]:
    """By language and format: a feed is a path such as /ja/tags/ai/feed.atom."""
    people: dict[tuple[str, str], int] = {}
    for row in report["subscribers"]:
        parts = row["feed"].split("/")
        language = parts[1] if len(parts) > 1 else ""
        if language in report["languages"]:
            key = (language, parts[-1].partition("?")[0].rpartition(".")[2][:4])
            people[key] = people.get(key, 0) + row["subscribers"]
    return people
