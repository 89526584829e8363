"""A whole post from one language to another, sentence by sentence.

Each sentence is looked up in the memory first. What is missing is decoded in batches
sorted by length; a batch is remembered as soon as it is done, so a process that is killed
loses one batch at most, and nothing is ever decoded twice by the same packages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from translate.html import tag_placement
from translate.pipeline.document import DocumentPipeline
from translate.pipeline.judged_anew import is_comparable, judged_anew
from translate.quality.fallbacks import FallbackDecoder, RefusedSentence
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.text import symbols
from translate.types import Document, Engine, Hop, Pair, Progress, Translation, TranslationMemory

# Sentences; most posts are one batch, so that CTranslate2 has more of each length to decode at
# once. A process that is stopped finishes a batch first: with large packages on two
# processors that takes five seconds or so, and whoever stops it waits ten.
BATCH = 64
SMALLER = 4  # a batch that took too much processor time is tried again in so many parts


class Translator(DocumentPipeline):
    """Translates sentences missing from the memory and stores those that pass the gate."""

    def __init__(
        self, engine: Engine, memory: TranslationMemory, glossary: Glossary | None = None
    ) -> None:
        super().__init__(engine, memory, glossary)
        self.engine = engine

    def translate(
        self,
        document: Document,
        target: str,
        progress: Progress | None = None,
        *,
        smaller: int = 0,
    ) -> Translation:
        """The document in `target`; raises `NoPathError` where no package leads there.

        Refused sentences stay in the original. An exception of the engine or the memory
        passes through, and nothing of its batch is stored. Batches have 64 sentences,
        and a quarter of that for each time that `smaller` says: 16, 4, 1.
        """
        batch = max(1, BATCH // SMALLER ** min(smaller, 5))
        informed = self.informed(document)
        return informed.assemble(
            document, target, partial(informed.outcomes, progress=progress, batch_size=batch)
        )

    def outcomes(
        self,
        texts: Iterable[str],
        path: Sequence[Hop],
        progress: Progress | None = None,
        *,
        batch_size: int = BATCH,
    ) -> dict[str, SentenceResult]:
        """The result of each text on this path: from the memory, or decoded and stored now."""
        found, keys = self.look_up(texts, path)
        total = len(found) + len(keys)
        remembered = self.memory.get_many(list(keys.values()))
        for text, key in keys.items():
            if key in remembered:
                found[text] = SentenceResult.from_json(remembered[key])
        anew = self._judged_anew({text: keys[text] for text in keys.keys() - found.keys()}, path)
        found |= anew
        known = len(remembered) + len(anew)
        self.memory.tally(known, len(keys) - known)
        # Alike in length decodes together without padding; the text itself breaks ties, so
        # that the same work makes the same batches.
        missing = sorted(keys.keys() - found.keys(), key=lambda text: (len(text), text))
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            fresh = self._decode(batch, path)
            stored = {text: fresh[text].to_json() for text in batch}
            self.memory.put_many({keys[text]: row for text, row in stored.items()})
            # As they are read back, so that first and later runs are equal.
            found.update((text, SentenceResult.from_json(row)) for text, row in stored.items())
            if progress is not None:
                progress(len(found), total)
        return found

    def _judged_anew(
        self, keys: Mapping[str, str], path: Sequence[Hop]
    ) -> dict[str, SentenceResult]:
        """Results stored under the earlier rules that the present ones accept, stored anew."""
        earlier = self.earlier_keys((text for text in keys if is_comparable(text, path)), path)
        stored = self.memory.get_many(list(earlier.values()))
        found = {}
        for text, key in earlier.items():
            if key in stored:
                outcome = judged_anew(text, SentenceResult.from_json(stored[key]), path)
                if outcome is not None:
                    found[text] = outcome.settled()
        if found:
            self.memory.put_many({keys[text]: one.to_json() for text, one in found.items()})
        return found

    def _decode(self, texts: Sequence[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
        *before, last = path
        pair = Pair(path[0].pair.source, last.pair.target)
        # The way to the language between is remembered under its own key: the English of a
        # post serves its English feed and its Korean one.
        first = self.outcomes(texts, before, batch_size=len(texts)) if before else {}
        done = {
            text: SentenceResult(text=text, kept=True, reasons=("pivot", *first[text].reasons))
            for text in texts
            if before and first[text].kept
        }
        climbing = {
            text: first[text].text if before else text for text in texts if text not in done
        }
        climbers = [
            RefusedSentence(text=symbols.core(read), origin=symbols.core(text))
            for text, read in climbing.items()
        ]
        FallbackDecoder(self.engine, last, pair, self.glossary).climb(climbers)
        for climber, (text, read) in zip(climbers, climbing.items(), strict=True):
            ended = climber.ended()
            ended = replace(ended, text=text) if ended.kept else symbols.dressed(ended, read)
            done[text] = _through(first.get(text), ended)
        return done


def _through(first: SentenceResult | None, second: SentenceResult) -> SentenceResult:
    """The outcome of a pivot: the second hop's words, aligned with the first one's source."""
    if first is None:
        return second
    alignment = None
    if first.alignment and second.alignment:
        alignment = tag_placement.compose(first.alignment, second.alignment)
    return SentenceResult(
        text=second.text,
        kept=second.kept,
        score=(first.score + second.score) / 2,
        reasons=second.reasons,
        alignment=alignment,
        pivot=first.text,
    )
