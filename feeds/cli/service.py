"""Commands that run the service: export, backup, restore, config, doctor."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, has_app_context
from flask.cli import with_appcontext
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from feeds.cli.output import progress_bar, show_table
from feeds.locations import config_file
from feeds.ops.backup import BackupError, backup, restore
from feeds.ops.doctor.finding import Finding
from feeds.ops.export.export import ExportError, export
from feeds.services import services
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from feeds.settings_report import explain
from infra.error_text import mask


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)


def _settings() -> Settings:
    if has_app_context():
        loaded: Settings = services().settings
        return loaded
    try:
        return Settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Export even if most recorded posts are missing.")
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
@with_appcontext
def export_site(folder: Path, force: bool, as_json: bool) -> None:
    """Write every feed and page into FOLDER, for a static host or nginx.

    Writes changed files only, and deletes files of removed addresses. Exit status 1 when an
    address could not be written; 2 when the folder cannot be used.
    """
    try:
        with _bar("files") as progress:
            report = export(_settings(), folder, progress, force=force)
    except (ExportError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        for path, status in report.failed.items():
            click.echo(f"{path}: status {status}, file not changed", err=True)
        click.echo(
            f"{report.written} written, {report.unchanged} unchanged, {report.removed} removed, "
            f"{report.redirects} redirects"
            + (f"; {report.partial} feeds wait for translations" if report.partial else "")
        )
    sys.exit(1 if report.failed else 0)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="File and size as a JSON object.")
def make_backup(file: Path, as_json: bool) -> None:
    """Write ids, dates, translations and memory to FILE (.tar.gz), while the service runs.

    Exit status 1 on failure; FILE does not change then.
    """
    try:
        size = backup(_settings(), file)
    except (BackupError, SQLAlchemyError, OSError) as error:
        raise click.ClickException(mask(str(error))) from error
    report = {"file": str(file), "bytes": size}
    click.echo(json.dumps(report) if as_json else f"{file}: {size / 1e6:.1f} MB")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that has recorded posts.")
@click.option("--json", "as_json", is_flag=True, help="The file as a JSON object.")
def restore_backup(file: Path, force: bool, as_json: bool) -> None:
    """Restore the database from FILE. Stop the service first.

    Exit status 1 on failure; the database does not change then.
    """
    try:
        restore(_settings(), file, force=force)
    except (BackupError, SQLAlchemyError, OSError) as error:
        raise click.ClickException(mask(str(error))) from error
    report = {"restored": str(file)}
    click.echo(json.dumps(report) if as_json else "restored: start the service")


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Settings as a JSON object, by name.")
@with_appcontext
def show_config(as_json: bool) -> None:
    """Show every setting in effect, and its source.

    The source is the environment, feedglot.toml, the blog's own settings or the default. The
    admin token and passwords in addresses are masked. `config_file` is the settings file.
    """
    effective = explain(_settings(), os.environ, Path())
    file = config_file(os.environ, Path()).absolute()
    source = "read" if file.is_file() else "missing"
    if as_json:
        report = {
            setting.name: {"value": setting.value, "origin": setting.origin}
            for setting in effective
        }
        report["config_file"] = {"value": str(file), "origin": source}
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    rows = [(setting.name, setting.text, setting.origin) for setting in effective]
    show_table(("setting", "value", "from"), [*rows, ("config_file", str(file), source)])


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Prove that translating opens no socket.")
@click.option("--json", "as_json", is_flag=True, help="Findings as a JSON list.")
def run_doctor(offline: bool, as_json: bool) -> None:
    """Check everything the service depends on, with a remedy for each fault.

    Python, posts, packages, a few sentences translated by each package, database, queue,
    clock, port, disk and address. Exit status 1 when a check fails; a warning does not count.

    --offline translates in a process that Linux kills at its first socket.
    """
    from feeds.ops.doctor.checks import examine  # not for the web workers

    try:
        settings = _settings() if has_app_context() else Settings.load()
        findings: Iterable[Finding] = examine(settings, datetime.now(UTC), offline=offline)
    except SettingsError as error:
        findings = [Finding("settings", "failed", str(error), "see docs/settings.md")]
    shown = []
    for finding in findings:
        shown.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in shown], ensure_ascii=False, indent=1))
    sys.exit(1 if any(finding.level == "failed" for finding in shown) else 0)


_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def _show(finding: Finding) -> None:
    # click drops the colour without a terminal.
    level = click.style(f"{finding.level:8}", fg=_COLOURS[finding.level])
    click.echo(f"{level}{finding.check:14}{finding.what}")
    if finding.remedy:
        click.echo(f"{'':22}→ {finding.remedy}")


COMMANDS = (export_site, make_backup, restore_backup, show_config, run_doctor)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields a progress callback `(done, total)` that draws a bar on a terminal."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress_bar(*columns) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
