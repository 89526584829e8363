"""Names with their readings in brackets."""

from __future__ import annotations

import pytest

from translate.text import name_readings


@pytest.mark.parametrize(
    ("text", "name", "reading"),
    [
        ("金明洙（キム・ミョンス）氏が発表した。", "金明洙", "キム・ミョンス"),
        ("文在寅(ムン・ジェイン)も参加した。", "文在寅", "ムン・ジェイン"),
        ("講師は佐藤花子（さとう はなこ）です。", "佐藤花子", "さとう はなこ"),
        ("田中（たなか）さんに聞いた。", "田中", "たなか"),
        ("田中（Tanaka）さんに聞いた。", "田中", "Tanaka"),
        ("代表取締役山田太郎（やまだ たろう）の話です。", "山田太郎", "やまだ たろう"),
    ],
)
def test_a_name_is_found_with_its_reading(text: str, name: str, reading: str) -> None:
    [found] = name_readings.find(text)
    assert (found.name, found.reading) == (name, reading)
    assert found.written in text


@pytest.mark.parametrize(
    "text",
    [
        "画面（システムトレイ）を開きます。",
        "時間（プロセッサー・サイクル）を測ります。",
        "機械学習（マシン・ラーニング）の話です。",
        "選択（はい・いいえ）をします。",
        "一部（またはすべて）を選びます。",
        "温度（Temperature）を試します。",
        "情報通信部（MSIT）が発表した。",
        "瑣末（さまつ）な話です。",
    ],
)
def test_a_remark_is_no_reading(text: str) -> None:
    assert name_readings.find(text) == ()


@pytest.mark.parametrize(
    ("reading", "target", "said"),
    [
        ("キム・ミョンス", "Kim Myung-soo announced it.", "Kim Myung-soo"),
        ("キム・ミョンス", "김명수는 발표했다.", "김명수"),
        ("ペ・ギョンフン", "LG AI연구원의 배경훈 원장", "배경훈"),
        ("シー・ジンピン", "President Xi Jinping held it.", "Xi Jinping"),
        ("やまだ たろう", "Mr. Taro Yamada lives there.", "Taro Yamada"),
        ("やまだ たろう", "Yamada Taro는 도쿄에 산다.", "Yamada Taro"),
    ],
)
def test_what_sounds_like_the_reading_is_found(reading: str, target: str, said: str) -> None:
    span = name_readings.find_rendering(reading, target)
    assert span
    assert target[span.start : span.end] == said


@pytest.mark.parametrize(
    ("reading", "target"),
    [
        ("シー・ジンピン", "The neighbors held a meeting on the neighborhood (Seugin) meeting."),
        ("シー・ジンピン", "습관(시피) 국가 주석은 회의를 연기합니다."),
        ("なかむら しゅうじ", "A new president chose two (becauses)."),
        ("やまだ たろう", "Yamada (It's still in the Tokyo.)"),
        ("キム・ミョンス", "금명을 밝은 회견에서 계획을 발표했다."),
    ],
)
def test_what_sounds_otherwise_is_not(reading: str, target: str) -> None:
    assert name_readings.find_rendering(reading, target) is None
