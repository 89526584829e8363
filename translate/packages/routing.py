"""Routes through packages from one language to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.version import Version

from translate.packages.installed import Package
from translate.types import Hop, NoPathError, Pair

# Nearly every package has English on one side, so most routes have two hops; a language that
# has only a package to a neighbouring language may need three.
_MAX_HOPS = 4


def find_path(
    packages: Iterable[Package], pair: Pair, preferences: Mapping[str, str] | None = None
) -> tuple[Hop, ...]:
    """The packages to translate with, in order; raises `NoPathError`.

    The shortest path wins; at equal length the one with fewer starter packages; for one
    pair the newest version. `preferences` comes first: for a target language, names of
    packages to use or of languages to translate through (`{"ko": "en"}`: through English even
    if there is a direct package). Names that match no package are ignored.
    """
    preferred = set((preferences or {}).get(pair.target, "").replace(",", " ").split())

    def rank(package: Package) -> tuple[bool, bool, Version, str]:
        newest = Version(package.version)
        return package.name in preferred, not package.starter, newest, package.name

    best: dict[Pair, Package] = {}
    for package in packages:
        if package.pair not in best or rank(package) > rank(best[package.pair]):
            best[package.pair] = package
    paths = list(_walk(best, (), pair))
    if not paths:
        ends = {step.target for step in best} - {pair.source}
        reachable = [end for end in sorted(ends) if any(_walk(best, (), Pair(pair.source, end)))]
        raise NoPathError(pair, reachable)

    def cost(path: Sequence[Package]) -> tuple[int, int, int, list[str]]:
        matches = preferred & ({p.name for p in path} | {p.pair.source for p in path[1:]})
        return -len(matches), len(path), sum(p.starter for p in path), [p.name for p in path]

    return tuple(package.hop for package in min(paths, key=cost))


def _walk(
    best: Mapping[Pair, Package], path: tuple[Package, ...], pair: Pair
) -> Iterator[tuple[Package, ...]]:
    """Every path from the pair's source to its target that visits no language twice."""
    visited = {package.pair.source for package in path} | {pair.source}
    for step, package in best.items():
        if step.source != pair.source or step.target in visited:
            continue
        if step.target == pair.target:
            yield (*path, package)
        elif len(path) + 1 < _MAX_HOPS:
            yield from _walk(best, (*path, package), Pair(step.target, pair.target))
