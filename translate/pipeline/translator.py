"""Translator: translates a whole post sentence by sentence.

It looks each sentence up in the memory first, and decodes missing ones in batches sorted by
length. Each batch is stored when it is done, so a killed process loses one batch at most, and
the same packages never decode a sentence twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from translate.html import tag_placement
from translate.pipeline.cache_keys import EARLIER
from translate.pipeline.document import DocumentPipeline
from translate.pipeline.recheck import recheck
from translate.quality.fallbacks import FallbackDecoder, RefusedSentence
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.text import symbols
from translate.types import Document, Engine, Hop, Pair, Progress, Translation, TranslationMemory

# Sentences; most posts are one batch, so that CTranslate2 has more sentences of each length to
# decode together. A process that is stopped finishes a batch first: with large packages on two
# processors that takes about five seconds, and the supervisor waits ten.
BATCH = 64
SMALLER = 4  # a batch that took too much processor time is retried in this many parts


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
        """The document in `target`; raises `NoPathError` if no packages connect the pair.

        Rejected sentences stay in the original. Exceptions of the engine or the memory pass
        through, and their batch is not stored. Batches have 64 sentences, and with `smaller`
        1, 2, 3: 16, 4, 1.
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
        """The result of each text on this path: from the memory, or decoded and stored."""
        results, keys = self.look_up(texts, path)
        total = len(results) + len(keys)
        remembered = self.memory.get_many(list(keys.values()))
        for text, key in keys.items():
            if key in remembered:
                results[text] = SentenceResult.from_json(remembered[key])
        rechecked = self._recheck_stored(
            {text: keys[text] for text in keys.keys() - results.keys()}, path
        )
        results |= rechecked
        known = len(remembered) + len(rechecked)
        self.memory.tally(known, len(keys) - known)
        # Sentences of equal length decode together without padding; the text breaks ties, so
        # that the same work gives the same batches.
        missing = sorted(keys.keys() - results.keys(), key=lambda text: (len(text), text))
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            decoded = self._decode(batch, path)
            stored = {text: decoded[text].to_json() for text in batch}
            self.memory.put_many({keys[text]: row for text, row in stored.items()})
            # As they are read back, so that first and later runs are equal.
            results.update((text, SentenceResult.from_json(row)) for text, row in stored.items())
            if progress is not None:
                progress(len(results), total)
        return results

    def _recheck_stored(
        self, keys: Mapping[str, str], path: Sequence[Hop]
    ) -> dict[str, SentenceResult]:
        """Stores results of earlier rules that pass the current ones; returns them."""
        results: dict[str, SentenceResult] = {}
        for rules in EARLIER:
            earlier = self.earlier_keys(keys.keys() - results.keys(), path, rules)
            stored = self.memory.get_many(list(earlier.values()))
            for text, key in earlier.items():
                if key in stored:
                    result = recheck(text, SentenceResult.from_json(stored[key]), path, rules)
                    if result is not None:
                        results[text] = result.rounded()
        if results:
            self.memory.put_many({keys[text]: result.to_json() for text, result in results.items()})
        return results

    def _decode(self, texts: Sequence[str], path: Sequence[Hop]) -> dict[str, SentenceResult]:
        *before, last = path
        pair = Pair(path[0].pair.source, last.pair.target)
        # Sentences in the pivot language have their own keys: the English of a post serves its
        # English feed and its Korean one.
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
    """The result of two hops: the second one's text, aligned with the source of the first."""
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
