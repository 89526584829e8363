"""Commands under `flask translate`: run, serve and inspect translations."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from feeds.builder.post_sentences import pipeline_of
from feeds.builder.site import Site
from feeds.cli.batch import TranslationBatch
from feeds.cli.output import progress_bar
from feeds.model.catalog import SitePost
from feeds.services import services
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from feeds.store.posts_folder import PostsFolderError
from feeds.translation_setup import glossary_files
from infra.child_environment import minimal_environment
from infra.locks import is_served
from translate.engines.factory import open_engine
from translate.types import NoPathError, Pair, Sentence, State, Translation
from translate.worker import launcher
from translate.worker.embedded import translating

translate = AppGroup("translate", help="Translations: run, serve, inspect.")

POLL_SECONDS = 0.3  # seconds between two progress updates


def site_of_app(*, record: bool = False) -> Site:
    """The site, with its current posts.

    Commands record nothing; `record` is for commands that work on new posts while no web
    worker runs to record them.
    """
    site = services().site
    try:
        site.check_folder(record=record and not is_served(site.settings.state_dir), strict=record)
    except PostsFolderError as error:
        raise click.ClickException(str(error)) from error
    site.load(datetime.now(UTC), record=record)
    return site


# run


@translate.command("run")
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--lang", "languages", multiple=True, help="Only this language; may be repeated.")
@click.option("--retry", is_flag=True, help="Retry failed translations.")
@click.option("--refresh", is_flag=True, help="Also replace results of other packages or rules.")
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
def run(
    slugs: tuple[str, ...], languages: tuple[str, ...], retry: bool, refresh: bool, as_json: bool
) -> None:
    """Translate all missing posts, or only the posts named.

    A named post is retried even if it failed before. Waits for the running translator, or
    translates itself if none runs. Ctrl-C loses nothing: run it again to continue. Exit
    status 1 when a translation failed, 130 when it was stopped.
    """
    site, requests = site_of_app(record=True), services().translation_requests
    if site.settings.translator == "off":
        raise click.UsageError("FEEDS_TRANSLATOR=off: translation is disabled")
    posts = [find_post(site, slug) for slug in slugs] or list(site.catalogue.posts)
    chosen = [check_language(site, code) for code in languages] or site.settings.languages
    batch = TranslationBatch(
        site,
        requests,
        ((post, code) for post in posts for code in chosen),
        retry=retry or bool(slugs),
        refresh=_fingerprints(site, posts, chosen) if refresh else None,
    )
    started = time.monotonic()
    stopped = False
    settings = site.settings
    working = translating(
        site.engine,
        requests.notifier,
        settings.state_dir,
        make_engine=lambda: open_engine(settings.translator_options()),
        glossary=glossary_files(settings),
        source=settings.language,
        languages=settings.languages,
    )
    try:
        with working if batch.unfinished else nullcontext(False) as is_working, _bar(batch) as show:
            if batch.unfinished and not is_working and not as_json:
                click.echo("a translator is running: waiting for it", err=True)
            while not batch.advance():
                show()
                time.sleep(POLL_SECONDS)
            show()
    except KeyboardInterrupt:
        stopped = True
    _print_result(batch, stopped, time.monotonic() - started, as_json)
    sys.exit(130 if stopped else 1 if batch.failed else 0)


def _fingerprints(
    site: Site, posts: Iterable[SitePost], languages: Iterable[str]
) -> dict[Pair, str]:
    """The current fingerprint of each pair."""
    pipeline = pipeline_of(site)
    sources = {post.post.language for post in posts}
    pairs = {Pair(one, other) for one in sources for other in languages if one != other}
    return {pair: pipeline.fingerprint(pair) for pair in sorted(pairs)}


def _print_result(batch: TranslationBatch, stopped: bool, seconds: float, as_json: bool) -> None:
    if as_json:
        report = {
            "ready": len(batch.ready),
            "failed": {f"{slug} ({code})": why for (slug, code), why in batch.failed.items()},
            "left": len(batch.unfinished),
            "sentences": batch.sentences,
            "seconds": round(seconds, 1),
            "stopped": stopped,
        }
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for (slug, code), why in batch.failed.items():
        click.echo(f"{slug} ({code}): {why}")
    done = f"{len(batch.ready)} translated, {len(batch.failed)} failed"
    left = f", {len(batch.unfinished)} left: run it again to continue" if batch.unfinished else ""
    click.echo(f"{done}{left}, in {seconds:.0f} s", err=True)


@contextmanager
def _bar(batch: TranslationBatch) -> Iterator[Any]:
    """Yields a function that draws the batch's progress on a terminal."""
    columns = (
        TextColumn("{task.fields[posts]}"),
        BarColumn(),
        TextColumn("{task.fields[sentences]} {task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with progress_bar(*columns) as bar:
        task = bar.add_task("posts", total=None, posts="", sentences="", speed="")
        started = time.monotonic()

        def show() -> None:
            seconds = max(0.1, time.monotonic() - started)
            bar.update(
                task,
                completed=batch.sentences,
                total=max(1, batch.expected),
                posts=f"{batch.ended}/{batch.requested_count} translations",
                sentences=f"{batch.sentences}/~{batch.expected} sentences",
                speed=f"{batch.sentences / seconds:.1f}/s",
            )

        yield show


# inspect


@translate.command("serve", with_appcontext=False)
def serve() -> None:
    """Run a translator node with the settings of the service, until stopped.

    For FEEDS_TRANSLATOR=external. Each node needs its own state directory. SIGTERM: returns
    the current job to the queue and exits; SIGHUP: restarts.
    """
    try:
        settings = Settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    environment = (
        minimal_environment(database=True) | settings.translator_options().to_environment()
    )
    os.execve(launcher.COMMAND[0], launcher.COMMAND, environment)  # noqa: S606


@translate.command("inspect")
@click.argument("slug")
@click.option("--lang", "language", required=True, help="Language of the translation.")
@click.option("--json", "as_json", is_flag=True, help="The report as a JSON object.")
def inspect(slug: str, language: str, as_json: bool) -> None:
    """Show a post sentence by sentence: source, pivot, target, score, rejections.

    Shows a published translation as stored; for a failed or queued one, the sentences that
    the memory has. Exit status 1 unless the translation is ready.
    """
    site = site_of_app()
    post = find_post(site, slug)
    report = _inspect(site, post, check_language(site, language))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _print(report)
    sys.exit(0 if report["state"] in ("ready", "by hand") else 1)


def _inspect(site: Site, post: SitePost, language: str) -> dict[str, Any]:
    source = site.documents.source(post, language)
    if source is None:
        return _report(post, language, "by hand", None, None)
    result = site.standing(post, language)
    state = str(result.state) if result and result.source_digest == source.digest else "pending"
    if state == State.READY:
        stored = site.results.load(post.key, language)
        if stored:
            return _report(post, language, state, None, stored.translation)
    error = result.error if result and state == State.FAILED else None
    try:
        preview = pipeline_of(site).recall(source.document, language)
    except NoPathError as problem:
        return _report(post, language, state, error or str(problem), None)
    return _report(post, language, state, error, preview)


def _report(
    post: SitePost, language: str, state: str, error: str | None, translation: Translation | None
) -> dict[str, Any]:
    return {
        "slug": post.record.slug,
        "language": language,
        "state": state,
        "error": error,
        "score": translation.score if translation else None,
        "packages": [f"{hop.name} {hop.version}" for hop in translation.hops]
        if translation
        else [],
        "title": translation.title if translation else None,
        "sentences": [asdict(sentence) for sentence in translation.sentences]
        if translation
        else [],
    }


def _print(report: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    colour = {"ready": "green", "by hand": "green", "pending": "yellow"}.get(report["state"], "red")
    head = Text(f"{report['slug']} ({report['language']}): ")
    head.append(report["state"], style=colour)
    if report["score"] is not None:
        head.append(f", {report['score']:.0%} of the text translated")
    console.print(head)
    if report["error"]:
        console.print(Text(report["error"], style="red"))
    if report["packages"]:
        console.print(Text(", ".join(report["packages"]), style="dim"))
    for number, fields in enumerate(report["sentences"], 1):
        console.print(_lines(number, Sentence(**fields)))


def _lines(number: int, sentence: Sentence) -> Text:
    label = "by hand" if sentence.by_hand else f"{sentence.score:.2f}"
    text = Text(f"\n{number:4}  {label:>7}  ")
    text.append(sentence.source, style="bold")
    if sentence.pivot:
        text.append(f"\n{'':15}{sentence.pivot}", style="dim")
    if sentence.kept:
        text.append(f"\n{'':15}left in the original", style="red")
    else:
        style = "green" if not sentence.reasons or sentence.by_hand else "yellow"
        text.append(f"\n{'':15}{sentence.target}", style=style)
    if sentence.reasons:
        text.append(f"\n{'':15}rejected: {', '.join(sentence.reasons)}", style="magenta")
    return text


# Arguments of the command line


def find_post(site: Site, slug: str) -> SitePost:
    """The post with this slug; raises `UsageError` with the closest slugs."""
    post = site.catalogue.by_slug.get(slug)
    if post is None:
        raise click.UsageError(f"no post {slug!r}{_nearest(slug, site.catalogue.by_slug)}")
    return post


def check_language(site: Site, code: str) -> str:
    if code not in site.settings.languages:
        served: Sequence[str] = site.settings.languages
        raise click.UsageError(f"{code} is not served: choose from {', '.join(served)}")
    return code


def _nearest(slug: str, slugs: Iterable[str]) -> str:
    near = get_close_matches(slug, slugs, n=3, cutoff=0.5)
    return f": did you mean {', '.join(near)}?" if near else ""
