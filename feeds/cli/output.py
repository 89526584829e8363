"""Tables and progress bars of commands: drawn on a terminal alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table
from rich.text import Text


def progress_bar(*columns: ProgressColumn) -> Progress:
    """Bars on the terminal of the error output; elsewhere nothing is drawn."""
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a drawn table on a terminal; elsewhere one line per row, tabs between cells.

    Rich takes a pipe for 80 columns and would break addresses.
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
