"""TMX export of published sentences and corrections, and import of corrections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine

from infra.database import chunks
from translate.jobs.results import Results
from translate.memory.corrections import Changes, Correction, add_corrections, load_corrections
from translate.memory.memory import Memory
from translate.memory.tmx import Unit, read_tmx
from translate.types import Pair, State


@dataclass(kw_only=True)
class Imported(Changes):
    """Counts of the units of a file by the effect of importing them."""

    machine: int = 0  # unchanged machine translations, left out
    foreign: int = 0  # in languages that are not served, left out


def exported_units(
    database: Engine, languages: Collection[str], *, machine: bool
) -> Iterator[Unit]:
    """The corrections and, with `machine`, the machine translations of all published posts.

    Each sentence of a pair once; a correction takes precedence over a machine translation.
    """
    seen: set[tuple[Pair, str]] = set()
    for correction in load_corrections(Memory(database)):
        seen.add((correction.pair, correction.source))
        yield Unit(
            pair=correction.pair,
            source=correction.source,
            target=correction.target,
            at=correction.at,
        )
    if not machine:
        return
    results = Results(database)
    keys = sorted(
        (row.post_key, row.language)
        for row in results.changes()
        if row.state is State.READY and row.language in languages
    )
    for some in chunks(keys, 100):
        stored = results.load_many(some)
        for key in some:
            if key not in stored:
                continue  # replaced by a failure since the list was read
            translation = stored[key].translation
            pair = Pair(translation.hops[0].pair.source, translation.language)
            for sentence in translation.sentences:
                known = sentence.kept or sentence.by_hand or (pair, sentence.source) in seen
                if not known and sentence.source != sentence.target:
                    seen.add((pair, sentence.source))
                    yield Unit(
                        pair=pair, source=sentence.source, target=sentence.target, machine=True
                    )


def import_tmx(
    memory: Memory,
    path: Path,
    languages: Sequence[str],
    *,
    machine: bool = False,
    now: float | None = None,
    dry_run: bool = False,
) -> Imported:
    """Stores the sentences of a file as corrections, in one transaction; raises `TmxError`.

    `machine` also takes unchanged machine translations; `dry_run` only counts.
    """
    for _ in read_tmx(path):
        pass  # reports an error at the end of the file before a transaction is open
    counts = Imported()
    corrections = _corrections(read_tmx(path), languages, machine, counts)
    changes = add_corrections(memory, corrections, now=now, dry_run=dry_run)
    return Imported(**asdict(changes), machine=counts.machine, foreign=counts.foreign)


def _corrections(
    units: Iterator[Unit], languages: Sequence[str], machine: bool, counts: Imported
) -> Iterator[Correction]:
    for unit in units:
        pair = _served(unit.pair, languages)
        if pair is None:
            counts.foreign += 1
        elif unit.machine and not machine:
            counts.machine += 1
        else:
            yield Correction(pair=pair, source=unit.source, target=unit.target, at=unit.at)


def _served(pair: Pair, languages: Sequence[str]) -> Pair | None:
    source, target = (_match(code, languages) for code in pair)
    return Pair(source, target) if source and target and source != target else None


def _match(code: str, languages: Sequence[str]) -> str | None:
    """The served language for a code of a file: "ja-JP" and "JA" are ja."""
    wanted = code.lower().replace("_", "-")
    for shorten in (str, _primary):
        for language in languages:
            if shorten(language.lower()) == shorten(wanted):
                return language
    return None


def _primary(code: str) -> str:
    return code.partition("-")[0]
