"""What a check of the doctor found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. The remedy is empty where nothing need be done."""

    check: str
    level: Level
    what: str
    remedy: str = ""
