"""A translator that gets no more memory, with the real engine and the kernel's own limit."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.nodes import Reader, Web, wait_for

pytestmark = pytest.mark.slow

# The starter packages take 135 MB, and 490 MB while 64 of the long sentences are decoded at once.
LIMIT = 250
FEEDS = ["/ja/feed.json", "/en/feed.json"]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Web]:
    posts = tmp_path / "posts"
    posts.mkdir()
    small = "---\ntitle: 人工知能の話\n---\n\n人工知能は新しい技術です。"
    (posts / "2026-01-01-small.md").write_text(small, "utf-8")
    phrase = "人工知能は新しい技術であり、" * 25
    text = "\n\n".join(f"{n}番目の話では、{phrase}社会を変える。" for n in range(128))
    (posts / "2026-01-02-big.md").write_text(f"---\ntitle: 長い話\n---\n\n{text}", "utf-8")
    service = Web(
        tmp_path / "node",
        {
            "FEEDS_POSTS_DIR": str(posts),
            "FEEDS_SITE_URL": "https://feeds.example",
            "FEEDS_LANGUAGES": "ja,en",
            "FEEDS_TRANSLATE_MEMORY": str(LIMIT),
            "FEEDS_TRANSLATE_BATCH": "200000",
            "FEEDS_TRANSLATE_THREADS": "1",
        },
    )
    service.start()
    yield service
    service.stop()


def status(service: Web) -> Any:
    return json.loads(service.get("/api/status")[2])


def test_a_post_that_needs_too_much_is_given_up_and_named_and_the_rest_goes_on(
    service: Web,
) -> None:
    wait_for(lambda: service.get(FEEDS[0])[0] == 200, 60, [service])
    with Reader([service], FEEDS, lambda body: None) as reader:
        wait_for(lambda: not status(service)["queue"]["in_line"], 240, [service])
    report = status(service)
    assert list(report["given_up_posts"]) == ["big (en)"]
    assert "big (en)" in service.get("/status?lang=en")[2].decode()
    row = report["languages"]["en"]
    assert (row["translated"], row["failed"]) == (1, 1)
    titles = [item["title"] for item in json.loads(service.get(FEEDS[1])[2])["items"]]
    assert titles[0] == "長い話", "the original stands for it"
    assert titles[1] != "人工知能の話"
    assert reader.complaints == []
    assert reader.slowest < 5


def test_a_translator_killed_by_the_kernel_is_restarted_and_readers_are_served(
    service: Web,
) -> None:
    """The kernel ends it before a web worker: with SIGKILL, as here."""

    def translator() -> int:
        pids = re.findall(r"started the translator, process (\d+)", service.log.read_text())
        return int(pids[-1]) if pids else 0

    wait_for(lambda: status(service)["translators"], 60, [service])
    first = translator()
    assert Path(f"/proc/{first}/oom_score_adj").read_text().strip() == "500"
    with Reader([service], FEEDS, lambda body: None) as reader:
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: translator() != first, 60, [service])
        wait_for(lambda: status(service)["languages"]["en"]["translated"], 240, [service])
    assert reader.complaints == []
