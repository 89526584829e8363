"""docs/reliability.md names only tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def named(document: str) -> list[tuple[str, str]]:
    """Files and tests of a document; a test without a file is in the file before it."""
    found, file = [], ""
    for path, test in re.findall(r"`([\w/]+\.py)?(?:::(\w+))?`", document):
        file = path or file
        if path or test:
            found.append((file, test))
    return found


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_test_that_is_named_exists() -> None:
    names = named(DOCUMENT.partition("\n## ")[0])  # the table of promises
    assert len(names) > 50
    for file, test in names:
        path = ROOT / "tests" / file
        assert path.is_file(), file
        assert not test or test in names_in(path), f"{file}::{test}"


def test_every_file_of_a_bound_exists() -> None:
    bounds = DOCUMENT.partition("\n## Bounds\n")[2].partition("\n## ")[0]
    files = re.findall(r"`([\w/]+\.py)`", bounds)
    assert len(files) >= 10
    for name in files:
        assert (ROOT / name).is_file(), name


def test_a_name_that_is_wrong_is_found() -> None:
    assert named("| x | `chaos/test_a.py::test_b`, `::test_c`, `test_d.py` |") == [
        ("chaos/test_a.py", "test_b"),
        ("chaos/test_a.py", "test_c"),
        ("test_d.py", ""),
    ]
