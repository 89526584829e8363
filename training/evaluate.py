"""chrF and BLEU of packages, side by side: best of beam 4, without the gate.

    python -m training.evaluate old.argosmodel new.argosmodel --essays essays.jsonl --held held.tsv

It needs sacrebleu. `benchmarks/gate.py` measures the same essays with the gate.
"""

from __future__ import annotations

import argparse
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copy

import sacrebleu

from training import corpus
from training.corpus import Row
from translate.engines.argos import ArgosEngine
from translate.packages.archive import read_metadata
from translate.packages.installed import Packages
from translate.types import Decoding, Pair


def translate(archive: Path, rows: Sequence[Row]) -> list[str]:
    """What the package says of the rows' sources."""
    with tempfile.TemporaryDirectory() as folder:
        starter = Path(folder, "starter")
        starter.mkdir()
        copy(archive, starter)
        packages = Packages(Path(folder, "none"), starter, unpack=Path(folder, "unpacked"))
        [package] = packages.installed()
        engine = ArgosEngine(packages)
        sources = [row.source for row in rows]
        return [best.text for best, *_ in engine.decode(package.hop, sources, Decoding())]


def sets(options: argparse.Namespace, pair: Pair) -> Iterator[tuple[str, list[Row]]]:
    """The rows to measure with, by the name of their set."""
    for path in options.essays:
        rows = corpus.read_essays(path, pair.source, pair.target)
        yield path.name, [row for row in rows if len(row.source) > 12]
    for path in options.held:
        yield path.name, list(corpus.read_pairs(path))


def report(name: str, rows: Sequence[Row], said: Sequence[str], target: str) -> None:
    references = [unicodedata.normalize("NFKC", row.target) for row in rows]
    texts = [unicodedata.normalize("NFKC", text) for text in said]
    tokenize = {"ja": "char", "ko": "char"}.get(target, "13a")
    chrf = sacrebleu.corpus_chrf(texts, [references]).score
    bleu = sacrebleu.corpus_bleu(texts, [references], tokenize=tokenize).score
    print(f"  {name:24} {len(rows):5} texts  chrF {chrf:5.2f}  BLEU {bleu:5.2f} ({tokenize})")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("packages", type=Path, nargs="+")
    parser.add_argument("--essays", type=Path, nargs="*", default=[])
    parser.add_argument("--held", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--by-source", action="store_true", help="held-out rows by their source too"
    )
    options = parser.parse_args()
    for archive in options.packages:
        pair = read_metadata(archive)[0].pair
        print(archive)
        for name, rows in sets(options, pair):
            said = translate(archive, rows)
            report(name, rows, said, pair.target)
            for source in sorted({row.name for row in rows}) if options.by_source else ():
                at = [place for place, row in enumerate(rows) if row.name == source]
                of_source = [rows[place] for place in at]
                report(f"  {source}", of_source, [said[place] for place in at], pair.target)


if __name__ == "__main__":
    main()
