"""What a check of the doctor found, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from feeds.origins import mask

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. The remedy is empty where all is well."""

    check: str
    level: Level
    what: str
    remedy: str = ""


def cause(error: BaseException) -> str:
    """One line; SQLAlchemy would add its statement and a link, servers their passwords."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return mask(re.sub(r"\s+", " ", lines[0]))
