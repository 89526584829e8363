"""Options of a translator process: made from the settings, passed as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

# An environment variable, because it may hold passwords, and every user can read command lines.
VARIABLE = "FEEDGLOT_TRANSLATOR_OPTIONS"

BATCH_TOKENS = 512  # decoded at once


@dataclass(frozen=True, kw_only=True)
class TranslatorOptions:
    """The options of a translator process and of the engine in it.

    Nothing here imports more than the standard library: gunicorn's arbiter imports it.
    """

    state: Path  # folder for the lock and, by default, the databases
    packages: Path  # installed Argos packages
    database: str  # sqlite:///path or postgresql://...
    queue: str  # sqlite, redis or postgresql URL
    language: str = "ja"  # the posts are written in it
    languages: tuple[str, ...] = ("ja", "en", "ko")
    glossary: Path | None = None  # None: only the one that ships
    engine: str = "argos"  # argos, fake or package.module:factory
    preferences: Mapping[str, str] = field(default_factory=dict)  # language: packages or languages
    threads: int = 0  # 0: one for each processor
    batch_tokens: int = BATCH_TOKENS
    compute: str = "auto"  # CTranslate2's compute type
    memory: int = 0  # megabytes at most; 0: no limit
    lease: float = 90.0  # seconds until others take over from a translator that stopped
    nice: int = 10  # how far the process steps back for others
    log: Literal["text", "json"] = "text"

    @classmethod
    def of_state(cls, state: Path, **options: Any) -> Self:
        """The options for a state folder, with its own databases and packages by default."""
        own: dict[str, Any] = {
            "packages": state / "packages",
            "database": f"sqlite:///{state / 'feedglot.sqlite3'}",
            "queue": f"sqlite:///{state / 'queue.sqlite3'}",
        }
        return cls(state=state, **own | options)

    def to_environment(self) -> dict[str, str]:
        """The variable that `from_environment` of the child reads."""
        return {VARIABLE: json.dumps(asdict(self), default=str)}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Raises `SystemExit` with one line where the variable is missing."""
        text = environ.get(VARIABLE)
        if text is None:
            raise SystemExit(
                f"{VARIABLE} is missing: start a translator by `flask translate serve`"
            )
        fields = json.loads(text)
        paths = {name: Path(fields[name]) for name in ("state", "packages")}
        glossary = fields["glossary"] and Path(fields["glossary"])
        languages = tuple(fields["languages"])
        return cls(**{**fields, **paths, "glossary": glossary, "languages": languages})
