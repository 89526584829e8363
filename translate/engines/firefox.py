"""Models of Firefox Translations, run by fxtranslate (`pip install 'feedglot[firefox]'`).

The library takes one sentence a call and gives one translation: no search options, scores or
attention. What of it surprised:

- A translator belongs to the thread that made it, so all of them live in one.
- A sentence of more tokens than the model knows is cut without a word.
- A character without a piece is written as the names of its bytes, `<0xE3>`.
- What is wrong inside raises `PanicException`, which is no `Exception`.
- `Translator.load` and `discovery.fetch_*` open sockets: nothing here calls them.
"""

from __future__ import annotations

import ctypes
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Any
from weakref import finalize

from infra.command_name import command_line
from translate.packages.archive import PackageError
from translate.packages.installed import Package, Packages
from translate.types import Decoding, Hop, Hypothesis

log = logging.getLogger(__name__)

# Marian's limit for these models: they are trained on sentences that are shorter.
_MAX_INPUT = 127
# The ladder asks again for what was refused, with options that change nothing here.
_KEPT = 512
_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")


@dataclass(slots=True)
class _Model:
    checksum: str
    translator: Any
    pieces: Any  # SentencePiece's processor of the source
    used: float


class FirefoxEngine:
    """Decodes with the packages that were made of Firefox' models; safe from any thread."""

    def __init__(self, packages: Packages, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._packages = packages
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "firefox")
        self._models: dict[str, _Model] = {}
        self._said: OrderedDict[tuple[str, str], str] = OrderedDict()
        # Not in whichever thread forgets the engine.
        finalize(self, _leave, self._thread, self._models)

    @property
    def version(self) -> str:
        """The software behind the packages."""
        return f"fxtranslate {version('fxtranslate')}"

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[Sequence[Hypothesis]]:
        """One hypothesis for each sentence, whatever the options; its score is 0, for unknown.

        What has no words, or more than a model can take (127 tokens), comes back empty, so
        that the caller splits it or keeps the original. Raises `PackageError`.
        """
        said, panic = self._thread.submit(self._translate, hop, sentences).result()
        if panic:
            raise PackageError(hop.name, f"cannot be run ({panic})", _remedy())
        return [[Hypothesis(text, 0.0 if text else -100.0)] for text in said]

    def release_idle(self, seconds: float) -> int:
        """Frees the models not used for so long; how many."""
        if not self._models:
            return 0
        count: int = self._thread.submit(self._release, seconds).result()
        return count

    def loaded(self) -> tuple[str, ...]:
        """The names of the packages in memory."""
        return tuple(sorted(self._models))

    def _translate(self, hop: Hop, sentences: Sequence[str]) -> tuple[list[str], str]:
        """The translations, and the error inside the library, if any."""
        try:
            model = self._model(hop)
            return [self._say(model, sentence) for sentence in sentences], ""
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            # The error stays in this thread, and with its frames the translator.
            self._models.pop(hop.name, None)
            return [], str(error) or "panic"

    def _say(self, model: _Model, sentence: str) -> str:
        text = sentence.encode("utf-8", "replace").decode()
        key = model.checksum, text
        if key in self._said:
            self._said.move_to_end(key)
            return self._said[key]
        pieces = len(model.pieces.encode(text)) if text.strip() else 0
        said = model.translator.translate(text) if 0 < pieces <= _MAX_INPUT else ""
        if "<0x" not in text:
            said = restore_bytes(said)
        self._said[key] = said = said.strip()
        if len(self._said) > _KEPT:
            self._said.popitem(last=False)
        return said

    def _model(self, hop: Hop) -> _Model:
        model = self._models.get(hop.name)
        try:
            package = self._packages.get(hop.name)
        except PackageError:
            if model is None:  # removed while a post is in work: finished with what was there
                raise
        else:
            if package.version != hop.version and model is None:
                raise PackageError(hop.name, f"version {hop.version} is gone")
            if model is None or model.checksum != package.checksum:
                model = self._models[hop.name] = self._load(package)
        model.used = self._clock()
        return model

    def _load(self, package: Package) -> _Model:
        try:
            fxtranslate = import_module("fxtranslate")
        except ImportError as error:
            remedy = "`pip install 'feedglot[firefox]'`"
            raise PackageError(package.name, "needs fxtranslate", remedy) from error
        import sentencepiece

        started = time.perf_counter()
        try:
            source, target = (
                (package.path / name).read_bytes() for name in ("source.spm", "target.spm")
            )
            weights = (package.path / "model" / "model.bin").read_bytes()
            translator = fxtranslate.Translator(weights, source, target)
            pieces = sentencepiece.SentencePieceProcessor(model_proto=source)
        except (OSError, ValueError, RuntimeError) as error:
            raise PackageError(package.name, f"cannot be loaded ({error})", _remedy()) from error
        log.info("%s loaded in %.2f s", package.name, time.perf_counter() - started)
        return _Model(package.checksum, translator, pieces, self._clock())

    def _release(self, seconds: float) -> int:
        now = self._clock()
        idle = [name for name, model in self._models.items() if now - model.used >= seconds]
        for name in idle:
            del self._models[name]
        return len(idle)


def _leave(thread: ThreadPoolExecutor, models: dict[str, _Model]) -> None:
    try:
        thread.submit(models.clear)
    except RuntimeError:  # the interpreter ends: the thread that may drop them is gone
        for model in models.values():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(model.translator))
    thread.shutdown(wait=False)


def _remedy() -> str:
    return f"`{command_line('models verify')}`, then import it again"


def restore_bytes(text: str) -> str:
    """The text with the characters whose bytes are named in it."""
    return _BYTES.sub(_characters, text)


def _characters(named: re.Match[str]) -> str:
    """The characters of the named bytes; leaves invalid bytes out."""
    values = bytes(int(name, 16) for name in re.findall(r"0x([0-9A-F]{2})", named[0]))
    return values.decode("utf-8", "ignore")
