"""What is advised while starter packages are in use, and when nothing is."""

from __future__ import annotations

from pathlib import Path

from translate.packages.advice import Advice, advise, advise_once
from translate.packages.installed import Package
from translate.types import Pair

JA_EN, JA_KO, EN_KO = Pair("ja", "en"), Pair("ja", "ko"), Pair("en", "ko")


def package(pair: str, *, starter: bool) -> Package:
    source, _, target = pair.partition("_")
    return Package(
        pair=Pair(source, target),
        name=f"translate-{pair}-{'0_2' if starter else '1_1'}",
        version="0.2" if starter else "1.1",
        starter=starter,
        path=Path(pair),
        archive=None,
        checksum="",
    )


STARTERS = [package(pair, starter=True) for pair in ("ja_en", "ja_ko", "en_ko")]


def test_starter_packages_in_use_are_named_with_better_ones() -> None:
    advice = advise(STARTERS, [JA_EN, EN_KO], {})
    assert advice is not None
    assert advice.starters == ("translate-ja_en-0_2", "translate-en_ko-0_2")
    assert advice.command == "flask models install ja en ko"
    assert advice.megabytes == 117 + 120 + 121 + 119  # there and back, over English
    assert "translate-ja_en-0_2" in str(advice)
    assert f"{advice.megabytes} MB" in str(advice)


def test_installed_packages_are_not_downloaded_again() -> None:
    official = package("ja_en", starter=False)
    advice = advise([official, *STARTERS], [JA_EN, EN_KO], {})
    assert advice is not None
    assert advice.starters == ("translate-en_ko-0_2",)
    assert advice.command == "flask models install en ko"
    assert advice.megabytes == 121 + 119


def test_a_direct_route_that_no_installed_package_would_replace_is_left_out() -> None:
    advice = advise(STARTERS, [JA_EN, JA_KO], {})
    assert advice is not None
    assert advice.starters == ("translate-ja_en-0_2",)
    assert (advice.command, advice.megabytes) == ("flask models install ja en", 117 + 120)
    assert advise(STARTERS, [JA_KO], {}) is None
    over_english = advise(STARTERS, [JA_KO], {"ko": "en"})
    assert over_english is not None
    assert over_english.starters == ("translate-ja_en-0_2", "translate-en_ko-0_2")


def test_nothing_is_advised_where_nothing_is_better() -> None:
    official = [package(pair, starter=False) for pair in ("ja_en", "en_ko")]
    assert advise([*official, *STARTERS], [JA_EN, JA_KO], {"ko": "en"}) is None
    # The direct starter package is in use, and the way over English is open all the same.
    assert advise([*official, *STARTERS], [JA_EN, JA_KO], {}) is None
    assert advise(official, [JA_EN], {}) is None
    assert advise([package("ja_fr", starter=True)], [Pair("ja", "fr")], {}) is None
    assert advise([], [JA_EN], {}) is None


def test_an_advice_is_given_once_for_each_state_directory(tmp_path: Path) -> None:
    advice = Advice(starters=("a",), command="b", megabytes=1, licence="c")
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert advise_once(None, one) is None
    assert advise_once(advice, one) == advice
    assert advise_once(advice, one) is None
    assert advise_once(advice, other) == advice
    assert advise_once(advice, tmp_path / "missing") is None
