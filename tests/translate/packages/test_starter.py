"""What is said of the starter packages, wherever a copy of feedglot goes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from translate.packages.installed import STARTER, SUFFIX

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("place", [ROOT / "NOTICE", STARTER / "README.md"])
def test_every_starter_package_is_named_with_its_terms(place: Path) -> None:
    text = " ".join(place.read_text("utf-8").split())
    assert "CC BY-SA 4.0" in text
    names = [archive.stem for archive in STARTER.glob(f"*{SUFFIX}")]
    assert len(names) == 3
    for name in names:
        assert name in text


def test_the_terms_are_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "NOTICE" in project["project"]["license-files"]
    assert "starter/*" in project["tool"]["setuptools"]["package-data"]["translate"]
