"""The blog around a post's file: what it says of places, languages and addresses."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from content.parsing.blog_config import BlogConfig
from content.parsing.permalinks import STYLES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is, seen from the blog's folder."""

    collection: str  # "posts", or the name of a folder that begins with an underscore
    categories: tuple[str, ...]  # the folders above it, as in news/_posts
    below: str  # the path in it without its extension, as Jekyll's `:path`


def locate(path: str) -> Place:
    """The place of the file `path`, below the blog's folder."""
    folders, _, name = path.rpartition("/")
    parts = folders.split("/") if folders else []
    at = next((n for n, part in enumerate(parts) if part.startswith("_")), None)
    base = name.rpartition(".")[0].rstrip(".")
    if at is None:
        return Place("posts", (), f"/{folders}/{base}")
    below = "/".join([*parts[:at], "", *parts[at + 1 :], base])
    return Place(sys.intern(parts[at][1:]), tuple(parts[:at]), f"/{below}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Blog:
    """What a post's file does not say of its address and its date: the blog does."""

    config: BlogConfig = field(default_factory=BlogConfig)
    permalink: str = STYLES["date"]  # the template of posts
    languages: frozenset[str] = frozenset()  # that are served: folders and names may say one
    prefix: str = ""  # the posts folder seen from the blog's, "" or ending on a slash

    def place(self, path: str) -> Place:
        """The place of a file below the posts folder; `collections_dir` is no part of it."""
        return locate((self.prefix + path).removeprefix(self.config.collections_dir))

    @property
    def is_jekyll(self) -> bool:
        return self.config.engine == "jekyll"


NO_BLOG = Blog()


def is_of_blog(blog: Blog, path: str) -> bool:
    """Whether a file below the posts folder is a post, and not one of the blog's pages."""
    full = blog.prefix + path
    if blog.is_jekyll and not any(part.startswith("_") for part in full.split("/")[:-1]):
        return False
    return not blog.config.excludes(full)
