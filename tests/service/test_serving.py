"""The whole service as `make serve` runs it: gunicorn, its workers, the translator, Argos."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import feedparser
import pytest

from translate.text.numbers import compare
from translate.types import Pair

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))

pytestmark = pytest.mark.slow


class Service:
    def __init__(
        self, folder: Path, posts: Path, program: tuple[str, ...] = ("gunicorn",), **settings: str
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FEEDS_")},
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "FLASK_RUN_PORT": str(self.port),
            "FEEDS_STATE_DIR": str(folder / "var"),
            "FEEDS_POSTS_DIR": str(posts),
            **settings,
        }
        self.process = subprocess.Popen(
            # A shell that runs the tests in the background has them ignore SIGINT.
            [
                *("env", "--default-signal=INT"),
                *(str(Path(sys.executable).with_name(program[0])), *program[1:]),
            ],
            cwd=ROOT,
            env=environment,
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
        )

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def wait(self, condition: Callable[[], Any], seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = condition()
            except OSError:
                found = None
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s; the log:\n{self.log.read_text()[-4000:]}")

    def complete(self, path: str) -> bool:
        return self.get(f"{path}?wait=5")[1].get("X-Translation-State") == "complete"

    def translator(self) -> int:
        """The pid of the translator process that was started last."""
        pids = re.findall(r"started the translator, process (\d+)", self.log.read_text())
        return int(pids[-1]) if pids else 0


@contextmanager
def serving(folder: Path, posts: Path, **settings: str) -> Iterator[Service]:
    service = Service(folder, posts, **settings)
    try:
        service.wait(lambda: service.get("/healthz")[0] == 200, 30)
        yield service
    finally:
        service.process.terminate()
        service.process.wait(30)


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two sample posts and, where they are there, two real ones, under Argos."""
    folder = tmp_path_factory.mktemp("serving")
    posts = folder / "posts"
    posts.mkdir()
    for name in ("2026-01-15-seoul-chip-startup.md", "2025-11-18-small-model-cost.md"):
        shutil.copy(ROOT / "content" / "posts" / name, posts)
    for seed in SEEDS:
        shutil.copy(seed, posts / f"{seed.stem}.md")
    with serving(folder, posts) as service:
        yield service


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_cold_feed_answers_at_once_and_settles(blog: Service, language: str) -> None:
    started = time.monotonic()
    status, headers, _ = blog.get(f"/{language}/feed.atom")
    assert status == 200
    assert time.monotonic() - started < 5
    assert headers["X-Translation-Ready"].endswith(f"/{2 + len(SEEDS)}")
    blog.wait(lambda: blog.complete(f"/{language}/feed.atom"), 240)
    first, second = (blog.get(f"/{language}/feed.atom") for _ in range(2))
    assert first[2] == second[2]
    assert blog.get(f"/{language}/feed.atom", **{"If-None-Match": first[1]["ETag"]})[0] == 304


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_number_of_the_posts_is_in_their_translations(blog: Service, language: str) -> None:
    blog.wait(lambda: blog.complete(f"/{language}/feed.json"), 240)
    originals = {item["id"].rpartition("/")[0]: item for item in items(blog, "ja")}
    translated = {item["id"].rpartition("/")[0]: item for item in items(blog, language)}
    assert originals.keys() == translated.keys()
    for key, item in translated.items():
        assert "untranslated" not in json.dumps(item), f"{key} was given up"
        for field in ("title", "content_html"):
            source, target = (text_of(entry[field]) for entry in (originals[key], item))
            missing = compare(source, target, Pair("ja", language)).missing
            # What stayed as it was, in code or in a kept sentence, has its numbers as they
            # were written, which the rules of another language may read otherwise.
            lost = [source[n.span.start : n.span.end] for n in missing]
            gone = [n for n in lost if not re.search(rf"(?<![\d.,]){re.escape(n)}(?![\d])", target)]
            assert not gone, (key, field, gone)


def items(blog: Service, language: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(blog.get(f"/{language}/feed.json")[2])["items"]
    return listed


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.mark.parametrize("extension", ["rss", "atom"])
@pytest.mark.parametrize("language", ["ja", "en", "ko"])
def test_feeds_are_read_back_with_the_right_language_ids_and_dates(
    blog: Service, language: str, extension: str
) -> None:
    blog.wait(lambda: blog.complete(f"/{language}/feed.atom"), 240)
    parsed = feedparser.parse(blog.get(f"/{language}/feed.{extension}")[2])
    assert not parsed.bozo
    assert parsed.feed.language == language
    assert len(parsed.entries) == 2 + len(SEEDS)
    for entry in parsed.entries:
        assert re.fullmatch(rf"tag:127\.0\.0\.1,\d{{4}}-\d\d-\d\d:[^/]+/{language}", entry.id)
        assert entry.published_parsed <= entry.updated_parsed
        assert "---END---" not in entry.content[0].value
        assert "**" not in entry.title + entry.summary


def test_posts_that_come_and_go_show_within_two_seconds(blog: Service, tmp_path: Path) -> None:
    posts = next(Path(blog.log).parent.glob("posts"))

    def titles() -> list[str]:
        return [item["title"] for item in items(blog, "ja")]

    path = posts / "2026-01-02-late.md"
    path.write_text("---\ntitle: 遅れて来た記事\n---\n本文。", "utf-8")
    blog.wait(lambda: "遅れて来た記事" in titles(), 2)
    path.write_text("---\ntitle: 書き直した記事\n---\n本文。", "utf-8")
    blog.wait(lambda: "書き直した記事" in titles(), 2)
    path.unlink()
    blog.wait(lambda: "書き直した記事" not in titles(), 2)


def test_a_killed_translator_comes_back_and_decodes_only_the_rest(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    shutil.copy(ROOT / "content" / "posts" / "2026-01-15-seoul-chip-startup.md", posts)
    with serving(tmp_path, posts, FEEDS_LANGUAGES="ja,ko") as service:

        def done() -> int:
            report = json.loads(service.get("/api/status")[2])
            return sum(t["sentences"] for t in report["translators"])

        service.wait(lambda: service.translator() and done() > 0, 30)
        first = service.translator()
        os.kill(first, signal.SIGKILL)
        service.wait(lambda: service.translator() != first, 10)
        service.wait(lambda: service.complete("/ko/feed.atom"), 120)
    assert not is_alive(service.translator())


def test_flask_run_starts_and_stops_its_translator(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    shutil.copy(ROOT / "content" / "posts" / "2026-01-15-seoul-chip-startup.md", posts)
    service = Service(tmp_path, posts, ("flask", "run"), FEEDS_ENGINE="fake")
    try:
        service.wait(lambda: service.complete("/ko/feed.atom"), 60)
        translator = service.translator()
        assert is_alive(translator)
    finally:
        service.process.send_signal(signal.SIGINT)
        service.process.wait(30)
    assert not is_alive(translator)


def test_a_translator_node_has_the_settings_of_the_service(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    shutil.copy(ROOT / "content" / "posts" / "2026-01-15-seoul-chip-startup.md", posts)
    settings = {"FEEDS_ENGINE": "fake", "FEEDS_LANGUAGES": "ja,de"}
    with serving(tmp_path, posts, FEEDS_TRANSLATOR="external", **settings) as service:
        node = Service(tmp_path, posts, ("flask", "translate", "serve"), **settings)
        try:
            service.wait(lambda: service.complete("/de/feed.atom"), 60)
            translator = node.translator()
        finally:
            node.process.terminate()
            assert node.process.wait(30) == 0
        assert not is_alive(translator)
