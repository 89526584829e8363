"""What the gate refuses, and what it must let through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from translate.quality import gate
from translate.types import Pair

EN, KO = Pair("ja", "en"), Pair("ja", "ko")
ESSAYS = Path(__file__).parents[4] / "shared" / "corpus" / "essays.jsonl"


@pytest.mark.parametrize(
    ("reason", "source", "target", "pair"),
    [
        ("empty", "はい。", " ", EN),
        ("same", "はい。", "はい。", EN),
        ("script", "半導体の未来です。", "The future of 半導体.", EN),
        ("script", "これは未来です。", "This is the future.", KO),
        ("loop", "福岡の会社です。", "A company in Fukuoka Fukuoka.", EN),
        ("loop", "詳しく分析します。", "We analysessessessessesse it.", EN),
        ("loop", "経費が下がりました。", "경비가 기기기 내려갔습니다.", KO),
        ("loop", "良い記事でした。", "It was good, it was good, it was good.", EN),
        ("length", "これは長い文章であり、多くのことを述べています。" * 3, "Yes, it is.", EN),
        ("length", "はい。", "Yes, and then he said that the company would go on with it.", EN),
        ("numbers", "19位です。", "It is 20th.", EN),
        ("numbers", "気温は18℃です。", "It is 18 people.", EN),
        ("urls", "https://example.org/a を見てください。", "Please see example.", EN),
        ("urls", "こちらを見てください。", "Please see https://example.com here.", EN),
        ("urls", "連絡先はa@example.orgです。", "The address is b@example.org.", EN),
        ("urls", "@naverと#AIの話です。", "A story about @naver and AI.", EN),
        ("urls", "v1.2.3を公開しました。", "v1.2.4 has been released.", EN),
        ("urls", "1.0.0-betaを公開しました。", "1.0.0 has been released.", EN),
        ("symbols", "3.2.1節を見てください。", "Please see the 3.2.1th section.", EN),
        ("symbols", "新しいモデル", "A new model -", EN),
        ("symbols", "新しいモデル", "A new model 2", EN),
        ("symbols", "価格は半額、性能は1.8倍", "가격은 반값, 성능은 1.8배가 1.", KO),
        ("symbols", "約24Wでした。", "약 24WW였습니다.", KO),
        ("symbols", "「楓プロ」の話です。", "'카에데' 프로'의 이야기입니다.", KO),
        ("numbers", "温度は38.5℃でした。", "온도는 38.5회였습니다.", KO),
        ("numbers", "9月30日に発表した。", "It was announced 9 ok 30.", EN),
        ("numbers", "9月30日に発表した。", "3월 9일과 30일에 발표했다.", KO),
        ("urls", "日本語、한국어など", "Japanese, English and so on", EN),
        ("urls", "「Привет」と書く。", '"Hello" is written.', EN),
        (
            "symbols",
            "「何？」と聞かれ、「本。」と答えた。",
            '"What?" I asked, a book," I said, "a book.',
            EN,
        ),
        ("symbols", "▲5億円だった。", "It was ▖-500 million yen.", EN),
        ("junk", "言語は32です。", "It is a fuckingnoundation of 32.", EN),
        ("symbols", "気温は25℃です。", "It is 25 minutes C.", EN),
        ("loop", "サービスの話です。", "서비스는 서비스를 서비스가 이야기입니다.", KO),
        ("junk", "未来は明るいです。", "Contact us. The future is bright.", EN),
        ("symbols", "彼は「はい」と言いました。", 'He said, "Yes.', EN),
        ("symbols", "3ドルです。", "It is three $3$\\\\ dollars.", EN),
        ("symbols", "これは良いです。", "This is ⁇ good.", EN),
    ],
)
def test_refuses(reason: str, source: str, target: str, pair: Pair) -> None:
    assert reason in gate.check(source, target, pair)


def test_refuses_what_the_model_guessed() -> None:
    assert gate.check("今日は晴れです。", "It is sunny today.", EN, -2.0) == ("score",)
    assert gate.check("今日は晴れです。", "It is sunny today.", EN, -0.5) == ()


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("お問い合わせください。", "Please contact us.", EN),
        ("ここをクリックしてください。", "Click here.", EN),
        ("もう、ずっと、ずっと前の話です。", "That was a very, very long time ago.", EN),
        ("彼が持っていた本です。", "It is the book he had had.", EN),
        ("OpenAIとGoogle", "OpenAI and Google", EN),
        ("バージョン2", "Version 2", EN),
        ("E2EEの話です。", "It is about E2EE.", EN),
        ("100mmです。", "It is 100mm.", EN),
        ("二度の失敗", "two failures", EN),
        ("9月30日に発表した。", "It was announced on Sept. 30.", EN),
        ("2026年9月30日に発表した。", "2026-09-30 was the date of it.", EN),
        ("9月30日に発表した。", "9월 30일에 발표했다.", KO),
        ("日本語、한국어など", "Japanese, 한국어 and so on", EN),
        ("「はい」と「いいえ」", '"Yes", and ("no")', EN),
        ("「はい」と言った。", '"예"라고 말했습니다.', KO),
        ("クソゲーの話", "About bullshit games", EN),
        ("続き―", "More –", EN),
        ("次のコードを追加します。", "Add the following code:", EN),
        ("19位のモデル", "a model ranked 19th", EN),
        ("「はい」と彼は言った。", '"Yes," he said.', EN),
        ("https://example.org/a_b?c=1 を見てください。", "https://example.org/a_b?c=1 보세요.", KO),
        ("僕はC++とC#が好きです。", "저는 C++와 C#을 좋아합니다.", KO),
        ("v1.2.3を公開しました。", "Version 1.2.3 has been released.", EN),
        ("バージョン２．６．０が出ました。", "Version 2.6.0 is out.", EN),
        ("Ubuntu 22.04.5LTSと互換です。", "It is Ubuntu 22.04.5-compatible.", EN),
        ("発表日は2026.01.31です。", "The announcement date is 2026.01.31.", EN),
        ("TEL-03-1234-5678です。", "The phone number is 03-1234-5678.", EN),
        ("第1回のA/Bテスト", "제1회 A/B 테스트", KO),
    ],
)
def test_lets_through(source: str, target: str, pair: Pair) -> None:
    assert gate.check(source, target, pair) == ()


class TestEssays:
    __test__ = ESSAYS.exists()  # not part of the checkout

    @pytest.mark.parametrize("pair", [EN, KO, Pair("en", "ko")])
    def test_human_translations_pass(self, pair: Pair) -> None:
        """A gate that refuses everything keeps every law: fewer than 2 % of these may fail."""
        essays = [json.loads(line) for line in ESSAYS.read_text(encoding="utf-8").splitlines()]
        said = [one for essay in essays for one in (*essay["sentences"], essay["title"])]
        refused = [one for one in said if gate.check(one[pair.source], one[pair.target], pair)]
        assert len(refused) < 0.02 * len(said)


def test_a_date_is_no_loop() -> None:
    assert not gate.loops("題名 2026-01-01 の記事", "The article of 2026-01-01")
