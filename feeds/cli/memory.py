"""Commands under `flask memory`: export, import, correct, count and prune sentences."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from content.library.library import BodyGone
from feeds.builder.post_sentences import correct, pipeline_of, withdraw
from feeds.builder.site import Site
from feeds.cli.prune import find_unneeded
from feeds.cli.translate import check_language, site_of_app
from feeds.version import __version__
from translate.memory.corrections import Correction, load_corrections
from translate.memory.memory import Memory
from translate.memory.tmx import TmxError, write_tmx
from translate.memory.tmx_exchange import exported_units, import_tmx
from translate.pipeline.sentence_marks import lost_marks
from translate.types import NoPathError, Pair

memory = AppGroup("memory", help="The translation memory.")


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(["all", "by-hand"]), default="all", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
def export_memory(file: Path, only: str, as_json: bool) -> None:
    """Write sentences to a TMX 1.4 file, for translation tools.

    Writes the sentences of every published translation and all corrections.
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
    _print_result(as_json, {"written": written}, f"{written} sentences written to {file}")


@memory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--machine", is_flag=True, help="Also take unchanged machine translations.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="The counts as a JSON object.")
def import_memory(file: Path, machine: bool, dry_run: bool, as_json: bool) -> None:
    """Import the sentences of a TMX file as corrections of the machine.

    Posts with these sentences are translated again in the background. A sentence that is
    older than the stored correction is left out; a replaced correction can be restored
    (`flask memory forget --previous`). The import is all or nothing: exit status 1 when the
    file is damaged or not safe.
    """
    site = site_of_app()
    try:
        counts = import_tmx(
            Memory(site.engine),
            file,
            site.settings.languages,
            machine=machine,
            now=time.time(),
            dry_run=dry_run,
        )
    except (TmxError, OSError) as error:
        raise click.ClickException(str(error)) from error
    verb = "would be imported" if dry_run else "imported"
    text = f"{counts.taken} sentences {verb}, {counts.known} known already"
    if counts.replaced:
        text += f", {counts.replaced} of them replace corrections"
    if counts.older:
        text += f", {counts.older} older than stored corrections left out"
    if counts.machine:
        text += f", {counts.machine} machine translations left out"
    if counts.foreign:
        text += f", {counts.foreign} in other languages left out"
    _print_result(as_json, asdict(counts) | {"dry_run": dry_run}, text)


@memory.command("set")
@click.option("--to", "language", required=True, help="The language of the translation.")
@click.option("--from", "source_language", help="The language of the sentence (the blog's).")
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
@click.argument("source")
@click.argument("target")
def set_sentence(
    language: str, source_language: str | None, source: str, target: str, as_json: bool
) -> None:
    """Correct one sentence: TARGET replaces its translation in every post.

    The correction is stored even if no post has the sentence yet. Exit status 1 when it has no
    place for the marks of the sentence in a post (code, links).
    """
    site = site_of_app()
    pair = _pair(site, source_language, language)
    correction = Correction(pair=pair, source=source, target=target).normalized()
    if not correction.source or not correction.target:
        raise click.UsageError("the sentence and its translation must not be empty")
    posts = _posts_with(site, correction)
    changes = correct(site, correction)
    where = f"in {len(posts)} posts" if posts else "in no post: check its spelling"
    text = "stored" if changes.taken else "known already"
    report = {"stored": bool(changes.taken), "replaced": bool(changes.replaced), "posts": posts}
    _print_result(as_json, report, f"{text}; the sentence is {where}")


@memory.command("forget")
@click.option("--to", "language", required=True, help="The language of the translation.")
@click.option("--from", "source_language", help="The language of the sentence (the blog's).")
@click.option("--previous", is_flag=True, help="Restore the correction that it replaced.")
@click.option("--json", "as_json", is_flag=True, help="The new state as a JSON object.")
@click.argument("source")
def forget(
    language: str, source_language: str | None, source: str, previous: bool, as_json: bool
) -> None:
    """Withdraw the correction of one sentence; the machine translates it again.

    Exit status 1 when there is no correction.
    """
    site = site_of_app()
    pair = _pair(site, source_language, language)
    try:
        text = withdraw(site, pair, source, previous=previous)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    _print_result(
        as_json, {"target": text or None}, f"withdrawn; now {text or 'the machine translates it'}"
    )


@memory.command("stats")
@click.option("--json", "as_json", is_flag=True, help="The numbers as a JSON object.")
def show_stats(as_json: bool) -> None:
    """Count the sentences of the memory."""
    site = site_of_app()
    memory_rows = Memory(site.engine)
    machine = memory_rows.stats()
    corrections_by_pair = Counter(
        f"{correction.pair.source}-{correction.pair.target}"
        for correction in load_corrections(memory_rows)
    )
    report = machine._asdict() | {"by_hand": dict(sorted(corrections_by_pair.items()))}
    lines = [
        f"{machine.sentences} machine translations, {machine.refused} of them rejected by checks",
        f"{machine.characters / 1e6:.1f} million characters",
        *(f"{count} corrections, {pair}" for pair, count in sorted(corrections_by_pair.items())),
    ]
    _print_result(as_json, report, "\n".join(lines))


@memory.command("prune")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--force", is_flag=True, help="Delete in spite of doubts.")
@click.option("--json", "as_json", is_flag=True, help="The counts as a JSON object.")
def prune(dry_run: bool, force: bool, as_json: bool) -> None:
    """Delete sentences that no post needs: of deleted texts or removed packages.

    Keeps corrections and the sentences of published translations. Deletes nothing (exit
    status 1) when this process may not know all that is needed: when there are no posts, a
    post or a package is missing, a running translator has other packages, or more than a
    third of the sentences would be deleted. --force overrides all of these but the first.
    """
    site = site_of_app()
    if not site.catalogue.posts:
        click.echo(f"no posts in {site.settings.posts_dir}: nothing is deleted", err=True)
        sys.exit(1)
    memory_rows = Memory(site.engine)
    # Keys that are stored while the posts are read belong to new posts: they are no candidates.
    result = find_unneeded(site, pipeline_of(site), memory_rows, show=not as_json)
    unneeded, candidates = result.unneeded, result.candidates
    if result.doubts and not force and not dry_run:
        for doubt in result.doubts:
            click.echo(f"nothing is deleted: {doubt}", err=True)
        sys.exit(1)
    forgotten = len(unneeded) if dry_run else memory_rows.delete_many(sorted(unneeded))
    verb = "would be" if dry_run else "were"
    report = {
        "forgotten": forgotten,
        "kept": len(candidates) - len(unneeded),
        "dry_run": dry_run,
        "doubts": list(result.doubts),
    }
    text = [f"{forgotten} of {len(candidates)} sentences {verb} deleted", *result.doubts]
    _print_result(as_json, report, "\n".join(text))


def _pair(site: Site, source: str | None, target: str) -> Pair:
    pair = Pair(source or site.settings.language, check_language(site, target))
    if pair.source == pair.target:
        raise click.UsageError(f"{target} is the language of the sentence itself")
    return pair


def _posts_with(site: Site, correction: Correction) -> list[str]:
    """The slugs of the posts that have the sentence; raises if its marks find no place."""
    pipeline = pipeline_of(site)
    slugs = []
    for post in site.catalogue.posts:
        with suppress(BodyGone, NoPathError):
            source = site.documents.source(post, correction.pair.target)
            if source and correction.source in pipeline.texts(
                source.document, correction.pair.target
            ):
                lost = lost_marks(
                    source.document, correction.pair.target, correction.source, correction.target
                )
                if lost:
                    raise click.ClickException(f"{post.record.slug}: not stored: {lost}")
                slugs.append(post.record.slug)
    return slugs


def _print_result(as_json: bool, report: object, text: str) -> None:
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else text)
