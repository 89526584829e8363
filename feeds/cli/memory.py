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
from feeds.builder.post_sentences import correct, pipeline_of, take_back
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

memory = AppGroup("memory", help="The sentences that are remembered.")


@memory.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(["all", "by-hand"]), default="all", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="What was written as a JSON object.")
def export_memory(file: Path, only: str, as_json: bool) -> None:
    """Write sentences to a TMX 1.4 file, for the tools that people translate with.

    The sentences of every published translation, and all corrections.
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
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="What was taken as a JSON object.")
def import_memory(file: Path, machine: bool, dry_run: bool, as_json: bool) -> None:
    """Take the sentences of a TMX file: they win over the machine from now on.

    Posts that have them are translated again in the background. A sentence that the file
    dates older than the correction that is there is left out; what is replaced is kept
    (`flask memory forget --previous`). All of the file is taken, or nothing: exit status 1
    when it is damaged or not safe.
    """
    site = site_of_app()
    try:
        found = import_tmx(
            Memory(site.engine),
            file,
            site.settings.languages,
            machine=machine,
            now=time.time(),
            dry_run=dry_run,
        )
    except (TmxError, OSError) as error:
        raise click.ClickException(str(error)) from error
    verb = "would be taken" if dry_run else "taken"
    said = f"{found.taken} sentences {verb}, {found.known} known already"
    if found.replaced:
        said += f", {found.replaced} of them in the place of other corrections"
    if found.older:
        said += f", {found.older} older than the corrections there left out"
    if found.machine:
        said += f", {found.machine} of the machine left out"
    if found.foreign:
        said += f", {found.foreign} in other languages left out"
    _tell(as_json, asdict(found) | {"dry_run": dry_run}, said)


@memory.command("set")
@click.option("--to", "language", required=True, help="The language of the translation.")
@click.option("--from", "source_language", help="The language of the sentence (the blog's).")
@click.option("--json", "as_json", is_flag=True, help="What was stored as a JSON object.")
@click.argument("source")
@click.argument("target")
def set_sentence(
    language: str, source_language: str | None, source: str, target: str, as_json: bool
) -> None:
    """Correct one sentence: TARGET is its translation in every post from now on.

    Says when no post has the sentence; it is stored all the same, for posts to come. Exit
    status 1 when it has no room for the marks of the sentence in a post (code, links).
    """
    site = site_of_app()
    pair = _pair(site, source_language, language)
    one = Correction(pair=pair, source=source, target=target).settled()
    if not one.source or not one.target:
        raise click.UsageError("the sentence and its translation may not be empty")
    posts = _posts_with(site, one)
    changes = correct(site, one)
    where = f"in {len(posts)} posts" if posts else "in no post: write it as the post does"
    said = "stored" if changes.taken else "known already"
    report = {"stored": bool(changes.taken), "replaced": bool(changes.replaced), "posts": posts}
    _tell(as_json, report, f"{said}; the sentence is {where}")


@memory.command("forget")
@click.option("--to", "language", required=True, help="The language of the translation.")
@click.option("--from", "source_language", help="The language of the sentence (the blog's).")
@click.option("--previous", is_flag=True, help="Put back the correction that it replaced.")
@click.option("--json", "as_json", is_flag=True, help="What holds now as a JSON object.")
@click.argument("source")
def forget(
    language: str, source_language: str | None, source: str, previous: bool, as_json: bool
) -> None:
    """Take back the correction of one sentence; the machine's words return.

    Exit status 1 when there is none.
    """
    site = site_of_app()
    pair = _pair(site, source_language, language)
    try:
        text = take_back(site, pair, source, previous=previous)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    _tell(as_json, {"target": text or None}, f"forgotten; now {text or 'the machine translates'}")


@memory.command("stats")
@click.option("--json", "as_json", is_flag=True, help="The numbers as a JSON object.")
def tell_stats(as_json: bool) -> None:
    """Count the sentences of the memory."""
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
@click.option("--force", is_flag=True, help="Forget what was found even so.")
@click.option("--json", "as_json", is_flag=True, help="What was forgotten as a JSON object.")
def prune(dry_run: bool, force: bool, as_json: bool) -> None:
    """Delete sentences that no post needs: of texts or of packages that are gone.

    Corrections are never forgotten, nor what a published translation was made of. Refused
    (exit status 1) when this process may not know all that is needed: without posts, when a
    post or a package is missing, when a running translator has other packages, when more
    than a third would go. --force overrides that, but for a site without posts.
    """
    site = site_of_app()
    if not site.catalogue.posts:
        click.echo(f"no posts in {site.settings.posts_dir}: nothing is forgotten", err=True)
        sys.exit(1)
    kept = Memory(site.engine)
    # Keys stored while the posts are read belong to posts that have just come.
    found = find_unneeded(site, pipeline_of(site), kept, show=not as_json)
    stale, candidates = found.unneeded, found.candidates
    if found.doubts and not force and not dry_run:
        for doubt in found.doubts:
            click.echo(f"nothing is forgotten: {doubt}", err=True)
        sys.exit(1)
    forgotten = len(stale) if dry_run else kept.delete_many(sorted(stale))
    verb = "could be" if dry_run else "were"
    report = {
        "forgotten": forgotten,
        "kept": len(candidates) - len(stale),
        "dry_run": dry_run,
        "doubts": list(found.doubts),
    }
    said = [f"{forgotten} of {len(candidates)} sentences {verb} forgotten", *found.doubts]
    _tell(as_json, report, "\n".join(said))


def _pair(site: Site, source: str | None, target: str) -> Pair:
    pair = Pair(source or site.settings.language, check_language(site, target))
    if pair.source == pair.target:
        raise click.UsageError(f"{target} is the language of the sentence itself")
    return pair


def _posts_with(site: Site, one: Correction) -> list[str]:
    """The slugs of the posts that have the sentence; an error where its marks find no place."""
    pipeline = pipeline_of(site)
    found = []
    for post in site.catalogue.posts:
        with suppress(BodyGone, NoPathError):
            source = site.documents.source(post, one.pair.target)
            if source and one.source in pipeline.texts(source.document, one.pair.target):
                lost = lost_marks(source.document, one.pair.target, one.source, one.target)
                if lost:
                    raise click.ClickException(f"{post.record.slug}: not stored: {lost}")
                found.append(post.record.slug)
    return found


def _tell(as_json: bool, report: object, said: str) -> None:
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else said)
