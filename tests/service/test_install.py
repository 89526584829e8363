"""Installed from the wheel into an empty environment: served, translated, upgraded, stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.nodes import ROOT, Reader, Web, wait_for

pytestmark = pytest.mark.slow

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "var", "build", "node_modules", "*.egg-info", "__pycache__", ".*_cache"
)
POST = "---\ntitle: 人工知能の話\n---\n\n人工知能について書いた。明日は雨が降る。"
# A package of PyPI has the name of a room.
FOREIGN = "raise RuntimeError('somebody else\\'s package')\n"


def pythons() -> list[str]:
    """Every Python that is there and new enough, by its version."""
    found = {f"3.{sys.version_info.minor}": sys.executable}
    for minor in range(11, 20):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "-c", "import ensurepip"], check=False).returncode == 0:
            found.setdefault(f"3.{minor}", path)
    return list(found.values())


@dataclass(frozen=True)
class Installed:
    wheel: Path
    folder: Path
    python: Path

    @property
    def command(self) -> Path:
        return self.python.with_name("feedglot")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.command, *arguments],
            cwd=self.folder / "blog",
            env=environment(self.folder),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def environment(folder: Path) -> dict[str, str]:
    """That of a user who has set nothing."""
    left_out = ("FEEDS_", "PYTHON", "XDG_", "FEEDGLOT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "HOME": str(folder / "home")}


class InstalledService(Web):
    """`feedglot serve`, in a folder of posts."""

    def __init__(self, installed: Installed) -> None:
        super().__init__(installed.folder / "service", {})
        self.command = installed.command
        self.environment = {
            **environment(installed.folder),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
            "FEEDS_POSTS_DIR": str(installed.folder / "posts"),
        }
        # What a blog may have beside it, and Python would import.
        (self.folder / "content").mkdir()
        (self.folder / "feeds.py").write_text(FOREIGN)

    def start(self, *before: str) -> None:
        self.run([*before, str(self.command), "serve"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, which so holds all that a build needs."""
    folder = tmp_path_factory.mktemp("build")
    shutil.copytree(ROOT, folder / "checkout", ignore=NOT_COPIED)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, *PIP, "install", "setuptools>=77"], check=True)
    build = "import setuptools.build_meta as build; print(build.build_sdist('../dist'))"
    subprocess.run(
        [python, "-c", build], cwd=folder / "checkout", check=True, stdout=subprocess.DEVNULL
    )
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "gunicorn.conf.py", "wsgi.py", "setup.py"} <= names
    command = [python, *PIP, "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", folder / "dist", sdist], check=True)
    (found,) = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module", params=pythons())
def installed(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("installed")
    for name in ("blog", "home", "posts"):
        (folder / name).mkdir()
    (folder / "posts" / "2026-01-31-a.md").write_text(POST, "utf-8")
    subprocess.run([request.param, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    foreign = packages(python) / "translate" / "__init__.py"
    foreign.parent.mkdir()
    foreign.write_text(FOREIGN)
    constraints = ("-c", str(ROOT / "constraints.txt"))
    subprocess.run([python, *PIP, "install", *constraints, wheel], check=True)
    assert foreign.read_text() == FOREIGN
    yield Installed(wheel, folder, python)
    shutil.rmtree(folder / "venv")  # half a gigabyte


def packages(python: Path) -> Path:
    (found,) = python.parents[1].glob("lib/python3.*/site-packages")
    return found


def test_the_wheel_has_one_package_its_licence_and_all_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (points,) = (name for name in names if name.endswith("/entry_points.txt"))
        assert archive.read(points).decode().split() == (
            ["[console_scripts]", "feedglot", "=", "feedglot.command:main"]
        )
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"feedglot"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    rooms = {name.removeprefix("feedglot/rooms/") for name in names}
    for room in ("content", "feeds", "infra", "translate"):
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(ROOT)) in rooms


def test_commands_run_in_any_folder_with_the_sample_posts(installed: Installed) -> None:
    assert installed.run("--version").stdout == "feedglot 0.1.0\n"
    shown = json.loads(installed.run("config", "--json").stdout)
    state = installed.folder / "home" / ".local" / "state" / "feedglot"
    assert shown["state_dir"]["value"] == str(state)
    assert shown["config_file"] == {
        "value": str(installed.folder / "blog" / "feedglot.toml"),
        "origin": "missing",
    }
    checked = installed.run("content", "check")
    assert checked.returncode == 0
    good, _, said = checked.stderr.partition(" ")
    assert (int(good) > 10, said) == (True, "posts are valid, 0 set aside\n")
    refused = installed.run("models", "remove", "nothing")
    assert refused.stderr == "Error: nothing: no such package: see `feedglot models list`\n"
    assert (state / "feedglot.sqlite3").is_file()


def test_it_serves_translates_is_upgraded_and_stops(installed: Installed) -> None:
    service = InstalledService(installed)
    service.start()
    try:
        wait_for(
            lambda: service.get("/en/feed.json?wait=5")[1]["X-Translation-State"] == "complete",
            120,
            [service],
        )
        (item,) = json.loads(service.get("/en/feed.json")[2])["items"]
        assert "人工" not in item["title"]

        def whole(body: bytes) -> None:
            assert body

        paths = ["/en/feed.json", "/ja/", "/ko/posts/a/", "/status"]
        with Reader([service], paths, whole) as reader:
            reinstall = [*PIP, "install", "--force-reinstall", "--no-deps", str(installed.wheel)]
            subprocess.run([installed.python, *reinstall], check=True)
            before = service.log.read_text().count("Booting worker")
            assert service.process
            service.process.send_signal(signal.SIGHUP)
            wait_for(
                lambda: service.log.read_text().count("Booting worker") == before + 2,
                60,
                [service],
            )
            wait_for(lambda: "Worker exiting" in service.log.read_text(), 60, [service])
        assert not reader.complaints
    finally:
        service.stop()
    log = service.log.read_text()
    assert "[ERROR]" not in log
    assert "Traceback" not in log
    assert "left in order" in log
