"""Numbers of a sentence and of its translation, as exact values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translate.text import edits, numbers
from translate.text.quantities import Number, find_numbers
from translate.types import Alignment, Pair, Span

EN, KO = Pair("ja", "en"), Pair("ja", "ko")


def values(text: str, language: str) -> list[tuple[Fraction, str]]:
    return [(one.value, one.unit) for one in find_numbers(text, language) if one.certain]


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("2,378億ウォン", "ja", 237_800_000_000, "KRW"),
        ("２，３７８億ウォン", "ja", 237_800_000_000, "KRW"),
        ("1兆2,000億円", "ja", 1_200_000_000_000, "JPY"),
        ("11兆2600億円", "ja", 11_260_000_000_000, "JPY"),
        ("3万5,000人", "ja", 35_000, ""),
        ("5千万円", "ja", 50_000_000, "JPY"),
        ("三十一歳", "ja", 31, ""),
        ("二〇二六年", "ja", 2026, ""),
        ("0.5ドル", "ja", Fraction(1, 2), "USD"),
        ("75％以上", "ja", 75, "%"),
        ("約10分の1", "ja", Fraction(1, 10), ""),
        ("237.8 billion won", "en", 237_800_000_000, "KRW"),
        ("$1.5 million", "en", 1_500_000, "USD"),
        ("100 trillion-won", "en", 100_000_000_000_000, "KRW"),
        ("75 percent", "en", 75, "%"),
        ("the 19th", "en", 19, ""),
        ("2,378억 원", "ko", 237_800_000_000, "KRW"),
        ("11조 2,600억 엔", "ko", 11_260_000_000_000, "JPY"),
        ("100조원", "ko", 100_000_000_000_000, "KRW"),
        ("3만 5,000명", "ko", 35_000, ""),
        ("10분의 1", "ko", Fraction(1, 10), ""),
        ("2023 조사", "ko", 2023, ""),
    ],
)
def test_a_number_has_a_value_and_a_unit(
    text: str, language: str, value: Fraction, unit: str
) -> None:
    assert values(text, language) == [(value, unit)]


@pytest.mark.parametrize(
    "text",
    ["一緒に", "十分に", "数千の声", "四半期", "東京", "二の足", "千切り", "数分の1", "数十分の一"],
)
def test_words_with_numerals_in_them_are_no_numbers(text: str) -> None:
    assert values(text, "ja") == []


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("総額2,378億ウォンを投じる", "will spend 237.8 billion won", EN),
        ("総額2,378億ウォンを投じる", "총액 2,378억 원을 투입한다", KO),
        ("2つの企業", "two companies", EN),
        ("2つの企業", "두 기업", KO),
        ("1つの例", "an example", EN),
        ("10分の1の水準", "one-tenth of the level", EN),
        ("10分の1の水準", "a tenth of the level", EN),
        ("三分の一に減った", "fell to a third", EN),
        ("2026年11月", "November 2026", EN),
        ("2026年11月", "2026년 11월", KO),
        ("4割ほど減った", "fell by about 40%", EN),
        ("二割五分", "25%", KO),
        ("2時間半", "two and a half hours", EN),
        ("2時間半", "2.5 hours", EN),
        ("午後6時", "18:00", EN),
        ("3日ほど", "사흘 정도", KO),
        ("800億ドルの会社に1000億ドル", "100 billion dollars for one of 80 billion", EN),
        ("107億のパラメータ", "10.7B parameters", EN),
        ("B2B契約とEXAONE4.0 32B", "B2B contracts and EXAONE 4.0 32B", EN),
        ("月1回の会議", "a monthly meeting", EN),
        ("2026.01.31に公開", "published on January 31, 2026", EN),
        ("2026.1.31〜2026.2.28", "2026년 1월 31일부터 2026년 2월 28일까지", KO),
        ("1234567890123456ウォン", "1,234,567,890,123,456 won", EN),
    ],
)
def test_equivalent_terms_are_equal(source: str, target: str, pair: Pair) -> None:
    assert not numbers.compare(source, target, pair)


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("2,378億ウォン", "2.378 billion won", EN),
        ("2,378億ウォン", "237.8 billion yen", EN),
        ("2,378億ウォン", "2,378만 원", KO),
        ("100兆ウォン", "100억 원", KO),
        ("100万トークン", "100 million tokens", EN),
        ("107億のパラメータ", "107 billion parameters", EN),
        ("75%の企業", "75 companies", EN),
        ("評価額1000億ドル", "1000억 명", KO),
        ("19位と20位", "19th", EN),
        ("19位", "19th of 22", EN),
        ("5社", "companies", EN),
        ("1位と3位", "second and third", EN),
        ("2026.01.31に公開", "published on January 30, 2026", EN),
        ("1234567890123456ウォン", "1,234,567,890,123,456 yen", EN),
        ("#100,000番", "#100,900", EN),
        ("#100億の会社", "a company of #100 million", EN),
    ],
)
def test_a_number_lost_changed_or_made_up_shows(source: str, target: str, pair: Pair) -> None:
    assert numbers.compare(source, target, pair)


AMOUNTS = st.integers(1, 10**16 - 1) | st.builds(
    lambda count, scale: count * scale,
    st.integers(1, 9999),
    st.sampled_from([10**4, 10**8, 10**12]),
)


@given(AMOUNTS, st.sampled_from(["", "KRW", "JPY", "USD", "EUR", "CNY", "%"]))
@pytest.mark.parametrize("language", ["ja", "en", "ko"])
def test_what_is_rendered_reads_as_the_same_amount(language: str, value: int, unit: str) -> None:
    text = numbers.render(Number(Fraction(value), Span(0, 0), unit), language)
    assert values(text, language) == [(value, unit)]


@given(st.decimals(0, 10**6, places=3), st.sampled_from(["ja", "en", "ko"]))
def test_decimals_come_through(value: Fraction, language: str) -> None:
    exact = Fraction(value)
    text = numbers.render(Number(exact, Span(0, 0), "USD"), language)
    assert values(text, language) == [(exact, "USD")]


@given(AMOUNTS, st.sampled_from(["en", "ko"]), st.sampled_from([10, 100, 1000, 10**4]))
def test_a_wrong_magnitude_is_always_seen(value: int, language: str, factor: int) -> None:
    source = numbers.render(Number(Fraction(value), Span(0, 0), "KRW"), "ja")
    wrong = numbers.render(Number(Fraction(value * factor), Span(0, 0), "KRW"), language)
    assert numbers.compare(source, wrong, Pair("ja", language))


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("2,378億ウォン", "en", "237.8 billion won"),
        ("2,378億ウォン", "ko", "2,378억 원"),
        ("100兆ウォン", "en", "100 trillion won"),
        ("100兆ウォン", "ko", "100조 원"),
        ("11兆2600億円", "en", "11.26 trillion yen"),
        ("11兆2600億円", "ko", "11조 2,600억 엔"),
        ("1億2345万6789円", "en", "123,456,789 yen"),
        ("0.5ドル", "en", "0.5 dollars"),
        ("1ドル", "en", "1 dollar"),
        ("10分の1", "en", "1/10"),
        ("10分の1", "ko", "10분의 1"),
    ],
)
def test_amounts_are_written_as_newspapers_do(text: str, language: str, written: str) -> None:
    number = next(one for one in find_numbers(text, "ja") if one.certain)
    assert numbers.render(number, language) == written


def repaired(source: str, target: str, pair: Pair, alignment: Alignment | None = None) -> str:
    return edits.apply(numbers.repair(source, target, pair, alignment), target, None)[0]


def test_the_only_amount_is_put_right() -> None:
    target = repaired("総額2,378億ウォンを投入", "It will spend 2.378 billion won.", EN)
    assert target == "It will spend 237.8 billion won."


def test_amounts_are_told_apart_by_their_currency() -> None:
    source = "2,378億ウォン（約260億円）"
    target = repaired(source, "2,37.8 billion won (about 2,260 billion yen)", EN)
    assert target == "237.8 billion won (about 26 billion yen)"


def test_a_plain_number_is_not_replaced_on_a_guess() -> None:
    """ "5 years" is not "3 companies" gone wrong."""
    assert repaired("3社が参加した", "It took 5 years.", EN) == "It took 5 years."


def test_a_plain_number_is_replaced_where_the_decoder_looked_at_it() -> None:
    source, target = "3社が参加した", "5 companies took part."
    looked = Alignment((Span(0, 2), Span(2, 7)), (Span(0, 11), Span(12, 22)), ((0.9, 0.1), (0, 1)))
    assert repaired(source, target, EN, looked) == "3 companies took part."


def test_ordinals_get_their_ending() -> None:
    looked = Alignment((Span(0, 3),), (Span(0, 3),), ((1.0,),))
    assert repaired("22位", "5th", EN, looked) == "22nd"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_year_is_written_without_a_comma(language: str) -> None:
    (year,) = find_numbers("会議2026報告", "ja")
    (line,) = find_numbers("[list:43015]", "ja")
    (amount,) = find_numbers("3,000台", "ja")
    rendered = [numbers.render(one, language) for one in (year, line, amount)]
    assert rendered == ["2026", "43015", "3,000"]


def test_what_is_in_a_literal_is_no_number() -> None:
    assert values("Ruby 3.4.1とCVE-2024-27281、https://blog.example/7を2つ", "ja") == [(2, "")]


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("値は0.60です。", "The value is 0.6.", "The value is 0.60."),
        ("0.60と1.500です。", "It is 1.5 and 0.6.", "It is 1.500 and 0.60."),
        ("値は０．６０です。", "The value is 0.6.", "The value is 0.60."),
        ("値は0.60です。", "The value is 0.7.", "The value is 0.7."),  # another value
        ("値は0.6です。", "The value is 0.6.", "The value is 0.6."),
        ("1.50億円です。", "It is 150 million yen.", "It is 150 million yen."),
        ("½です。", "It is 0.5.", "It is 0.5."),
    ],
)
def test_decimals_are_written_as_the_source_does(source: str, target: str, said: str) -> None:
    assert edits.apply(numbers.same_digits(source, target, EN), target, None)[0] == said


def test_parts_in_one_character_are_numbers() -> None:
    assert not numbers.compare("長さは½メートルです。", "It is 0.5 meters.", EN)
    assert numbers.compare("長さは½メートルです。", "It is 0.7 meters.", EN)


def test_a_year_in_kanji_is_not_grouped() -> None:
    [year] = find_numbers("二〇二六年", "ja")
    assert numbers.render(year, "en") == "2026"


def test_number_words_are_found_in_any_case_and_where_they_are() -> None:
    """ "İ" has two characters in lower case."""
    text = "İzmir has TWO ports, Three bays"
    found = [(text[slice(*one.span)], one.value) for one in find_numbers(text, "en")]
    assert found == [("TWO", 2), ("Three", 3)]
