"""Cache of rendered bodies."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from content.library.body import render_body
from content.library.post_templates import PostTemplates, ReadLog
from content.library.roots import Roots
from content.library.scan import read_file
from content.post import Body, Post, Read

KEPT = 512
ASKED = 50_000  # entries of about 0.2 kB


class BodyGone(LookupError):  # noqa: N818
    """The file has changed since the snapshot: take a new snapshot and retry."""


@dataclass(slots=True)
class _Rendered:
    body: Body
    links: dict[str, str | None]  # stems of linked posts and their URLs
    reads: tuple[Read, ...]


class BodyCache:
    """Rendered bodies of the files below `folder`. `resolve` gives a post's URL by its stem."""

    def __init__(
        self,
        folder: Path,
        resolve: Callable[[str], str | None],
        templates: PostTemplates,
        roots: Roots | None = None,
    ) -> None:
        self._roots = roots
        self._folder = folder
        self._resolve = resolve
        self._templates = templates
        self.baseurl = ""  # the path of the blog's address, "" or as /blog
        self.separator: str | None = None  # what ends a summary
        self._kept: OrderedDict[tuple[str, str], _Rendered] = OrderedDict()
        self._asked: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: str, digest: str, title: str | None, post: Post | None) -> Body:
        """The body of the file with that digest. Raises `BodyGone` if the file has changed.

        `post` is the post that the file holds or translates.
        """
        key = path, digest
        with self._lock:
            rendered = self._kept.get(key)
            if rendered is not None:
                self._kept.move_to_end(key)
        if rendered is not None and self._links_hold(rendered):
            return rendered.body
        try:
            data = read_file(f"{self._folder}/{path}", self._roots)[0]
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != digest:
            if rendered is not None:  # the file is being rewritten: links may be outdated
                return rendered.body
            raise BodyGone(path)
        links: dict[str, str | None] = {}

        def resolve(stem: str) -> str | None:
            links[stem] = self._resolve(stem)
            return links[stem]

        log = ReadLog()
        templates = self._templates
        body = render_body(
            data,
            path,
            title=title,
            resolve=resolve,
            baseurl=self.baseurl,
            separator=self.separator,
            sources=(lambda front: templates.sources(path, front, post, log))
            if templates.is_on
            else None,
            engine=templates.around.blog.config.engine,
        )
        rendered = _Rendered(body, links, log.reads())
        with self._lock:
            self._asked[key] = tuple(links)
            if len(self._asked) > ASKED:
                self._asked.popitem(last=False)
            self._kept[key] = rendered
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return rendered.body

    def links(
        self, path: str, digest: str, title: str | None, post: Post
    ) -> tuple[str | None, ...]:
        """The URLs of linked posts. Raises `BodyGone` as `get` does."""
        asked = self._asked.get((path, digest))
        if asked is None:
            self.get(path, digest, title, post)
            asked = self._asked.get((path, digest), ())
        return tuple(map(self._resolve, asked))

    def clear(self) -> None:
        """Drops all bodies, after a change of the blog's settings."""
        with self._lock:
            self._kept.clear()
            self._asked.clear()

    def _links_hold(self, rendered: _Rendered) -> bool:
        if not self._templates.holds(rendered.reads):
            return False
        return all(self._resolve(stem) == url for stem, url in rendered.links.items())
