"""Fallbacks for refused sentences, one after the other.

All sentences of a batch take the same step, so each step is one call of the engine:
the hypotheses of the usual search; those of a wider one that may not repeat itself; numbers
and terms in disguise; the sentence in smaller pieces. The first hypothesis that the gate
accepts wins, unless a later one has more of the source's names. A sentence without one is
kept in the original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from translate.quality import gate, glossary
from translate.quality.glossary import Glossary, Match
from translate.quality.placeholders import Placeholder, insert_placeholders, restore
from translate.sentence_result import SentenceResult
from translate.text import edits, kana, name_readings, numbers, placeables, punctuation, sentences
from translate.text.edits import Edit
from translate.text.sentences import space_between
from translate.types import Decoding, Engine, Hop, Hypothesis, Pair, Span

# Measured on the essays with the starter packages, the same in both halves of them: beam
# search likes it short, so that chrF is 1.2 higher in English (in Korean as it was) where
# longer hypotheses win sooner; a little against repetition spares a quarter of the refusals;
# all four hypotheses of a beam of four cost what its best one does. Of what is still refused,
# eight of a wider search have something fit to publish for 55 of 93, four for 40.
RUNGS = (
    Decoding(hypotheses=4, repetition_penalty=1.05, length_penalty=2.0),
    Decoding(hypotheses=8, no_repeat_ngram=3, repetition_penalty=1.2),
)
DISGUISED = Decoding(hypotheses=4, no_repeat_ngram=3)
# Names that small models copy, which they do with few others: of 26 sentences about other persons
# 20 came out in English with their names in Latin letters instead, 25 with one of these.
STAND_INS = ("Suzuki", "Tanaka", "Yamada", "Nakamura", "Watanabe")
DEEPEST = 2  # how often a sentence is cut in two before it is given up


@dataclass(slots=True)
class RefusedSentence:
    """A sentence in the fallbacks. `text` is what the engine reads, `origin` what is judged."""

    text: str
    origin: str
    reasons: list[str] = field(default_factory=list)
    outcome: SentenceResult | None = None
    lost: int = 0  # names that the outcome does not have

    def ended(self) -> SentenceResult:
        """The outcome, or the verdict that the original stays."""
        reasons = tuple(dict.fromkeys(self.reasons))
        return self.outcome or SentenceResult(text=self.origin, kept=True, reasons=reasons)


@dataclass(frozen=True, slots=True)
class FallbackDecoder:
    """One hop of the way; `pair` is what the gate judges by, from the origin to the target."""

    engine: Engine
    hop: Hop
    pair: Pair
    glossary: Glossary

    def climb(self, climbers: Sequence[RefusedSentence], depth: int = 0) -> None:
        """Gives every sentence an outcome, if any hypothesis is fit to publish."""
        for rung in RUNGS:
            waiting = [one for one in climbers if one.outcome is None or one.lost]
            if not waiting:
                return
            decoded = self.engine.decode(self.hop, [climber.text for climber in waiting], rung)
            for climber, hypotheses in zip(waiting, decoded, strict=True):
                for hypothesis in hypotheses:
                    if self._accept(climber, hypothesis):
                        break
        self._climb_in_disguise([climber for climber in climbers if climber.outcome is None])
        if depth < DEEPEST:
            self._climb_in_pieces(
                [climber for climber in climbers if climber.outcome is None], depth + 1
            )

    def _accept(self, climber: RefusedSentence, hypothesis: Hypothesis) -> bool:
        """Takes the repaired hypothesis if it is fit; True if no other could be better."""
        terms = self.glossary.find(climber.origin, self.pair)
        hypothesis = self._mended(climber, hypothesis, terms)
        reasons = gate.check(
            climber.origin,
            hypothesis.text,
            self.pair,
            hypothesis.score,
            # On the second hop of a pivot the attention leads to the language between.
            hypothesis.alignment if climber.text == climber.origin else None,
        )
        unsaid = [term for term in terms if not term.is_in(hypothesis.text)]
        reasons += tuple({"names" if term.reading else "glossary" for term in unsaid})
        climber.reasons.extend(reasons)
        if reasons:
            return False
        lost = len(_names_lost(climber.origin, hypothesis.text, terms))
        if climber.outcome is None or lost < climber.lost:
            climber.lost = lost
            climber.outcome = SentenceResult(
                text=hypothesis.text,
                score=hypothesis.score,
                reasons=tuple(dict.fromkeys(climber.reasons)),
                alignment=hypothesis.alignment,
            )
        return not lost

    def _mended(
        self, climber: RefusedSentence, hypothesis: Hypothesis, terms: Sequence[Match]
    ) -> Hypothesis:
        """The hypothesis with numbers, names and terms repaired where that is certain."""
        text, alignment = hypothesis.text, hypothesis.alignment
        start = len(text) - len(text.lstrip())
        if text != text.strip():
            around = (Edit(Span(0, start), ""), Edit(Span(len(text.rstrip()), len(text)), ""))
            text, alignment = edits.apply(around, text, alignment) if text.strip() else ("", None)
        # On the second hop of a pivot the attention leads to the language between, not to
        # what is judged.
        direct = climber.text == climber.origin
        mends = numbers.repair(climber.origin, text, self.pair, alignment if direct else None)
        text, alignment = edits.apply(mends, text, alignment)
        decimals = numbers.same_digits(climber.origin, text, self.pair)
        text, alignment = edits.apply(decimals, text, alignment)
        text, alignment = edits.apply(placeables.repair(climber.origin, text), text, alignment)
        text, alignment = edits.apply(
            placeables.repair_names(climber.origin, text), text, alignment
        )
        exact = [term for term in terms if name_readings.is_japanese(term.reading)]
        text, alignment = edits.apply(glossary.named(exact, text), text, alignment)
        # A name in the place of a garbled one leaves the garbled rest of the sentence: disguised,
        # it comes out whole.
        others = [term for term in terms if not term.reading]
        mends = glossary.repair(others, text, alignment if direct else None)
        text, alignment = edits.apply(mends, text, alignment)
        text, alignment = edits.apply(punctuation.tidied(climber.origin, text), text, alignment)
        return Hypothesis(text, hypothesis.score, alignment)

    def _climb_in_disguise(self, climbers: Sequence[RefusedSentence]) -> None:
        """Decodes once more with stand-ins for numbers and names, and terms already said."""
        dressed = [(climber, *self._dress(climber)) for climber in climbers]
        dressed = [one for one in dressed if one[3]]
        texts = [edits.apply(worn, climber.text, None)[0] for climber, _, _, worn in dressed]
        decoded = self.engine.decode(self.hop, texts, DISGUISED) if texts else []
        for (climber, standins, persons, worn), hypotheses in zip(dressed, decoded, strict=True):
            for hypothesis in hypotheses:
                back = restore(hypothesis.text, self.pair.target, standins)
                if back is None:
                    continue
                alignment = edits.traced(hypothesis.alignment, worn)
                text, alignment = edits.apply(back, hypothesis.text, alignment)
                text, alignment = edits.apply(_named(persons, text), text, alignment)
                if self._accept(climber, Hypothesis(text, hypothesis.score, alignment)):
                    break

    def _dress(
        self, climber: RefusedSentence
    ) -> tuple[tuple[Placeholder, ...], dict[str, str], tuple[Edit, ...]]:
        """The stand-ins that may help this sentence, of numbers and persons, and all edits."""
        standins: tuple[Placeholder, ...] = ()
        if {"numbers", "urls"} & set(climber.reasons):
            standins = insert_placeholders(climber.text, self.hop.pair.source)
        worn = [standin.edit for standin in standins]
        persons: dict[str, str] = {}  # stand-ins by the names they stand for
        if {"glossary", "names"} & set(climber.reasons) and climber.text == climber.origin:
            free = [name for name in STAND_INS if name not in climber.text]
            for term in self.glossary.find(climber.origin, self.pair):
                name = term.wanted[0]
                if any(edits.overlap(edit.span, term.span) for edit in worn):
                    continue
                if term.reading and free and name not in persons:
                    persons[name] = free.pop(0)
                worn.append(Edit(term.span, persons.get(name, name)))
        return standins, persons, tuple(worn)

    def _climb_in_pieces(self, climbers: Sequence[RefusedSentence], depth: int) -> None:
        """Cuts in two what a pivot does not stand behind, and joins what comes of it."""
        language = self.hop.pair.source
        cut = {
            place: sentences.finer(climber.text, language)
            for place, climber in enumerate(climbers)
            if climber.text == climber.origin
        }
        pieces = {
            (place, span): RefusedSentence(text, text)
            for place, spans in cut.items()
            if len(spans) > 1
            for span in spans
            for text in [climbers[place].text[span.start : span.end]]
        }
        if not pieces:
            return
        self.climb(list(pieces.values()), depth)
        for place, spans in cut.items():
            ended = [(span, pieces[place, span].outcome) for span in spans if len(spans) > 1]
            done = [(span, one) for span, one in ended if one is not None]
            if done and len(done) == len(ended):
                self._accept(climbers[place], self._joined(done))

    def _joined(self, done: Sequence[tuple[Span, SentenceResult]]) -> Hypothesis:
        gap = space_between(self.pair.target)
        text, alignment = edits.join([(span, one.text, one.alignment) for span, one in done], gap)
        lengths = sum(span.end - span.start for span, _ in done)
        score = sum(one.score * (span.end - span.start) for span, one in done) / lengths
        return Hypothesis(text, score, alignment)


def _named(persons: dict[str, str], text: str) -> tuple[Edit, ...]:
    """The edits that put names in the places of their stand-ins, which end in vowels."""
    return tuple(
        Edit(Span(*match.span()), name + kana.particle(name, match[1] or ""))
        for name, standin in persons.items()
        for match in re.finditer(
            rf"(?<![A-Za-z]){standin}(?![A-Za-z])(?:({'|'.join(kana.PARTICLES)})(?![가-힣]))?", text
        )
    )


def _names_lost(source: str, target: str, terms: Sequence[Match]) -> tuple[str, ...]:
    """Names missing from the target, those aside that the glossary has a say in."""
    for term in terms:
        source = (
            source[: term.span.start]
            + " " * (term.span.end - term.span.start)
            + source[term.span.end :]
        )
    return placeables.missing_names(source, target)
