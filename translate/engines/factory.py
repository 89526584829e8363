"""Engines by their names, and the ways that they would go."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from translate.options import TranslatorOptions
from translate.packages.installed import Packages
from translate.packages.routing import find_path
from translate.types import Engine, Hop, Pair, Router


def open_engine(options: TranslatorOptions) -> Engine:
    """The engine that decodes. What it needs is imported here, when it is wanted."""
    if options.engine == "argos":
        from translate.engines.packaged import PackagedEngine

        return PackagedEngine(
            _packages(options),
            preferences=options.preferences,
            threads=options.threads,
            batch_tokens=options.batch_tokens,
            compute_type=options.compute,
        )
    return _other(options.engine)


def open_router(options: TranslatorOptions) -> Router:
    """The paths that the engine finds; no model is ever loaded."""
    if options.engine == "argos":
        return _Router(_packages(options), options.preferences)
    return _other(options.engine)


@dataclass(frozen=True)
class _Router:
    packages: Packages
    preferences: Mapping[str, str]

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        return find_path(self.packages.installed(), pair, self.preferences)


def _packages(options: TranslatorOptions) -> Packages:
    return Packages(options.packages, unpack=options.packages / ".starter")


def _other(name: str) -> Engine:
    if name == "fake":
        from translate.engines.fake import FakeEngine

        return FakeEngine()
    module, _, factory = name.partition(":")
    engine: Engine = getattr(importlib.import_module(module), factory)()
    return engine
