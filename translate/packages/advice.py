"""Advice: which packages to install instead of the starter packages in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise, permutations
from pathlib import Path

from infra.command_name import command_line
from translate.packages.installed import Package
from translate.packages.routing import find_path
from translate.types import Hop, NoPathError, Pair

# Megabytes of the packages 1.1 in the Argos index, which states neither sizes nor licences.
OFFICIAL = {
    Pair("ja", "en"): 117,
    Pair("en", "ja"): 120,
    Pair("en", "ko"): 121,
    Pair("ko", "en"): 119,
}
LICENCE = "none stated in the packages; MIT or CC0 according to their publisher"
_PIVOT = "en"
_STAMP = "models-advised"


@dataclass(frozen=True, slots=True)
class Advice:
    """A command that installs packages which translate better than the starter ones."""

    starters: tuple[str, ...]  # in use
    command: str
    megabytes: int  # to download
    licence: str

    def __str__(self) -> str:
        return (
            f"{', '.join(self.starters)}: small starter models; `{self.command}` installs better "
            f"ones, {self.megabytes} MB, licence: {self.licence}"
        )


def advise(
    installed: Sequence[Package], pairs: Iterable[Pair], preferences: Mapping[str, str]
) -> Advice | None:
    """Advice that improves the translation of these pairs; None: nothing to install.

    A starter package counts if the index has one of its pair. Between two other languages
    it stays the direct route after the installation, and the way over English may be no
    better (`preferences` chooses it).
    """
    starters: dict[str, Hop] = {}
    for pair in pairs:
        with suppress(NoPathError):
            hops = find_path(installed, pair, preferences)
            starters.update((hop.name, hop) for hop in hops if hop.starter)
    available = {package.pair for package in installed if not package.starter}
    starters = {
        name: hop
        for name, hop in starters.items()
        if hop.pair in OFFICIAL and hop.pair not in available
    }
    if not starters:
        return None
    languages = list(dict.fromkeys(code for hop in starters.values() for code in hop.pair))
    downloads = {step for pair in permutations(languages, 2) for step in _steps(Pair(*pair))}
    return Advice(
        starters=tuple(starters),
        command=command_line(f"models install {' '.join(languages)}"),
        megabytes=sum(OFFICIAL[step] for step in downloads - available if step in OFFICIAL),
        licence=LICENCE,
    )


def advise_once(advice: Advice | None, state: Path) -> Advice | None:
    """Returns the advice the first time for this state directory, None after that."""
    if advice is None:
        return None
    try:
        (state / _STAMP).open("x", encoding="utf-8").close()
    except OSError:  # given before; or the folder is read-only: no advice rather than at each start
        return None
    return advice


def _steps(pair: Pair) -> list[Pair]:
    """The pairs of packages between two languages: the index has English on one side of each."""
    route = [pair.source, pair.target]
    if _PIVOT not in pair:
        route.insert(1, _PIVOT)
    return [Pair(*step) for step in pairwise(route)]
