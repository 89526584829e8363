"""The libraries that the lab asks, with the pinned versions, and how to install and ask them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOME = Path(sys.prefix) / "readers"  # installed once for each set of pins
XML = ("rss", "atom")
ALL = ("rss", "atom", "json")
# What reads JSON Feed too, and what reads RSS alone.
_FORMATS = {
    "PyPI": dict.fromkeys(("atoma", "fastfeedparser", "reader"), ALL),
    "npm": dict.fromkeys(("@extractus/feed-extractor", "feed-reader", "feedme", "feedsmith"), ALL)
    | {"podparse": ("rss",)},
}
_NO_LIBRARY = {"feedparser-sgmllib", "feed2exec"}  # needed by others; a reader


class LabError(Exception):
    """The lab cannot install or run a client; says which, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """A package that parses feeds."""

    name: str
    version: str
    registry: str  # PyPI, npm
    formats: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.registry})"

    def read(self, urls: Sequence[str]) -> list[dict[str, Any]]:
        """What it finds in each of these feeds, as read_python.py says; or its error."""
        if self.registry == "PyPI":
            command = [str(HOME / "python/bin/python"), str(HERE / "read_python.py")]
        else:
            command = ["node", str(HOME / "read_node.mjs")]
        found: list[dict[str, Any]] = json.loads(run(*command, self.name, *urls))
        return found


def run(*command: str, folder: Path | None = None, timeout: float = 120) -> str:
    """What a program prints; raises LabError when it fails."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise LabError(f"{' '.join(command)[:200]}: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def libraries() -> list[Library]:
    """All of them, by registry and name."""
    found = []
    for line in (HERE / "requirements.txt").read_text().splitlines():
        if match := re.fullmatch(r"([\w.-]+)==(\S+)", line):
            found.append((match[1], match[2], "PyPI"))
    for name, version in json.loads((HERE / "package.json").read_text())["dependencies"].items():
        found.append((name, version, "npm"))
    return [
        Library(
            name=name,
            version=version,
            registry=registry,
            formats=_FORMATS[registry].get(name, XML),
        )
        for name, version, registry in found
        if name not in _NO_LIBRARY
    ]


def install() -> None:
    """Installs what the pins say into the environment of the tests, once for all processes."""
    with (Path(sys.prefix) / "readers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()


def _install() -> None:
    pins = [HERE / "requirements.txt", HERE / "package.json"]
    digest = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()
    stamp = HOME / "stamp"
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir()
        run(sys.executable, "-m", "venv", str(HOME / "python"))
        pip = [str(HOME / "python/bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "-r", str(pins[0]), timeout=300)
        shutil.copy(pins[1], HOME)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
        run(*npm, folder=HOME, timeout=300)
        stamp.write_text(digest)
    shutil.copy(HERE / "read_node.mjs", HOME)  # Node.js looks for packages beside it
