"""The posts' folder: its library, and whether another one may take the place of that on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from content.library.library import Library, Rules
from content.parsing.blog_config import BlogConfig
from content.post import Post
from feeds.settings import Settings
from feeds.store.ledger import Ledger
from feeds.store.removal_guard import is_mass

_FACT = "posts_dir"


class PostsFolderError(RuntimeError):
    """FEEDS_POSTS_DIR is not the folder that the posts on record come from."""


def check_folder(
    folder: Path,
    ledger: Ledger,
    *,
    moved_from: Path | None = None,
    record: bool = False,
    strict: bool = False,
    force: bool = False,
) -> None:
    """Raises `PostsFolderError` for another folder than that of the state, unless `force`.

    A folder at another path that has most of the posts, or all where the check is `strict`,
    is the same one, moved: a container mounts it elsewhere, another node has a checkout of
    its own. `record` notes the path. `moved_from`, where it names the state's folder, allows
    for posts that have moved and changed at once.
    """
    path = str(folder.absolute())
    known = ledger.known_fact(_FACT)
    if known == path:
        return
    moved = moved_from is not None and str(moved_from.absolute()) == known
    if known is not None and not moved and not force:
        paths = ledger.read().records.keys()
        missing = sum(not (folder / path).is_file() for path in paths)
        if missing and (strict or is_mass(missing, len(paths))):
            raise PostsFolderError(
                f"FEEDS_POSTS_DIR={folder} lacks {missing} of the "
                f"{len(paths)} posts on record, which come from {known}: "
                f"set FEEDS_POSTS_DIR={known}, or another FEEDS_STATE_DIR for these posts, "
                f"or FEEDS_POSTS_MOVED_FROM={known} where the posts have moved and changed"
            )
    if record:
        ledger.set_fact(_FACT, path)


def open_library(
    settings: Settings,
    *,
    link: Callable[[Post], str | None] | None = None,
    index: Path | None = None,
) -> Library:
    """The library of these settings, before its first scan."""

    def rules(config: BlogConfig) -> Rules:
        now = settings.with_blog(config)
        # The language is the translator's too, which is started with it.
        language = settings.language
        elsewhere = now.blog_url != now.site_url
        return Rules(
            language=language,
            timezone=now.timezone,
            permalink=now.permalink,
            blog_url=now.blog_url if elsewhere else "",
        )

    return Library(
        settings.posts_dir,
        language=settings.language,
        languages=settings.languages,
        timezone=settings.timezone,
        permalink=settings.permalink,
        rules=rules,
        link=link,
        index=index,
        linked=map(Path, settings.linked_folders),
    )
