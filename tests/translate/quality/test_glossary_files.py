from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from translate.quality.glossary import GlossaryError
from translate.quality.glossary_files import GlossaryFiles


def write(path: Path, text: str, at: int) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, ns=(at, at))


def test_an_edit_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "terms.yml"
    write(path, "- term: 甲\n  en: A\n", 1)
    files = GlossaryFiles(path)
    first = files.current()
    assert files.current() is first
    write(path, "- term: 乙\n  en: B\n", 2)
    assert [term.text for term in files.current().terms] == ["乙"]


def test_a_broken_edit_is_logged_once_and_the_terms_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "terms.yml"
    write(path, "- term: 甲\n  en: A\n", 1)
    files = GlossaryFiles(path)
    first = files.current()
    write(path, "- term: 甲\n", 2)
    with caplog.at_level(logging.ERROR):
        assert files.current() is files.current() is first
    assert len(caplog.records) == 1
    assert "terms.yml:1: 甲: says nothing" in caplog.text
    path.unlink()
    assert files.current() is first


def test_a_file_that_is_broken_at_the_start_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "terms.yml"
    write(path, "nothing", 1)
    with pytest.raises(GlossaryError):
        GlossaryFiles(path)
