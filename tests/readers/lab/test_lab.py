"""The quick half of the lab: the libraries of PyPI and npm say what docs/readers.md records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.readers.lab import libraries, migration, programs, table

pytestmark = pytest.mark.slow

READERS = Path(__file__).parents[3] / "docs" / "readers.md"


@pytest.fixture(scope="module")
def rows() -> dict[str, list[table.Row]]:
    libraries.install()
    return table.library_rows(libraries.libraries())


def test_the_table_says_what_the_libraries_make_of_our_feeds(
    rows: dict[str, list[table.Row]],
) -> None:
    recorded = table.recorded(READERS.read_text("utf-8"))
    for format, name in table.NAMES.items():
        known = recorded[f"Libraries: {name}"]
        for row in rows[format]:
            cells = tuple(map(table._cell, row))
            assert cells in known, f"run make readers: {row} is not in {name}'s table"
        pinned = {row for row in known if row[0].endswith(("(PyPI)", "(npm)"))}
        assert len(pinned) == len(rows[format]), f"run make readers: {name}"


def test_no_library_loses_an_entry(rows: dict[str, list[table.Row]]) -> None:
    for format, found in rows.items():
        for name, _, title, *_, empty in found:
            assert title not in ("entry lost", "none"), f"{name}, {format}"
            assert not title.startswith("fails"), f"{name}, {format}: {title}"
            assert empty.startswith("kept"), f"{name}, {format}: the post without a body"


def test_every_library_is_read_in_the_formats_it_knows(rows: dict[str, list[table.Row]]) -> None:
    for library in libraries.libraries():
        for format in library.formats:
            assert any(row[0] == library.label for row in rows[format])


def test_a_blog_that_moves_here_shows_each_post_once_with_the_ids_it_had(tmp_path: Path) -> None:
    told = migration.answers(programs.ReaderLibrary, tmp_path)
    for column, answer in zip(migration.COLUMNS, told, strict=True):
        assert answer == ("each once" if column.endswith("ids kept") else "each twice"), column
