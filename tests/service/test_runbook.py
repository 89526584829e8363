"""docs/running.md names only what there is, and the commands that run a service are named."""

from __future__ import annotations

import re
from pathlib import Path

from feeds.cli.service import COMMANDS
from feeds.settings import setting_fields
from tests.support.blog import Blog

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "running.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def test_the_runbook_is_linked_and_every_file_it_names_is_there() -> None:
    assert "docs/running.md" in README
    for name in re.findall(r"deploy/([\w.-]+)", RUNBOOK):
        assert (ROOT / "deploy" / name).exists(), name


def test_commands_and_settings_of_the_runbook_exist() -> None:
    known = {f"FEEDS_{field.name.upper()}" for field in setting_fields()}
    assert set(re.findall(r"FEEDS_[A-Z_]*[A-Z]", RUNBOOK)) <= known
    for command in COMMANDS:
        assert f"flask {command.name} " in README
        assert re.search(f"(flask|feedglot) {command.name} ", RUNBOOK)


def test_every_metric_of_an_alarm_exists(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    blog.get("/ja/feed.rss")
    told = blog.get("/metrics").text
    for name in set(re.findall(r"feedglot_[a-z_]+", RUNBOOK)) - {"feedglot_request_seconds_bucket"}:
        assert f"# TYPE {name.removesuffix('_bucket')} " in told, name
    assert "feedglot_request_seconds_bucket{" in told
