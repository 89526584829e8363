"""Rows of parallel text: what is read, held out and made up."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from training import corpus, hold_out
from training.corpus import SIGNS, CorpusError, Row


def test_a_file_is_read_plain_or_packed(tmp_path: Path) -> None:
    text = "manual\t 押す \tpress\n".encode()
    (tmp_path / "a.tsv").write_bytes(text)
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.tsv.xz").write_bytes(lzma.compress(text))
    for path in tmp_path.iterdir():
        assert list(corpus.read_pairs(path)) == [Row("manual", "押す", "press")]
        assert list(corpus.read_pairs(path, swapped=True)) == [Row("manual", "press", "押す")]


def test_terms_are_taken_from_the_columns_of_their_languages(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text("半導体\tsemiconductor\t반도체\n", encoding="utf-8")
    assert list(corpus.read_terms(path, ["ja", "en", "ko"], "en", "ko")) == [
        Row("terms", "semiconductor", "반도체")
    ]


def test_a_file_of_another_kind_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong"
    path.write_text("a\tb\tc\na\tb\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"wrong:2: 2 columns, not 3"):
        list(corpus.read_pairs(path))
    with pytest.raises(CorpusError, match=r"wrong:1: 3 columns, not 2"):
        list(corpus.read_terms(path, ["ja", "en"], "ja", "en"))
    with pytest.raises(CorpusError, match=r"wrong:1: not an essay"):
        list(corpus.read_essays(path, "ja", "en"))


def test_a_row_made_of_two_sources_needs_both() -> None:
    allowed = frozenset({"manual", "forum"})
    assert corpus.is_allowed("manual", allowed)
    assert corpus.is_allowed("pivot:manual+forum", allowed)
    assert not corpus.is_allowed("pivot:manual+news", allowed)


def test_as_many_rows_are_held_out_of_each_large_source() -> None:
    rows = [
        Row(name, f"十五文字より長い文がここにあります{place}。", f"A sentence number {place}.")
        for name, count in (("a", 50), ("b", 30), ("small", 5))
        for place in range(count)
    ]
    held = corpus.hold_out(rows, 20, least=20)
    assert [row.name for row in held] == ["a"] * 10 + ["b"] * 10
    assert len(set(held)) == 20
    assert held == corpus.hold_out(rows, 20, least=20)


def test_sources_that_are_too_small_to_hold_out_from_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, held = tmp_path / "pairs.tsv", tmp_path / "held.tsv"
    pairs.write_text(
        "blog\t今日はとてもよい天気の一日でした。\tIt was a fine day today.\n" * 30, "utf-8"
    )
    monkeypatch.setattr("sys.argv", ["hold_out", str(pairs), str(held)])
    with pytest.raises(SystemExit):
        hold_out.main()
    assert "no source has 200 rows" in capsys.readouterr().err
    assert not held.exists()
    monkeypatch.setattr("sys.argv", ["hold_out", str(pairs), str(held), "--least", "20"])
    hold_out.main()
    assert held.exists()


def test_every_sign_is_put_into_rows_on_the_side_where_it_belongs(essays: Path) -> None:
    rows = corpus.sign_rows(list(corpus.read_essays(essays, "ja", "en")), 20)
    for sign in SIGNS:
        with_it = [row for row in rows if sign in row.source]
        assert len(with_it) >= 20, sign
        for row in with_it:
            # Waves and hyphens have a plain form in the other language; units are kept.
            assert {"～": "~", "〜": "~", "‐": "-"}.get(sign, sign) in row.target
