"""Glossary: terms with fixed translations, or none at all.

A glossary is one YAML file, a list of terms:

    - term: 生成AI
      en: generative AI
      ko: [생성형 AI, 생성 AI]    # the first is written, any of them will do
    - term: OpenAI
      do_not_translate: true     # the same in every language,
      ko: [OpenAI, 오픈AI]         # though what is listed will do as well
    - term: Apple
      do_not_translate: true
      case: exact                # "apple" is another word; the default for capitals

The longest term wins where several begin. A Latin term stands between other letters of
its script never: AI is not in FAIR.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from translate.text import edits, name_readings
from translate.text.edits import Edit
from translate.text.name_readings import NameReading
from translate.types import Alignment, Pair, Span

STARTER = Path(__file__).parents[1] / "glossary.yml"

_LOOKED = 0.5  # share of a piece's attention that makes it part of a term
_LONGEST = 40  # characters of a wrong rendering; more is not one term
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class GlossaryError(ValueError):
    """The file says something that can't be obeyed; one line `file:line: what: what to do`
    for each problem."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GlossaryTerm:
    """One term and how each language says it, the preferred way first."""

    text: str
    renderings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    do_not_translate: bool = False
    exact: bool = False  # the case of letters matters
    reading: str = ""  # of a name: what sounds like it will do as well

    def forms(self, language: str) -> tuple[str, ...]:
        """How the term is written in a text of the language."""
        return tuple(dict.fromkeys((self.text, *self.renderings.get(language, ()))))

    def wanted(self, language: str) -> tuple[str, ...]:
        """What a translation may say; empty if it is free to say anything."""
        own = (self.text,) if self.do_not_translate else ()
        return tuple(dict.fromkeys((*self.renderings.get(language, ()), *own)))


@dataclass(frozen=True, slots=True)
class Match:
    """A term found in a sentence, and what must be in its translation."""

    span: Span
    wanted: tuple[str, ...]
    exact: bool
    reading: str = ""

    def is_in(self, target: str) -> bool:
        """Whether the translation says it one of the ways that will do."""
        flags = 0 if self.exact else re.IGNORECASE
        if any(re.search(_bounded(form, end=False), target, flags) for form in self.wanted):
            return True
        return name_readings.is_kana(self.reading) and bool(
            name_readings.find_rendering(self.reading, target)
        )


class Glossary:
    """Terms that translations must use."""

    def __init__(self, terms: Iterable[GlossaryTerm] = ()) -> None:
        self.terms = tuple({term.text: term for term in terms}.values())  # the last one wins
        self._finders: dict[
            Pair, tuple[re.Pattern[str], list[tuple[GlossaryTerm, str]]] | None
        ] = {}
        # Its key in the memory, each hypothesis and each way out ask about one sentence.
        self._found = lru_cache(maxsize=512)(self._search)

    def find(self, sentence: str, pair: Pair) -> tuple[Match, ...]:
        """The terms in the sentence that `pair` has a rendering for, in order."""
        return self._found(sentence, pair)

    def _search(self, sentence: str, pair: Pair) -> tuple[Match, ...]:
        if pair not in self._finders:
            self._finders[pair] = self._finder(pair)
        finder = self._finders[pair]
        if finder is None:
            return ()
        pattern, entries = finder
        folded = sentence.casefold()
        if not any(form.casefold() in folded for _, form in entries):
            return ()  # found out in a tenth of the pattern's time
        found = []
        for match in pattern.finditer(sentence):
            term, _ = entries[(match.lastindex or 0) - 1]
            wanted = term.wanted(pair.target)
            found.append(Match(Span(*match.span()), wanted, term.exact, term.reading))
        return tuple(found)

    def with_names(self, text: str) -> Glossary:
        """With the names of a Japanese text that have their readings in brackets.

        They are terms of the whole text, but those that have a term of their own.
        """
        own = {term.text for term in self.terms}
        names = {named.name: named for named in reversed(name_readings.find(text))}
        terms = [
            term for named in names.values() if named.name not in own for term in _name_terms(named)
        ]
        return Glossary([*terms, *self.terms]) if terms else self

    def say(self, label: str, pair: Pair) -> str | None:
        """The rendering of a text that is a term and nothing else; None if it is none."""
        found = self.find(label, pair)
        whole = len(found) == 1 and found[0].span == Span(0, len(label))
        return found[0].wanted[0] if whole else None

    def _finder(self, pair: Pair) -> tuple[re.Pattern[str], list[tuple[GlossaryTerm, str]]] | None:
        entries = [
            (term, form)
            for term in self.terms
            if term.wanted(pair.target)
            for form in term.forms(pair.source)
        ]
        if not entries:
            return None
        entries.sort(key=lambda entry: (-len(entry[1]), entry[1]))
        parts = [
            f"({_bounded(form)})" if term.exact else f"((?i:{_bounded(form)}))"
            for term, form in entries
        ]
        return re.compile("|".join(parts)), entries


def _name_terms(named: NameReading) -> Iterator[GlossaryTerm]:
    renderings = {language: (named.form(language),) for language in name_readings.TARGETS}
    alone = (named.name,) if len(named.name) > 1 else ()  # 森（もり）さん: not each 森 is his
    for text in (named.written, *alone):
        yield GlossaryTerm(text=text, renderings=renderings, reading=named.reading)


def load_glossary(*paths: Path) -> Glossary:
    """The terms of the files; where two name one term, the later file wins.

    Raises `GlossaryError` with every problem of every file, `OSError` for one that can't
    be read.
    """
    terms: list[GlossaryTerm] = []
    problems: list[str] = []
    for path in paths:
        for line, what in _parse(path.read_text(encoding="utf-8"), terms):
            problems.append(f"{path.name}:{line}: {what}")
    if problems:
        raise GlossaryError("\n".join(problems))
    return Glossary(terms)


def _parse(text: str, terms: list[GlossaryTerm]) -> Iterable[tuple[int, str]]:
    """Adds the terms of a file; yields its problems with their lines."""
    try:
        root = yaml.compose(unicodedata.normalize("NFC", text), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "unreadable"
        yield (mark.line + 1 if mark else 1), f"not YAML: {problem}: check the indentation"
        return
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        yield 1, "not a list of terms: begin each with `- term: ...`"
        return
    for node in root.value:
        try:
            terms.append(_term(node))
        except _ProblemError as problem:
            yield problem.line, problem.what


class _ProblemError(Exception):
    def __init__(self, node: yaml.Node, what: str) -> None:
        self.line = node.start_mark.line + 1
        self.what = what
        super().__init__(what)


def _term(node: yaml.Node) -> GlossaryTerm:
    if not isinstance(node, yaml.MappingNode):
        raise _ProblemError(node, "not a term: write `- term: ...`")
    text, keep, exact = "", False, None
    renderings: dict[str, tuple[str, ...]] = {}
    for key, value in node.value:
        match key.value:
            case "term":
                [text] = _texts(value)[:1]
            case "do_not_translate":
                keep = _choice(value, {"true": True, "false": False})
            case "case":
                exact = _choice(value, {"exact": True, "any": False})
            case language if isinstance(language, str) and _LANGUAGE.fullmatch(language):
                renderings[language] = _texts(value)
            case other:
                raise _ProblemError(
                    key, f"unknown key {other!r}: use term, do_not_translate, case or a language"
                )
    if not text:
        raise _ProblemError(node, "no term: add `term: ...`")
    if not keep and not renderings:
        raise _ProblemError(
            node, f"{text}: says nothing: add a language, or `do_not_translate: true`"
        )
    capitals = bool(re.search("[A-Z]", text))
    return GlossaryTerm(
        text=text,
        renderings=renderings,
        do_not_translate=keep,
        exact=capitals and keep if exact is None else exact,
    )


def _texts(node: yaml.Node) -> tuple[str, ...]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    texts = tuple(str(one.value).strip() for one in nodes if isinstance(one, yaml.ScalarNode))
    if not texts or len(texts) != len(nodes) or not all(texts):
        raise _ProblemError(node, "not a text: write one, or a list of them in [ ]")
    return texts


def _choice(node: yaml.Node, choices: Mapping[str, bool]) -> bool:
    value = str(node.value).lower()
    if value not in choices:
        raise _ProblemError(node, f"{value!r}: write {' or '.join(choices)}")
    return choices[value]


def _bounded(form: str, *, end: bool = True) -> str:
    """A pattern for the form; `end=False` lets it take an ending ("semiconductors")."""
    left = r"(?<![A-Za-z0-9])" if form[:1].isascii() and form[:1].isalnum() else ""
    right = r"(?![A-Za-z0-9])" if end and form[-1:].isascii() and form[-1:].isalnum() else ""
    return left + re.escape(form) + right


def named(matches: Sequence[Match], target: str) -> tuple[Edit, ...]:
    """The edits that give names their one form, where the target has what sounds like it."""
    found: list[Edit] = []
    for match in matches:
        said = name_readings.find_rendering(match.reading, target) if match.reading else None
        if said and not any(edits.overlap(edit.span, said) for edit in found):
            found.append(Edit(said, match.wanted[0]))
    return tuple(found)


def repair(matches: Sequence[Match], target: str, alignment: Alignment | None) -> tuple[Edit, ...]:
    """The edits that put the missing terms where the decoder was looking at them.

    Empty if all are there, or the attention does not show one place for each. The caller
    checks the result again.
    """
    found: list[Edit] = []
    for match in matches:
        if alignment is None or match.is_in(target):
            continue
        place = _place(match.span, target, alignment)
        if place is None or any(edits.overlap(edit.span, place) for edit in found):
            return ()
        found.append(Edit(place, match.wanted[0]))
    return tuple(found)


def _place(term: Span, target: str, alignment: Alignment) -> Span | None:
    """The words of the target that come from the term and nothing else."""
    pieces = [
        piece
        for piece in alignment.target
        if piece.start < piece.end
        and sum(
            share
            for source, share in edits.sources(alignment, piece).items()
            if edits.overlap(source, term)
        )
        >= _LOOKED
    ]
    if not pieces:
        return None
    start, end = pieces[0].start, pieces[-1].end
    covered = sum(piece.end - piece.start for piece in pieces)
    if covered < (end - start) * 0.6 or end - start > _LONGEST:
        return None  # here and there: no place to put one term
    while start and _is_latin(target[start - 1]) and _is_latin(target[start]):
        start -= 1
    if start and _is_hangul(target[start - 1]) and _is_hangul(target[start]):
        return None  # in the middle of a Korean word, whose beginning would stay
    while end < len(target) and _is_latin(target[end]) and _is_latin(target[end - 1]):
        end += 1
    return Span(start, end)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"
