"""Glossary files, read again when they change."""

from __future__ import annotations

import logging
from pathlib import Path

from translate.quality.glossary import Glossary, GlossaryError, load_glossary

log = logging.getLogger(__name__)


class GlossaryFiles:
    """Glossary of several files, read again when they change; later files win.

    Raises `GlossaryError` or `OSError` when they can't be used at first. An edit that can't
    be used later is logged once, and the terms stay as they were.
    """

    def __init__(self, *paths: Path) -> None:
        self._paths = paths
        self._seen = self._look()
        self._glossary = load_glossary(*paths)

    def current(self) -> Glossary:
        """The terms; the very same object until a file changes."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            try:
                self._glossary = load_glossary(*self._paths)
                log.info("the glossary changed: %d terms", len(self._glossary.terms))
            except (GlossaryError, OSError) as error:
                log.error("the glossary stays as it was: %s", error)
        return self._glossary

    def _look(self) -> list[tuple[int, int] | None]:
        return [_facts(path) for path in self._paths]


def _facts(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
