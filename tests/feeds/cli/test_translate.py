"""flask translate and flask memory, as they are typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds.cli.models import register
from infra.locks import StateLock
from tests.support.blog import Blog
from tests.support.commands import answer, flask
from translate.engines.fake import FakeEngine
from translate.memory.corrections import Correction, add_corrections
from translate.memory.memory import Memory
from translate.types import Decoding, Hop, Hypothesis, Pair

pytestmark = pytest.mark.slow


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, engine="fake")
    for day, text in enumerate(("今日は晴れです。明日は雨です。", "今日は晴れです。"), 1):
        blog.write(f"2026-01-0{day}-p{day}.md", text, title=f"第{day}話です")
    blog.look()
    register(blog.app)
    return blog


class TestRun:
    def test_does_everything_that_is_missing_where_no_translator_is(self, blog: Blog) -> None:
        report = answer(blog, "translate", "run")
        assert (report["ready"], report["failed"], report["left"]) == (4, {}, 0)
        assert report["sentences"] > 0
        for language in ("en", "ko"):
            headers = blog.get(f"/{language}/feed.rss").headers
            assert headers["X-Translation-State"] == "complete"
        assert answer(blog, "translate", "run")["ready"] == 0  # nothing is left

    def test_one_post_in_one_language(self, blog: Blog) -> None:
        assert answer(blog, "translate", "run", "p1", "--lang", "ko")["ready"] == 1
        assert [row.language for row in blog.site.results.changes()] == ["ko"]

    def test_failed_jobs_are_retried_on_request(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path, engine="fake", languages=("ja", "fr"))
        blog.write("2026-01-01-a.md")
        blog.look()
        register(blog.app)
        report = answer(blog, "translate", "run", status=1)
        assert "no installed package translates ja to fr" in report["failed"]["a (fr)"]
        assert answer(blog, "translate", "run")["failed"] == {}
        assert list(answer(blog, "translate", "run", "--retry", status=1)["failed"]) == ["a (fr)"]
        assert list(answer(blog, "translate", "run", "a", status=1)["failed"]) == ["a (fr)"]

    def test_watches_the_translator_that_is_at_work(self, blog: Blog) -> None:
        lock = StateLock(blog.settings.state_dir)
        assert lock.acquire()
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(flask(blog, "translate", "run")))
        thread.start()
        while not blog.site.queue.oldest():
            time.sleep(0.02)
        assert blog.translate() == 4
        thread.join(20)
        lock.release()
        assert results[0].exit_code == 0
        assert "waiting for it" in results[0].stderr
        assert "4 translated" in results[0].stderr

    def test_stopping_loses_nothing(self, blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
        sleep = time.sleep

        def interrupt(seconds: float) -> None:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            sleep(seconds)

        lock = StateLock(blog.settings.state_dir)
        assert lock.acquire()
        monkeypatch.setattr("feeds.cli.translate.time.sleep", interrupt)
        result = flask(blog, "translate", "run")
        lock.release()
        assert result.exit_code == 130
        assert "4 left: run it again to continue" in result.stderr
        monkeypatch.undo()
        assert answer(blog, "translate", "run")["ready"] == 4

    def test_says_what_it_does_not_know(self, blog: Blog) -> None:
        result = flask(blog, "translate", "run", "p3")
        assert result.exit_code == 2
        assert "did you mean p" in result.output
        assert "choose from ja, en, ko" in flask(blog, "translate", "run", "--lang", "fr").output

    def test_off_is_off(self, blog: Blog) -> None:
        blog.with_settings(translator="off")
        register(blog.app)
        result = flask(blog, "translate", "run")
        assert result.exit_code == 2
        assert "FEEDS_TRANSLATOR=off" in result.output

    def test_the_lock_is_free_afterwards(self, blog: Blog) -> None:
        answer(blog, "translate", "run")
        lock = StateLock(blog.settings.state_dir)
        assert lock.acquire()
        lock.release()
        assert blog.site.translators.all() == []


class TestInspect:
    def test_shows_what_is_published_sentence_by_sentence(self, blog: Blog) -> None:
        answer(blog, "translate", "run")
        report = answer(blog, "translate", "inspect", "p1", "--lang", "ko")
        assert (report["state"], report["score"]) == ("ready", 1.0)
        assert report["packages"] == ["fake-ja_ko 1.0"]
        sources = [one["source"] for one in report["sentences"]]
        assert sources == ["第1話です", "今日は晴れです。", "明日は雨です。"]
        shown = flask(blog, "translate", "inspect", "p1", "--lang", "ko")
        assert shown.exit_code == 0
        for one in report["sentences"]:
            assert one["source"] in shown.stdout
            assert one["target"] in shown.stdout
        assert "\x1b" not in shown.stdout  # not a terminal

    def test_shows_why_a_post_was_given_up(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of it is published, all of it is told."""

        class Babbling(FakeEngine):
            def decode(
                self, hop: Hop, sentences: Sequence[str], options: Decoding
            ) -> list[list[Hypothesis]]:
                return [[Hypothesis("bad bad bad bad", -0.1)] for _ in sentences]

        monkeypatch.setattr("feeds.cli.translate.open_engine", lambda _: Babbling())
        failed = answer(blog, "translate", "run", "p1", "--lang", "en", status=1)["failed"]
        assert failed == {"p1 (en)": "3 of 3 sentences could not be translated"}
        report = answer(blog, "translate", "inspect", "p1", "--lang", "en", status=1)
        assert (report["state"], report["error"]) == ("failed", failed["p1 (en)"])
        assert report["score"] == 0
        assert all(one["kept"] and "loop" in one["reasons"] for one in report["sentences"])
        shown = flask(blog, "translate", "inspect", "p1", "--lang", "en").stdout
        assert "rejected: loop" in shown

    def test_shows_the_remembered_sentences_of_a_queued_post(self, blog: Blog) -> None:
        answer(blog, "translate", "run", "p2", "--lang", "en")
        report = answer(blog, "translate", "inspect", "p1", "--lang", "en", status=1)
        assert report["state"] == "pending"
        told = {one["source"]: one["reasons"] for one in report["sentences"]}
        assert told["今日は晴れです。"] == []  # p2 has it too
        assert told["明日は雨です。"] == ["pending"]

    def test_a_post_in_its_own_language_is_by_hand(self, blog: Blog) -> None:
        assert answer(blog, "translate", "inspect", "p1", "--lang", "ja")["state"] == "by hand"


class TestMemory:
    def test_a_sentence_put_right_shows_in_every_post(self, blog: Blog, tmp_path: Path) -> None:
        answer(blog, "translate", "run")
        file = tmp_path / "out.tmx"
        assert answer(blog, "memory", "export", str(file))["written"] == 8
        text = file.read_text("utf-8")
        pattern = r'(今日は晴れです。</seg></tuv><tuv xml:lang="en"><seg>)[^<]*'
        file.write_text(re.sub(pattern, r"\1Sunny today!", text), "utf-8")
        report = answer(blog, "memory", "import", str(file))
        assert (report["taken"], report["machine"]) == (1, 7)
        stats = answer(blog, "memory", "stats")
        assert stats["by_hand"] == {"ja-en": 1}
        assert stats["sentences"] > 7
        assert answer(blog, "memory", "export", str(file), "--only", "by-hand")["written"] == 1
        assert "Sunny today!" in file.read_text("utf-8")
        blog.write("2026-01-04-p4.md", "今日は晴れです。", title="第4話です")
        blog.look()
        flask(blog, "translate", "run", "p4", "--lang", "en")
        report = answer(blog, "translate", "inspect", "p4", "--lang", "en")
        assert [one["target"] for one in report["sentences"] if one["by_hand"]] == ["Sunny today!"]

    def test_an_invalid_file_is_rejected(self, blog: Blog, tmp_path: Path) -> None:
        file = tmp_path / "in.tmx"
        file.write_text("<html/>")
        result = flask(blog, "memory", "import", str(file))
        assert result.exit_code == 1
        assert "in.tmx: not a TMX file" in result.output

    def test_an_export_is_whole_or_not_there(self, blog: Blog, tmp_path: Path) -> None:
        assert flask(blog, "memory", "export", str(tmp_path / "no" / "out.tmx")).exit_code == 1
        flask(blog, "memory", "export", str(tmp_path / "out.tmx"))
        assert [path.name for path in tmp_path.glob("out*")] == ["out.tmx"]

    def test_prune_deletes_sentences_of_no_post(self, blog: Blog, tmp_path: Path) -> None:
        answer(blog, "translate", "run")
        mine = Correction(pair=Pair("ja", "en"), source="もうない文。", target="Gone.")
        add_corrections(Memory(blog.site.engine), [mine])
        before = answer(blog, "memory", "stats")["sentences"]
        assert answer(blog, "memory", "prune")["forgotten"] == 0
        blog.remove("2026-01-01-p1.md")
        blog.look()
        planned = answer(blog, "memory", "prune", "--dry-run")["forgotten"]
        assert "would be deleted" in flask(blog, "memory", "prune").stderr  # more than a third
        assert planned == 2 * 2  # its title and the rain, in two languages
        assert answer(blog, "memory", "stats")["sentences"] == before
        assert answer(blog, "memory", "prune", "--force")["forgotten"] == planned
        assert answer(blog, "memory", "stats")["sentences"] == before - planned
        assert answer(blog, "memory", "stats")["by_hand"] == {"ja-en": 1}

    def test_without_posts_nothing_is_pruned(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path)
        register(blog.app)
        result = flask(blog, "memory", "prune")
        assert result.exit_code == 1
        assert "nothing is deleted" in result.stderr


class TestWhatCannotStart:
    """A command, which may be a nightly one, ends where the service would wait."""

    @pytest.mark.parametrize(
        ("variable", "value", "said"),
        [
            ("FEEDS_LIMT", "5", "FEEDS_LIMT: unknown setting"),
            (
                "FEEDS_DATABASE_URL",
                "postgresql://feeds:s3cret@127.0.0.1:1/posts",
                "FEEDS_DATABASE_URL=postgresql://feeds:***@127.0.0.1:1/posts: connection failed",
            ),
            (
                "FEEDS_STATE_DIR",
                "/dev/null/var",
                "FEEDS_STATE_DIR=/dev/null/var: /dev/null/var",
            ),
        ],
    )
    @pytest.mark.parametrize("command", [["content", "check"], ["--help"]])
    def test_is_one_line(
        self, tmp_path: Path, command: list[str], variable: str, value: str, said: str
    ) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "flask", *command],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"FEEDS_STATE_DIR": str(tmp_path), variable: value},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(f"Error: {said}")
        assert len(done.stderr.splitlines()) == 1
        assert "s3cret" not in done.stderr


def test_every_command_has_help(blog: Blog) -> None:
    runner: CliRunner = blog.app.test_cli_runner()
    for command in ("translate run", "translate inspect", "memory export", "memory import"):
        result = runner.invoke(args=[*command.split(), "--help"])
        assert "--json" in result.output
        assert len(result.output.splitlines()) > 8
