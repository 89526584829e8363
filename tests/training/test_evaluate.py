"""Packages are measured by what is inside of them, whatever their files are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archives import make_archive
from training import evaluate


def test_a_file_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = make_archive(tmp_path / "old.argosmodel")
    monkeypatch.setattr("sys.argv", ["evaluate", str(old)])
    evaluate.main()
    assert capsys.readouterr().out == f"{old}\n"
