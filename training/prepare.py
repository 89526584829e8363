"""Text to numbers: a vocabulary and arrays for `training.train`.

    python -m training.prepare ja_en data/ja_en --pairs ja_en.tsv.xz --essays essays.jsonl.xz

Writes spm.model, train.npz, dev.npz and meta.json. Rows that are held out, or in the essays
to measure with, never come into the arrays, nor does a source that is not in --allow.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from training import amounts, corpus
from training.corpus import ESSAYS, Row

LONGEST = 127  # pieces of a row, the end of a sentence apart
_MADE_UP = (ESSAYS, corpus.TERMS, corpus.SIGN_ROWS, amounts.NUMBER_ROWS)
# How much rows count that are not from a source of parallel text.
_FIXED = {
    corpus.TERMS: (0.6, 0.6),
    corpus.SIGN_ROWS: (0.6, 0.6),
    amounts.NUMBER_ROWS: (1.0, 1.0),
}


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How much of all target tokens is essays, early and late in a training.

    With 45 % late and no dropout a model learned the essays by heart: after 9 million tokens a
    loss of 1.2 on essays trained on, of 3.2 on others (Japanese to English).
    """

    early: float = 0.25
    late: float = 0.30


def choose_rows(
    rows: Iterable[Row], held: Iterable[str], allowed: frozenset[str] | None
) -> list[Row]:
    """Rows that may be trained on, each once; `allowed` of None allows every source."""
    left_out = {corpus.key(text) for text in held}
    seen: set[tuple[str, str]] = set()
    chosen = []
    for row in rows:
        if not row.source or not row.target or (row.source, row.target) in seen:
            continue
        if not (allowed is None or row.name in _MADE_UP or corpus.is_allowed(row.name, allowed)):
            continue
        if corpus.key(row.source) in left_out or corpus.key(row.target) in left_out:
            continue
        seen.add((row.source, row.target))
        chosen.append(row)
    return chosen


def learn_vocabulary(folder: Path, rows: Sequence[Row], size: int) -> None:
    """Writes spm.model: one vocabulary for both languages, in which essays count four times."""
    text = folder / "spm.txt"
    with text.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(f"{row.source}\n{row.target}\n" * (4 if row.name == ESSAYS else 1))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "spm"),
        model_type="unigram",
        vocab_size=size,
        byte_fallback=True,
        character_coverage=0.9997,
        normalization_rule_name="nmt_nfkc",
        user_defined_symbols=list(corpus.SIGNS),
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        input_sentence_size=300_000,
        shuffle_input_sentence=True,
        max_sentence_length=4000,
        minloglevel=1,
    )
    text.unlink()


def weigh(
    tokens: Mapping[str, int], weights: Mapping[str, Sequence[float]], shares: Shares
) -> dict[str, tuple[float, float]]:
    """How much a row of each source counts, early and late in a training."""
    given = {name: tuple(weights.get(name, (1.0, 1.0))) for name in tokens} | _FIXED
    parallel = [name for name in tokens if name not in _MADE_UP]
    weighed = {name: (given[name][0], given[name][1]) for name in tokens}
    if tokens.get(ESSAYS):
        # A share of the whole, whatever the number of essays.
        early, late = (
            share / (1 - share) * max(sum(tokens[name] * given[name][half] for name in parallel), 1)
            for half, share in enumerate((shares.early, shares.late))
        )
        weighed[ESSAYS] = (early / tokens[ESSAYS], late / tokens[ESSAYS])
    return weighed


def encode(
    rows: Sequence[Row],
    pieces: Callable[[Sequence[str]], list[list[int]]],
    weights: Mapping[str, Sequence[float]],
    shares: Shares,
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The arrays of rows that are short enough, and what each source counts for."""
    sources, targets = pieces([row.source for row in rows]), pieces([row.target for row in rows])
    fit = [
        (row.name, source, target)
        for row, source, target in zip(rows, sources, targets, strict=True)
        if 0 < len(source) <= LONGEST and 0 < len(target) <= LONGEST
    ]
    tokens: Counter[str] = Counter()
    for name, _, target in fit:
        tokens[name] += len(target)
    weighed = weigh(tokens, weights, shares)
    arrays = {
        "s": np.fromiter(chain.from_iterable(source for _, source, _ in fit), np.uint16),
        "t": np.fromiter(chain.from_iterable(target for _, _, target in fit), np.uint16),
        "sl": np.array([len(source) for _, source, _ in fit], np.uint16),
        "tl": np.array([len(target) for _, _, target in fit], np.uint16),
        "w": np.array([weighed[name][0] for name, _, _ in fit], np.float32),
        "late": np.array([weighed[name][1] for name, _, _ in fit], np.float32),
    }
    told = {
        name: {"target_tokens": tokens[name], "early": weighed[name][0], "late": weighed[name][1]}
        for name in sorted(tokens)
    }
    return arrays, told


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """Writes what a training needs into the folder; what meta.json says of it."""
    source, _, target = options.pair.partition("_")
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    dev = [row for path in options.dev for row in corpus.read_essays(path, source, target)]
    held = [text for row in dev if len(row.source) > 12 for text in row[1:]]
    for path in options.held:
        held += [text for row in corpus.read_pairs(path) for text in row[1:]]
    essays = [row for path in options.essays for row in corpus.read_essays(path, source, target)]
    essays = choose_rows(essays, held, None)
    found = [*essays, *corpus.sign_rows(essays, options.signs)]
    for path in options.terms:
        found += corpus.read_terms(path, options.columns.split(","), source, target)
    for path in options.pairs:
        found += corpus.read_pairs(path, swapped=options.swap)
    allowed = frozenset(corpus.lines(options.allow)) if options.allow else None
    rows = choose_rows(found, held, allowed)
    rows += amounts.number_rows(rows, options.numbers, source, target)
    random.Random(1).shuffle(rows)
    if options.spm:
        (folder / "spm.model").write_bytes(options.spm.read_bytes())
    else:
        learn_vocabulary(folder, rows, options.vocabulary)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    weights = json.loads(options.weights.read_text("utf-8")) if options.weights else {}
    arrays, told = encode(rows, processor.encode, weights, Shares())
    np.savez_compressed(folder / "train.npz", **arrays)
    np.savez_compressed(folder / "dev.npz", **encode(dev, processor.encode, {}, Shares())[0])
    meta = {
        "pair": options.pair,
        "vocabulary": processor.get_piece_size(),
        "rows": len(arrays["sl"]),
        "target_tokens": int(arrays["tl"].sum()),
        "sources": told,
    }
    (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    return meta


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("pair", help="source and target, such as ja_en")
    made.add_argument("out", type=Path)
    made.add_argument("--pairs", type=Path, nargs="*", default=[])
    made.add_argument("--swap", action="store_true", help="--pairs has the target first")
    made.add_argument("--essays", type=Path, nargs="*", default=[])
    made.add_argument("--terms", type=Path, nargs="*", default=[])
    made.add_argument("--columns", default="ja,en,ko", help="the languages of --terms")
    made.add_argument("--dev", type=Path, nargs="*", default=[], help="essays to measure with")
    made.add_argument("--held", type=Path, nargs="*", default=[], help="pairs to measure with")
    made.add_argument("--allow", type=Path, help="names of sources that may be used, one a line")
    made.add_argument("--weights", type=Path, help="JSON: source's name to [early, late]")
    made.add_argument("--signs", type=int, default=500, help="rows for each form of a sign")
    made.add_argument("--numbers", type=int, default=30_000, help="rows with other numbers")
    made.add_argument("--spm", type=Path, help="a vocabulary to keep")
    made.add_argument("--vocabulary", type=int, default=12_000, help="pieces of a new one")
    return made


def main() -> None:
    meta = prepare(parser().parse_args())
    print(f"{meta['pair']}: {meta['rows']:,} rows, {meta['target_tokens']:,} target tokens")


if __name__ == "__main__":
    main()
