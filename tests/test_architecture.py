"""The house: which way imports run, and that the README names what there is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from feeds.cli.models import content, feeds, memory, models, translate
from feeds.cli.service import COMMANDS
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
ROOMS = {
    "content": {"content"},
    "translate": {"translate"},
    "feeds": {"feeds", "content", "translate"},
}
HOMES = {
    "feedgen": {"feeds/formats/xml_feed.py", "feeds/formats/feedgen_extension.py"},
    "ctranslate2": {"translate/engines/argos.py", "translate/packages/model_converter.py"},
    "argostranslate": {"translate/engines/argos.py"},
    "markdown_it": {"content/rendering/markdown.py"},
    "nh3": {"content/rendering/sanitize.py"},
    "huey": {"translate/jobs/notify.py"},
}


@cache
def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        others = {name.partition(".")[0] for name in imports(path)} & (ROOMS.keys() | {"flask"})
        allowed = ROOMS[room] | ({"flask"} if room == "feeds" else set())
        assert others <= allowed, f"{path.relative_to(ROOT)} imports {others - allowed}"


@pytest.mark.parametrize("library", HOMES)
def test_a_library_has_one_home(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if library in {name.partition(".")[0] for name in imports(path)}
    }
    assert users <= HOMES[library], users


@pytest.mark.slow
def test_web_workers_never_import_a_model(tmp_path: Path) -> None:
    code = (
        "import sys, wsgi; "
        "heavy = {'ctranslate2', 'argostranslate', 'sentencepiece', 'numpy', 'onnxruntime'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"FEEDS_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_setting_is_in_the_readme_and_the_other_way_round() -> None:
    known = {f"FEEDS_{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(r"FEEDS_[A-Z_]*[A-Z]", README)) == known


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    groups = (content, models, translate, memory, feeds)
    known = {f"{group.name} {name}" for group in groups for name in group.commands}
    names = "|".join(group.name for group in groups)
    named = {match[1] for match in re.finditer(rf"flask ((?:{names}) [a-z]+)", README)}
    assert named == known


def test_every_command_has_help_and_can_be_read_by_programs() -> None:
    groups = (content, models, translate, memory, feeds)
    for command in (*COMMANDS, *(one for group in groups for one in group.commands.values())):
        assert command.help, command.name
        if command.name != "serve":  # it says nothing but its log
            assert "as_json" in {option.name for option in command.params}, command.name
