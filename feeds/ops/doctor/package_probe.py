"""PackageProbe: translates test sentences with each package in use, offline on request."""

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
    lost: str | None  # missing words; None: all translations have the expected words


@dataclass(slots=True)
class PackageProbe:
    """The result of a probe; the last two fields are set offline only."""

    sentences: list[ProbedSentence] = field(default_factory=list)
    error: str | None = None  # why a package could not be probed, nor the packages after it
    remedy: str = ""  # of that error, if it states one
    network_requests: Sequence[str] = ()  # connections that the translation tried to open
    kernel_filter: bool = False  # whether the kernel checked sockets that Python does not see


def pairs(settings: Settings) -> list[Pair]:
    """The language pairs of the service."""
    others = (code for code in settings.languages if code != settings.language)
    return [Pair(settings.language, other) for other in others]


def probe_packages(settings: Settings, open_engine: OpenEngine) -> PackageProbe:
    """Loads every package in use and translates its test sentences."""
    probe = PackageProbe()
    try:
        engine = open_engine(settings.translator_options())
        for hop in _hops(settings, engine):
            probe.sentences.append(_probe(engine, hop))
    except SocketRefusedError:
        pass  # recorded by the guard, as are those that the engine turned into other errors
    except (PackageError, ImportError, AttributeError, ValueError, OSError) as error:
        probe.remedy = error.remedy if isinstance(error, PackageError) else ""
        probe.error = str(error).removesuffix(f": {probe.remedy}")
    return probe


def probe_offline(settings: Settings, open_engine: OpenEngine) -> PackageProbe:
    """Probes in a child process that cannot open sockets; raises `ChildProcessError`."""
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
                raise ChildProcessError(
                    f"the probe ended with exit status {child.exitcode}"
                ) from None
            frames = trace.read_text("utf-8", "replace").splitlines()[1:2]
            found = PackageProbe(
                network_requests=[" ".join(["a socket opened outside Python:", *frames])],
                kernel_filter=True,
            )
        finally:
            receiver.close()
        child.join()
    return found


def _child(settings: Settings, open_engine: OpenEngine, sender: Connection, trace: Path) -> None:
    with trace.open("w", encoding="utf-8") as file:
        network_requests, kernel_filter = refuse_sockets(file)
        probe = probe_packages(settings, open_engine)
        probe.network_requests, probe.kernel_filter = tuple(network_requests), kernel_filter
        sender.send(probe)


def _hops(settings: Settings, engine: Engine) -> list[Hop]:
    hops: dict[str, Hop] = {}
    for pair in pairs(settings):
        try:
            hops.update((hop.name, hop) for hop in engine.path(pair))
        except NoPathError:
            continue  # `check_packages` reports it
    return list(hops.values())


def _probe(engine: Engine, hop: Hop) -> ProbedSentence:
    sentences = canaries_for(hop.pair.source)
    decoded = [best.text for best, *_ in engine.decode(hop, sentences, Decoding())]
    return ProbedSentence(
        hop.name, sentences[0], decoded[0], judge_words(sentences, decoded, hop.pair)
    )
