"""Engines for translator processes: `--engine tests.support.odd_engines:slow`."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from translate.engines.fake import FakeEngine
from translate.types import Decoding, Hop, Hypothesis


class OddEngine(FakeEngine):
    """Writes down what it is about to decode; `before` may do worse."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        with Path(os.environ["ENGINE_LOG"]).open("a") as log:
            log.writelines(f"{os.getpid()}\t{sentence}\n" for sentence in sentences)
        self.before(sentences)
        return super().decode(hop, sentences, options)

    def before(self, sentences: Sequence[str]) -> None: ...


class Slow(OddEngine):
    def before(self, sentences: Sequence[str]) -> None:
        time.sleep(float(os.environ.get("ENGINE_DELAY", "0.5")))


class Deadly(OddEngine):
    """Dies of poison (毒), as a decoder does that runs out of memory."""

    def before(self, sentences: Sequence[str]) -> None:
        if any("毒" in sentence for sentence in sentences):
            os.kill(os.getpid(), signal.SIGKILL)


class Sleepy(OddEngine):
    """Falls asleep for good over 眠."""

    def before(self, sentences: Sequence[str]) -> None:
        if any("眠" in sentence for sentence in sentences):
            time.sleep(3600)


class Grinding(OddEngine):
    """Computes for good over 挽 where more than four sentences come at once."""

    def before(self, sentences: Sequence[str]) -> None:
        while len(sentences) > 4 and any("挽" in sentence for sentence in sentences):
            pass


class Native(FakeEngine):
    """Is in native code for a minute, where Python runs no signal handler."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            ctypes.CDLL(None).sleep(60)
        return super().decode(hop, sentences, options)


slow, deadly, sleepy, grinding, plain = Slow, Deadly, Sleepy, Grinding, OddEngine
native = Native
