"""Folders that cannot be used: one line that names the setting, from the service and the doctor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.folders import check_folders
from feeds.ops.doctor.checks import examine
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from tests.support.blog import Blog
from tests.support.nodes import ROOT
from tests.support.servers import free_port

NAMED = "name a folder that the service may write"


def settings(folder: Path, **changes: object) -> Settings:
    (folder / "posts").mkdir(exist_ok=True)
    values = {"posts_dir": folder / "posts", "state_dir": folder / "var", **changes}
    return Settings(**values, engine="fake")  # type: ignore[arg-type]


def said(settings: Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        check_folders(settings)
    return str(caught.value)


def diagnosed(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    found = examine(settings, datetime.now(UTC), environ)
    return {one.check: f"{one.what}: {one.remedy}" for one in found if one.level == "failed"}


def test_a_state_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    state = tmp_path / "file"
    state.touch()
    line = f"FEEDS_STATE_DIR={state}: {state} is a file, not a folder: {NAMED}"
    assert said(settings(tmp_path, state_dir=state)) == line
    found = diagnosed(settings(tmp_path, state_dir=state), {"PORT": str(free_port())})
    assert found["state"] == line
    assert "database" not in found


def test_a_state_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = tmp_path / "file" / "var"
    line = said(settings(tmp_path, state_dir=state))
    assert line.startswith(f"FEEDS_STATE_DIR={state}: {state} cannot be made: ")
    assert line.endswith(f": {NAMED}")


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    state = Path("/proc/sys")  # read-only or refused, to root as well
    if os.access(state, os.W_OK):
        state = Path("/sys/kernel")
    url = f"sqlite:///{state}/feeds.sqlite3"
    line = said(settings(tmp_path, database_url=url))
    assert line == f"FEEDS_DATABASE_URL={url}: {state} is not writable: {NAMED}"


def test_missing_posts_are_named_on_a_new_state_and_waited_for_later(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    line = f"FEEDS_POSTS_DIR={missing}: no such folder: name the folder of posts"
    assert said(settings(tmp_path, posts_dir=missing)) == line
    assert diagnosed(settings(tmp_path, posts_dir=missing), {"PORT": str(free_port())})[
        "posts"
    ].startswith(line)
    blog = Blog(tmp_path / "blog")  # has a database
    blog.settings.posts_dir.rmdir()
    check_folders(blog.settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"FEEDS_STATE_DIR": "{folder}/file"}, "{folder}/file is a file, not a folder"),
        ({"FEEDS_POSTS_DIR": "{folder}/nowhere"}, "FEEDS_POSTS_DIR={folder}/nowhere: no such"),
        ({"PORT": "abc"}, "PORT: 'abc' is not a port: write a number from 1 to 65535"),
        ({"HOST": "0.0.0.0"}, "HOST=0.0.0.0 means every address of this machine"),
        ({"FEEDS_LANGUAGES": "ja,jp"}, "FEEDS_LANGUAGES: not a language code: 'jp': did you mean"),
    ],
)
def test_service_commands_and_doctor_report_it_in_one_line(
    tmp_path: Path, variables: dict[str, str], line: str
) -> None:
    (tmp_path / "file").touch()
    variables = {name: value.format(folder=tmp_path) for name, value in variables.items()}
    environment = {
        **{name: value for name, value in os.environ.items() if name[:6] != "FEEDS_"},
        "FEEDS_STATE_DIR": str(tmp_path / "var"),
        "PORT": str(free_port()),
        **variables,
    }
    expected = line.format(folder=tmp_path)
    for program in (["gunicorn"], ["flask", "feeds", "list"], ["flask", "doctor"]):
        command = [str(Path(sys.executable).with_name(program[0])), *program[1:]]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 1, program
        text = ended.stdout + ended.stderr
        assert sum(expected in one for one in text.splitlines()) >= 1, (program, text)
        assert "Traceback" not in text
        if program == ["gunicorn"]:
            lines = [one for one in text.splitlines() if "Starting gunicorn" not in one]
            assert len(lines) == 1
