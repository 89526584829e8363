"""What decides how a sentence ends: a key changes with it, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from translate.pipeline import cache_keys
from translate.pipeline.cache_keys import fingerprint, sentence_key
from translate.quality import gate
from translate.quality.glossary import Glossary, GlossaryTerm
from translate.types import Hop, Pair

TEXT = "半導体の話です。"
ENGLISH = Hop(pair=Pair("ja", "en"), name="ja_en", version="1", starter=False)
KOREAN = Hop(pair=Pair("en", "ko"), name="en_ko", version="1", starter=False)
NEWER = replace(ENGLISH, version="2")
CHIP = Glossary([GlossaryTerm(text="半導体", renderings={"en": ("chip",)})])
QUANTUM = Glossary([GlossaryTerm(text="量子", renderings={"en": ("quantum",)})])
NONE = Glossary()

BOTH = (ENGLISH, KOREAN)


def test_a_key_hangs_on_every_package_of_the_way() -> None:
    found = {
        sentence_key(TEXT, path, NONE)
        for path in ((ENGLISH,), (NEWER,), BOTH, (NEWER, KOREAN), (ENGLISH, NEWER))
    }
    assert len(found) == 5


def test_a_term_touches_the_sentences_that_have_it_in_both_languages() -> None:
    """Korean that goes through English hangs on what the English was told to say."""
    for path in ((ENGLISH,), BOTH):
        plain = sentence_key(TEXT, path, NONE)
        assert sentence_key(TEXT, path, QUANTUM) == plain
        assert sentence_key(TEXT, path, CHIP) != plain


def test_a_correction_of_the_english_touches_the_korean_through_it() -> None:
    by_hand = {Pair("ja", "en"): "About chips."}
    assert sentence_key(TEXT, BOTH, NONE, by_hand) != sentence_key(TEXT, BOTH, NONE)
    assert sentence_key(TEXT, (ENGLISH,), NONE, by_hand) == sentence_key(TEXT, (ENGLISH,), NONE)


def test_a_fingerprint_is_readable_and_a_pairs_own() -> None:
    pair = Pair("ja", "ko")
    said = fingerprint(pair, BOTH, NONE)
    assert said.startswith("ja-ko: ja_en 1, en_ko 1; terms ")
    others = [
        fingerprint(pair, (NEWER, KOREAN), NONE),
        fingerprint(pair, BOTH, CHIP),
        fingerprint(pair, BOTH, NONE, ["a state", ""]),
        fingerprint(pair, (), NONE),
    ]
    assert len({said, *others}) == 5
    assert fingerprint(pair, (), NONE) == "ja-ko: no package"
    assert fingerprint(pair, BOTH, NONE, ["", ""]) == said


def test_terms_of_other_pairs_leave_a_fingerprint_alone() -> None:
    german = Glossary([GlossaryTerm(text="半導体", renderings={"de": ("Halbleiter",)})])
    pair = Pair("ja", "ko")
    assert fingerprint(pair, BOTH, german) == fingerprint(pair, BOTH, NONE)


def test_rules_are_part_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    key, said = sentence_key(TEXT, BOTH, NONE), fingerprint(Pair("ja", "ko"), BOTH, NONE)
    monkeypatch.setattr(cache_keys, "PAGE", "another page")
    assert sentence_key(TEXT, BOTH, NONE) == key
    assert fingerprint(Pair("ja", "ko"), BOTH, NONE) != said
    assert gate.VERSION not in cache_keys.EARLIER
    keys = {sentence_key(TEXT, BOTH, NONE, rules=rules) for rules in cache_keys.EARLIER}
    assert len({key, *keys}) == 3
