"""Terms: read from a file, found in sentences, put where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from translate.quality import glossary
from translate.quality.glossary import STARTER, Glossary, GlossaryError, GlossaryTerm, load_glossary
from translate.text import edits
from translate.types import Alignment, Pair, Span

EN, KO = Pair("ja", "en"), Pair("ja", "ko")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_starter_glossary_loads_and_covers_both_languages() -> None:
    terms = load_glossary(STARTER).terms
    assert len(terms) >= 80
    assert all(term.wanted("en") and term.wanted("ko") for term in terms)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term: a\n", "glossary.yml:1: not a list of terms: begin each with `- term: ...`"),
        ("- term: a\n  en: b\n- en: c\n", "glossary.yml:3: no term: add `term: ...`"),
        (
            "- term: a\n",
            "glossary.yml:1: a: says nothing: add a language, or `do_not_translate: true`",
        ),
        (
            "- term: a\n  english: b\n",
            "glossary.yml:2: unknown key 'english': use term, do_not_translate, case or a language",
        ),
        ("- term: a\n  case: big\n", "glossary.yml:2: 'big': write exact or any"),
        (
            "- term: a\n  en: {b: c}\n",
            "glossary.yml:2: not a text: write one, or a list of them in [ ]",
        ),
        ("- a\n", "glossary.yml:1: not a term: write `- term: ...`"),
    ],
)
def test_an_error_says_where_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GlossaryError) as caught:
        load_glossary(write(tmp_path / "glossary.yml", text))
    assert str(caught.value) == message


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match=r"^glossary\.yml:3: not YAML: "):
        load_glossary(write(tmp_path / "glossary.yml", "- term: a\n  en: [b\n"))


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    path = write(tmp_path / "glossary.yml", "- term: a\n- term: b\n")
    with pytest.raises(GlossaryError) as caught:
        load_glossary(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_later_file_wins(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.yml", "- term: 半導体\n  en: silicon\n")
    [match] = load_glossary(STARTER, mine).find("半導体です", EN)
    assert match.wanted == ("silicon",)


def found(sentence: str, *terms: GlossaryTerm, pair: Pair = EN) -> list[str]:
    return [sentence[slice(*match.span)] for match in Glossary(terms).find(sentence, pair)]


def test_the_longest_term_wins() -> None:
    terms = [GlossaryTerm(text=text, do_not_translate=True) for text in ("CLOVA", "CLOVA Studio")]
    assert found("CLOVA StudioとCLOVA", *terms) == ["CLOVA Studio", "CLOVA"]


def test_latin_terms_are_whole_words() -> None:
    assert found("FAIRとAIとAI2、生成AI", GlossaryTerm(text="AI", do_not_translate=True)) == [
        "AI",
        "AI",
    ]


def test_case_matters_only_for_terms_that_say_so() -> None:
    assert found("appleとApple", GlossaryTerm(text="Apple", do_not_translate=True, exact=True)) == [
        "Apple"
    ]
    assert found("llmとLLM", GlossaryTerm(text="LLM", do_not_translate=True)) == ["llm", "LLM"]


def test_a_term_without_a_rendering_is_left_alone() -> None:
    assert found("半導体", GlossaryTerm(text="半導体", renderings={"en": ("chip",)}), pair=KO) == []


def test_any_of_the_renderings_will_do() -> None:
    term = GlossaryTerm(text="NAVER", do_not_translate=True, renderings={"ko": ("NAVER", "네이버")})
    [match] = Glossary([term]).find("NAVERの挑戦", KO)
    assert match.is_in("네이버의 도전")
    assert match.is_in("NAVER의 도전")
    assert not match.is_in("나버의 도전")


def test_endings_will_do() -> None:
    [match] = Glossary([GlossaryTerm(text="半導体", renderings={"en": ("semiconductor",)})]).find(
        "半導体", EN
    )
    assert match.is_in("Semiconductors rule.")


def test_a_label_that_is_a_term_is_translated_by_the_glossary() -> None:
    terms = Glossary([GlossaryTerm(text="生成AI", renderings={"en": ("generative AI",)})])
    assert terms.say("生成AI", EN) == "generative AI"
    assert terms.say("生成AIの話", EN) is None


def test_a_missing_term_is_inserted_at_the_position_of_attention() -> None:
    terms = Glossary([GlossaryTerm(text="NAVER", do_not_translate=True)])
    source, target = "NAVERの挑戦", "The Nabber's challenge"
    looked = Alignment(
        (Span(0, 5), Span(5, 6), Span(6, 8)),
        (Span(0, 3), Span(4, 10), Span(10, 12), Span(13, 22)),
        ((0.2, 0.4, 0.4), (0.9, 0.1, 0), (0.2, 0.8, 0), (0, 0, 1.0)),
    )
    repairs = glossary.repair(terms.find(source, EN), target, looked)
    text, alignment = edits.apply(repairs, target, looked)
    assert text == "The NAVER's challenge"
    assert alignment is not None
    assert text[slice(*alignment.target[1])] == "NAVER"


def test_a_term_seen_nowhere_is_not_put_anywhere() -> None:
    terms = Glossary([GlossaryTerm(text="NAVER", do_not_translate=True)])
    looked = Alignment((Span(0, 5), Span(5, 8)), (Span(0, 9),), ((0.1, 0.9),))
    assert glossary.repair(terms.find("NAVERの挑戦", EN), "Challenge", looked) == ()


def test_a_term_seen_here_and_there_is_not_put_anywhere() -> None:
    terms = Glossary([GlossaryTerm(text="NAVER", do_not_translate=True)])
    looked = Alignment(
        (Span(0, 5), Span(5, 8)),
        (Span(0, 2), Span(3, 12), Span(13, 15)),
        ((0.9, 0.1), (0.1, 0.9), (0.9, 0.1)),
    )
    assert glossary.repair(terms.find("NAVERの挑戦", EN), "It challenges it", looked) == ()
