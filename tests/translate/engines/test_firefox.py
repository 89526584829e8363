"""Firefox' models behind the Engine protocol, with random weights: how it says, not what."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.engine_contract import SENTENCES, EngineContract
from tests.support.firefox_models import write_model
from translate.engines.factory import open_engine
from translate.engines.firefox import FirefoxEngine, restore_bytes
from translate.engines.packaged import PackagedEngine
from translate.options import TranslatorOptions
from translate.packages.archive import PackageError
from translate.packages.firefox_import import import_firefox
from translate.packages.installed import Packages
from translate.types import Decoding, Engine, Hop, Pair

pytestmark = pytest.mark.slow
JA_EN = Pair("ja", "en")


@pytest.fixture(scope="module", params=["shared vocabulary", "a vocabulary each"])
def packages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """An installation with a model of Firefox' kind from Japanese to English, no starter set."""
    place = tmp_path_factory.mktemp("firefox")
    made = Packages(place / "packages", place / "none", unpack=place / "unpacked")
    folder = write_model(place / "model", split=request.param != "shared vocabulary")
    import_firefox(made, folder, JA_EN)
    return made


@pytest.fixture(scope="module")
def engine(packages: Packages) -> PackagedEngine:
    return PackagedEngine(packages, threads=1)


@pytest.fixture
def hop(engine: PackagedEngine) -> Hop:
    [hop] = engine.path(JA_EN)
    return hop


class TestFirefoxEngine(EngineContract):
    @pytest.fixture
    def engine(self, packages: Packages) -> Engine:
        return PackagedEngine(packages, threads=1)

    def test_as_many_hypotheses_as_asked_best_first(self, engine: Engine, hop: Hop) -> None:
        """There is one, without a score: 0 leaves it out of the gate's question."""
        for hypotheses in engine.decode(hop, SENTENCES, Decoding(hypotheses=4)):
            [only] = hypotheses
            assert only.text
            assert (only.score, only.alignment) == (0.0, None)


def test_any_thread_may_ask(engine: PackagedEngine, hop: Hop) -> None:
    def ask(sentence: str) -> str:
        [[best, *_]] = engine.decode(hop, [sentence], Decoding())
        return best.text

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, SENTENCES)) == [ask(sentence) for sentence in SENTENCES]


def test_what_is_too_long_is_not_half_translated(engine: PackagedEngine, hop: Hop) -> None:
    [[long, *_], [short, *_]] = engine.decode(hop, ["晴れ。" * 200, "晴れ。"], Decoding())
    assert long.text == ""
    assert short.text


def test_bytes_become_characters(tmp_path: Path) -> None:
    """The library writes the names of bytes; those of random weights are mostly none of UTF-8."""
    own = Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")
    package = import_firefox(own, write_model(tmp_path / "model", writes="bytes"), JA_EN)
    said = [best.text for best, *_ in FirefoxEngine(own).decode(package.hop, SENTENCES, Decoding())]
    assert not any("<0x" in text for text in said)
    assert restore_bytes("a <0xE3><0x81><0x82>b <0xE3>") == "a あb "


def test_options_that_change_nothing_cost_nothing(packages: Packages) -> None:
    firefox = FirefoxEngine(packages)
    [package] = packages.installed()
    first = firefox.decode(package.hop, SENTENCES, Decoding())
    assert all(best.text for best, *_ in first)
    for key in firefox._said:
        firefox._said[key] = "what was said before"
    again = firefox.decode(package.hop, SENTENCES, Decoding(no_repeat_ngram=3))
    assert {best.text for best, *_ in again} == {"what was said before"}


def test_an_idle_model_leaves_and_comes_again(packages: Packages) -> None:
    now = [0.0]
    firefox = FirefoxEngine(packages, clock=lambda: now[0])
    [package] = packages.installed()
    first = firefox.decode(package.hop, SENTENCES, Decoding())
    assert firefox.loaded() == (package.name,)
    now[0] = 60.0
    assert firefox.release_idle(61) == 0
    assert firefox.release_idle(60) == 1
    assert firefox.loaded() == ()
    assert firefox.decode(package.hop, SENTENCES, Decoding()) == first


def test_a_model_that_was_spoilt_later_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")
    package = import_firefox(own, write_model(tmp_path / "model"), JA_EN)
    model = package.path / "model" / "model.bin"
    model.write_bytes(model.read_bytes().replace(b"decoder_l1_ffn_W1\0", b"decoder_l1_ffn_xx\0"))
    with pytest.raises(PackageError, match=r"cannot be run .*flask models verify"):
        FirefoxEngine(own).decode(package.hop, ["晴れ。"], Decoding())
    model.write_bytes(model.read_bytes()[:1000])
    package = own.get(package.name)
    monkeypatch.setenv("FEEDGLOT_COMMAND", "feedglot")  # as installed with pip
    with pytest.raises(PackageError, match=r"cannot be loaded .*feedglot models verify"):
        FirefoxEngine(own).decode(package.hop, ["晴れ。"], Decoding())


_LEAVE = """
import sys
from pathlib import Path
from translate.engines.firefox import FirefoxEngine
from translate.packages.installed import Packages
from translate.types import Decoding

folder = Path(sys.argv[1])
packages = Packages(folder / "packages", folder / "none", unpack=folder / "unpacked")
[package] = packages.installed()
[[best]] = (engine := FirefoxEngine(packages)).decode(package.hop, ["晴れ。"], Decoding())
print(bool(best.text))
"""


def test_a_process_with_a_model_leaves_in_order(tmp_path: Path) -> None:
    own = Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")
    import_firefox(own, write_model(tmp_path / "model"), JA_EN)
    command = [sys.executable, "-c", _LEAVE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_argos_and_firefox_translate_side_by_side(tmp_path: Path) -> None:
    """The starter package leads to Korean, the other to English."""
    options = TranslatorOptions.of_state(tmp_path, threads=1)
    packages = Packages(options.packages, unpack=options.packages / ".starter")
    import_firefox(packages, write_model(tmp_path / "model"), JA_EN)
    engine = open_engine(options)
    [english] = engine.path(JA_EN)
    [korean] = engine.path(Pair("ja", "ko"))
    assert (english.starter, korean.starter) == (False, True)
    [[best, *_]] = engine.decode(english, ["晴れ。"], Decoding())
    assert (best.score, best.alignment) == (0.0, None)
    [[best, *_]] = engine.decode(korean, ["今日は晴れです。"], Decoding())
    assert best.score < 0
