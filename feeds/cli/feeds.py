"""The command group `feeds`: lists the feeds."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from feeds.builder.feed_directory import FEED_KINDS, listing
from feeds.cli.output import show_table
from feeds.cli.translate import site_of_app
from feeds.model.feed import FORMATS
from feeds.services import services

feeds = AppGroup("feeds", help="The served feeds.")


@feeds.command("list")
@click.option("--language", "--lang", "languages", multiple=True, help="Only this language.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(FEED_KINDS), help="Only these.")
@click.option("--format", type=click.Choice(FORMATS), default="atom", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Feeds as a JSON list.")
def list_feeds(
    languages: tuple[str, ...], kinds: tuple[str, ...], format: str, as_json: bool
) -> None:
    """List the feed of the site and of every tag, category and author, in each language.

    --language and --kind may be repeated. Exit status 2 for a language that is not served.
    """
    site = site_of_app()
    served = site.settings.languages
    for language in languages:
        if language not in served:
            known = ", ".join(served)
            raise click.BadParameter(f"{language!r}: choose from {known}", param_hint="--language")
    builder = services().builder
    rows = [
        {
            "kind": feed.kind or "site",
            "term": feed.name if feed.kind else None,
            "language": language,
            "url": feed.feeds[format],  # type: ignore[index]
            "posts": feed.count,
        }
        for language in languages or served
        for feed in listing(site, builder, language)
        if not kinds or (feed.kind or "site") in kinds
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    show_table(
        ("kind", "term", "language", "address", "posts"),
        ([value if value is not None else "" for value in row.values()] for row in rows),
    )
