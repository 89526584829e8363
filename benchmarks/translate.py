"""How fast posts are translated, beside Argos Translate and bare CTranslate2.

    python benchmarks/translate.py                # both sizes of package, all ways
    python benchmarks/translate.py --sizes starter --posts 5

One run, the same package, beam, threads and text for all; each way in a process of its own.

    stock      argostranslate.translate.translate, a post at a time
    paragraph  as LibreTranslate does it: a paragraph at a time
    ours       Translator with an empty memory: HTML in, HTML out, gate and ladder included
    first      ours without the ladder: what is refused is not tried another way
    raw        CTranslate2 alone, every sentence of all posts in ideal batches

Argos' sentence splitter wants the network; all ways cut sentences as we do. Official
packages have 6+6 layers, 512 wide, 32,000 pieces. None can be fetched here, so one of that
size is made with random weights; what it says is noise, so how long it says it is forced,
to 1.3 times the source on average, in every way alike, and no gate judges it. On a machine
that does other things too, the seconds of processors tell more than those on the wall.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Not this script's folder, where it would stand for the package of its name.
sys.path[0] = str(ROOT)
STARTER = ROOT / "translate" / "starter"
SIZES = ("starter", "official")
WAYS = ("stock", "paragraph", "ours", "first", "raw")
LENGTH = 1.3  # target pieces for each of the source, where the length is forced
WARM_UP = "これは試験の文です。"


class Clock:
    """Seconds on the wall, and of processors, since it was made."""

    def __init__(self) -> None:
        self._wall, self._work = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        wall, work = time.perf_counter() - self._wall, time.process_time() - self._work
        return {"seconds": wall, "work": work}


@dataclass(frozen=True)
class Text:
    """A post as every way is given it."""

    document: Any
    paragraphs: list[list[str]]  # of sentences

    @property
    def characters(self) -> int:
        return sum(len(sentence) for some in self.paragraphs for sentence in some)


def load_texts(folder: Path, count: int) -> list[Text]:
    from content.library.library import Library
    from translate.html import joiner
    from translate.html.blocks import Block
    from translate.text import sentences
    from translate.text.sentences import speaks
    from translate.types import Document

    library = Library(folder, language="ja", languages=("ja", "en"), timezone=UTC)
    library.refresh()
    texts = []
    for post in [post for post in library.snapshot.posts if post.language == "ja"][:count]:
        body = library.body(post)
        page = joiner.split(body.html, "ja")
        blocks = [
            [page.sentences[place].text for place in part.sentences]
            for part in page.parts
            if isinstance(part, Block)
        ]
        paragraphs = [sentences.split(post.title, "ja"), sentences.split(body.excerpt, "ja")]
        paragraphs += blocks
        spoken = [[one for one in some if speaks(one, "ja")] for some in paragraphs]
        document = Document(language="ja", title=post.title, summary=body.excerpt, html=body.html)
        texts.append(Text(document, [some for some in spoken if some]))
    return texts


# The packages


def make_packages(size: str, folder: Path) -> None:
    """A Japanese to English package of that size, unpacked as Argos has it."""
    archive = next(STARTER.glob("translate-ja_en-*.argosmodel"))
    shutil.unpack_archive(archive, folder, "zip")
    if size == "official":
        [package] = folder.iterdir()
        shutil.rmtree(package / "model")
        write_random_model(package, package / "model")
        package.rename(folder / "translate-ja_en-9_0")
        metadata = folder / "translate-ja_en-9_0" / "metadata.json"
        fields = json.loads(metadata.read_text()) | {"package_version": "9.0"}
        metadata.write_text(json.dumps(fields))


def write_random_model(
    package: Path, place: Path, *, layers: int = 6, wide: int = 512, pieces: int = 32_000
) -> None:
    import numpy as np
    import sentencepiece
    from ctranslate2.specs import TransformerSpec

    random = np.random.default_rng(1)

    def matrix(*shape: int) -> Any:
        return random.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)

    def linear(spec: Any, out: int, into: int) -> None:
        spec.weight, spec.bias = matrix(out, into), np.zeros(out, np.float32)

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(wide, np.float32), np.zeros(wide, np.float32)

    def attend(spec: Any, *, self_attention: bool) -> None:
        norm(spec.layer_norm)
        sizes = [3 * wide, wide] if self_attention else [wide, 2 * wide, wide]
        for each, out in zip(spec.linear, sizes, strict=True):
            linear(each, out, wide)

    spec = TransformerSpec.from_config(layers, wide // 64, pre_norm=True)
    for half in (spec.encoder, spec.decoder):
        embeddings = half.embeddings[0] if half is spec.encoder else half.embeddings
        embeddings.weight = matrix(pieces, wide)
        half.scale_embeddings = True
        norm(half.layer_norm)
        for layer in half.layer:
            attend(layer.self_attention, self_attention=True)
            if half is spec.decoder:
                attend(layer.attention, self_attention=False)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * wide, wide)
            linear(layer.ffn.linear_1, wide, 4 * wide)
    linear(spec.decoder.projection, pieces, wide)
    processor = sentencepiece.SentencePieceProcessor(str(package / "sentencepiece.model"))
    known = [processor.id_to_piece(number) for number in range(processor.vocab_size())]
    known = list(dict.fromkeys(["<unk>", "<s>", "</s>", *known]))[:pieces]
    vocabulary = known + [f"▁w{number}" for number in range(pieces - len(known))]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    place.mkdir()
    spec.save(str(place))


# The ways


def force_lengths() -> None:
    """From now on every translator says as much as the source has, on average of a call."""
    import ctranslate2

    class Forced(ctranslate2.Translator):  # type: ignore[misc]
        def translate_batch(self, source: Sequence[Sequence[str]], **options: Any) -> Any:
            if options.get("max_decoding_length") != 1 and source:
                mean = sum(map(len, source)) / len(source)
                length = max(1, round(LENGTH * mean))
                options |= {"min_decoding_length": length, "max_decoding_length": length}
            return super().translate_batch(source, **options)

    ctranslate2.Translator = Forced


def stock(packages: Path, threads: int) -> Callable[[str], str]:
    """`argostranslate.translate.translate` with our sentences."""
    os.environ |= {
        "ARGOS_PACKAGES_DIR": str(packages),
        "ARGOS_INTRA_THREADS": str(threads),
        "ARGOS_DEVICE_TYPE": "cpu",
    }
    from argostranslate import translate as argos

    from translate.text import sentences

    class Ours:
        def __init__(self, pkg: Any) -> None: ...

        def split_sentences(self, text: str) -> list[str]:
            return sentences.split(text, "ja")

    argos.MiniSBDSentencizer = Ours
    return lambda text: str(argos.translate(text, "ja", "en"))


@contextmanager
def ours(packages: Path, threads: int, *, ladder: bool, judged: bool) -> Iterator[Any]:
    from infra.database import open_database
    from translate.engines.argos import ArgosEngine
    from translate.memory.memory import Memory
    from translate.packages.installed import Packages
    from translate.pipeline.translator import Translator
    from translate.quality import fallbacks as rungs
    from translate.quality import gate
    from translate.quality.glossary import STARTER as TERMS
    from translate.quality.glossary import load_glossary
    from translate.text import placeables

    if not judged:
        gate.check = lambda *_: ()  # type: ignore[assignment]
        placeables.missing_names = lambda *_: ()  # type: ignore[assignment]
    if not ladder:
        rungs.RUNGS = rungs.RUNGS[:1]
        rungs.DEEPEST = 0
        rungs.FallbackDecoder._climb_in_disguise = lambda *_: None  # type: ignore[assignment,method-assign]
    with tempfile.TemporaryDirectory() as folder:
        engine = ArgosEngine(
            Packages(packages, Path(folder, "none"), unpack=Path(folder)), threads=threads
        )
        memory = Memory(open_database(f"sqlite:///{folder}/memory.db"))
        terms = load_glossary(TERMS) if judged else None
        yield Translator(engine, memory, terms)


def measure(way: str, size: str, packages: Path, texts: list[Text], threads: int) -> dict[str, Any]:
    """Seconds, and what was said of each sentence or post."""
    forced = size == "official"
    if forced:
        force_lengths()
    whole = ["\n".join("".join(some) for some in text.paragraphs) for text in texts]
    if way in ("stock", "paragraph"):
        say = stock(packages, threads)
        say(WARM_UP)
        clock = Clock()
        if way == "stock":
            said = [say(text) for text in whole]
        else:
            said = ["\n".join(say(one) for one in text.split("\n")) for text in whole]
        return clock.read() | {"said": said}
    if way == "raw":
        return raw(packages, texts, threads)
    with ours(packages, threads, ladder=way == "ours", judged=not forced) as translator:
        from translate.types import Pair

        started = time.perf_counter()
        translator.outcomes([WARM_UP], translator.engine.path(Pair("ja", "en")))
        cold = time.perf_counter() - started
        clock = Clock()
        done = [translator.translate(text.document, "en") for text in texts]
        took = clock.read()
        rows = [{one.source: one.target for one in each.sentences} for each in done]
        said = [
            "\n".join(" ".join(row[one] for one in some) for some in text.paragraphs)
            for text, row in zip(texts, rows, strict=True)
        ]
        kept = sum(one.kept for each in done for one in each.sentences)
        return took | {"said": said, "cold": cold, "kept": kept}


def raw(packages: Path, texts: list[Text], threads: int) -> dict[str, Any]:
    import ctranslate2
    import sentencepiece

    from translate.engines.argos import _max_output

    [package] = packages.iterdir()
    translator = ctranslate2.Translator(str(package / "model"), intra_threads=threads)
    processor = sentencepiece.SentencePieceProcessor(str(package / "sentencepiece.model"))
    found = dict.fromkeys(one for text in texts for some in text.paragraphs for one in some)
    tokens = sorted((processor.encode(one, out_type=str) for one in found), key=len)
    calls: dict[int, list[list[str]]] = {}
    for some in tokens:
        calls.setdefault(_max_output(len(some)), []).append(some)
    translator.translate_batch([tokens[0]], beam_size=4)
    best = {"seconds": float("inf"), "work": float("inf")}
    for batch in (512, 1024, 2048):  # whichever is ideal here
        clock = Clock()
        for bound, some in calls.items():
            translator.translate_batch(
                some,
                beam_size=4,
                max_batch_size=batch,
                batch_type="tokens",
                max_decoding_length=bound,
            )
        best = {name: min(best[name], value) for name, value in clock.read().items()}
    return best | {"said": []}


def peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def run_way(way: str, size: str, packages: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One way in a process of its own: its peak of memory is its own."""
    command = [sys.executable, __file__, "--way", way, "--sizes", size, "--packages", str(packages)]
    command += ["--posts", str(options.posts), "--threads", str(options.threads)]
    command += ["--folder", str(options.folder)]
    home = packages.parent / "home"
    environment = os.environ | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment[name] = str(home)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--posts", type=int, default=8)
    parser.add_argument("--folder", type=Path, default=ROOT / "content" / "posts")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--packages", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = load_texts(options.folder, options.posts)
    if options.way:
        # A peak is inherited over fork and exec; from here on it is this process' own.
        Path("/proc/self/clear_refs").write_text("5")
        found = measure(options.way, options.sizes, options.packages, texts, options.threads)
        found["peak"] = peak_megabytes()
        print(json.dumps(found))
        return
    from benchmarks.gate import chrf

    characters = sum(text.characters for text in texts)
    sentences = sum(len(some) for text in texts for some in text.paragraphs)
    print(f"{len(texts)} posts, {sentences} sentences, {characters} characters")
    for size in options.sizes.split(","):
        with tempfile.TemporaryDirectory() as folder:
            packages = Path(folder, "packages")
            packages.mkdir()
            make_packages(size, packages)
            if size == "official":
                trust_attention(packages)
            print(f"\n{size}, {options.threads} threads")
            print("  way         seconds  chars/s of stock    cpu s of stock  peak MB")
            rates: dict[str, float] = {}
            work: dict[str, float] = {}
            said: dict[str, list[str]] = {}
            notes = []
            for way in options.ways.split(","):
                found = run_way(way, size, packages, options)
                rates[way], said[way] = characters / found["seconds"], found["said"]
                work[way] = found["work"]
                row = f"{found['seconds']:8.1f} {rates[way]:8.0f}"
                row += f" {rates[way] / rates.get('stock', rates[way]):8.1f}"
                row += f" {work[way]:8.1f} {work.get('stock', work[way]) / work[way]:8.1f}"
                print(f"  {way:10} {row} {found['peak']:8.0f}", flush=True)
                if "cold" in found:
                    cold, kept = found["cold"], found["kept"]
                    notes.append(f"{way}: first sentence of a cold start {cold:.2f} s, {kept} kept")
            if "raw" in rates:
                for way in [way for way in ("ours", "first") if way in rates]:
                    speed, share = rates[way] / rates["raw"], work["raw"] / work[way]
                    notes.append(f"{way} of raw: {speed:.2f}, by cpu {share:.2f}")
            if size == "starter" and {"stock", "ours"} <= said.keys():
                notes.append(f"chrF of ours against stock: {chrf(said['ours'], said['stock']):.1f}")
            print("\n".join(f"  {note}" for note in notes))


def trust_attention(packages: Path) -> None:
    """Has the alignment made too, as it is with packages whose attention is of use."""
    from translate.packages.archive import ATTENTION
    from translate.packages.installed import Packages

    found = Packages(packages, packages / "none", unpack=packages / "none")
    for package in found.installed():
        record = {"checksum": package.checksum, "usable": True, "found": 1, "tried": 1}
        (package.path / ATTENTION).write_text(json.dumps(record))


if __name__ == "__main__":
    main()
