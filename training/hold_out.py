"""Draws rows to measure with, as many of each source, before a training.

python -m training.hold_out ja_en.tsv.xz held/ja_en.tsv --count 300
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training import corpus


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--least", type=int, default=200, help="rows that a source has at least")
    options = parser.parse_args()
    rows = corpus.hold_out(
        list(corpus.read_pairs(options.pairs)), options.count, least=options.least
    )
    if not rows:
        parser.error(f"no source has {options.least} rows of middle length: lower --least")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    print(f"{options.out}: {len(rows)} rows of {len({row.name for row in rows})} sources")


if __name__ == "__main__":
    main()
