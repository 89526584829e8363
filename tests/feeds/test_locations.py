"""State, settings file and sample posts: the checkout's own, or those of the user."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.settings import Settings
from infra.command_name import command_line
from tests.support.nodes import ROOT

FEEDGLOT = {"FEEDGLOT_COMMAND": "feedglot"}


def user(tmp_path: Path) -> dict[str, str]:
    return {**FEEDGLOT, "HOME": str(tmp_path)}


def test_outside_a_checkout_state_and_samples_are_found_from_any_folder(tmp_path: Path) -> None:
    settings = Settings.load(user(tmp_path), tmp_path)
    assert settings.state_dir == tmp_path / ".local/state/feedglot"
    assert settings.posts_dir == ROOT / "content" / "posts"
    chosen = {**user(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    assert Settings.load(chosen, tmp_path).state_dir == tmp_path / "state" / "feedglot"
    relative = {**user(tmp_path), "XDG_STATE_HOME": "state"}  # which the specification ignores
    assert Settings.load(relative, tmp_path).state_dir == tmp_path / ".local/state/feedglot"


def test_in_the_checkout_they_are_its_own(tmp_path: Path) -> None:
    for environ, folder in ((user(tmp_path), ROOT), ({}, tmp_path)):
        settings = Settings.load(environ, folder)
        assert settings.state_dir == Path("var")
        assert settings.posts_dir == Path("content/posts")


def test_the_file_of_the_folder_wins_over_that_of_the_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environ = user(home)
    users = home / ".config" / "feedglot" / "feedglot.toml"
    users.parent.mkdir(parents=True)
    users.write_text("limit = 7")
    assert Settings.load(environ, tmp_path).limit == 7
    (tmp_path / "feedglot.toml").write_text("limit = 9")
    assert Settings.load(environ, tmp_path).limit == 9
    assert Settings.load({}, home).limit == 20  # the user's is not for a checkout


def test_messages_name_the_command_by_which_they_were_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FEEDGLOT_COMMAND", raising=False)
    assert command_line("models list") == "flask models list"
    monkeypatch.setenv("FEEDGLOT_COMMAND", "feedglot")
    assert command_line("models list") == "feedglot models list"
