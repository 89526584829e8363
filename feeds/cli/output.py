"""Tables of commands: for eyes on a terminal, for `cut` and `awk` in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A drawn table on a terminal; else one line per row, cells separated by tabs, no colour.

    Rich makes a pipe 80 columns wide and would break the addresses in it.
    """
    console = Console()
    if console.is_terminal:
        table = Table()
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(str(cell)) for cell in row))
        console.print(table)
        return
    for row in rows:
        click.echo("\t".join(str(cell) for cell in row))
