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

translate = AppGroup("translate", help="What is translated, and how well.")

LOOK = 0.3  # seconds between two progress updates


def site_of_app(*, record: bool = False) -> Site:
    """The site, with the posts as they are now.

    Commands record nothing; `record` is for those that work on new posts where no web worker
    is there to record them.
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
@click.option("--retry", is_flag=True, help="Try again everything that was given up.")
@click.option("--refresh", is_flag=True, help="Also replace what other packages or rules made.")
@click.option("--json", "as_json", is_flag=True, help="What came of it as a JSON object.")
def run(
    slugs: tuple[str, ...], languages: tuple[str, ...], retry: bool, refresh: bool, as_json: bool
) -> None:
    """Translate everything that is missing, or the posts named.

    A post that is named is tried even when it was given up before. Works with the translator
    that runs, or does the work itself where none does. Ctrl-C loses nothing: run it again to
    go on. Exit status 1 when something was given up, 130 when it was stopped.
    """
    site, requests = site_of_app(record=True), services().translation_requests
    if site.settings.translator == "off":
        raise click.UsageError("FEEDS_TRANSLATOR=off: nothing may translate here")
    posts = [find_post(site, slug) for slug in slugs] or list(site.catalogue.posts)
    chosen = [check_language(site, code) for code in languages] or site.settings.languages
    errand = TranslationBatch(
        site,
        requests,
        ((post, code) for post in posts for code in chosen),
        retry=retry or bool(slugs),
        refresh=_ways(site, posts, chosen) if refresh else None,
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
        with working if errand.left else nullcontext(False) as here, _bar(errand) as show:
            if errand.left and not here and not as_json:
                click.echo("a translator is at work already: watching it", err=True)
            while not errand.advance():
                show()
                time.sleep(LOOK)
            show()
    except KeyboardInterrupt:
        stopped = True
    _tell(errand, stopped, time.monotonic() - started, as_json)
    sys.exit(130 if stopped else 1 if errand.failed else 0)


def _ways(site: Site, posts: Iterable[SitePost], languages: Iterable[str]) -> dict[Pair, str]:
    """The fingerprint of each pair of languages now."""
    pipeline = pipeline_of(site)
    sources = {post.post.language for post in posts}
    pairs = {Pair(one, other) for one in sources for other in languages if one != other}
    return {pair: pipeline.fingerprint(pair) for pair in sorted(pairs)}


def _tell(errand: TranslationBatch, stopped: bool, seconds: float, as_json: bool) -> None:
    if as_json:
        report = {
            "ready": len(errand.ready),
            "failed": {f"{slug} ({code})": why for (slug, code), why in errand.failed.items()},
            "left": len(errand.left),
            "sentences": errand.sentences,
            "seconds": round(seconds, 1),
            "stopped": stopped,
        }
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for (slug, code), why in errand.failed.items():
        click.echo(f"{slug} ({code}): {why}")
    done = f"{len(errand.ready)} translated, {len(errand.failed)} given up"
    left = f", {len(errand.left)} left: run it again to go on" if errand.left else ""
    click.echo(f"{done}{left}, in {seconds:.0f} s", err=True)


@contextmanager
def _bar(errand: TranslationBatch) -> Iterator[Any]:
    """Yields a function that draws the batch's progress; it draws nothing off a terminal."""
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
                completed=errand.sentences,
                total=max(1, errand.expected),
                posts=f"{errand.asked - len(errand.left)}/{errand.asked} translations",
                sentences=f"{errand.sentences}/~{errand.expected} sentences",
                speed=f"{errand.sentences / seconds:.1f}/s",
            )

        yield show


# inspect


@translate.command("serve", with_appcontext=False)
def serve() -> None:
    """Be a translator node, with the settings of the service, until stopped.

    For FEEDS_TRANSLATOR=external. Each node needs a state directory of its own. SIGTERM: it
    hands the post in work back and leaves; SIGHUP: it restarts.
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
@click.option("--lang", "language", required=True, help="The language to look at.")
@click.option("--json", "as_json", is_flag=True, help="The same as a JSON object.")
def inspect(slug: str, language: str, as_json: bool) -> None:
    """Show a post sentence by sentence: source, way, words, score and verdicts.

    A published translation is shown as it is; a failed or queued one as far as the memory
    holds it. Exit status 1 unless the translation is ready.
    """
    site = site_of_app()
    post = find_post(site, slug)
    report = _look(site, post, check_language(site, language))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _print(report)
    sys.exit(0 if report["state"] in ("ready", "by hand") else 1)


def _look(site: Site, post: SitePost, language: str) -> dict[str, Any]:
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
        recalled = pipeline_of(site).recall(source.document, language)
    except NoPathError as problem:
        return _report(post, language, state, error or str(problem), None)
    return _report(post, language, state, error, recalled)


def _report(
    post: SitePost, language: str, state: str, error: str | None, found: Translation | None
) -> dict[str, Any]:
    return {
        "slug": post.record.slug,
        "language": language,
        "state": state,
        "error": error,
        "score": found.score if found else None,
        "packages": [f"{hop.name} {hop.version}" for hop in found.hops] if found else [],
        "title": found.title if found else None,
        "sentences": [asdict(sentence) for sentence in found.sentences] if found else [],
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
    said = "by hand" if sentence.by_hand else f"{sentence.score:.2f}"
    text = Text(f"\n{number:4}  {said:>7}  ")
    text.append(sentence.source, style="bold")
    if sentence.pivot:
        text.append(f"\n{'':15}{sentence.pivot}", style="dim")
    if sentence.kept:
        text.append(f"\n{'':15}kept in the original", style="red")
    else:
        style = "green" if not sentence.reasons or sentence.by_hand else "yellow"
        text.append(f"\n{'':15}{sentence.target}", style=style)
    if sentence.reasons:
        text.append(f"\n{'':15}refused: {', '.join(sentence.reasons)}", style="magenta")
    return text


# Arguments of the command line


def find_post(site: Site, slug: str) -> SitePost:
    """The post with this slug; otherwise an error that names the nearest ones."""
    post = site.catalogue.by_slug.get(slug)
    if post is None:
        raise click.UsageError(f"no post {slug!r}{_nearest(slug, site.catalogue.by_slug)}")
    return post


def check_language(site: Site, code: str) -> str:
    if code not in site.settings.languages:
        served: Sequence[str] = site.settings.languages
        raise click.UsageError(f"{code} is not served: choose from {', '.join(served)}")
    return code


def _nearest(slug: str, known: Iterable[str]) -> str:
    near = get_close_matches(slug, known, n=3, cutoff=0.5)
    return f": did you mean {', '.join(near)}?" if near else ""
