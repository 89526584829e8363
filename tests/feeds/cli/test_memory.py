"""Commands under `flask memory`: one sentence corrected and taken back, prune in doubt."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from feeds.cli.memory import memory as group
from feeds.cli.models import register
from tests.support.blog import Blog
from tests.support.commands import answer, flask
from translate.engines.fake import FakeEngine
from translate.jobs.heartbeats import Heartbeats, TranslatorStatus
from translate.memory.memory import Memory
from translate.types import Pair

pytestmark = pytest.mark.slow

SUNNY = "今日は晴れです。"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, engine="fake")
    for day, text in enumerate((f"{SUNNY}明日は雨です。", SUNNY, f"{SUNNY}昨日は雪です。"), 1):
        blog.write(f"2026-01-0{day}-p{day}.md", text, title=f"第{day}話です")
    blog.look()
    register(blog.app)
    return blog


def said(blog: Blog, sentence: str, language: str = "en") -> str:
    """What p1 says of a sentence, translated again first where it has to be."""
    answer(blog, "translate", "run", "p1", "--lang", language, "--refresh")
    report = answer(blog, "translate", "inspect", "p1", "--lang", language)
    [target] = [one["target"] for one in report["sentences"] if one["source"] == sentence]
    return str(target)


class TestSet:
    def test_a_sentence_is_corrected_in_every_post(self, blog: Blog) -> None:
        machine = said(blog, SUNNY)
        report = answer(blog, "memory", "set", "--to", "en", SUNNY, "Sunny today!")
        assert report == {"stored": True, "replaced": False, "posts": ["p3", "p2", "p1"]}
        assert said(blog, SUNNY) == "Sunny today!" != machine

    def test_a_correction_without_a_post_is_stored_and_reported(self, blog: Blog) -> None:
        result = flask(blog, "memory", "set", "--to", "ko", "ない文。", "없는 문장.")
        assert result.exit_code == 0
        assert "in no post" in result.output
        assert answer(blog, "memory", "stats")["by_hand"] == {"ja-ko": 1}

    def test_the_code_of_the_sentence_must_be_in_it(self, blog: Blog) -> None:
        blog.write("2026-01-04-p4.md", "`flask run`を使います。", title="第4話です")
        blog.look()
        arguments = ("memory", "set", "--to", "en", "flask runを使います。")
        result = flask(blog, *arguments, "Use it.")
        assert result.exit_code == 1
        assert "p4: not stored: it must have flask run, as the sentence does" in result.output
        assert answer(blog, "memory", "stats")["by_hand"] == {}
        assert answer(blog, *arguments, "Use flask run.")["posts"] == ["p4"]

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("--to", "fr", "一", "un"), "fr is not served"),
            (("--to", "ja", "一", "二"), "ja is the language of the sentence itself"),
            (("--to", "en", "一", " "), "must not be empty"),
        ],
    )
    def test_what_cannot_be(self, blog: Blog, arguments: tuple[str, ...], complaint: str) -> None:
        result = flask(blog, "memory", "set", *arguments)
        assert result.exit_code == 2
        assert complaint in result.output


class TestForget:
    def test_the_machines_words_return(self, blog: Blog) -> None:
        machine = said(blog, SUNNY)
        flask(blog, "memory", "set", "--to", "en", SUNNY, "Sunny today!")
        assert said(blog, SUNNY) == "Sunny today!"
        assert answer(blog, "memory", "forget", "--to", "en", SUNNY) == {"target": None}
        assert said(blog, SUNNY) == machine

    def test_or_those_of_the_correction_before(self, blog: Blog) -> None:
        for text in ("First.", "Second.", "Third."):
            flask(blog, "memory", "set", "--to", "en", SUNNY, text)
        for before in ("Second.", "First.", None):
            report = answer(blog, "memory", "forget", "--to", "en", SUNNY, "--previous")
            assert report == {"target": before}

    def test_an_absent_correction_is_an_error(self, blog: Blog) -> None:
        result = flask(blog, "memory", "forget", "--to", "en", SUNNY)
        assert result.exit_code == 1
        assert f"no correction of '{SUNNY}' from ja to en" in result.output


class TestImport:
    def test_an_older_file_replaces_no_newer_correction(self, blog: Blog, tmp_path: Path) -> None:
        flask(blog, "memory", "set", "--to", "en", SUNNY, "Old words.")
        flask(blog, "memory", "export", str(tmp_path / "old.tmx"), "--only", "by-hand")
        time.sleep(1.1)  # TMX dates whole seconds
        flask(blog, "memory", "set", "--to", "en", SUNNY, "New words.")
        report = answer(blog, "memory", "import", str(tmp_path / "old.tmx"))
        assert (report["taken"], report["older"]) == (0, 1)
        assert said(blog, SUNNY) == "New words."

    def test_replaced_corrections_are_counted_and_can_be_restored(
        self, blog: Blog, tmp_path: Path
    ) -> None:
        flask(blog, "memory", "set", "--to", "en", SUNNY, "Mine.")
        file = tmp_path / "other.tmx"
        flask(blog, "memory", "export", str(file), "--only", "by-hand")
        file.write_text(file.read_text("utf-8").replace("Mine.", "Theirs."), "utf-8")
        planned = answer(blog, "memory", "import", str(file), "--dry-run")
        assert (planned["taken"], planned["replaced"], planned["dry_run"]) == (1, 1, True)
        assert said(blog, SUNNY) == "Mine."
        assert answer(blog, "memory", "import", str(file))["replaced"] == 1
        assert said(blog, SUNNY) == "Theirs."
        report = answer(blog, "memory", "forget", "--to", "en", SUNNY, "--previous")
        assert report == {"target": "Mine."}


class TestPrune:
    def test_refused_while_a_translator_has_other_packages(self, blog: Blog) -> None:
        answer(blog, "translate", "run")
        Heartbeats(blog.site.engine).record(
            TranslatorStatus(
                holder="other",
                host="node-2",
                pid=1,
                started_at=0,
                seen_at=time.time(),
                packages=FakeEngine(version="9").path(Pair("ja", "en")),
                memory_bytes=0,
                sentences=0,
                fingerprints={Pair("ja", "en"): "ja-en: fake-ja_en 9; terms 1; rules 2"},
            )
        )
        result = flask(blog, "memory", "prune")
        assert result.exit_code == 1
        assert (
            "the translator on node-2 translates ja to en with other packages or rules"
            in result.stderr
        )
        assert answer(blog, "memory", "prune", "--force")["forgotten"] == 0

    def test_refused_where_a_package_is_missing(self, blog: Blog) -> None:
        answer(blog, "translate", "run")
        blog.with_settings(languages=("ja", "en", "fr"))
        register(blog.app)
        result = flask(blog, "memory", "prune")
        assert result.exit_code == 1
        assert "nothing is deleted: no installed package translates ja to fr" in result.stderr

    def test_sentences_of_published_translations_are_kept(self, blog: Blog) -> None:
        """The packages are away: those that are there would need other sentences."""
        blog.engine = FakeEngine(version="7.0")
        for language in ("en", "ko"):
            blog.requests.add((post, language) for post in blog.site.catalogue.posts)
        blog.translate()
        before = len(Memory(blog.site.engine))
        assert before > 0
        assert answer(blog, "memory", "prune")["forgotten"] == 0
        assert len(Memory(blog.site.engine)) == before


def test_every_command_of_the_group_has_help(blog: Blog) -> None:
    for name in group.commands:
        assert "--json" in flask(blog, "memory", name, "--help").output
