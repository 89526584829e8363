"""A whole post from one language to another, sentence by sentence.

Each sentence is looked up in the memory first. What is missing is decoded in batches
sorted by length; a batch is remembered as soon as it is done, so a process that is killed
loses one batch at most, and nothing is ever decoded twice by the same packages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from translate import gate, ladder, outcome, placement, segments, sentences
from translate.glossary import Glossary
from translate.ladder import Climber, Ladder
from translate.outcome import Outcome
from translate.types import (
    Alignment,
    Document,
    Engine,
    Hop,
    Pair,
    Progress,
    Sentence,
    Span,
    Translation,
    TranslationMemory,
)

BATCH = 48  # sentences; measured: beyond 32 of a length CTranslate2 gains nothing more
PUBLISHABLE = 0.7  # share of the characters

_SCRIPTS = {
    "ja": re.compile(r"[\u3041-\u3096\u30a1-\u30fa々\u3400-\u4dbf\u4e00-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
}
_LETTER = re.compile(r"[^\W\d_]")


class Translator:
    """Puts engine, memory, glossary and gate together."""

    def __init__(
        self, engine: Engine, memory: TranslationMemory, glossary: Glossary | None = None
    ) -> None:
        self.engine = engine
        self.memory = memory
        self.glossary = glossary or Glossary()

    def translate(
        self, document: Document, target: str, progress: Progress | None = None
    ) -> Translation:
        """The document in `target`; raises `NoPathError` where no package leads there.

        What is refused stays in the original. An exception of the engine or the memory
        passes through, and nothing of its batch is remembered.
        """
        pair = Pair(document.language, target)
        path = self.engine.path(pair)
        page = segments.split(document.html, document.language)
        title = sentences.split(document.title, document.language)
        summary = sentences.split(document.summary, document.language)
        body = [sentence.text for sentence in page.sentences if sentence.translatable]
        said = {label: self.glossary.say(label, pair) for label in document.labels}
        labels = [label for label, rendering in said.items() if rendering is None]
        outcomes = self.outcomes([*title, *summary, *body, *labels], path, progress)

        results = [
            _rendered(sentence, outcomes[sentence.text])
            if sentence.translatable
            else segments.Rendered(sentence.text)
            for sentence in page.sentences
        ]
        told = [*title, *summary, *body]
        score = _score(told, outcomes)
        return Translation(
            language=target,
            title=_plain(document.title, title, outcomes, target),
            summary=_plain(document.summary, summary, outcomes, target),
            html=segments.join(page, results, target),
            labels=tuple(said[label] or outcomes[label].text for label in document.labels),
            sentences=tuple(_told(text, outcomes[text]) for text in dict.fromkeys(told)),
            hops=path,
            score=score,
            publishable=score >= PUBLISHABLE,
        )

    def outcomes(
        self, texts: Iterable[str], path: Sequence[Hop], progress: Progress | None = None
    ) -> dict[str, Outcome]:
        """How each text ends on this path: remembered, or decoded and remembered now."""
        pair = Pair(path[0].pair.source, path[-1].pair.target)
        found: dict[str, Outcome] = {}
        keys: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            if speaks(text, pair.source):
                keys[text] = self._key(text, path)
            else:  # nothing of the source language in it: already fit for any reader
                found[text] = Outcome(text=text)
        total = len(found) + len(keys)
        remembered = self.memory.get_many(list(keys.values()))
        for text, key in keys.items():
            if key in remembered:
                found[text] = Outcome.from_json(remembered[key])
        # Alike in length decodes together without padding; the text itself breaks ties, so
        # that the same work makes the same batches.
        missing = sorted(keys.keys() - found.keys(), key=lambda text: (len(text), text))
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            fresh = self._decode(batch, path)
            self.memory.put_many({keys[text]: fresh[text].to_json() for text in batch})
            found.update((text, fresh[text].settled()) for text in batch)
            if progress is not None:
                progress(len(found), total)
        return found

    def _decode(self, texts: Sequence[str], path: Sequence[Hop]) -> dict[str, Outcome]:
        *before, last = path
        pair = Pair(path[0].pair.source, last.pair.target)
        # The way to the language between is remembered under its own key: the English of a
        # post serves its English feed and its Korean one.
        first = self.outcomes(texts, before) if before else {}
        done = {
            text: Outcome(text=text, kept=True, reasons=("pivot", *first[text].reasons))
            for text in texts
            if before and first[text].kept
        }
        climbers = [
            Climber(text=first[text].text if before else text, origin=text)
            for text in texts
            if text not in done
        ]
        Ladder(self.engine, last, pair, self.glossary).climb(climbers)
        for climber in climbers:
            done[climber.origin] = _through(first.get(climber.origin), climber.ended())
        return done

    def _key(self, text: str, path: Sequence[Hop]) -> str:
        pair = Pair(path[0].pair.source, path[-1].pair.target)
        terms = [
            (text[match.span.start : match.span.end], *match.wanted)
            for match in self.glossary.find(text, pair)
        ]
        return outcome.key(text, path, ladder.RUNGS, terms, gate.VERSION)


def speaks(text: str, language: str) -> bool:
    """Whether there is anything of the language in the text, judged by its script."""
    return bool(_SCRIPTS.get(language, _LETTER).search(text))


def _through(first: Outcome | None, second: Outcome) -> Outcome:
    """The outcome of a pivot: the second hop's words, aligned with the first one's source."""
    if first is None:
        return second
    alignment = None
    if first.alignment and second.alignment:
        alignment = placement.compose(first.alignment, second.alignment)
    return Outcome(
        text=second.text,
        kept=second.kept,
        score=(first.score + second.score) / 2,
        reasons=second.reasons,
        alignment=alignment,
        pivot=first.text,
    )


def _rendered(segment: segments.Segment, ended: Outcome) -> segments.Rendered:
    if ended.text == segment.text and not ended.kept:  # passed through, so it is its own map
        return segments.Rendered(segment.text, _identity(segment.text))
    return segments.Rendered(ended.text, ended.alignment, kept=ended.kept)


def _identity(text: str) -> Alignment:
    whole = (Span(0, len(text)),)
    return Alignment(whole, whole, ((1.0,),))


def _plain(text: str, parts: Sequence[str], outcomes: dict[str, Outcome], language: str) -> str:
    """Plain text has no room for a mark, so it is translated whole or stays whole."""
    ended = [outcomes[part] for part in parts]
    if any(one.kept for one in ended):
        return text
    return ("" if language in ("ja", "zh") else " ").join(one.text for one in ended)


def _score(texts: Sequence[str], outcomes: dict[str, Outcome]) -> float:
    total = sum(len(text) for text in texts)
    kept = sum(len(text) for text in texts if outcomes[text].kept)
    return round(1 - kept / total, 4) if total else 1.0


def _told(text: str, ended: Outcome) -> Sentence:
    return Sentence(
        source=text,
        target=ended.text,
        kept=ended.kept,
        score=0.0 if ended.kept else round(math.exp(ended.score), 4),
        reasons=ended.reasons,
        pivot=ended.pivot,
    )
