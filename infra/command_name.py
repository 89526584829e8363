"""The command by which somebody runs feedglot: `feedglot`, or `flask` in a checkout."""

from __future__ import annotations

import os

VARIABLE = "FEEDGLOT_COMMAND"  # set by the command `feedglot`, inherited by every process


def command_line(words: str) -> str:
    """`words` behind the name of the command: `feedglot models list`."""
    return f"{os.environ.get(VARIABLE) or 'flask'} {words}"
