"""Asks every client, and writes docs/readers.md: `make readers`.

python -m tests.readers.lab.table [FILE]: replaces what is between FILE's marks <!-- tables --> and
<!-- end of tables -->.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.readers.lab import (
    answers,
    libraries,
    migration,
    odd_posts,
    programs,
    scenario,
    variants,
)

ROOT = Path(__file__).parents[3]
BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
# Clients that have been tried by hand or asked for, which no program of ours runs.
BY_HAND = (
    "Akregator",
    "canto",
    "claws-mail",
    "feedsearch-crawler",
    "FreshRSS",
    "gnome-feeds",
    "gPodder",
    "Huginn",
    "Miniflux",
    "QuiteRSS",
    "RSS Guard",
    "SimplePie",
    "Thunderbird",
    "trafilatura",
)

CHOICE_COLUMNS = ("what", "ours", "right in", "otherwise", "right in", "differ")

Row = tuple[str, ...]


def library_rows(chosen: Iterable[libraries.Library | programs.Program]) -> dict[str, list[Row]]:
    """What each says of our feeds, by format: (name, version, an answer for each column)."""
    rows: dict[str, list[Row]] = {format: [] for format in NAMES}
    with (
        tempfile.TemporaryDirectory() as folder,
        odd_posts.serve(Path(folder)) as blog,
    ):
        feed = json.loads(blog.get(f"/{odd_posts.LANGUAGE}/feed.json").text)
        true = answers.truth(feed)
        for library in chosen:
            found = library.read(odd_posts.urls(blog, *library.formats))
            for format, one in zip(library.formats, found, strict=True):
                head = (library.label, library.version or "")
                rows[format].append(head + answers.answers(one, true))
    return rows


def choice_rows(clients: Sequence[libraries.Library | programs.Program]) -> list[Row]:
    """How many get each thing right as we say it, and otherwise."""
    with tempfile.TemporaryDirectory() as folder, odd_posts.serve(Path(folder)) as blog:
        served = {f: blog.get(f"/{odd_posts.LANGUAGE}/feed.{f}").data for f in NAMES}
    true = answers.truth(json.loads(served["json"]))
    return list(variants.rows(served, true, clients))


def subscriber_rows() -> list[Row]:
    """What each reader makes of a blog's life."""
    rows = []
    for kind in programs.SUBSCRIBERS:
        if not programs.runnable(kind):
            continue
        for format in kind.formats:
            with tempfile.TemporaryDirectory() as folder:
                told = scenario.answers(kind, Path(folder), format)
            rows.append((kind.name, kind.version() or "", NAMES[format], *told))
    return rows


def migration_rows() -> list[Row]:
    """What the subscribers of a former feed see after the redirect."""
    rows = []
    for kind in filter(programs.runnable, programs.SUBSCRIBERS):
        with tempfile.TemporaryDirectory() as folder:
            rows.append((kind.name, kind.version() or "", *migration.answers(kind, Path(folder))))
    return rows


def markdown(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def write(path: Path) -> None:
    """Everything, into the file."""
    libraries.install()
    installed = [p for p in programs.PROGRAMS if programs.runnable(p)]
    clients = [*libraries.libraries(), *installed]
    rows = library_rows(clients)
    parts = [f"Made by `make readers` on {datetime.now(UTC):%Y-%m-%d}."]
    for format, found in rows.items():
        ordered = sorted(found, key=lambda row: row[0].lower().lstrip("@"))
        table = markdown(("library", "version", *answers.COLUMNS), ordered)
        parts += [f"### Libraries: {NAMES[format]}", table]
    parts += [
        "### Choices",
        markdown(CHOICE_COLUMNS, choice_rows(clients)),
        "### Readers with subscriptions",
        markdown(("reader", "version", "format", *scenario.COLUMNS), subscriber_rows()),
        "### A blog that moves here",
        markdown(("reader", "version", *migration.COLUMNS), migration_rows()),
    ]
    absent = [f"{p.name} (not installed)" for p in programs.PROGRAMS if p not in installed]
    missing = [kind for kind in programs.SUBSCRIBERS if not programs.runnable(kind)]
    absent += [f"{kind.name} (not installed)" for kind in missing]
    parts.append("Not run: " + ", ".join(sorted([*absent, *BY_HAND], key=str.lower)) + ".")
    text = path.read_text("utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", "utf-8")


def recorded(text: str) -> dict[str, set[Row]]:
    """The rows in a file that `write` has written, by the heading of their table."""
    found: dict[str, set[Row]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("| "):
            cells = tuple(cell.strip() for cell in line.strip("|").split(" | "))
            found.setdefault(heading, set()).add(cells)
    return found


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    write(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "readers.md")
