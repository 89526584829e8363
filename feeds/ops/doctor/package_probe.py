"""PackageProbe: translates a few sentences with each package in use, offline on request."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from feeds.ops.doctor.network_guard import SocketRefusedError, refuse_sockets
from feeds.settings import Settings
from infra.child_environment import minimal
from translate.engines.canaries import canaries_for, judge_words
from translate.packages.archive import PackageError
from translate.types import Decoding, Engine, Hop, NoPathError, Pair

OpenEngine = Callable[..., Engine]


class ProbedSentence(NamedTuple):
    """The translation of one package's first test sentence."""

    hop: str
    sentence: str
    decoded: str
    lost: str | None  # None: all of its sentences have the words that were expected


@dataclass(slots=True)
class PackageProbe:
    """The result of a probe; the last two fields are set offline only."""

    tried: list[ProbedSentence] = field(default_factory=list)
    broken: str | None = None  # why a package could not be tried, nor those after it
    wanted: Sequence[str] = ()  # what it asked of the network
    sealed: bool = False  # whether the kernel would have seen what Python does not


def pairs(settings: Settings) -> list[Pair]:
    """The language pairs of the service."""
    others = (code for code in settings.languages if code != settings.language)
    return [Pair(settings.language, other) for other in others]


def try_packages(settings: Settings, open_engine: OpenEngine) -> PackageProbe:
    """Loads the models of every package in use, and translates with them."""
    trial = PackageProbe()
    try:
        engine = open_engine(settings.translator_options())
        for hop in _hops(settings, engine):
            trial.tried.append(_try(engine, hop))
    except SocketRefusedError:
        pass  # is known, as is what the engine made another error of
    except (PackageError, ImportError, AttributeError, ValueError, OSError) as error:
        trial.broken = str(error)
    return trial


def try_offline(settings: Settings, open_engine: OpenEngine) -> PackageProbe:
    """The same in a process of its own that cannot open a socket; raises `ChildProcessError`."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="feedglot-") as folder:
        trace = Path(folder) / "trace"
        child = context.Process(target=_child, args=(settings, open_engine, sender, trace))
        with minimal():
            child.start()
        sender.close()
        try:
            found: PackageProbe = receiver.recv()
        except EOFError:
            child.join()
            if child.exitcode != -signal.SIGSYS:
                raise ChildProcessError(f"the trial ended with {child.exitcode}") from None
            frames = trace.read_text("utf-8", "replace").splitlines()[1:2]
            found = PackageProbe(
                wanted=[" ".join(["a socket, not by Python:", *frames])], sealed=True
            )
        finally:
            receiver.close()
        child.join()
    return found


def _child(settings: Settings, open_engine: OpenEngine, sender: Connection, trace: Path) -> None:
    with trace.open("w", encoding="utf-8") as file:
        wanted, sealed = refuse_sockets(file)
        trial = try_packages(settings, open_engine)
        trial.wanted, trial.sealed = tuple(wanted), sealed
        sender.send(trial)


def _hops(settings: Settings, engine: Engine) -> list[Hop]:
    hops: dict[str, Hop] = {}
    for pair in pairs(settings):
        try:
            hops.update((hop.name, hop) for hop in engine.path(pair))
        except NoPathError:
            continue  # told among the packages
    return list(hops.values())


def _try(engine: Engine, hop: Hop) -> ProbedSentence:
    sentences = canaries_for(hop.pair.source)
    decoded = [best.text for best, *_ in engine.decode(hop, sentences, Decoding())]
    return ProbedSentence(
        hop.name, sentences[0], decoded[0], judge_words(sentences, decoded, hop.pair)
    )
