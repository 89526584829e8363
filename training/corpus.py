"""Rows of parallel text: read, cleaned, held out, and made up for signs that are rare.

Three kinds of file, plain or packed with gzip or xz: pairs (source's name, text, translation;
one a line, tab-separated), essays (one JSON object a line; `title`, `excerpt`, `tags` and
`sentences` hold the same text by language) and terms (one a line, a column per language).
"""

from __future__ import annotations

import gzip
import json
import lzma
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

ESSAYS = "essays"
TERMS = "terms"
SIGN_ROWS = "signs"

# Each has a piece of its own: nmt_nfkc would turn ℃ into °C and µ into μ, and the vocabulary
# of a small corpus lacks the others. SentencePiece leaves user-defined pieces as they are.
SIGNS = "～〜€℃µ±‐〇※"

_NUMBER = re.compile(r"(?<![\d.,~-])\d+(?![\d.,~%-])")
_HYPHENED = re.compile(r"[A-Za-z]+-[A-Za-z]+")


class Row(NamedTuple):
    """A text and its translation, with the name of the source that it is from."""

    name: str
    source: str
    target: str


class CorpusError(Exception):
    """A file that does not hold what it should: which line, and what is wrong."""


def lines(path: Path) -> Iterator[str]:
    """The lines of a plain, .gz or .xz file without their ends."""
    openers: dict[str, Callable[..., TextIO]] = {".gz": gzip.open, ".xz": lzma.open}
    with openers.get(path.suffix, open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def clean(text: str) -> str:
    """The text on one line. SentencePiece does all other normalising, as in the package."""
    return re.sub(r"\s+", " ", text).strip()


def key(text: str) -> str:
    """What two ways of writing the same text have in common."""
    return clean(unicodedata.normalize("NFKC", text)).casefold()


def read_pairs(path: Path, *, swapped: bool = False) -> Iterator[Row]:
    """Rows of a file of pairs; `swapped`: the file has the target first."""
    for number, line in enumerate(lines(path), 1):
        columns = line.split("\t")
        if len(columns) != 3:
            raise CorpusError(f"{path}:{number}: {len(columns)} columns, not 3")
        name, one, other = columns
        yield Row(name, *((clean(other), clean(one)) if swapped else (clean(one), clean(other))))


def read_essays(path: Path, source: str, target: str) -> Iterator[Row]:
    """Titles, excerpts, tags and sentences of essays."""
    for number, line in enumerate(lines(path), 1):
        try:
            essay: dict[str, Any] = json.loads(line)
            texts = [essay["title"], essay["excerpt"], *essay["tags"], *essay["sentences"]]
            yield from [Row(ESSAYS, clean(one[source]), clean(one[target])) for one in texts]
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{path}:{number}: not an essay ({error!r})") from error


def read_terms(path: Path, columns: Sequence[str], source: str, target: str) -> Iterator[Row]:
    """Rows of a file of terms; `columns` are its languages."""
    for number, line in enumerate(lines(path), 1):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise CorpusError(f"{path}:{number}: {len(cells)} columns, not {len(columns)}")
        terms = dict(zip(columns, map(clean, cells), strict=True))
        yield Row(TERMS, terms[source], terms[target])


def is_allowed(name: str, allowed: frozenset[str]) -> bool:
    """Whether every part of a source is in the list; `pivot:a+b` was made of a and b."""
    return all(part in allowed for part in name.removeprefix("pivot:").split("+"))


def hold_out(rows: Sequence[Row], count: int, *, least: int = 200, seed: int = 300) -> list[Row]:
    """Rows to measure with, as many of each source that has at least so many of middle length.

    Drawn before training, so that the corpus' own style is not all that is measured.
    """
    sources: dict[str, list[Row]] = {}
    for row in rows:
        if 15 < len(row.source) < 160 and 10 < len(row.target) < 300:
            sources.setdefault(row.name, []).append(row)
    names = sorted(name for name, of_name in sources.items() if len(of_name) >= least)
    draw = random.Random(seed)
    drawn: list[Row] = []
    for place, name in enumerate(names):
        share = count // len(names) + (place < count % len(names))
        drawn += draw.sample(sources[name], min(share, len(sources[name])))
    return drawn


def sign_rows(rows: Sequence[Row], each: int, *, seed: int = 2) -> list[Row]:
    """Essay rows with the signs put in, `each` for every one of nine forms.

    Parallel text that was normalised before it came here has none of them, and a piece that
    was never seen comes out as any other.
    """
    draw = random.Random(seed)
    numbers = [(row, found[0]) for row in rows for found in [_one_number(row)] if found]
    plain = [row for row in rows if 6 < len(row.source) < 100]
    hyphened = [
        (row, found[0])
        for row in rows
        for found in [_HYPHENED.findall(row.source)]
        if found and found[0] in row.target
    ]
    made: list[Row] = []
    for _ in range(each):
        for form in ("€{}", "{}℃", "{}µm", "±{}") if numbers else ():
            row, number = draw.choice(numbers)
            made.append(_swap(row, number, *[form.format(draw.randint(1, 999))] * 2))
        for wave in "～〜" if numbers else "":
            row, number = draw.choice(numbers)
            first = draw.randint(1, 90)
            last = first + draw.randint(1, 60)
            made.append(_swap(row, number, f"{first}{wave}{last}", f"{first}~{last}"))
        for mark in "※〇" if plain else "":
            row = draw.choice(plain)
            made.append(Row(SIGN_ROWS, f"{mark}{row.source}", f"{mark} {row.target}"))
        if hyphened:
            row, word = draw.choice(hyphened)
            made.append(_swap(row, word, word.replace("-", "‐"), word))
    return made


def _one_number(row: Row) -> list[str]:
    """The number that a short row has once on either side; empty: there is none such."""
    found = _NUMBER.findall(row.source)
    fits = len(found) == 1 and found == _NUMBER.findall(row.target) and len(row.source) < 120
    return found if fits else []


def _swap(row: Row, old: str, source: str, target: str) -> Row:
    return Row(SIGN_ROWS, row.source.replace(old, source), row.target.replace(old, target))
