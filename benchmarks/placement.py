"""How well markup finds its words: placements against ones made by hand.

    python benchmarks/placement.py

The labelled sentences are in tests/data/placements.jsonl: Japanese with English and Korean,
and where each mark belongs in all three. The labels are for human translations, so the
packages are made to say exactly these (forced decoding), and their attention places the
marks. Packages are the starter ones unless --packages names a folder.

A mark lands right when the characters that it covers and those that it should have an F1
of at least 0.7: two words of three, or all of them and a preposition. `exact` is an F1 of 1,
`touching` at least 0.5. Rows: `attention` uses the package's own; `anchors` is what is left
without any; `pivot` composes Japanese to English and English to Korean.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

# Not this script's folder, where `translate` is a benchmark.
sys.path[0] = str(Path(__file__).parents[1])

from translate.engines.argos import ArgosEngine  # noqa: E402
from translate.html.tag_placement import Mark, compose, place  # noqa: E402
from translate.packages.installed import Packages  # noqa: E402
from translate.types import Alignment, NoPathError, Pair, Span  # noqa: E402

LABELLED = Path(__file__).parents[1] / "tests" / "data" / "placements.jsonl"
ATOMS = ("code",)
LEVELS = {"exact": 1.0, "right": 0.7, "touching": 0.5}
Row = dict[str, Any]


def align(engine: ArgosEngine, row: Row, *languages: str) -> Alignment | None:
    """The alignment of a row's sentences, over every language named."""
    composed: Alignment | None = None
    for source, target in pairwise(languages):
        [hop] = engine.path(Pair(source, target))
        found = engine.align(hop, row[source], row[target])
        if found is None:
            return None
        composed = compose(composed, found) if composed else found
    return composed


def f1(span: Span, expected: Sequence[int]) -> float:
    common = max(0, min(span.end, expected[1]) - max(span.start, expected[0]))
    return 2 * common / (span.end - span.start + expected[1] - expected[0])


def judge(row: Row, target: str, alignment: Alignment | None) -> Iterator[tuple[str, float]]:
    """The class and the F1 of each mark of a row."""
    marks = [
        Mark(Span(mark["start"], mark["end"]), atom=mark["kind"] in ATOMS) for mark in row["marks"]
    ]
    spans = place(row["ja"], marks, row[target], alignment, Pair("ja", target))
    expected = row[f"{target}_marks"]
    for index, kind in enumerate(row["class"]):
        yield kind, f1(spans[index], expected[index]) if spans else 0.0


def report(name: str, scores: Sequence[tuple[str, float]]) -> None:
    for kind in sorted({kind for kind, _ in scores}):
        of_kind = [score for one, score in scores if one == kind]
        shares = (
            f"{label} {sum(score >= level for score in of_kind) / len(of_kind):6.1%}"
            for label, level in LEVELS.items()
        )
        print(f"{name:20} {kind:10} {len(of_kind):4} marks  " + "  ".join(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--labelled", type=Path, default=LABELLED)
    parser.add_argument("--packages", type=Path, help="installed packages; default: the starter")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.labelled.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(options.packages or Path(folder, "none"), unpack=Path(folder))
        engine = ArgosEngine(packages, threads=options.threads)
        ways = {
            "ja-en attention": ("ja", "en"),
            "ja-ko attention": ("ja", "ko"),
            "ja-en-ko pivot": ("ja", "en", "ko"),
        }
        for name, languages in ways.items():
            try:
                aligned = [(row, align(engine, row, *languages)) for row in rows]
            except (NoPathError, ValueError) as error:
                print(f"{name}: no direct package: {error}")
                continue
            report(name, [s for row, one in aligned for s in judge(row, languages[-1], one)])
        for target in ("en", "ko"):
            report(f"ja-{target} anchors", [s for row in rows for s in judge(row, target, None)])


if __name__ == "__main__":
    main()
