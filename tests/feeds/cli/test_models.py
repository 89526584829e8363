"""flask models: what the commands say of packages, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from feeds.cli.models import register
from tests.support.archives import make_archive
from tests.support.blog import Blog
from translate.types import Pair


@pytest.fixture
def run(blog: Blog) -> FlaskCliRunner:
    register(blog.app)
    return blog.app.test_cli_runner()


def test_verify_ends_with_1_where_a_package_is_damaged_only(
    blog: Blog, run: FlaskCliRunner
) -> None:
    good = run.invoke(args=["models", "verify"])
    assert good.exit_code == 0
    assert "translate-ja_en-0_2: as it was installed" in good.output
    (blog.settings.packages / "translate-ja_fr-1_0").mkdir(parents=True)
    damaged = run.invoke(args=["models", "verify", "--json"])
    assert damaged.exit_code == 1
    problems = {one["name"]: one["problem"] for one in json.loads(damaged.output)}
    assert problems.pop("translate-ja_fr-1_0")
    assert set(problems.values()) == {None}


def test_a_file_is_installed_listed_and_removed(tmp_path: Path, run: FlaskCliRunner) -> None:
    file = make_archive(tmp_path / "given.argosmodel", Pair("ja", "fr"), "1.10")
    told = {"name": "translate-ja_fr-1_10", "version": "1.10"}
    installed = run.invoke(args=["models", "install", str(file), "--json"])
    assert (installed.exit_code, json.loads(installed.stdout)) == (0, [told])
    listed = run.invoke(args=["models", "list"]).stdout
    assert "ja→fr\ttranslate-ja_fr-1_10\t1.10\tinstalled\t\n" in listed
    removed = run.invoke(args=["models", "remove", told["name"], "--json"])
    assert (removed.exit_code, json.loads(removed.stdout)) == (0, told)
    assert told["name"] not in run.invoke(args=["models", "list", "--json"]).stdout


def test_what_cannot_be_done_ends_with_1_and_leaves_stdout_empty(
    tmp_path: Path, run: FlaskCliRunner
) -> None:
    (tmp_path / "half.argosmodel").write_bytes(b"PK")
    for arguments, said in {
        ("install", str(tmp_path / "half.argosmodel")): "not a zip file",
        ("remove", "translate-ja_fr-1_10"): "no such package",
        ("remove", "translate-ja_en-0_2"): "a starter package can't be removed",
    }.items():
        done = run.invoke(args=["models", *arguments, "--json"])
        assert (done.exit_code, done.stdout) == (1, "")
        assert said in done.stderr


def test_languages_that_are_connected_already_need_nothing(
    tmp_path: Path, run: FlaskCliRunner
) -> None:
    rows = []
    for pair in (Pair("ja", "fr"), Pair("fr", "ja")):
        name = f"translate-{pair.source}_{pair.target}-1_0.argosmodel"
        make_archive(tmp_path / name, pair)
        codes = {"from_code": pair.source, "to_code": pair.target, "package_version": "1.0"}
        rows.append({**codes, "links": [name]})
    (tmp_path / "index.json").write_text(json.dumps(rows))
    arguments = ["models", "install", "ja", "fr", "--index", str(tmp_path)]
    assert len(run.invoke(args=arguments).stdout.splitlines()) == 2
    again = run.invoke(args=arguments)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "nothing to install" in again.stderr
    assert run.invoke(args=[*arguments, "--json"]).stdout == "[]\n"
