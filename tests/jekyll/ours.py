"""What feedglot reads in a blog's folder, in the words of Jekyll's templates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from content.library.body_cache import BodyGone
from content.library.library import Library
from content.post import Post, Problem
from feeds.builder.entries import Localizer
from feeds.settings import Settings
from feeds.store.posts_folder import open_library


@dataclass(frozen=True, kw_only=True, slots=True)
class OurPost:
    """One post as a reader gets it."""

    path: str  # relative to the blog's folder
    url: str  # unescaped path from the blog's root, without baseurl; or a URL elsewhere
    title: str
    date: datetime
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    html: str
    id: str | None  # what it has with FEEDS_IDS=jekyll-feed


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A blog as feedglot reads it."""

    posts: dict[str, OurPost]  # by path below the blog's folder
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def read(blog: Path, posts: str = ".") -> Reading:
    """The posts of the blog in `blog`; `posts` is the folder of posts seen from there."""
    folder = blog / posts
    settings = Settings.load({"FEEDS_POSTS_DIR": str(folder)}, folder=folder)
    library = open_library(settings)
    library._settled = library._broken = 0.0  # nobody writes in it now
    library.refresh()
    found = library.snapshot
    prefix = "" if posts == "." else f"{posts}/"
    # Translations have addresses of their own on the blog.
    localizer = Localizer(replace(settings, ids="jekyll-feed"), library, "authority")
    ours = (_post(post, prefix, library, localizer) for post in (*found.posts, *found.own.values()))
    return Reading(
        posts={post.path: post for post in ours},
        problems=found.problems,
        notices=found.notices,
    )


def _post(post: Post, prefix: str, library: Library, localizer: Localizer) -> OurPost:
    try:
        html = library.body(post).html
    except BodyGone:
        html = ""
    return OurPost(
        path=prefix + post.path,
        url=post.permalink,
        title=post.title,
        date=post.published,
        categories=post.categories,
        tags=post.tags,
        author=", ".join(post.authors),
        html=html,
        id=localizer.former_id(post),
    )


def plain(url: str) -> str:
    """Jekyll's `page.url`, some of which it escapes, as the name of the file that it writes."""
    return re.sub("/{2,}", "/", unquote(url))
