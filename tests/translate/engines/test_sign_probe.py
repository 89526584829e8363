"""The trial of signs: with a package made for the test, and with the starter packages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from translate.engines.argos import ArgosEngine
from translate.engines.sign_probe import SignProbe
from translate.engines.spelled import SpelledSentence, read
from translate.packages.archive import SIGNS
from translate.packages.installed import Packages
from translate.text.sign_table import JAPANESE
from translate.types import Alignment, Decoding, Hypothesis, Pair, Span

EN = Pair("ja", "en")
DEGREES = next(sign for sign in JAPANESE if sign.name == "unit ℃")


class Package:
    """Says what it is told to for each sentence, and counts what it was asked."""

    def __init__(self, say: Callable[[str], str], known: Callable[[str], bool] = bool) -> None:
        self.say = say
        self.known = known
        self.asked: list[str] = []

    def decode(self, texts: Sequence[str]) -> list[list[Hypothesis]]:
        self.asked.extend(texts)
        return [[Hypothesis(self.say(text), -0.1)] for text in texts]

    def trial(self, record: Path, checksum: str = "one", pair: Pair = EN) -> SignProbe:
        return SignProbe(
            pair=pair, checksum=checksum, record=record, knows=self.known, decode=self.decode
        )


def reads_degrees(text: str) -> str:
    """A package that knows 度 and takes ℃ for minutes."""
    number = "".join(character for character in text if character.isdecimal())
    return f"It was {number} {'degrees' if '度' in text else 'minutes C'}."


def test_a_sign_that_the_model_keeps_is_not_replaced(tmp_path: Path) -> None:
    package = Package(lambda text: reads_degrees(text).replace(" minutes C", "°C"))
    assert package.trial(tmp_path / "r").chosen(["25℃です。"]) == {"unit ℃": None}
    assert json.loads((tmp_path / "r").read_text())["signs"] == {"unit ℃": -1}


def test_a_sign_that_does_not_is_spelled_as_it_passes(tmp_path: Path) -> None:
    package = Package(reads_degrees)
    assert package.trial(tmp_path / "r").chosen(["25℃です。"]) == {"unit ℃": DEGREES.spellings[0]}


def test_a_sign_without_a_piece_of_its_own_is_spelled_though_nothing_passes(
    tmp_path: Path,
) -> None:
    """Read as another sign it would say something else."""
    package = Package(lambda text: "nothing", known=lambda text: "～" not in text)
    chosen = package.trial(tmp_path / "r").chosen(["9～17", "25℃"])
    spelling = chosen["range ～"]
    assert spelling is not None
    assert spelling.text == "〜"
    assert chosen["unit ℃"] is None


def test_each_sign_is_tried_once_for_each_package(tmp_path: Path) -> None:
    record = tmp_path / "signs.json"
    package = Package(reads_degrees)
    trial = package.trial(record)
    first = trial.chosen(["25℃です。"])
    count = len(package.asked)
    assert trial.chosen(["今日は30℃です。"]) == first
    assert package.trial(record).chosen(["30℃"]) == first  # another process
    assert len(package.asked) == count
    package.trial(record, checksum="two").chosen(["30℃"])  # another package
    assert len(package.asked) == 2 * count


@pytest.mark.parametrize("text", ["", "[]", '{"checksum": "one"}', '{"checksum": 1, "signs": 2}'])
def test_a_damaged_record_is_made_again(tmp_path: Path, text: str) -> None:
    record = tmp_path / "signs.json"
    record.write_text(text)
    Package(reads_degrees).trial(record).chosen(["25℃"])
    assert json.loads(record.read_text())["signs"] == {"unit ℃": 0}


def test_texts_without_signs_ask_nothing(tmp_path: Path) -> None:
    package = Package(reads_degrees)
    assert package.trial(tmp_path / "r").chosen(["今日は晴れです。"]) == {}
    assert package.asked == []


def test_what_stands_between_arrows_is_translated_apart() -> None:
    arrow = next(sign for sign in JAPANESE if sign.name == "between →")
    reading = read("設定→一般を開く", EN, {arrow.name: arrow.spellings[0]})
    assert [part.text for part in reading.parts] == ["設定", "一般を開く"]
    whole = Span(0, 4)
    said = [
        [Hypothesis("Settings", -0.2, Alignment((Span(0, 2),), (Span(0, 8),), ((1.0,),)))],
        [Hypothesis("Open", -0.4, Alignment((Span(0, 5),), (whole,), ((1.0,),)))],
    ]
    best = SpelledSentence(reading, said, "en")[0]
    assert best.text == "Settings → Open"
    assert best.score == pytest.approx(-(0.2 * 2 + 0.4 * 5) / 7)
    assert best.alignment
    assert best.alignment.source == (Span(0, 2), Span(2, 3), Span(3, 8))
    assert best.alignment.target == (Span(0, 8), Span(8, 11), Span(11, 15))


def test_an_alignment_leads_to_what_the_author_wrote() -> None:
    reading = read("気温は25℃です。", EN, {"unit ℃": DEGREES.spellings[0]})
    assert reading.parts[0].text == "気温は25度です。"
    alignment = Alignment((Span(3, 6),), (Span(0, 10),), ((1.0,),))
    said = SpelledSentence(reading, [[Hypothesis("25 degrees", -0.1, alignment)]], "en")[0]
    assert said.text == "25°C"
    assert said.alignment == Alignment((Span(3, 6),), (Span(0, 4),), ((1.0,),))


@pytest.mark.slow
@pytest.mark.parametrize("target", ["en", "ko"])
def test_the_starter_packages_read_the_wave_dash_of_windows(
    packages: Packages, loaded: ArgosEngine, target: str
) -> None:
    """U+FF5E and U+301C are both a range."""
    [hop] = loaded.path(Pair("ja", target))
    texts = [f"{a}{sign}{b}人が参加しました。" for sign in "～〜" for a, b in ((10, 20), (30, 50))]
    said = [best.text for best, *_ in loaded.decode(hop, texts, Decoding())]
    for text, numbers in zip(said, ["10 20", "30 50"] * 2, strict=True):
        assert re.search(numbers.replace(" ", r"\s?(?:[~〜～–-]|to)\s?"), text)
    record = json.loads((packages.unpacked(packages.get(hop.name)) / SIGNS).read_text())
    assert record["signs"].keys() == {"range ～", "range 〜"}


@pytest.mark.slow
def test_units_and_years_come_through_the_starter_packages(loaded: ArgosEngine) -> None:
    [hop] = loaded.path(Pair("ja", "ko"))
    texts = ["最低気温は18℃でした。", "価格は€50です。", "二〇二六年に始まりました。"]
    said = [best.text for best, *_ in loaded.decode(hop, texts, Decoding())]
    assert "18℃" in said[0]
    assert "₱" not in said[1]
    assert "2026년" in said[2]


@pytest.mark.slow
@pytest.mark.parametrize("target", ["en", "ko"])
def test_plus_or_minus_comes_through_the_starter_packages(loaded: ArgosEngine, target: str) -> None:
    [hop] = loaded.path(Pair("ja", target))
    texts = ["誤差は±5%です。", "±10の差があります。"]
    for hypotheses, number in zip(loaded.decode(hop, texts, Decoding()), ("5", "10"), strict=True):
        assert f"±{number}" in hypotheses[0].text.replace("± ", "±")
