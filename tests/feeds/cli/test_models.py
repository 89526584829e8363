"""flask models: what the commands say of packages, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from feeds.cli.models import register
from tests.support.archives import make_archive
from tests.support.blog import Blog
from tests.support.firefox_models import write_model
from translate.packages.archive import hash_file
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
    assert "translate-ja_en-1_0: unchanged" in good.output
    (blog.settings.packages / "translate-ja_fr-1_0").mkdir(parents=True)
    damaged = run.invoke(args=["models", "verify", "--json"])
    assert damaged.exit_code == 1
    problems = {one["name"]: one["problem"] for one in json.loads(damaged.output)}
    assert problems.pop("translate-ja_fr-1_0")
    assert set(problems.values()) == {None}


def test_a_file_is_installed_listed_and_removed(tmp_path: Path, run: FlaskCliRunner) -> None:
    file = make_archive(tmp_path / "given.argosmodel", Pair("ja", "fr"), "1.10")
    told = {"name": "translate-ja_fr-1_10", "version": "1.10"}
    told["sha256"] = hash_file(file)
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
        ("remove", "translate-ja_en-1_0"): "a starter package can't be removed",
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


@pytest.mark.parametrize("origin", ["argos", "firefox"])
def test_one_language_is_connected_with_none(run: FlaskCliRunner, origin: str) -> None:
    refused = run.invoke(args=["models", "install", "--from", origin, "ja"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "name two languages or more" in refused.stderr


def test_a_model_of_firefox_is_imported(tmp_path: Path, run: FlaskCliRunner) -> None:
    folder = write_model(tmp_path / "jaen")
    arguments = ["models", "import", str(folder), "--from", "ja", "--to", "en"]
    refused = run.invoke(args=[*arguments, "--prefix", ">>eng<<"])
    assert refused.exit_code == 2
    assert "omit --prefix" in refused.stderr
    made = run.invoke(args=[*arguments, "--version", "3.0", "--json"])
    told = json.loads(made.stdout)
    assert (told["name"], told["version"]) == ("translate-ja_en-3_0", "3.0")
    assert (
        "ja→en\ttranslate-ja_en-3_0\t3.0\tinstalled\tyes\n"
        in run.invoke(args=["models", "list"]).stdout
    )
    next(folder.glob("model.*")).write_bytes(b"")
    again = run.invoke(args=arguments)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "not a model in Marian's binary format" in again.stderr


def test_models_of_firefox_come_from_their_own_index(tmp_path: Path, run: FlaskCliRunner) -> None:
    (tmp_path / "records.json").write_text('{"data": []}')
    arguments = ["models", "install", "--from", "firefox", "ja", "en"]
    refused = run.invoke(args=[*arguments, "--index", str(tmp_path / "records.json")])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no models for these languages" in refused.stderr
