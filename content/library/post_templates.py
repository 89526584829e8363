"""Template sources of posts, which record reads: files, data, settings and other posts.

A post depends on its reads. Each read has a digest, so an edit invalidates only the posts
that read the edited file.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from content.library.blog_files import BlogFiles
from content.parsing.blog import NO_BLOG, Blog
from content.parsing.blog_config import with_defaults
from content.parsing.front_matter import FrontMatter
from content.parsing.post_parser import is_markdown, stem
from content.parsing.yaml_values import DataError, plain_value
from content.post import HumanTranslation, Post, Read
from content.rendering.liquid import Resolve
from content.rendering.markdown import to_html
from content.rendering.templates.sources import Moment, TemplateSources

_LISTS = ("pages", "html_pages", "static_files", "html_files", "documents", "collections")


class ReadLog:
    """The reads of one rendering, with digests."""

    def __init__(self) -> None:
        self._reads: dict[tuple[str, str], str] = {}

    def add(self, kind: str, name: str, digest: str) -> None:
        self._reads[kind, name] = digest

    def reads(self) -> tuple[Read, ...]:
        return tuple(sorted((*key, digest) for key, digest in self._reads.items()))


@dataclass(frozen=True, slots=True)
class TemplateBlog:
    """The blog's settings for templates."""

    blog: Blog = NO_BLOG
    timezone: tzinfo = UTC
    url: str = ""  # with path; "" to take `url` and `baseurl` of _config.yml


class PostTemplates:
    """Makes template sources, and computes digests of reads. `resolve`: see `render_body`."""

    def __init__(self, files: BlogFiles, resolve: Resolve) -> None:
        self._files = files
        self._resolve = resolve
        self._settings: dict[str, Any] = {}  # the last valid _config.yml
        self._posts: Sequence[Post] = ()
        self._listed: list[dict[str, Any]] | None = None
        self._listed_digest = ""
        self.around = TemplateBlog()

    @property
    def is_on(self) -> bool:
        """Whether posts are templates: in a Jekyll blog."""
        return self.around.blog.is_jekyll

    def adapt(self, around: TemplateBlog, config: Path | None) -> None:
        """Loads the blog's settings from the file `config`."""
        self.around = around
        if self.is_on:  # at the start, with all other code, not with a later request
            importlib.import_module("content.rendering.templates.engine")
        try:
            found = self._files.data(config.name) if config else None
        except DataError:
            return  # keep the last valid ones
        self._settings = found if isinstance(found, dict) else {}

    def set_posts(self, posts: Sequence[Post]) -> None:
        self._posts, self._listed = posts, None

    def sources(
        self, path: str, front: FrontMatter, post: Post | None, log: ReadLog
    ) -> TemplateSources:
        """The sources of the template `path`. `post`: the file's post, or the translated one."""
        blog = self.around.blog
        place = blog.place(path)
        front = with_defaults(front, blog.config.defaults_of(blog.prefix + path, place.collection))
        zone = self.around.timezone
        published = post.published if post else datetime(2000, 1, 1, tzinfo=UTC)
        now = Moment.of(published.astimezone(zone))
        page: dict[str, Any] = {name: plain_value(value) for name, value in front.fields.items()}
        page |= {"path": blog.prefix + path, "relative_path": blog.prefix + path, "date": now}
        page |= {"collection": place.collection, "draft": False, "name": path.rpartition("/")[2]}
        page |= {"markdown": is_markdown(path), "slug": page.get("slug") or stem(path)[11:]}
        if post:
            page.setdefault("title", post.title)
            page |= {"url": post.permalink, "id": post.permalink.removesuffix(".html").rstrip("/")}
            page |= {"categories": list(post.categories), "tags": list(post.tags)}
        return TemplateSources(
            page=page,
            site=_Site(self, log, now),
            include=lambda name: self._text(f"{self._folder('includes_dir')}/{name}", log),
            include_relative=lambda name: self._text(_beside(blog.prefix + path, name), log),
            resolve=lambda stem_: self._link(stem_, log),
            baseurl=self.setting("baseurl"),
            url=self.setting("url"),
            now=now,
            markdown=partial(to_html, kramdown=True),
        )

    def digest(self, kind: str, name: str) -> str:
        """The current digest of a read."""
        if kind == "file":
            return self._files.digest(name)
        if kind == "folder":
            return self._files.folder_digest(name)
        if kind == "setting":
            return _digest(self.setting(name))
        if kind == "posts":
            self.posts()
            return self._listed_digest
        return self._resolve(name) or ""

    def is_stale(self, reads: Iterable[Read]) -> bool:
        """Whether a file or setting among these reads has changed."""
        return any(
            self.digest(kind, name) != digest
            for kind, name, digest in reads
            if kind in ("file", "folder", "setting")
        )

    def holds(self, reads: Iterable[Read]) -> bool:
        return all(self.digest(kind, name) == digest for kind, name, digest in reads)

    def context(self, post: Post, stems: Mapping[str, Post]) -> str:
        """The digest of all reads of a post and its human translations; "" without reads."""
        reads = sorted({read[:2] for read in (*post.reads, *_of_versions(post))})
        if not reads:
            return ""
        found: list[tuple[str, str, str]] = []
        for kind, name in reads:
            if kind == "post":
                other = stems.get(name)
                found.append((kind, name, other.permalink if other else ""))
            else:
                found.append((kind, name, self.digest(kind, name)))
        return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]

    def setting(self, name: str) -> Any:
        """A value of `_config.yml`; FEEDS_BLOG_URL overrides `url` and `baseurl`."""
        if name in ("url", "baseurl"):
            parts = urlsplit(self.around.url)
            if parts.netloc:
                return (
                    f"{parts.scheme}://{parts.netloc}" if name == "url" else parts.path.rstrip("/")
                )
            found = str(self._settings.get(name) or "").rstrip("/")
            return f"/{found.strip('/')}" if found and name == "baseurl" else found
        return self._settings.get(name)

    def names(self) -> list[str]:
        return list(self._settings)

    def posts(self) -> list[dict[str, Any]]:
        """`site.posts`: title, address and date of each."""
        if self._listed is None:
            zone = self.around.timezone
            self._listed = [
                {
                    "title": post.title,
                    "url": post.permalink,
                    "date": Moment.of(post.published.astimezone(zone)),
                }
                for post in self._posts
            ]
            self._listed_digest = _digest([list(map(str, one.values())) for one in self._listed])
        return self._listed

    def data(self, folder: str, log: ReadLog) -> _Data:
        return _Data(self._files, folder, log)

    def _folder(self, setting: str) -> str:
        name = self._settings.get(setting)
        return name.strip("/") if isinstance(name, str) and name.strip("/") else "_includes"

    def _text(self, name: str, log: ReadLog) -> str | None:
        log.add("file", name, self._files.digest(name))
        return self._files.text(name)

    def _link(self, stem_: str, log: ReadLog) -> str | None:
        url = self._resolve(stem_)
        log.add("post", stem_, url or "")
        return url


class _Site(Mapping[str, Any]):
    """`site` in a template."""

    def __init__(self, templates: PostTemplates, log: ReadLog, now: Moment) -> None:
        self._templates = templates
        self._log = log
        self._now = now

    def __getitem__(self, name: str) -> Any:
        if name == "time":
            return self._now
        if name == "data":
            return self._templates.data("_data", self._log)
        if name == "posts":
            self._log.add("posts", "", self._templates.digest("posts", ""))
            return self._templates.posts()
        if name in _LISTS:
            return []
        found = self._templates.setting(name)
        self._log.add("setting", name, _digest(found))
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._templates.names())

    def __len__(self) -> int:
        return len(self._templates.names())


class _Data(Mapping[str, Any]):
    """A folder of data files in a template."""

    def __init__(self, files: BlogFiles, folder: str, log: ReadLog) -> None:
        self._files = files
        self._folder = folder
        self._log = log

    def __getitem__(self, key: str) -> Any:
        path, is_folder = self._files.data_names(self._folder).get(key, ("", False))
        if not path:
            self._log.add("folder", self._folder, self._files.folder_digest(self._folder))
            raise KeyError(key)
        if is_folder:
            return _Data(self._files, path, self._log)
        self._log.add("file", path, self._files.digest(path))
        try:
            return self._files.data(path)
        except DataError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[str]:
        self._log.add("folder", self._folder, self._files.folder_digest(self._folder))
        return iter(self._files.data_names(self._folder))

    def __len__(self) -> int:
        return len(list(iter(self)))


def with_contexts(
    posts: Sequence[Post], templates: PostTemplates, before: Sequence[Post]
) -> tuple[Post, ...]:
    """The posts, each with the digest of its reads."""
    if not any(post.reads or post.versions for post in posts):
        return tuple(posts)
    stems = {stem(post.path): post for post in reversed(posts)}
    known = {post.path: post for post in before if post.context}
    found: list[Post] = []
    for post in posts:
        context = templates.context(post, stems) if post.reads or post.versions else ""
        if context:
            whole = replace(post, context=context)
            post = known[post.path] if known.get(post.path) == whole else whole
        found.append(post)
    return tuple(found)


def has_template(data: bytes) -> bool:
    return b"{{" in data or b"{%" in data


def reads_of(outcome: object) -> tuple[Read, ...]:
    return outcome.reads if isinstance(outcome, (Post, HumanTranslation)) else ()


def _of_versions(post: Post) -> Iterator[Read]:
    for version in post.versions:
        yield from version.reads


def _beside(path: str, name: str) -> str:
    folder = path.rpartition("/")[0]
    return f"{folder}/{name}" if folder else name


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:16]
