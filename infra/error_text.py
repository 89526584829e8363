"""Errors and addresses as text that may be shown: one line, passwords masked."""

from __future__ import annotations

import re

MASK = "***"

# A password may hold an unquoted @ or slash: everything up to the last @ is masked. In http
# addresses the user name is often the secret.
_PASSWORD = re.compile(
    r"(https?://)[^/?#@]*@|(://[^/?#:@]*:).*@|([?&][^=&]*(?:password|token|secret|key)=)[^&]*",
    re.IGNORECASE,
)


def cause(error: BaseException) -> str:
    """One line; SQLAlchemy would add its statement and a link, servers their passwords."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return mask(re.sub(r"\s+", " ", lines[0]))


def mask(text: str) -> str:
    """`text` without the passwords of addresses in it."""
    return _PASSWORD.sub(
        lambda m: f"{m[3]}{MASK}" if m[3] else f"{m[1] or m[2]}{MASK}@",
        text,
    )
