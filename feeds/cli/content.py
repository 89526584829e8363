"""Commands under `flask content`: problems and notes of the posts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone, Library
from content.parsing.blog_config import BlogConfig
from content.post import Body, Post, Problem
from feeds.services import services
from feeds.settings import Settings
from feeds.store.posts_folder import open_library
from infra.error_text import cause

content = AppGroup("content", help="The folder of posts.")


@content.command("check")
@click.option("--json", "as_json", is_flag=True, help="Problems as a JSON list.")
@click.option("--quick", is_flag=True, help="Do not render the posts.")
def check_content(as_json: bool, quick: bool) -> None:
    """List posts that cannot be read, with the reason. Exit status 1 when there are any.

    Notes on stderr name posts that their authors exclude from feeds, and parts of texts that
    were not rendered: unknown tags, missing includes. A post with notes is served.
    """
    settings = services().settings
    library = open_library(settings)
    library.refresh()
    problems = library.snapshot.problems
    if as_json:
        fields = ("path", "line", "what", "remedy")
        rows = [{name: getattr(problem, name) for name in fields} for problem in problems]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            click.echo(str(problem))
        notes = [*map(str, library.snapshot.notices), *addresses_unknown(settings, library.config)]
        notes += moved(library.snapshot.posts)
        if not quick:
            notes += map(str, not_rendered(library))
        for note in notes:
            click.echo(f"note: {note}", err=True)
        posts = len(library.snapshot.posts)
        click.echo(f"{posts} posts are valid, {len(problems)} set aside", err=True)
    sys.exit(1 if problems else 0)


def not_rendered(library: Library) -> Iterator[Problem]:
    """Parts of posts and human translations that were not rendered."""
    for post in sorted(library.snapshot.posts, key=lambda post: post.path):
        bodies: list[tuple[str, Body]] = []
        with suppress(BodyGone):  # the file is being rewritten
            bodies.append((post.path, library.body(post)))
            versions = (version for version in post.versions if version.has_body)
            bodies += ((version.path, library.version_body(version)) for version in versions)
        for path, body in bodies:
            for line, what in body.remarks:
                remedy = "readers see its link, its caption or its text, if it has one"
                yield Problem(path=path, line=line, what=what, remedy=remedy)


def moved(posts: Iterable[Post]) -> Iterator[str]:
    """Notes on posts that readers knew at another address or with another date."""
    try:
        records = services().site.ledger.read().records
    except SQLAlchemyError as error:
        yield f"moved posts are not known: {cause(error)}"
        return
    for post in posts:
        record = records.get(post.path)
        if record and record.moved_from:
            at, link = record.moved_from
            yield (
                f"{post.path}:1: moved from {link} of {at:%Y-%m-%d %H:%M} UTC to {post.permalink} "
                f"of {post.published:%Y-%m-%d %H:%M} UTC: its id stays; redirect the old address"
            )


def addresses_unknown(settings: Settings, config: BlogConfig) -> Iterator[str]:
    """A warning if no setting states how the blog builds the addresses of its posts."""
    elsewhere = settings.blog_url != settings.site_url
    if elsewhere and not config.permalink and "permalink" not in (settings.given or ()):
        yield (
            f"no setting states the addresses of posts at {settings.blog_url}: "
            f"{settings.permalink} is assumed: set FEEDS_PERMALINK, or use a posts folder below "
            "the blog's _config.yml"
        )
