"""Argos: the engine that decodes with Argos packages on CTranslate2.

The only home of both. Of Argos Translate it uses the parts for packages: metadata, the
SentencePiece and the BPE tokenizer, the target prefix. Its `translate()` is not used: it
decodes paragraph by paragraph, in batches of 32 tokens, after a sentence splitter that
may want the network.

Surprises:
- importing argostranslate makes folders in the home directory (see `_import_argos`);
- argostranslate's `decode` turns every underscore into a space (see `Model.read`);
- CTranslate2's score is a sum of log-probabilities divided by length ** length_penalty,
  so that only with a penalty of 1 it is a mean per token (see `DecodedSentence`).
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from importlib import import_module
from importlib.metadata import packages_distributions, version
from pathlib import Path
from threading import RLock
from typing import Any

import ctranslate2

from infra.command_name import command_line
from translate.engines.argos_model import DecodedSentence, Model
from translate.engines.canaries import canaries_for, is_usable, judge_attention
from translate.engines.sign_probe import SignProbe
from translate.engines.spelled import SpelledSentence, read
from translate.engines.subwords import align_pieces
from translate.engines.target_vocabulary import vocabulary_map, with_map
from translate.options import BATCH_TOKENS
from translate.packages.archive import ATTENTION, SIGNS, PackageError
from translate.packages.installed import Package, Packages
from translate.packages.routing import find_path
from translate.types import Alignment, Decoding, Hop, Hypothesis, Pair

log = logging.getLogger(__name__)

# A longer sentence is not decoded: the models were trained on shorter ones, and drop half of it.
# Its translation is empty, so that the caller splits it or keeps the original.
_MAX_INPUT = 256
# A model that loops goes on until it is stopped. Reference translations of Japanese essays
# stay below 1.5 times the source's tokens plus 3, our models' below plus 5.
# Few bounds, so that a post makes few calls with more to decode at once: ten of them took a
# sixth more of a processor than these four.
_MAX_OUTPUTS = (64, 128, 256, 416)
# A post has a few batches; more of them at once would leave threads without one.
_MOST_BATCHES = 4
_NO_HYPOTHESIS = Hypothesis("", -100.0)
_AGAIN = "the post is translated with the version that took its place"
_REMEDY = f"`{command_line('models verify')}`, then install it again"


class ArgosEngine:
    """Decodes with the installed packages; safe to use from several threads.

    `home` is where argostranslate may make its folders (default: in the packages' state).
    `threads` of 0 means as many as there are processors. Models are loaded on first use
    and stay until `release_idle`; no method opens a socket.
    """

    def __init__(
        self,
        packages: Packages,
        *,
        home: Path | None = None,
        preferences: Mapping[str, str] | None = None,
        threads: int = 0,
        batch_tokens: int = BATCH_TOKENS,
        compute_type: str = "auto",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._packages = packages
        self._home = home or packages.unpack / "argos-home"
        self._preferences = dict(preferences or {})
        self._threads = threads or os.cpu_count() or 1
        self._batch_tokens = batch_tokens
        self._compute_type = compute_type
        self._clock = clock
        self._models: dict[str, Model] = {}
        self._usable: dict[str, bool] = {}
        self._lock = RLock()

    @property
    def version(self) -> str:
        """The software behind the packages, for the status page: not part of any key."""
        return f"{_argos_version()}, ctranslate2 {ctranslate2.__version__}"

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        """The hops from source to target, shortest first; raises `NoPathError`."""
        return find_path(self._packages.installed(), pair, self._preferences)

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[Sequence[Hypothesis]]:
        """Best hypotheses first, for each sentence, in the order given.

        All sentences are best handed over at once: they are decoded in batches of similar
        length. What has no words, or more than a model can take (256 tokens), comes back
        as one empty hypothesis. A sentence's result does not depend on its neighbours',
        but for near-ties in int8, where rounding does (1 sentence of 100; in float32 none).
        Raises `PackageError` when the package is gone or damaged.
        """
        model = self._model(hop)
        attention = self._attention_usable(model)
        chosen = self._sign_probe(model, attention).chosen(sentences)
        readings = [read(sentence, hop.pair, chosen) for sentence in sentences]
        texts = [part.text for reading in readings for part in reading.parts]
        decoded = iter(self._decode(model, texts, options, attention))
        return [
            next(decoded)
            if reading.is_plain
            else SpelledSentence(reading, [next(decoded) for _ in reading.parts], hop.pair.target)
            for reading in readings
        ]

    def align(self, hop: Hop, source: str, target: str) -> Alignment | None:
        """The attention of this package for a translation that is given, not decoded.

        For comparing with placements made by hand; works on packages whose attention is
        not `attention_usable` too. None when either text has no words.
        """
        model = self._model(hop)
        read, written = model.encode(source, model.source_prefix), model.encode(target)
        if not read.tokens or not written.tokens or len(read.tokens) > _MAX_INPUT:
            return None
        prefix = [*model.prefix, *written.tokens]
        [result] = model.translator.translate_batch(
            [list(read.tokens)],
            target_prefix=[prefix],
            beam_size=1,
            max_decoding_length=len(prefix) + 1,
            return_attention=True,
        )
        return align_pieces(read, written, result.attention[0][len(model.prefix) :])

    def attention_usable(self, hop: Hop) -> bool:
        """Does this package's attention point where the words came from?

        Tried once per package on canary sentences, with names and numbers that survive
        translation; remembered beside the package where that can be written.
        """
        return self._attention_usable(self._model(hop))

    def release_idle(self, seconds: float) -> int:
        """Frees the models not used for so long; how many. They load again when needed."""
        with self._lock:
            now = self._clock()
            idle = [n for n, model in self._models.items() if now - model.used >= seconds]
            for name in idle:
                del self._models[name]
        if idle:
            _give_back()
        return len(idle)

    def loaded(self) -> tuple[str, ...]:
        """The names of the packages in memory."""
        with self._lock:
            return tuple(sorted(self._models))

    def _model(self, hop: Hop) -> Model:
        with self._lock:
            model = self._models.get(hop.name)
            try:
                package = self._packages.get(hop.name)
            except PackageError:
                # Removed or replaced while a post is in work: the post is finished with the
                # loaded model.
                if model is None:
                    raise
            else:
                if package.version != hop.version:
                    if model is None or model.package.version != hop.version:
                        raise PackageError(hop.name, f"version {hop.version} is gone", _AGAIN)
                elif model is None or model.package.checksum != package.checksum:
                    model = self._load(package)
                    self._models[hop.name] = model
            model.used = self._clock()
            return model

    def _load(self, package: Package) -> Model:
        folder = self._packages.unpacked(package)
        argos_package = _import_argos(self._home)
        started = time.perf_counter()
        try:
            opened = argos_package.Package(folder)
            files = folder / "model"
            rules = vocabulary_map(files, package.pair.target)
            with with_map(files, rules) if rules else nullcontext(files) as place:
                translator = self._open(place)
            model = Model(package, folder, opened, translator, restricted=rules is not None)
        # SystemExit: argostranslate raises it for invalid BPE merges.
        except (RuntimeError, ValueError, OSError, AttributeError, SystemExit) as error:
            raise PackageError(package.name, f"cannot be loaded ({error})", _REMEDY) from error
        log.info("%s loaded in %.2f s", package.name, time.perf_counter() - started)
        return model

    def _open(self, files: Path) -> ctranslate2.Translator:
        return ctranslate2.Translator(
            str(files),
            device="cpu",
            compute_type=self._compute_type,
            # Batches beside each other, a thread for each: measured, that takes a third
            # less of a processor than all threads at one batch after the other.
            inter_threads=min(self._threads, _MOST_BATCHES),
            intra_threads=max(1, self._threads // _MOST_BATCHES),
        )

    def _decode(
        self, model: Model, sentences: Sequence[str], options: Decoding, attention: bool
    ) -> list[Sequence[Hypothesis]]:
        results: list[Sequence[Hypothesis]] = [[_NO_HYPOTHESIS] for _ in sentences]
        read = [model.encode(sentence, model.source_prefix) for sentence in sentences]
        # One bound on the output per call: sentences of about one length go together. The
        # bound is made from a sentence's own length only, never from its batch.
        calls: dict[int, list[int]] = {}
        for index, pieces in enumerate(read):
            if 0 < len(pieces.tokens) <= _MAX_INPUT:
                calls.setdefault(_max_output(len(pieces.tokens)), []).append(index)
        bounded = sorted(calls.items(), reverse=True)  # the longest first
        taken = [read[index].tokens for _, indexes in bounded for index in indexes]
        known = model.first_rows
        unknown = [tokens for tokens in dict.fromkeys(taken) if tokens not in known]
        steps = self._first_steps(model, unknown) if attention else {}
        waiting: list[tuple[int, Any]] = []
        for bound, indexes in bounded:
            decoded = model.translator.translate_batch(
                [list(read[index].tokens) for index in indexes],
                beam_size=max(options.beam_size, options.hypotheses),
                num_hypotheses=options.hypotheses,
                no_repeat_ngram_size=options.no_repeat_ngram,
                repetition_penalty=options.repetition_penalty,
                length_penalty=options.length_penalty,
                max_decoding_length=bound,
                return_scores=True,
                return_attention=attention,
                replace_unknowns=not attention,
                use_vmap=model.restricted,
                **self._batched(model, len(indexes)),
            )
            waiting.extend(zip(indexes, decoded, strict=True))
        first_rows = {
            tokens: steps[tokens].result().attention[0] if tokens in steps else known[tokens]
            for tokens in (taken if attention else ())
        }
        for index, result in waiting:  # those that come first are read while others run
            first_row = first_rows.get(read[index].tokens, ())
            results[index] = DecodedSentence(
                model, read[index], result.result(), first_row, options.length_penalty
            )
        model.first_rows = first_rows
        return results

    def _first_steps(
        self, model: Model, sources: Sequence[tuple[str, ...]]
    ) -> dict[tuple[str, ...], Any]:
        """What gives the first row of attention of each source.

        From beam search on a CPU, the first row of sentence i of a batch is that of sentence
        i // beam_size (CTranslate2 4.8: the first step runs before the beams exist, and is then
        picked from as if they did). The attention of the first token does not depend on the
        token, so one step without beams has it, with any vocabulary and for every search.
        """
        decoded = model.translator.translate_batch(
            [list(tokens) for tokens in sources],
            beam_size=1,
            max_decoding_length=1,
            return_attention=True,
            **self._batched(model, len(sources)),
        )
        return dict(zip(sources, decoded, strict=True))

    def _batched(self, model: Model, count: int) -> dict[str, Any]:
        """The options of a call with so many sentences."""
        return {
            "target_prefix": [list(model.prefix)] * count if model.prefix else None,
            "max_batch_size": self._batch_tokens,
            "batch_type": "tokens",
            "max_input_length": _MAX_INPUT,
            "asynchronous": True,
        }

    def _sign_probe(self, model: Model, attention: bool) -> SignProbe:
        """The trial of signs with this package; there is one for each model in memory."""
        with self._lock:
            if model.signs is None:
                model.signs = SignProbe(
                    pair=model.package.pair,
                    checksum=model.package.checksum,
                    record=model.folder / SIGNS,
                    knows=model.knows,
                    decode=lambda texts: self._decode(model, texts, Decoding(), attention),
                )
            return model.signs

    def _attention_usable(self, model: Model) -> bool:
        checksum = model.package.checksum
        with self._lock:
            if checksum not in self._usable:
                beside = model.folder / ATTENTION
                usable = _read_attention(beside, checksum)
                if usable is None:
                    usable = self._try_canaries(model, beside)
                self._usable[checksum] = usable
            return self._usable[checksum]

    def _try_canaries(self, model: Model, beside: Path) -> bool:
        sentences = canaries_for(model.package.pair.source)
        decoded = self._decode(model, sentences, Decoding(), attention=True)
        found, tried = judge_attention(sentences, [best for best, *_ in decoded])
        usable = is_usable(found, tried)
        log.info("%s: attention found %d of %d copied words", model.package.name, found, tried)
        record = {
            "checksum": model.package.checksum,
            "usable": usable,
            "found": found,
            "tried": tried,
        }
        with suppress(OSError):  # a read-only package is tried again by each process
            beside.write_text(json.dumps(record), encoding="utf-8")
        return usable


def _max_output(tokens: int) -> int:
    return next(bound for bound in _MAX_OUTPUTS if bound >= 1.5 * tokens + 16)


def _read_attention(beside: Path, checksum: str) -> bool | None:
    """The stored verdict on this package's attention; None: not tried yet."""
    try:
        record = json.loads(beside.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or record.get("checksum") != checksum:
        return None
    return record.get("usable") is True


def _give_back() -> None:
    """Tells the C library to return freed memory: glibc keeps 10 MB or so of a model's."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _argos_version() -> str:
    """Name and version of the distribution at hand: two provide argostranslate."""
    name = packages_distributions().get("argostranslate", ["argostranslate"])[0]
    return f"{name} {version(name)}"


def _import_argos(home: Path) -> Any:
    """argostranslate.package, imported so that it leaves the home directory alone.

    At import it makes folders for data, settings, cache and packages where these variables
    say, and fails if it can't; the home of a service account is often read-only. They
    return to what they were: nothing that we use looks at them again.
    """
    names = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(home / name.lower()) for name in names})
    try:
        return import_module("argostranslate.package")
    except OSError as error:
        raise PackageError(
            home, f"not writable ({error.strerror})", "make FEEDS_STATE_DIR writable"
        ) from error
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
