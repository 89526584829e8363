"""A whole post from one language to another, sentence by sentence.

Each sentence is looked up in the memory first. What is missing is decoded in batches
sorted by length; a batch is remembered as soon as it is done, so a process that is killed
loses one batch at most, and nothing is ever decoded twice by the same packages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from translate import edits, placement, segments, sentences, signs
from translate.corrections import find_corrections, states
from translate.glossary import Glossary
from translate.keys import fingerprint, sentence_key
from translate.ladder import Climber, Ladder
from translate.outcome import Outcome
from translate.types import (
    Document,
    Engine,
    Hop,
    NoPathError,
    Pair,
    Progress,
    Sentence,
    Translation,
    TranslationMemory,
)

# Sentences; most posts are one batch, so that CTranslate2 has more of each length to decode at
# once. A process that is stopped finishes a batch first: with large packages on two
# processors that takes five seconds or so, and whoever stops it waits ten.
BATCH = 64
# Characters. No engine reads on to the end of such a sentence, and what checks its numbers
# and names would take forever: it stays in the original.
ENDLESS = 2_000
PUBLISHABLE = 0.7  # share of the characters


_Outcomes = Callable[[Iterable[str], Sequence[Hop]], dict[str, Outcome]]


@dataclass(frozen=True, slots=True)
class _Labels:
    """How each label of a document gets its words."""

    said: dict[str, str]  # by the glossary
    together: Sequence[str] = ()  # with the document's sentences
    apart: Sequence[str] = ()  # on a path of their own
    path: Sequence[Hop] = ()


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
        return self._assemble(document, target, partial(self.outcomes, progress=progress))

    def recall(self, document: Document, target: str) -> Translation:
        """As far as the document is remembered; nothing is decoded.

        Sentences that nobody has tried yet are kept, with `pending` as their reason.
        """
        return self._assemble(document, target, self._recalled)

    def keys(self, document: Document, target: str) -> set[str]:
        """What the memory holds of the document in `target`, and on the way there."""
        found: set[str] = set()

        def note(texts: Iterable[str], path: Sequence[Hop]) -> dict[str, Outcome]:
            listed = list(texts)
            for end in range(1, len(path) + 1):
                found.update(self._look_up(listed, path[:end])[1].values())
            return {text: Outcome(text=text) for text in listed}

        self._assemble(document, target, note)
        return found

    def fingerprint(self, pair: Pair) -> str:
        """Everything beside a text that decides its translations, packages first."""
        try:
            path = self.engine.path(pair)
        except NoPathError:
            path = ()
        ways = [Pair(pair.source, hop.pair.target) for hop in path]
        return fingerprint(pair, path, self.glossary, states(self.memory, ways))

    def _assemble(self, document: Document, target: str, outcomes: _Outcomes) -> Translation:
        path = self.engine.path(Pair(document.language, target))
        page = segments.split(document.html, document.language)
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
            else segments.Rendered(sentence.text)
            for sentence in page.sentences
        ]
        told = [*title, *summary, *body]
        score = _score(told, ended)
        return Translation(
            language=target,
            title=_plain(document.title, title, ended, target),
            summary=_plain(document.summary, summary, ended, target),
            html=segments.join(page, results, target),
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
            return _Labels(said, apart=left, path=self.engine.path(pair))
        except NoPathError:
            return _Labels({label: said.get(label, label) for label in known})

    def outcomes(
        self, texts: Iterable[str], path: Sequence[Hop], progress: Progress | None = None
    ) -> dict[str, Outcome]:
        """How each text ends on this path: remembered, or decoded and remembered now."""
        found, keys = self._look_up(texts, path)
        total = len(found) + len(keys)
        remembered = self.memory.get_many(list(keys.values()))
        self.memory.tally(len(remembered), len(keys) - len(remembered))
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

    def _recalled(self, texts: Iterable[str], path: Sequence[Hop]) -> dict[str, Outcome]:
        found, keys = self._look_up(texts, path)
        remembered = self.memory.get_many(list(keys.values()))
        for text, key in keys.items():
            found[text] = (
                Outcome.from_json(remembered[key])
                if key in remembered
                else Outcome(text=text, kept=True, reasons=("pending",))
            )
        return found

    def _look_up(
        self, texts: Iterable[str], path: Sequence[Hop]
    ) -> tuple[dict[str, Outcome], dict[str, str]]:
        """What needs no machine, and the memory's keys of the rest, by text."""
        source = path[0].pair.source
        ways = [Pair(source, hop.pair.target) for hop in path]
        found: dict[str, Outcome] = {}
        spoken: list[str] = []
        for text in dict.fromkeys(texts):
            if not sentences.speaks(text, source):  # already fit for any reader
                found[text] = Outcome(text=text)
            elif len(text) > ENDLESS:
                found[text] = Outcome(text=text, kept=True, reasons=("length",))
            else:
                spoken.append(text)
        corrected = find_corrections(self.memory, spoken, ways)
        keys: dict[str, str] = {}
        for text in spoken:
            by_hand = corrected.get(text, {})
            if ways[-1] in by_hand:
                found[text] = Outcome(text=by_hand[ways[-1]], by_hand=True)
            else:
                keys[text] = sentence_key(text, path, self.glossary, by_hand)
        return found, keys

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
        climbing = {
            text: first[text].text if before else text for text in texts if text not in done
        }
        climbers = [
            Climber(text=signs.core(read), origin=signs.core(text))
            for text, read in climbing.items()
        ]
        Ladder(self.engine, last, pair, self.glossary).climb(climbers)
        for climber, (text, read) in zip(climbers, climbing.items(), strict=True):
            ended = climber.ended()
            ended = replace(ended, text=text) if ended.kept else signs.dressed(ended, read)
            done[text] = _through(first.get(text), ended)
        return done


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
        return segments.Rendered(segment.text, edits.identity(segment.text))
    return segments.Rendered(ended.text, ended.alignment, kept=ended.kept)


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
        by_hand=ended.by_hand,
    )
