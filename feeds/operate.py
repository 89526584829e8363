"""Commands under `flask` that run a service rather than look after posts: export."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from feeds.export import ExportError, export
from feeds.settings import Settings


def register(app: Flask) -> None:
    app.cli.add_command(export_site)


def _settings() -> Settings:
    found: Settings = current_app.extensions["feedglot"].settings
    return found


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="What was done as a JSON object.")
@with_appcontext
def export_site(folder: Path, as_json: bool) -> None:
    """Write every feed and page into FOLDER, for a static host or nginx.

    Only what has changed is written, and what is gone is deleted. Exit status 1 when an
    address could not be written; 2 when the folder cannot be used.
    """
    try:
        with _bar("files") as progress:
            report = export(_settings(), folder, progress)
    except (ExportError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        for path, status in report.failed.items():
            click.echo(f"{path}: answered {status}, left as it was", err=True)
        click.echo(
            f"{report.written} written, {report.unchanged} unchanged, {report.removed} removed, "
            f"{report.redirects} redirects"
            + (f"; {report.partial} feeds wait for translations" if report.partial else "")
        )
    sys.exit(1 if report.failed else 0)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress callback `(done, in all)` that draws a bar on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
