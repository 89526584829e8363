"""The library: a folder of posts as the last look at it found it.

Files are written while we look. So one that changed within the last moments waits for the
next look, one that stopped making sense keeps its last good content until it has settled, and
a reader never sees half a post.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property
from pathlib import Path

from content.body import render_body
from content.folder import Signature, list_posts, read_file
from content.post import (
    MAX_BYTES,
    Body,
    Post,
    Problem,
    Version,
    parse_post,
    parse_version,
    stem,
    too_large,
)

log = logging.getLogger(__name__)

SETTLED = 0.5  # seconds without a change after which a file is taken as written
BROKEN = 1.0  # the same for one that can't be read as a post: it may have been cut to be rewritten
BODIES_KEPT = 512

Outcome = Post | Version | Problem | None  # None: its author holds it back


class BodyGone(LookupError):  # noqa: N818
    """The file is no longer what the post says: take a fresh snapshot and ask again."""


@dataclass(frozen=True)
class Snapshot:
    """The posts of a folder at one moment, future ones included."""

    posts: tuple[Post, ...]  # newest first
    problems: tuple[Problem, ...]  # by path and line
    version: int  # grows with every change; 0: nothing was looked at yet

    @cached_property
    def stems(self) -> Mapping[str, Post]:
        """Posts by file name without extension, as `{% post_url %}` names them."""
        return {stem(post.path): post for post in reversed(self.posts)}


@dataclass(slots=True)
class _File:
    signature: Signature
    outcome: Outcome


@dataclass(slots=True)
class _Waiting:
    signature: Signature | None  # None: the file is gone
    since: float  # when it was first seen so


@dataclass(slots=True)
class _Rendered:
    body: Body
    links: dict[str, str | None]  # the posts it asked for, and what it was told


class Library:
    """The posts of `folder`. Methods may be called from any thread.

    `language` and `timezone` hold for posts that state none; `NAME.<one of languages>.md` is
    a person's translation of `NAME.md`. `link` gives the URL that another post's
    `{% post_url %}` becomes; by default its permalink, or None for a link to nowhere.
    """

    def __init__(
        self,
        folder: Path,
        *,
        language: str,
        languages: tuple[str, ...],
        timezone: tzinfo,
        link: Callable[[Post], str | None] | None = None,
        settled: float = SETTLED,
        broken: float = BROKEN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._language = language
        self._languages = {language.casefold(): language for language in languages}
        self._timezone = timezone
        self._link = link or _permalink
        self._settled = settled
        self._broken = max(broken, settled) if settled else 0.0
        self._clock = clock
        self._files: dict[str, _File] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._bodies: OrderedDict[tuple[str, str], _Rendered] = OrderedDict()
        self._changed = False  # whether `_files` says something new since the last snapshot
        self._faults: list[Problem] = []
        self._logged: set[str] = set()
        self._lock = threading.Lock()
        self._bodies_lock = threading.Lock()
        self.snapshot = Snapshot((), (), 0)

    def refresh(self) -> bool:
        """Looks at the folder; True when `snapshot` is a new one.

        Called every half second or so, it shows what happens to a file within 2 seconds.
        The first call waits for files just written, and so returns a complete snapshot.
        """
        with self._lock:
            first = self.snapshot.version == 0
            faults = self._look(first)
            if first and self._waiting:
                time.sleep(self._settled)
                faults = self._look(first)
            if not first and not self._changed and faults == self._faults:
                return False
            self._changed, self._faults = False, faults
            posts, problems = self._assemble(faults)
            if not first and (posts, problems) == (self.snapshot.posts, self.snapshot.problems):
                return False
            self._report(problems)
            self.snapshot = Snapshot(posts, problems, self.snapshot.version + 1)
            return True

    def body(self, post: Post) -> Body:
        """The text of that very post. Raises `BodyGone` when its file says something else now."""
        return self._body(post.path, post.digest, post.title)

    def version_body(self, version: Version) -> Body:
        """The text of a person's translation. Raises `BodyGone` as `body` does."""
        return self._body(version.path, version.digest, version.title)

    # Bodies

    def _body(self, path: str, digest: str, title: str | None) -> Body:
        key = path, digest
        with self._bodies_lock:
            rendered = self._bodies.get(key)
            if rendered is not None:
                self._bodies.move_to_end(key)
        if rendered is not None and self._links_hold(rendered):
            return rendered.body
        try:
            data = read_file(f"{self._folder}/{path}")[0]
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != digest:
            if rendered is not None:  # the file is being rewritten; its links can wait
                return rendered.body
            raise BodyGone(path)
        links: dict[str, str | None] = {}

        def resolve(stem: str) -> str | None:
            links[stem] = self._resolve(stem)
            return links[stem]

        rendered = _Rendered(render_body(data, path, title=title, resolve=resolve), links)
        with self._bodies_lock:
            self._bodies[key] = rendered
            if len(self._bodies) > BODIES_KEPT:
                self._bodies.popitem(last=False)
        return rendered.body

    def _links_hold(self, rendered: _Rendered) -> bool:
        return all(self._resolve(stem) == url for stem, url in rendered.links.items())

    def _resolve(self, stem: str) -> str | None:
        post = self.snapshot.stems.get(stem)
        return self._link(post) if post else None

    # Looking

    def _look(self, first: bool) -> list[Problem]:
        """Brings `_files` up to date with the folder; returns what could not be looked into."""
        found: dict[str, Signature] = {}
        faults: list[Problem] = []
        unseen = list_posts(self._folder, found, faults)
        now = self._clock()
        for path, signature in found.items():
            known = self._files.get(path)
            if known is not None and known.signature == signature:
                self._waiting.pop(path, None)
                continue
            quiet = self._quiet(path, signature, now)
            if quiet < self._settled:
                continue
            self._take(path, signature, may_be_broken=first or quiet >= self._broken)
        for path in self._files.keys() - found.keys():
            if any(path.startswith(prefix) for prefix in unseen):
                continue
            # Some editors save by moving the old file away before the new one comes.
            if self._quiet(path, None, now) >= self._settled:
                del self._files[path]
                del self._waiting[path]
                self._changed = True
        for path in self._waiting.keys() - found.keys() - self._files.keys():
            del self._waiting[path]
        return faults

    def _quiet(self, path: str, signature: Signature | None, now: float) -> float:
        """For how many seconds a changed file has stayed as it is.

        By its own time, or where that lies in the future, since we first saw it so.
        """
        waiting = self._waiting.get(path)
        if waiting is None or waiting.signature != signature:
            waiting = self._waiting[path] = _Waiting(signature, now)
        seen = now - waiting.since
        return max(seen, now - signature.modified / 1e9) if signature else seen

    def _take(self, path: str, signature: Signature, *, may_be_broken: bool) -> None:
        try:
            outcome = self._parse(path, signature)
        except FileNotFoundError:
            return
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            outcome = Problem(path=path, line=1, what=what, remedy="let the server read the file")
        except _Moved:
            return
        if isinstance(outcome, Problem) and not may_be_broken:
            return
        known = self._files.get(path)
        self._changed |= known is None or known.outcome != outcome
        self._files[path] = _File(signature, outcome)
        del self._waiting[path]

    def _parse(self, path: str, signature: Signature) -> Outcome:
        if signature.size > MAX_BYTES:
            error = too_large()
            return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)
        data, now = read_file(f"{self._folder}/{path}")
        if now != signature:
            raise _Moved
        language = self._version_language(path)
        if language is not None:
            return parse_version(data, path, language=language)
        return parse_post(data, path, language=self._language, timezone=self._timezone)

    def _version_language(self, path: str) -> str | None:
        return self._languages.get(stem(path).rpartition(".")[2].casefold())

    # Putting together

    def _assemble(self, faults: list[Problem]) -> tuple[tuple[Post, ...], tuple[Problem, ...]]:
        problems = list(faults)
        posts: dict[tuple[object, str], Post] = {}
        versions: dict[str, dict[str, Version]] = {}  # base name -> language -> version
        bases: set[str] = set()
        # A file that is gone comes last: it may be gone because it was renamed.
        for path in sorted(self._files, key=lambda path: (self._is_gone(path), path)):
            outcome = self._files[path].outcome
            if isinstance(outcome, Version):
                self._add_version(outcome, versions, problems)
                continue
            if self._version_language(path) is None:
                bases.add(_base(path))
            if isinstance(outcome, Problem):
                problems.append(outcome)
            elif outcome is not None:
                first = posts.setdefault((outcome.day, outcome.slug), outcome)
                if first is not outcome and not self._is_gone(path):
                    what = f"same day and slug as {first.path}"
                    remedy = "give one of them another slug: or date:"
                    problems.append(Problem(path=path, line=1, what=what, remedy=remedy))
        for base, own in versions.items():
            if base not in bases:
                problems += [_orphan(version, base) for version in own.values()]
        complete = [_with_versions(post, versions, problems) for post in posts.values()]
        complete.sort(key=lambda post: (post.published, post.path), reverse=True)
        return tuple(complete), tuple(sorted(problems, key=lambda it: (it.path, it.line)))

    def _is_gone(self, path: str) -> bool:
        waiting = self._waiting.get(path)
        return waiting is not None and waiting.signature is None

    def _add_version(
        self, version: Version, versions: dict[str, dict[str, Version]], problems: list[Problem]
    ) -> None:
        base = _base(_base(version.path))
        first = versions.setdefault(base, {}).setdefault(version.language, version)
        if first is not version and not self._is_gone(version.path):
            what = f"the same translation as {first.path}"
            problems.append(
                Problem(path=version.path, line=1, what=what, remedy="remove one of them")
            )

    def _report(self, problems: tuple[Problem, ...]) -> None:
        lines = [str(problem) for problem in problems]
        for line in lines:
            if line not in self._logged:
                log.warning("%s", line)
        self._logged = set(lines)


class _Moved(Exception):  # noqa: N818
    """The file changed between looking and reading."""


def _permalink(post: Post) -> str | None:
    return post.permalink


def _base(path: str) -> str:
    """The path without its extension, which is what a post and its translations share."""
    return path.rpartition(".")[0]


def _orphan(version: Version, base: str) -> Problem:
    return Problem(
        path=version.path,
        line=1,
        what=f"a translation of no post: there is no {base.rpartition('/')[2]}.md",
        remedy="name it after its post, as in NAME.md and NAME.ko.md",
    )


def _with_versions(
    post: Post, versions: dict[str, dict[str, Version]], problems: list[Problem]
) -> Post:
    own = versions.get(_base(post.path))
    if own is None:
        return post
    if post.language in own:
        path = own[post.language].path
        what = f"a translation into the post's own language, {post.language}"
        remedy = f"remove it, or write its text into {post.path.rpartition('/')[2]}"
        problems.append(Problem(path=path, line=1, what=what, remedy=remedy))
    kept = (version for language, version in sorted(own.items()) if language != post.language)
    return replace(post, versions=tuple(kept))
