"""How good the gate is: what it lets through, what it costs, what it misses.

    python benchmarks/gate.py --corpus essays.jsonl

The corpus has one JSON object a line, with `sentences`: a list of objects that hold the
same sentence by language ({"ja": ..., "en": ..., "ko": ...}). It is only measured against,
never learned from. Packages are the starter ones unless --packages names a folder.

Three tables per language: the human translations that the gate refuses (false alarms), and
damaged ones that it catches; how many sentences of the machine are published, with chrF
with and without the gate; the reasons for the rest.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

# Not this script's folder, where `translate` is a benchmark.
sys.path[0] = str(Path(__file__).parents[1])

from translate.engines.argos import ArgosEngine  # noqa: E402
from translate.packages.installed import Packages  # noqa: E402
from translate.pipeline.translator import Translator  # noqa: E402
from translate.quality import gate, negation, ordinals  # noqa: E402
from translate.quality.glossary import STARTER, load_glossary  # noqa: E402
from translate.text import numbers  # noqa: E402
from translate.text.quantities import find_numbers  # noqa: E402
from translate.types import Decoding, Pair  # noqa: E402


class Remembered(dict[str, str]):
    """A translation memory for one run."""

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self[key] for key in keys if key in self}

    def put_many(self, items: dict[str, str]) -> None:
        self.update(items)

    def tally(self, hits: int, misses: int) -> None:
        pass


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF2 of a corpus (Popović 2015): character n-grams up to 6, without white space."""
    scores = []
    for size in range(1, 7):
        matched = proposed = expected = 0
        for hypothesis, reference in zip(hypotheses, references, strict=True):
            ours, theirs = _grams(hypothesis, size), _grams(reference, size)
            matched += (ours & theirs).total()
            proposed += ours.total()
            expected += theirs.total()
        scores.append((matched / max(1, proposed), matched / max(1, expected)))
    precision = math.fsum(score for score, _ in scores) / 6
    recall = math.fsum(score for _, score in scores) / 6
    return 500 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def _grams(text: str, size: int) -> Counter[str]:
    text = re.sub(r"\s", "", text)
    return Counter(text[start : start + size] for start in range(len(text) - size + 1))


def other_number(text: str, language: str) -> str | None:
    """One number that the digits show, ten times as large and one more."""
    for number in find_numbers(text, language):
        shown = re.search(r"\d+", text[slice(*number.span)])
        if number.certain and shown:
            start = number.span.start + shown.start()
            return text[:start] + str(int(shown[0]) * 10 + 1) + text[start + len(shown[0]) :]
    return None


def lost_number(text: str, language: str) -> str | None:
    """One number taken out."""
    for number in find_numbers(text, language):
        if number.certain and number.value != 1:
            return text[: number.span.start] + text[number.span.end :]
    return None


def looped(text: str, _: str) -> str | None:
    """The last words three times more."""
    words = text.split()
    return " ".join([*words, *words[-3:], *words[-3:], *words[-3:]]) if len(words) > 4 else None


def doubled(text: str, _: str) -> str | None:
    """One word in the middle said twice."""
    words = text.split()
    middle = len(words) // 2
    return " ".join([*words[:middle], *words[middle - 1 :]]) if len(words) > 4 else None


def stuttered(text: str, _: str) -> str | None:
    """A few letters over and over in the middle of a word."""
    middle = len(text) // 2
    return text[:middle] + text[middle : middle + 2].strip() * 5 + text[middle:]


def truncated(text: str, _: str) -> str | None:
    """The first third, where a sentence is long enough for that to be a loss."""
    return text[: len(text) // 3] if len(text) > 60 else None


def foreign(text: str, _: str) -> str | None:
    """A Japanese word left over."""
    return text + " という"


DAMAGE: dict[str, Callable[[str, str], str | None]] = {
    "number changed": other_number,
    "number lost": lost_number,
    "phrase looped": looped,
    "word doubled": doubled,
    "letters looped": stuttered,
    "cut to a third": truncated,
    "kana left over": foreign,
}


def measure_references(said: Sequence[dict[str, str]], pair: Pair) -> None:
    def refused(source: str, target: str) -> bool:
        return bool(gate.check(source, target, pair))

    alarms = sum(refused(one[pair.source], one[pair.target]) for one in said)
    print(f"\n{pair.source} to {pair.target}: human translations")
    print(f"  refused (false alarms)   {alarms:4} of {len(said)}  {alarms / len(said):6.1%}")
    for name, damage in DAMAGE.items():
        damaged = [
            (one[pair.source], bad)
            for one in said
            for bad in [damage(one[pair.target], pair.target)]
            if bad is not None
        ]
        caught = sum(refused(source, bad) for source, bad in damaged)
        print(f"  caught: {name:15}  {caught:4} of {len(damaged)}  {caught / len(damaged):6.1%}")


def measure_machine(
    translator: Translator, engine: ArgosEngine, said: Sequence[dict[str, str]], pair: Pair
) -> None:
    path = engine.path(pair)
    sources = [one[pair.source] for one in said]
    references = [one[pair.target] for one in said]
    started = time.perf_counter()
    plain = sources
    for hop in path:
        plain = [best.text for best, *_ in engine.decode(hop, plain, Decoding())]
    bare = time.perf_counter() - started
    started = time.perf_counter()
    outcomes = translator.outcomes(sources, path)
    gated = time.perf_counter() - started

    ended = [outcomes[source] for source in sources]
    at = [place for place, one in enumerate(ended) if not one.kept]
    published = [ended[place].text for place in at]
    untouched = sum(bool(gate.check(*two, pair)) for two in zip(sources, plain, strict=True))
    wrong = [
        sum(bool(numbers.compare(sources[place], texts[place], pair)) for place in at)
        for texts in (plain, [one.text for one in ended])
    ]
    both = [(sources[place], ended[place].text) for place in at]
    denied = sum(negation.is_lost(*two, pair) for two in both)
    placed = sum(bool(ordinals.lost(*two, pair)) for two in both)
    print(f"\n{pair.source} to {pair.target}: {', '.join(hop.name for hop in path)}")
    print(f"  published                {len(at):4} of {len(said)}  {len(at) / len(said):6.1%}")
    print(f"  refused at first         {untouched:4} of {len(said)}  {untouched / len(said):6.1%}")
    print(f"  chrF without the gate    {chrf(plain, references):6.2f}  (everything)")
    print(f"  chrF with the gate       {chrf(published, [references[p] for p in at]):6.2f}")
    mixed = [one.text for one in ended]
    print(f"  chrF, kept ones included {chrf(mixed, references):6.2f}")
    print(f"  wrong numbers published  {wrong[1]:4}  (without the gate {wrong[0]})")
    print(f"  lost negations published {denied:4}, lost ordinals {placed}")
    print(f"  seconds                  {gated:6.1f}  (without gate and ladder {bare:.1f})")
    kept = Counter(reason for one in ended if one.kept for reason in one.reasons)
    climbed = Counter(reason for one in ended for reason in one.reasons)
    print("  reason      met  kept")
    for reason, count in climbed.most_common():
        print(f"  {reason:10} {count:4}  {kept[reason]:4}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="a JSONL file of essays")
    parser.add_argument("--packages", type=Path, help="installed packages; default: the starter")
    parser.add_argument("--source", default="ja")
    parser.add_argument("--targets", default="en,ko")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--references-only", action="store_true", help="load no model")
    options = parser.parse_args()
    essays = [json.loads(line) for line in options.corpus.read_text("utf-8").splitlines()]
    said = [sentence for essay in essays for sentence in essay["sentences"]]
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(options.packages or Path(folder, "none"), unpack=Path(folder))
        engine = ArgosEngine(packages, threads=options.threads)
        translator = Translator(engine, Remembered(), load_glossary(STARTER))
        for target in options.targets.split(","):
            pair = Pair(options.source, target)
            measure_references(said, pair)
            if not options.references_only:
                measure_machine(translator, engine, said, pair)


if __name__ == "__main__":
    main()
