"""Models of Firefox Translations as packages: good folders, and those that are none."""

from __future__ import annotations

import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.firefox_models import pack, weights, write_model, write_vocabulary
from translate.packages.archive import FIREFOX, PackageError
from translate.packages.firefox_import import import_firefox, is_firefox
from translate.packages.installed import Packages
from translate.packages.marian_file import read_items
from translate.types import Pair

JA_EN = Pair("ja", "en")
MODEL = "model.jaen.intgemm.alphas.bin"


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "jaen")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(good, tmp_path / "jaen")


@pytest.mark.parametrize("split", [False, True])
def test_a_folder_becomes_a_package(packages: Packages, tmp_path: Path, split: bool) -> None:
    folder = write_model(tmp_path / "model", split=split)
    (folder / "lex.50.50.jaen.s2t.bin").write_bytes(b"not looked at")
    assert is_firefox(folder)
    made = import_firefox(packages, folder, JA_EN, version="2.0")
    assert (made.pair, made.name, made.engine) == (JA_EN, "translate-ja_en-2_0", FIREFOX)
    assert packages.installed() == (made,)
    [checked] = packages.verify()
    assert checked.problem is None
    (made.path / "source.spm").write_bytes(b"")
    [checked] = packages.verify()
    assert checked.problem


def test_a_folder_of_something_else_is_none(tmp_path: Path) -> None:
    (tmp_path / "decoder.yml").write_text("models: []", encoding="utf-8")
    assert not is_firefox(tmp_path)


def _without(name: str) -> bytes:
    items = weights((349, 349))
    del items[name]
    return pack(items)


def _with(name: str, kind: int | None = None, shape: tuple[int, ...] | None = None) -> bytes:
    items = weights((349, 349))
    old_kind, old_shape, data = items[name]
    items[name] = (kind or old_kind, shape or old_shape, data)
    return pack(items)


def _config(text: str) -> bytes:
    items = weights((349, 349))
    items["special:model.yml"] = (0x101, (len(text),), text.encode())
    return pack(items)


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", r"jaen.intgemm.alphas.bin: not a model in Marian's binary format"),
    "cut off": (lambda good: good[: len(good) // 2], "truncated, or of an impossible shape"),
    "a zip file": (lambda _: b"PK\3\4" * 99, "version "),
    "no end of items": (lambda _: struct.pack("<QQ", 1, 1 << 40), "1099511627776 items"),
    "no end of a name": (
        lambda _: struct.pack("<QQQQQQ", 1, 1, 1 << 40, 0x404, 1, 4),
        "a name or a shape that is too long",
    ),
    "no weight": (lambda _: _without("decoder_l1_rnn_Wf"), "decoder_l1_rnn_Wf: missing"),
    "no config": (lambda _: _without("special:model.yml"), "no usable description of the model"),
    "a config of nothing": (lambda _: _config("a: 1\n"), "no usable description of the model"),
    "a config of another size": (
        lambda _: _config(
            "dim-emb: 128\ntransformer-heads: 2\nenc-depth: 1\ndec-depth: 1\n"
            "transformer-dim-ffn: 64\n"
        ),
        "encoder_l1_self_Wq: shape 64 x 64, not 128 x 128",
    ),
    "floats": (
        lambda _: _with("encoder_l1_ffn_W1", kind=0x404, shape=(1, 64)),
        "encoder_l1_ffn_W1: of type 0x404",
    ),
    "a negative shape": (lambda _: _with("Wemb", shape=(-1, 64)), "an impossible shape"),
    "another vocabulary": (
        lambda _: pack(weights((352, 352))),
        "decoder_ff_logit_out_b: shape 1 x 352, not 349",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_model_that_cannot_run_is_refused_with_the_reason(
    packages: Packages, folder: Path, what: str
) -> None:
    spoil, reason = BAD[what]
    model = folder / MODEL
    model.write_bytes(spoil(model.read_bytes()))
    with pytest.raises(PackageError, match=reason):
        import_firefox(packages, folder, JA_EN)
    assert packages.installed() == ()


def test_an_invalid_vocabulary_is_rejected(packages: Packages, folder: Path) -> None:
    (folder / "vocab.jaen.spm").write_bytes(b"hello world" * 100)
    with pytest.raises(PackageError, match=r"vocab.jaen.spm: not a vocabulary of SentencePiece"):
        import_firefox(packages, folder, JA_EN)


def test_an_empty_vocabulary_is_named_and_not_the_model(packages: Packages, folder: Path) -> None:
    (folder / "vocab.jaen.spm").write_bytes(b"")
    with pytest.raises(PackageError, match=r"vocab.jaen.spm: not a vocabulary of SentencePiece"):
        import_firefox(packages, folder, JA_EN)


@pytest.mark.parametrize("pair", [Pair("en", "ja"), Pair("ko", "en")])
def test_a_model_of_another_pair_is_refused(packages: Packages, folder: Path, pair: Pair) -> None:
    with pytest.raises(PackageError, match=f"not from {pair.source} to .*--from ja --to en"):
        import_firefox(packages, folder, pair)


def test_files_that_are_still_packed_are_named(packages: Packages, folder: Path) -> None:
    vocabulary = folder / "vocab.jaen.spm"
    vocabulary.rename(folder / "vocab.jaen.spm.gz")
    with pytest.raises(PackageError, match=r"vocab.\*.spm: missing: unpack the files"):
        import_firefox(packages, folder, JA_EN)
    (folder / MODEL).rename(folder / f"{MODEL}.zst")
    assert is_firefox(folder)
    with pytest.raises(PackageError, match=r"alphas.bin: missing: unpack the files"):
        import_firefox(packages, folder, JA_EN)


def test_no_model_is_installed_that_nothing_can_run(
    packages: Packages, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fxtranslate", None)
    with pytest.raises(PackageError, match=r"fxtranslate: not installed: .*feedglot\[firefox\]"):
        import_firefox(packages, folder, JA_EN)
    assert packages.installed() == ()


def test_missing_and_ambiguous_files_are_named(packages: Packages, folder: Path) -> None:
    other = write_vocabulary(folder / "vocab.enja.spm", seed=2)
    with pytest.raises(PackageError, match=r"vocab.\*.spm: 2 files"):
        import_firefox(packages, folder, JA_EN)
    other.rename(folder / "srcvocab.jaen.spm")
    (folder / "vocab.jaen.spm").unlink()
    with pytest.raises(PackageError, match=r"trgvocab.\*.spm: missing"):
        import_firefox(packages, folder, JA_EN)


def test_a_link_out_of_the_folder_is_not_followed(
    packages: Packages, folder: Path, tmp_path: Path
) -> None:
    model = folder / MODEL
    model.rename(tmp_path / "elsewhere")
    model.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PackageError, match="not a file in the folder"):
        import_firefox(packages, folder, JA_EN)


def test_the_items_of_a_file_are_read_as_they_were_written() -> None:
    items = weights((8, 8))
    read = read_items(pack(items), Path("model"))
    assert read.keys() == items.keys()
    for name, (kind, shape, data) in items.items():
        assert (read[name].kind, read[name].shape) == (kind, shape)
        assert bytes(read[name].data).startswith(data)
