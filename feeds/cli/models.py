"""The command group `models`: translation packages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from feeds.cli.content import content
from feeds.cli.feeds import feeds
from feeds.cli.memory import memory
from feeds.cli.output import progress_bar, show_table
from feeds.cli.translate import translate
from feeds.services import services
from translate.packages.archive import PackageError
from translate.packages.firefox_import import import_firefox, is_firefox
from translate.packages.firefox_index import install_from_firefox
from translate.packages.installed import Package, Packages
from translate.packages.opus_import import import_opus
from translate.packages.package_download import install_from_index
from translate.types import Hop, Pair

models = AppGroup("models", help="The Argos packages that translate.")


def register(app: Flask) -> None:
    app.cli.add_command(content)
    app.cli.add_command(models)
    app.cli.add_command(translate)
    app.cli.add_command(memory)
    app.cli.add_command(feeds)


def _packages() -> Packages:
    folder = services().settings.packages
    return Packages(folder, unpack=folder / ".starter")


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Packages as a JSON list.")
def list_models(as_json: bool) -> None:
    """List the installed packages, and the ones in use."""
    packages = _packages()
    installed = packages.installed()
    used = _hops_in_use(packages)
    if as_json:
        report = [
            {
                "pair": f"{p.pair.source}-{p.pair.target}",
                "name": p.name,
                "version": p.version,
                "starter": p.starter,
                "in_use": p.hop in used,
                "checksum": p.checksum,
            }
            for p in installed
        ]
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    rows = (
        (
            f"{p.pair.source}→{p.pair.target}",
            p.name,
            p.version,
            "starter" if p.starter else "installed",
            "yes" if p.hop in used else "",
        )
        for p in installed
    )
    show_table(("pair", "package", "version", "kind", "in use"), rows)


def _hops_in_use(packages: Packages) -> set[Hop]:
    from translate.packages.routing import find_path
    from translate.types import NoPathError

    settings = services().settings
    used: set[Hop] = set()
    for target in settings.languages:
        if target != settings.language:
            try:
                pair = Pair(settings.language, target)
                hops = find_path(packages.installed(), pair, settings.preferences)
            except NoPathError:
                continue
            used.update(hops)
    return used


@models.command("install")
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--from",
    "origin",
    type=click.Choice(["argos", "firefox"]),
    default="argos",
    show_default=True,
    help="Models of Argos Translate or of Firefox Translations.",
)
@click.option("--index", help="Address of the index (FEEDS_PACKAGE_INDEX, FEEDS_FIREFOX_INDEX).")
@click.option("--json", "as_json", is_flag=True, help="The new packages as a JSON list.")
def install_models(what: tuple[str, ...], origin: str, index: str | None, as_json: bool) -> None:
    """Install packages: languages from an index, a file, or a folder.

    \b
    models install ja en ko
    models install --from firefox ja en ko
    models install translate-ja_en-1_1.argosmodel

    Mozilla's server, the default index of Firefox models, is not meant for production: use a
    mirror (records.json in the folder of the attachments).

    Exit status 1 when a package is invalid or cannot be downloaded; packages that were
    installed before it stay.
    """
    packages = _packages()
    try:
        paths = [Path(name) for name in what if _is_path(name)]
        if paths and len(paths) != len(what):
            raise click.UsageError("name either languages or files and folders, not both")
        if not paths and len(set(what)) < 2:
            raise click.UsageError("name two languages or more, or a file or a folder")
        if paths:
            installed = tuple(p for path in paths for p in packages.install(path))
        else:
            with _bar() as progress:
                settings = services().settings
                if origin == "firefox":
                    url = index or settings.firefox_index
                    installed = install_from_firefox(packages, url, what, progress=progress)
                else:
                    url = index or settings.package_index
                    installed = install_from_index(packages, url, what, progress=progress)
    except (PackageError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([_to_dict(package) for package in installed], indent=1))
        return
    for package in installed:
        click.echo(f"installed {package.name} {package.version}, sha256 {package.checksum}")
    if not installed:
        click.echo("nothing to install: packages for these languages are installed", err=True)


def _to_dict(package: Package) -> dict[str, str]:
    return {"name": package.name, "version": package.version, "sha256": package.checksum}


def _is_path(name: str) -> bool:
    return Path(name).suffix == ".argosmodel" or "/" in name or Path(name).is_dir()


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yields a progress callback `(name, bytes done, total)` that draws bars on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with progress_bar(*columns) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield advance


@models.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--from", "source", required=True, help="Source language, such as ja.")
@click.option("--to", "target", required=True, help="Target language, such as en.")
@click.option("--version", default="1.0", show_default=True, help="Version of the new package.")
@click.option(
    "--prefix", default="", help="Token of the target language before each sentence: >>kor<<."
)
@click.option("--json", "as_json", is_flag=True, help="The package as a JSON object.")
def import_model(
    folder: Path, source: str, target: str, version: str, prefix: str, as_json: bool
) -> None:
    """Convert a model FOLDER of OPUS-MT or of Firefox Translations, and install it.

    OPUS-MT: the folder as OPUS-MT publishes it (decoder.yml, .npz, vocabularies, source.spm or
    source.bpe), or as Hugging Face publishes it (config.json, model.safetensors or
    pytorch_model.bin, vocab.json, source.spm); the latter needs torch and transformers.

    Firefox Translations: model.*.intgemm.alphas.bin with vocab.*.spm, or with srcvocab.*.spm
    and trgvocab.*.spm. It needs `pip install 'feedglot[firefox]'`.

    Exit status 1 when the folder is invalid or cannot be converted.
    """
    try:
        pair = Pair(source, target)
        if is_firefox(folder):
            if prefix:
                raise click.UsageError("a model of Firefox translates one pair: omit --prefix")
            package = import_firefox(_packages(), folder, pair, version=version)
        else:
            package = import_opus(_packages(), folder, pair, version=version, prefix=prefix)
    except (PackageError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_to_dict(package), indent=1))
    else:
        click.echo(f"installed {package.name} {package.version}, sha256 {package.checksum}")


@models.command("remove")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The package as a JSON object.")
def remove_model(name: str, as_json: bool) -> None:
    """Remove an installed package.

    Exit status 1 when there is no package of that name, or it is a starter package.
    """
    try:
        package = _packages().remove(name)
    except PackageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(_to_dict(package), indent=1) if as_json else f"removed {name}")


@models.command("verify")
@click.option("--json", "as_json", is_flag=True, help="The results as a JSON list.")
def verify_models(as_json: bool) -> None:
    """Compare every package with the checksum recorded when it was installed.

    Exit status 1 when one is damaged.
    """
    checked = _packages().verify()
    if as_json:
        rows = [check._asdict() for check in checked]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for check in checked:
            click.echo(f"{check.name}: {check.problem or 'unchanged'}")
    sys.exit(1 if any(check.problem for check in checked) else 0)
