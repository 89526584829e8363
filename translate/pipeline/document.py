"""DocumentPipeline: splits a document into sentences, looks them up, joins the results.

It reads the translation memory and needs no model; `translator` decodes missing sentences.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from translate.html import joiner, ruby
from translate.memory.corrections import find_corrections, states
from translate.pipeline.cache_keys import EARLIER, fingerprint, sentence_key
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.text import edits, sentences
from translate.text.japanese_punctuation import respelled
from translate.text.sentences import space_between
from translate.types import (
    Document,
    Hop,
    NoPathError,
    Pair,
    Router,
    Sentence,
    Span,
    Translation,
    TranslationMemory,
)

# Characters. No engine reads such a sentence to its end, and the checks of its numbers and names
# would take too long: it stays in the original.
ENDLESS = 2_000
PUBLISHABLE = 0.7  # share of the characters

_TAG = re.compile(r"<[^<>]*>")
_RUBY_LANGUAGES = ("ja", "zh")  # languages whose readers use readings of words

Outcomes = Callable[[Iterable[str], Sequence[Hop]], dict[str, SentenceResult]]


@dataclass(frozen=True, slots=True)
class _Labels:
    """How each label of a document is translated."""

    translated: dict[str, str]  # by the glossary
    together: Sequence[str] = ()  # with the document's sentences
    apart: Sequence[str] = ()  # on their own path
    path: Sequence[Hop] = ()


class DocumentPipeline:
    """Combines router, memory and glossary."""

    def __init__(
        self, router: Router, memory: TranslationMemory, glossary: Glossary | None = None
    ) -> None:
        self.router = router
        self.memory = memory
        self.glossary = glossary or Glossary()

    def recall(self, document: Document, target: str) -> Translation:
        """The document with the sentences that the memory has; decodes nothing.

        Other sentences are kept in the original, with `pending` as their reason.
        """
        informed = self.informed(document)
        return informed.assemble(document, target, informed._recalled)

    def informed(self, document: Document) -> Self:
        """The pipeline with the names that the document gives readings of."""
        if document.language != "ja":
            return self
        text = "\n".join((document.title, document.summary, _TAG.sub("", document.html)))
        informed = copy.copy(self)
        informed.glossary = self.glossary.with_names(text)
        return informed

    def keys(self, document: Document, target: str) -> dict[str, list[str]]:
        """The memory's keys of the document in `target` and in pivot languages.

        Maps each to its keys under earlier rules, newest first.
        """
        found: dict[str, list[str]] = {}
        informed = self.informed(document)

        def record(texts: Iterable[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
            text_list = list(texts)
            for end in range(1, len(path) + 1):
                keys = informed.look_up(text_list, path[:end])[1]
                earlier = [informed.earlier_keys(keys, path[:end], rules) for rules in EARLIER]
                found.update((keys[text], [each[text] for each in earlier]) for text in keys)
            return {text: SentenceResult(text=text) for text in text_list}

        informed.assemble(document, target, record)
        return found

    def texts(self, document: Document, target: str) -> set[str]:
        """The sentences of the document that are looked up for `target`."""
        found: set[str] = set()

        def record(texts: Iterable[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
            text_list = list(texts)
            found.update(text_list)
            return {text: SentenceResult(text=text) for text in text_list}

        self.assemble(document, target, record)
        return found

    def fingerprint(self, pair: Pair) -> str:
        """Everything besides a text that determines its translations, packages first."""
        try:
            path = self.router.path(pair)
        except NoPathError:
            path = ()
        pairs = [Pair(pair.source, hop.pair.target) for hop in path]
        return fingerprint(pair, path, self.glossary, states(self.memory, pairs))

    def assemble(self, document: Document, target: str, outcomes: Outcomes) -> Translation:
        """The document in `target` with the results that `outcomes` returns for its texts.

        Raises `NoPathError`.
        """
        path = self.router.path(Pair(document.language, target))
        page = joiner.split(readable_html(document, target), document.language)
        title = sentences.split(document.title, document.language)
        summary = sentences.split(document.summary, document.language)
        body = [sentence.text for sentence in page.sentences if sentence.translatable]
        labels = self._labels(document, target)
        by_text = outcomes([*title, *summary, *body, *labels.together], path)
        translated = labels.translated | {label: by_text[label].text for label in labels.together}
        if labels.apart:
            separate = outcomes(labels.apart, labels.path)
            translated |= {label: separate[label].text for label in labels.apart}

        rendered = [
            _rendered(sentence, by_text[sentence.text])
            if sentence.translatable
            else _respelled(sentence, Pair(document.language, target))
            for sentence in page.sentences
        ]
        texts = [*title, *summary, *body]
        score = _score(texts, by_text)
        return Translation(
            language=target,
            title=_plain(document.title, title, by_text, target),
            summary=_plain(document.summary, summary, by_text, target),
            html=joiner.join(page, rendered, target),
            labels=tuple(translated[label] for label in document.labels),
            sentences=tuple(_to_sentence(text, by_text[text]) for text in dict.fromkeys(texts)),
            hops=path,
            score=score,
            publishable=score >= PUBLISHABLE,
        )

    def _labels(self, document: Document, target: str) -> _Labels:
        """The labels' translations: tags are in the blog's language, also in other posts."""
        pair = Pair(document.labels_language or document.language, target)
        if pair.source == target:
            return _Labels({label: label for label in document.labels})
        known = {label: self.glossary.say(label, pair) for label in document.labels}
        translated = {
            label: rendering for label, rendering in known.items() if rendering is not None
        }
        others = [label for label in known if label not in translated]
        if pair.source == document.language:
            return _Labels(translated, together=others)
        try:
            return _Labels(translated, apart=others, path=self.router.path(pair))
        except NoPathError:
            return _Labels({label: translated.get(label, label) for label in known})

    def _recalled(self, texts: Iterable[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
        found, keys = self.look_up(texts, path)
        remembered = self.memory.get_many(list(keys.values()))
        for text, key in keys.items():
            found[text] = (
                SentenceResult.from_json(remembered[key])
                if key in remembered
                else SentenceResult(text=text, kept=True, reasons=("pending",))
            )
        return found

    def look_up(
        self, texts: Iterable[str], path: Sequence[Hop]
    ) -> tuple[dict[str, SentenceResult], dict[str, str]]:
        """Results that need no model, and the memory's keys of the other texts, by text."""
        source = path[0].pair.source
        pairs = [Pair(source, hop.pair.target) for hop in path]
        found: dict[str, SentenceResult] = {}
        with_words: list[str] = []
        for text in dict.fromkeys(texts):
            if not sentences.speaks(text, source):  # has no words of the source language
                found[text] = SentenceResult(text="".join(respelled(text, pairs[-1])))
            elif len(text) > ENDLESS:
                found[text] = SentenceResult(text=text, kept=True, reasons=("length",))
            else:
                with_words.append(text)
        corrected = find_corrections(self.memory, with_words, pairs)
        keys: dict[str, str] = {}
        for text in with_words:
            by_hand = corrected.get(text, {})
            if pairs[-1] in by_hand:
                found[text] = SentenceResult(text=by_hand[pairs[-1]], by_hand=True)
            else:
                keys[text] = sentence_key(text, path, self.glossary, by_hand)
        return found, keys

    def earlier_keys(self, texts: Iterable[str], path: Sequence[Hop], rules: str) -> dict[str, str]:
        """The keys of these texts under earlier rules."""
        text_list = list(texts)
        pairs = [Pair(path[0].pair.source, hop.pair.target) for hop in path]
        by_hand = find_corrections(self.memory, text_list, pairs) if text_list else {}
        return {
            text: sentence_key(text, path, self.glossary, by_hand.get(text), rules=rules)
            for text in text_list
        }


def readable_html(document: Document, target: str) -> str:
    """The document's HTML, without readings of words if `target` does not use them."""
    keeps_readings = target.partition("-")[0] in _RUBY_LANGUAGES
    return document.html if keeps_readings else ruby.without_readings(document.html)


def _rendered(segment: joiner.Segment, result: SentenceResult) -> joiner.Rendered:
    if result.text == segment.text and not result.kept:  # unchanged, so it is aligned with itself
        return joiner.Rendered(segment.text, edits.identity(segment.text))
    return joiner.Rendered(result.text, result.alignment, kept=result.kept)


def _respelled(segment: joiner.Segment, pair: Pair) -> joiner.Rendered:
    """A sentence without words, in the punctuation of the target."""
    atoms = [mark.span for mark in segment.marks if mark.atom]
    pieces = respelled(segment.text, pair, atoms)
    places = [0, *accumulate(map(len, pieces))]
    spans = [Span(places[mark.span.start], places[mark.span.end]) for mark in segment.marks]
    return joiner.Rendered("".join(pieces), spans=spans)


def _plain(
    text: str, parts: Sequence[str], outcomes: dict[str, SentenceResult], language: str
) -> str:
    """The translated text; the original if any part is kept: plain text cannot hold marks."""
    results = [outcomes[part] for part in parts]
    if any(result.kept for result in results):
        return text
    return space_between(language).join(result.text for result in results)


def _score(texts: Sequence[str], outcomes: dict[str, SentenceResult]) -> float:
    total = sum(len(text) for text in texts)
    kept = sum(len(text) for text in texts if outcomes[text].kept)
    return round(1 - kept / total, 4) if total else 1.0


def _to_sentence(text: str, result: SentenceResult) -> Sentence:
    return Sentence(
        source=text,
        target=result.text,
        kept=result.kept,
        score=0.0 if result.kept else round(math.exp(result.score), 4),
        reasons=result.reasons,
        pivot=result.pivot,
        by_hand=result.by_hand,
    )
