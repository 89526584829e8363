"""Every installed package, each by the engine that it was made for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from translate.engines.argos import ArgosEngine
from translate.engines.firefox import FirefoxEngine
from translate.packages.archive import FIREFOX, PackageError
from translate.packages.installed import Packages
from translate.types import Decoding, Hop, Hypothesis, Pair


class PackagedEngine:
    """Argos' packages by CTranslate2, Firefox' by fxtranslate; the rest is as in `ArgosEngine`."""

    def __init__(self, packages: Packages, **options: Any) -> None:
        """`options` are those of `ArgosEngine`."""
        self._packages = packages
        self._argos = ArgosEngine(packages, **options)
        self._firefox = FirefoxEngine(packages)

    @property
    def version(self) -> str:
        return self._argos.version

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        """The hops from source to target, shortest first; raises `NoPathError`."""
        return self._argos.path(pair)

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[Sequence[Hypothesis]]:
        """Best hypotheses first, as many as the package's engine has; raises `PackageError`."""
        engine = self._firefox if self._is_firefox(hop) else self._argos
        return engine.decode(hop, sentences, options)

    def release_idle(self, seconds: float) -> int:
        """Frees the models not used for so long; how many. They load again when needed."""
        return self._argos.release_idle(seconds) + self._firefox.release_idle(seconds)

    def loaded(self) -> tuple[str, ...]:
        """The names of the packages in memory."""
        return tuple(sorted(self._argos.loaded() + self._firefox.loaded()))

    def _is_firefox(self, hop: Hop) -> bool:
        try:
            return self._packages.get(hop.name).engine == FIREFOX
        except PackageError:  # removed while a post is in work
            return hop.name in self._firefox.loaded()
