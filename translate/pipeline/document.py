"""How documents stand in the translation memory, which takes no machine to say.

A document is taken apart into sentences, each is looked up, and what came of them is put
together again. What is missing is for the `translator` to decode.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from translate.html import joiner, ruby
from translate.memory.corrections import find_corrections, states
from translate.pipeline.cache_keys import fingerprint, sentence_key
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.text import edits, sentences
from translate.types import (
    Document,
    Hop,
    NoPathError,
    Pair,
    Router,
    Sentence,
    Translation,
    TranslationMemory,
)

# Characters. No engine reads on to the end of such a sentence, and what checks its numbers
# and names would take forever: it stays in the original.
ENDLESS = 2_000
PUBLISHABLE = 0.7  # share of the characters

_TAG = re.compile(r"<[^<>]*>")
_RUBY_LANGUAGES = ("ja", "zh")  # whose readers may want the readings of words

Outcomes = Callable[[Iterable[str], Sequence[Hop]], dict[str, SentenceResult]]


@dataclass(frozen=True, slots=True)
class _Labels:
    """How each label of a document gets its words."""

    said: dict[str, str]  # by the glossary
    together: Sequence[str] = ()  # with the document's sentences
    apart: Sequence[str] = ()  # on a path of their own
    path: Sequence[Hop] = ()


class DocumentPipeline:
    """Puts packages' ways, memory and glossary together."""

    def __init__(
        self, ways: Router, memory: TranslationMemory, glossary: Glossary | None = None
    ) -> None:
        self.ways = ways
        self.memory = memory
        self.glossary = glossary or Glossary()

    def recall(self, document: Document, target: str) -> Translation:
        """As far as the document is remembered; nothing is decoded.

        Sentences that nobody has tried yet are kept, with `pending` as their reason.
        """
        informed = self.informed(document)
        return informed.assemble(document, target, informed._recalled)

    def informed(self, document: Document) -> Self:
        """The pipeline with the names that the document gives readings of."""
        if document.language != "ja":
            return self
        told = "\n".join((document.title, document.summary, _TAG.sub("", document.html)))
        informed = copy.copy(self)
        informed.glossary = self.glossary.with_names(told)
        return informed

    def keys(self, document: Document, target: str) -> dict[str, str]:
        """The memory's keys of the document in `target`, and on the way there.

        Each comes with its key under the earlier rules.
        """
        found: dict[str, str] = {}
        informed = self.informed(document)

        def note(texts: Iterable[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
            listed = list(texts)
            for end in range(1, len(path) + 1):
                keys = informed.look_up(listed, path[:end])[1]
                earlier = informed.earlier_keys(keys, path[:end])
                found.update((keys[text], earlier[text]) for text in keys)
            return {text: SentenceResult(text=text) for text in listed}

        informed.assemble(document, target, note)
        return found

    def texts(self, document: Document, target: str) -> set[str]:
        """The sentences of the document that would be looked up for `target`."""
        found: set[str] = set()

        def note(texts: Iterable[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
            listed = list(texts)
            found.update(listed)
            return {text: SentenceResult(text=text) for text in listed}

        self.assemble(document, target, note)
        return found

    def fingerprint(self, pair: Pair) -> str:
        """Everything beside a text that decides its translations, packages first."""
        try:
            path = self.ways.path(pair)
        except NoPathError:
            path = ()
        ways = [Pair(pair.source, hop.pair.target) for hop in path]
        return fingerprint(pair, path, self.glossary, states(self.memory, ways))

    def assemble(self, document: Document, target: str, outcomes: Outcomes) -> Translation:
        """The document in `target`, of what `outcomes` says of its texts; raises `NoPathError`."""
        path = self.ways.path(Pair(document.language, target))
        page = joiner.split(readable_html(document, target), document.language)
        title = sentences.split(document.title, document.language)
        summary = sentences.split(document.summary, document.language)
        body = [sentence.text for sentence in page.sentences if sentence.translatable]
        labels = self._labels(document, target)
        ended = outcomes([*title, *summary, *body, *labels.together], path)
        said = labels.said | {label: ended[label].text for label in labels.together}
        if labels.apart:
            alone = outcomes(labels.apart, labels.path)
            said |= {label: alone[label].text for label in labels.apart}

        results = [
            _rendered(sentence, ended[sentence.text])
            if sentence.translatable
            else joiner.Rendered(sentence.text)
            for sentence in page.sentences
        ]
        told = [*title, *summary, *body]
        score = _score(told, ended)
        return Translation(
            language=target,
            title=_plain(document.title, title, ended, target),
            summary=_plain(document.summary, summary, ended, target),
            html=joiner.join(page, results, target),
            labels=tuple(said[label] for label in document.labels),
            sentences=tuple(_told(text, ended[text]) for text in dict.fromkeys(told)),
            hops=path,
            score=score,
            publishable=score >= PUBLISHABLE,
        )

    def _labels(self, document: Document, target: str) -> _Labels:
        """Tags are in the blog's language, whatever the post is written in."""
        pair = Pair(document.labels_language or document.language, target)
        if pair.source == target:
            return _Labels({label: label for label in document.labels})
        known = {label: self.glossary.say(label, pair) for label in document.labels}
        said = {label: rendering for label, rendering in known.items() if rendering is not None}
        left = [label for label in known if label not in said]
        if pair.source == document.language:
            return _Labels(said, together=left)
        try:
            return _Labels(said, apart=left, path=self.ways.path(pair))
        except NoPathError:
            return _Labels({label: said.get(label, label) for label in known})

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
        """What needs no machine, and the memory's keys of the rest, by text."""
        source = path[0].pair.source
        ways = [Pair(source, hop.pair.target) for hop in path]
        found: dict[str, SentenceResult] = {}
        spoken: list[str] = []
        for text in dict.fromkeys(texts):
            if not sentences.speaks(text, source):  # already fit for any reader
                found[text] = SentenceResult(text=text)
            elif len(text) > ENDLESS:
                found[text] = SentenceResult(text=text, kept=True, reasons=("length",))
            else:
                spoken.append(text)
        corrected = find_corrections(self.memory, spoken, ways)
        keys: dict[str, str] = {}
        for text in spoken:
            by_hand = corrected.get(text, {})
            if ways[-1] in by_hand:
                found[text] = SentenceResult(text=by_hand[ways[-1]], by_hand=True)
            else:
                keys[text] = sentence_key(text, path, self.glossary, by_hand)
        return found, keys

    def earlier_keys(self, texts: Iterable[str], path: Sequence[Hop]) -> dict[str, str]:
        """The keys of these texts under the rules before the present ones."""
        listed = list(texts)
        ways = [Pair(path[0].pair.source, hop.pair.target) for hop in path]
        by_hand = find_corrections(self.memory, listed, ways) if listed else {}
        return {
            text: sentence_key(text, path, self.glossary, by_hand.get(text), earlier=True)
            for text in listed
        }


def readable_html(document: Document, target: str) -> str:
    """The document's HTML, without readings beside words where `target` has no use for them."""
    read_aloud = target.partition("-")[0] in _RUBY_LANGUAGES
    return document.html if read_aloud else ruby.without_readings(document.html)


def _rendered(segment: joiner.Segment, ended: SentenceResult) -> joiner.Rendered:
    if ended.text == segment.text and not ended.kept:  # passed through, so it is its own map
        return joiner.Rendered(segment.text, edits.identity(segment.text))
    return joiner.Rendered(ended.text, ended.alignment, kept=ended.kept)


def _plain(
    text: str, parts: Sequence[str], outcomes: dict[str, SentenceResult], language: str
) -> str:
    """Plain text has no room for a mark, so it is translated whole or stays whole."""
    ended = [outcomes[part] for part in parts]
    if any(one.kept for one in ended):
        return text
    return ("" if language in ("ja", "zh") else " ").join(one.text for one in ended)


def _score(texts: Sequence[str], outcomes: dict[str, SentenceResult]) -> float:
    total = sum(len(text) for text in texts)
    kept = sum(len(text) for text in texts if outcomes[text].kept)
    return round(1 - kept / total, 4) if total else 1.0


def _told(text: str, ended: SentenceResult) -> Sentence:
    return Sentence(
        source=text,
        target=ended.text,
        kept=ended.kept,
        score=0.0 if ended.kept else round(math.exp(ended.score), 4),
        reasons=ended.reasons,
        pivot=ended.pivot,
        by_hand=ended.by_hand,
    )
