"""Finding: the result of one check of the doctor, with its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. An empty remedy: nothing to do."""

    check: str
    level: Level
    what: str
    remedy: str = ""
