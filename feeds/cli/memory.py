"""Commands under `flask memory`: what is remembered of sentences, out, in and swept."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.progress import track

from content.library.library import BodyGone
from feeds.builder.site import Site
from feeds.cli.translate import pipeline_of, site_of_app
from feeds.version import __version__
from translate.memory.corrections import is_correction, load_corrections
from translate.memory.memory import Memory
from translate.memory.tmx import TmxError, write_tmx
from translate.memory.tmx_exchange import exported_units, import_tmx
from translate.types import NoPathError

memory = AppGroup("memory", help="The sentences that are remembered.")


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(["all", "by-hand"]), default="all", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="What was written as a JSON object.")
def export_memory(file: Path, only: str, as_json: bool) -> None:
    """Write sentences to a TMX 1.4 file, for the tools that people translate with.

    Those of every translation that is published, and what persons made of them.
    """
    site = site_of_app()
    units = exported_units(site.engine, site.settings.languages, machine=only == "all")
    part = file.with_name(file.name + ".part")
    try:
        with part.open("wb") as out:
            written = write_tmx(
                out, units, language=site.settings.language, tool_version=__version__
            )
        part.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    _tell(as_json, {"written": written}, f"{written} sentences written to {file}")


@memory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--machine", is_flag=True, help="Take what a machine wrote and nobody changed, too.")
@click.option("--json", "as_json", is_flag=True, help="What was taken as a JSON object.")
def import_memory(file: Path, machine: bool, as_json: bool) -> None:
    """Take the sentences of a TMX file: they win over the machine from now on.

    Posts that have them are translated again in the background. All of the file is taken,
    or nothing: exit status 1 when it is damaged or not safe.
    """
    site = site_of_app()
    try:
        found = import_tmx(Memory(site.engine), file, site.settings.languages, machine=machine)
    except (TmxError, OSError) as error:
        raise click.ClickException(str(error)) from error
    said = f"{found.taken} sentences taken, {found.known} known already"
    if found.machine:
        said += f", {found.machine} of the machine left out"
    if found.foreign:
        said += f", {found.foreign} in other languages left out"
    _tell(as_json, asdict(found), said)


@memory.command("stats")
@click.option("--json", "as_json", is_flag=True, help="The numbers as a JSON object.")
def tell_stats(as_json: bool) -> None:
    """Count what is remembered."""
    site = site_of_app()
    kept = Memory(site.engine)
    machine = kept.stats()
    by_hand = Counter(f"{one.pair.source}-{one.pair.target}" for one in load_corrections(kept))
    report = machine._asdict() | {"by_hand": dict(sorted(by_hand.items()))}
    lines = [
        f"{machine.sentences} sentences of the machine, {machine.refused} of them refused",
        f"{machine.characters / 1e6:.1f} million characters",
        *(f"{count} sentences by hand, {pair}" for pair, count in sorted(by_hand.items())),
    ]
    _tell(as_json, report, "\n".join(lines))


@memory.command("prune")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="What was forgotten as a JSON object.")
def prune(dry_run: bool, as_json: bool) -> None:
    """Forget what no post needs: sentences that are gone, work of packages that are gone.

    What persons said is never forgotten. Exit status 1 when there are no posts to go by.
    """
    site = site_of_app()
    if not site.catalogue.posts:
        click.echo(f"no posts in {site.settings.posts_dir}: nothing is forgotten", err=True)
        sys.exit(1)
    kept = Memory(site.engine)
    known = (key for key, _ in kept.items() if not is_correction(key))
    # What is remembered while the posts are read is of posts that have just come.
    candidates = set(known)
    stale = candidates - _needed(site, show=not as_json)
    forgotten = len(stale) if dry_run else kept.delete_many(sorted(stale))
    verb = "could be" if dry_run else "were"
    report = {"forgotten": forgotten, "kept": len(candidates) - len(stale), "dry_run": dry_run}
    _tell(as_json, report, f"{forgotten} of {len(candidates)} sentences {verb} forgotten")


def _needed(site: Site, *, show: bool) -> set[str]:
    recall = pipeline_of(site)
    needed: set[str] = set()
    hidden = not show or not sys.stderr.isatty()
    for post in track(site.catalogue.posts, "reading posts", disable=hidden):
        for language in site.settings.languages:
            try:
                source = site.source(post, language)
                if source:
                    needed |= recall.keys(source.document, language)
            except (NoPathError, BodyGone):
                continue
    return needed


def _tell(as_json: bool, report: object, said: str) -> None:
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else said)
