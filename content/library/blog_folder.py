"""The folder of the blog that the posts belong to: where its settings are, what they say now."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import replace
from pathlib import Path

from content.library.scan import Signature, file_signature
from content.parsing.blog_config import (
    BlogConfig,
    parse_hexo,
    parse_hugo,
    parse_jekyll,
    with_authors,
)
from content.parsing.front_matter import PostError
from content.post import Problem

HIGHEST = 4  # folders above the posts that are looked into: ja/news/_posts of a blog has three
MAX_BYTES = 1024 * 1024
_YAML = ("_config.yml", "_config.yaml")
_HUGO = ("hugo.toml", "hugo.yaml", "hugo.yml", "config.toml")
_POSTS = ("_posts", "*/_posts", "*/*/_posts", "source/_posts")
_AUTHORS = "_data/authors.yml"


class BlogFolder:
    """The settings of the blog around the folder `posts`. What is broken keeps its last good."""

    def __init__(self, posts: Path) -> None:
        self._posts = Path(os.path.abspath(posts))  # noqa: PTH100 - the names, not what links lead to
        self._seen: tuple[tuple[Path, Signature | None], ...] | None = None
        self.config = BlogConfig()
        self.problem: Problem | None = None
        self.path: Path | None = None  # of the file that was read
        self.prefix = ""  # the posts folder seen from the blog's, "" or ending on a slash

    def refresh(self) -> bool:
        """Reads the settings where they have changed; True when `config` is another."""
        path = find_config(self._posts)
        if path is None and self.path is not None and self.path.is_file():
            path = self.path  # its posts are gone, perhaps for a moment
        seen = tuple((each, file_signature(each)) for each in self._files(path))
        if seen == self._seen:
            return False
        self._seen = seen
        before = self.config, self.prefix
        try:
            self.config = _load(path, self._posts)
            self.problem = None
        except PostError as error:
            self.problem = self._problem(path, error.line, error.what, error.remedy)
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            self.problem = self._problem(path, 1, what, "let the server read the file")
        self.path = path
        self.prefix = _prefix(self._posts, path) if path else ""
        return (self.config, self.prefix) != before

    def _files(self, path: Path | None) -> list[Path]:
        return [path, path.parent / _AUTHORS] if path else []

    def _problem(self, path: Path | None, line: int, what: str, remedy: str) -> Problem:
        shown = os.path.relpath(path, self._posts) if path else ""
        return Problem(path=shown, line=line, what=what, remedy=remedy)


def find_config(posts: Path) -> Path | None:
    """The settings of the blog that holds the folder `posts`: in it or above it.

    No further up than its repository, a few folders, or the home of whoever runs this.
    """
    home = Path.home()
    for folder in (posts, *posts.parents[:HIGHEST]):
        for name in (*_YAML, *_HUGO):
            path = folder / name
            if path.is_file() and _is_of(path, posts):
                return path
        if folder == home or (folder / ".git").exists():
            return None
    return None


def _is_of(config: Path, posts: Path) -> bool:
    """Whether the engine that `config` is for would find posts in that folder.

    Else it is a file of some other site, such as the documentation of a repository.
    """
    if config.name in _HUGO:
        return (config.parent / "content").is_dir()
    if any(part.startswith("_") for part in _prefix(posts, config).split("/")):
        return True
    return any(next(posts.glob(place), None) for place in _POSTS)


def _prefix(posts: Path, config: Path) -> str:
    below = posts.relative_to(config.parent).as_posix()
    return "" if below == "." else f"{below}/"


def _load(path: Path | None, posts: Path) -> BlogConfig:
    """Raises `PostError` or `OSError`."""
    if path is None:
        return BlogConfig()
    data = path.read_bytes()
    text = _text(data, path)
    digest = hashlib.sha256(data)
    if path.name in _HUGO:
        try:
            config = parse_hugo(tomllib.loads(text)) if path.suffix == ".toml" else parse_hugo({})
        except tomllib.TOMLDecodeError as error:
            raise PostError(1, f"it is not TOML: {error}", "check this line") from error
    elif _prefix(posts, path).startswith("source/") or "\npublic_dir:" in f"\n{text}":
        config = parse_hexo(text)
    else:
        config = parse_jekyll(text)
        authors = path.parent / _AUTHORS
        if authors.is_file():
            data = authors.read_bytes()
            digest.update(data)
            try:
                config = with_authors(config, _text(data, authors))
            except PostError as error:
                what = f"{_AUTHORS}:{error.line}: {error.what}"
                raise PostError(error.line, what, error.remedy) from error
    return replace(config, digest=digest.hexdigest())


def _text(data: bytes, path: Path) -> str:
    if len(data) > MAX_BYTES:
        raise PostError(1, "larger than 1 MiB", f"check that {path.name} is the right file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PostError(line, "not UTF-8", "save the file in the UTF-8 encoding") from error
