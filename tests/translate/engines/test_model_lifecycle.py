"""Models come and go: they rest when idle; packages are replaced and removed under them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.archives import make_archive
from translate.engines.argos import ArgosEngine
from translate.packages.archive import PackageError
from translate.packages.installed import Packages
from translate.types import Decoding, Hop, Hypothesis, Pair

pytestmark = pytest.mark.slow


def said(engine: ArgosEngine, hop: Hop, sentence: str) -> list[Hypothesis]:
    [hypotheses] = engine.decode(hop, [sentence], Decoding())
    return list(hypotheses)


def test_models_rest_when_idle_and_come_back(packages: Packages, hop: Hop) -> None:
    now = [0.0]
    engine = ArgosEngine(packages, threads=1, clock=lambda: now[0])
    assert engine.loaded() == ()
    first = said(engine, hop, "今日は晴れです。")
    assert engine.loaded() == (hop.name,)
    now[0] = 60
    assert engine.release_idle(61) == 0
    assert engine.release_idle(60) == 1
    assert engine.loaded() == ()
    assert said(engine, hop, "今日は晴れです。") == first


def test_models_that_rest_give_their_memory_back(tmp_path: Path) -> None:
    """Whoever asks the C library after that to return what is free gets next to nothing."""
    script = """
import ctypes, sys
from pathlib import Path
from translate.engines.argos import ArgosEngine
from translate.packages.installed import Packages
from translate.types import Decoding, Pair

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

folder = Path(sys.argv[1])
engine = ArgosEngine(Packages(folder / "none", unpack=folder), threads=1)
before = resident()
[hop] = engine.path(Pair("ja", "en"))
engine.decode(hop, ["今日は晴れです。"] * 8, Decoding())
taken = resident() - before
engine.release_idle(0)
kept = resident()
ctypes.CDLL(None).malloc_trim(0)
print((kept - resident()) / taken)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.05


def test_a_removed_package_finishes_its_work(packages: Packages, tmp_path: Path) -> None:
    own = Packages(tmp_path / "own", tmp_path / "none", unpack=tmp_path)
    starter = next(p for p in packages.installed() if p.pair == Pair("ja", "en"))
    assert starter.archive is not None
    installed = own.install_file(starter.archive)
    engine = ArgosEngine(own, threads=1)
    [hop] = engine.path(installed.pair)
    before = said(engine, hop, "今日は晴れです。")
    own.remove(hop.name)
    assert said(engine, hop, "今日は晴れです。") == before
    engine.release_idle(0)
    with pytest.raises(PackageError, match="no such package"):
        engine.decode(hop, ["今日は晴れです。"], Decoding())


def test_a_replaced_package_is_reloaded(packages: Packages, tmp_path: Path) -> None:
    own = Packages(tmp_path / "own", tmp_path / "none", unpack=tmp_path)
    archives = {p.pair: p.archive for p in packages.installed()}
    first = archives[Pair("ja", "en")]
    assert first is not None
    installed = own.install_file(first)
    engine = ArgosEngine(own, threads=1)
    before = said(engine, installed.hop, "Python 3.12 を使う。")
    # The Korean model in the English one's clothes: another answer shows that it was loaded.
    other = archives[Pair("ja", "ko")]
    assert other is not None
    changed = tmp_path / "changed"
    shutil.unpack_archive(other, changed, "zip")
    [folder] = changed.iterdir()
    shutil.copy(installed.path / "metadata.json", folder)
    own.install(folder)
    assert said(engine, installed.hop, "Python 3.12 を使う。") != before


def test_a_version_in_work_is_finished_and_the_next_one_taken_then(
    packages: Packages, tmp_path: Path
) -> None:
    own = Packages(tmp_path / "own", tmp_path / "none", unpack=tmp_path)
    starter = next(p for p in packages.installed() if p.pair == Pair("ja", "en"))
    assert starter.archive is not None
    old = own.install_file(starter.archive)
    engine = ArgosEngine(own, threads=1)
    before = said(engine, old.hop, "今日は晴れです。")
    changed = tmp_path / "changed"
    shutil.unpack_archive(starter.archive, changed, "zip")
    [folder] = changed.iterdir()
    metadata = folder / "metadata.json"
    fields = json.loads(metadata.read_text())
    metadata.write_text(json.dumps(fields | {"package_version": "9.0"}))
    (new,) = own.install(folder)
    if new.name != old.name:  # its folder is named for its version
        (own.folder / new.name).rename(tmp_path / "aside")
        shutil.rmtree(own.folder / old.name)
        (tmp_path / "aside").rename(own.folder / old.name)
    [hop] = engine.path(old.pair)
    assert (hop.name, hop.version) == (old.name, "9.0")
    loaded = engine._models[old.name]
    assert said(engine, old.hop, "今日は晴れです。") == before
    assert engine._models[old.name] is loaded
    engine.decode(hop, ["今日は晴れです。"], Decoding())
    assert engine._models[old.name] is not loaded
    with pytest.raises(PackageError, match="is gone"):
        engine.decode(old.hop, ["今日は晴れです。"], Decoding())


def test_a_package_that_is_no_model_is_named(tmp_path: Path) -> None:
    own = Packages(tmp_path / "own", tmp_path / "none", unpack=tmp_path)
    installed = own.install_file(make_archive(tmp_path / "a.argosmodel"))
    engine = ArgosEngine(own, threads=1)
    with pytest.raises(PackageError, match=r"translate-ja_en-1_0: cannot be loaded .*verify"):
        engine.decode(installed.hop, ["今日は晴れです。"], Decoding())
