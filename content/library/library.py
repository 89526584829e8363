"""Library: the posts of a folder as of the last scan.

Files may be written during a scan. So a file that has just changed waits for the next scan, an
invalid one keeps its last valid content until it has stopped changing, and readers never see an
incomplete post.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from urllib.parse import urlsplit

from content.library.blog_files import BlogFiles
from content.library.blog_folder import BlogFolder
from content.library.body import read_template
from content.library.body_cache import BodyCache, BodyGone
from content.library.parse_cache import ParseCache
from content.library.post_templates import (
    PostTemplates,
    ReadLog,
    TemplateBlog,
    has_template,
    reads_of,
    with_contexts,
)
from content.library.roots import Roots
from content.library.scan import Signature, brief, read_file
from content.library.snapshot import ParseResult, Snapshot, assemble, notices_of
from content.library.watch import Watch
from content.parsing.blog import Blog, is_of_blog
from content.parsing.blog_config import BlogConfig
from content.parsing.permalinks import STYLES
from content.parsing.post_parser import MAX_BYTES, parse_post, parse_version, stem, too_large
from content.post import Body, HumanTranslation, Post, Problem

__all__ = ["BodyGone", "Library", "Rules", "Snapshot"]

log = logging.getLogger(__name__)

SETTLED = 0.5  # seconds without a change after which a file counts as complete
BROKEN = 1.0  # the same for an invalid file: it may be truncated before a rewrite
UNREADABLE: Signature = (0, -1, 0)  # of no file: an unreadable file is read again at the next scan


@dataclass(slots=True)
class _Waiting:
    signature: Signature | None  # None: the file is gone
    since: float  # when it was first seen so


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Defaults for posts that state nothing else."""

    language: str
    timezone: tzinfo
    permalink: str = STYLES["date"]
    blog_url: str = ""  # "" where the blog's own settings alone say where it is


class Library:
    """The posts of `folder`. Methods may be called from any thread.

    `language`, `timezone` and `permalink` hold for posts that state none; where the blog has
    settings of its own, `rules` says what holds with them. `NAME.<one of languages>.md` is
    a person's translation of `NAME.md`. `link` gives the URL that another post's
    `{% post_url %}` becomes; by default its permalink, or None for a link to nowhere.
    `index` is a file that keeps what was parsed, so that the next start need not. Symbolic
    links may lead to `linked` folders, and out of `folder` nowhere else.
    """

    def __init__(
        self,
        folder: Path,
        *,
        language: str,
        languages: tuple[str, ...],
        timezone: tzinfo,
        permalink: str = STYLES["date"],
        rules: Callable[[BlogConfig], Rules] | None = None,
        link: Callable[[Post], str | None] | None = None,
        index: Path | None = None,
        linked: Iterable[Path] = (),
        settled: float = SETTLED,
        broken: float = BROKEN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._roots = Roots(folder, linked)
        self._languages = {language.casefold(): language for language in languages}
        self._rules = Rules(language=language, timezone=timezone, permalink=permalink)
        self._rules_of = rules or (lambda config: self._rules)
        self._blog_folder = BlogFolder(folder)
        self._blog = Blog(permalink=permalink)
        self._config = self._blog.config
        self._taken: dict[str, bool] = {}  # whether a file is one of the blog's posts
        self._link = link or _permalink
        self._index_path = index
        self._index: ParseCache | None = None
        self._settled = settled
        self._broken = max(broken, settled) if settled else 0.0
        self._clock = clock
        self._signatures: dict[str, int] = {}  # in brief, of files that were read
        self._outcomes: dict[str, ParseResult] = {}  # of the same files
        self._waiting: dict[str, _Waiting] = {}
        self._unreadable: set[str] = set()
        self._watch = Watch(folder, self._roots)
        self._files = BlogFiles()
        self._templates = PostTemplates(self._files, self._resolve)
        self._bodies = BodyCache(folder, self._resolve, self._templates, self._roots)
        self._changed = False  # whether `_outcomes` say something new since the last snapshot
        self._unsaved = 0  # files read or lost since the index was written
        self._faults: list[Problem] = []
        self._unseen: tuple[str, ...] = ()
        self._logged: set[str] = set()
        self._lock = threading.Lock()
        self.snapshot = Snapshot((), (), 0)

    def refresh(self, *, wait: bool = True) -> bool:
        """Scans the folder; returns True when `snapshot` is new.

        Called about every half second, it finds a change within 2 seconds. The first call waits
        for files that are being written, so its snapshot is complete. Without `wait` it returns
        at once if another thread scans.
        """
        if not self._lock.acquire(blocking=wait):
            return False
        try:
            return self._refresh()
        finally:
            self._config = self._blog.config
            self._lock.release()

    def _refresh(self) -> bool:
        first = self.snapshot.version == 0
        again = self._adapt(first)
        if first and self._index:
            self._signatures, self._outcomes = self._index.load()
        self._reread(first)
        faults = self._look(first or again)
        if first and self._waiting:
            time.sleep(self._settled)
            faults = self._look(first)
        if self._blog_folder.problem:
            faults = [self._blog_folder.problem, *faults]
        if not first and not self._changed and faults == self._faults:
            self._save()
            return False
        self._changed, self._faults = False, faults
        posts, found, own = assemble(
            self._outcomes,
            self._gone(),
            self.snapshot,
            self._version_language,
            self._rules.language,
            self._languages,
        )
        self._templates.set_posts(posts)
        if self._templates.is_on:
            posts = with_contexts(posts, self._templates, self.snapshot.posts)
        problems = tuple(sorted([*faults, *found], key=lambda it: (it.path, it.line)))
        notices = notices_of(self._outcomes)
        said = self.snapshot.posts, self.snapshot.problems, self.snapshot.notices
        if not first and (posts, problems, notices) == said:
            return False
        self._report(problems)
        version = self.snapshot.version + 1
        self.snapshot = Snapshot(posts, problems, version, notices, own, self._unseen)
        return True

    @property
    def config(self) -> BlogConfig:
        """The blog's last valid settings, with which `snapshot` was made."""
        return self._config

    def _adapt(self, first: bool) -> bool:
        """Reads the blog's own settings; returns True if every post must be parsed again."""
        if not self._blog_folder.refresh() and not first:
            return False
        config = self._blog_folder.config
        rules = self._rules_of(config)
        blog = Blog(
            config=config,
            permalink=rules.permalink,
            languages=frozenset(self._languages.values()),
            prefix=self._blog_folder.prefix,
        )
        self._rules, self._blog, self._taken = rules, blog, {}
        shape = [str(self._folder.absolute()), rules.language, *sorted(self._languages.values())]
        shape += [str(rules.timezone), rules.permalink, config.digest, blog.prefix]
        self._index = ParseCache(self._index_path, shape) if self._index_path else None
        at = self._blog_folder.path
        self._files.set_root(at.parent if at else None)
        self._files.refresh()
        self._templates.adapt(TemplateBlog(blog, rules.timezone, rules.blog_url), at)
        self._bodies.separator = config.excerpt_separator
        self._bodies.baseurl = urlsplit(rules.blog_url or config.url or "").path.rstrip("/")
        if first:
            return False
        self._signatures = {}
        for path in [path for path in self._outcomes if not self._is_taken(path)]:
            del self._outcomes[path]
        self._changed = True
        self._bodies.clear()
        self._watch.forget()
        return True

    def _reread(self, first: bool) -> None:
        """Updates the reads of posts of which some file has changed."""
        if not self._templates.is_on or not (self._files.refresh() or first):
            return
        self._changed = True  # the next snapshot has the files that posts read
        for path, outcome in self._outcomes.items():
            reads = reads_of(outcome)
            if reads and self._templates.is_stale(reads):
                try:
                    data = read_file(f"{self._folder}/{path}", self._roots)[0]
                except OSError:
                    continue  # the file has changed too
                self._outcomes[path] = self._with_reads(outcome, data)
                self._unsaved += 1

    def _with_reads(self, outcome: ParseResult, data: bytes) -> ParseResult:
        """The result with the files that its template reads."""
        if not isinstance(outcome, (Post, HumanTranslation)) or not self._templates.is_on:
            return outcome
        if not has_template(data):
            return outcome
        post = outcome if isinstance(outcome, Post) else None
        log = ReadLog()
        read_template(data, lambda front: self._templates.sources(outcome.path, front, post, log))
        return replace(outcome, reads=log.reads())

    def _is_taken(self, path: str) -> bool:
        taken = self._taken.get(path)
        if taken is None:
            taken = self._taken[path] = is_of_blog(self._blog, path)
        return taken

    def body(self, post: Post) -> Body:
        """The text of the post. Raises `BodyGone` if its file has changed."""
        return self._bodies.get(post.path, post.digest, post.title, post)

    def find_file(self, path: str) -> Path | None:
        """The real path of a file below the folder; None: it is elsewhere, or missing."""
        try:
            real = Path(os.path.realpath(f"{self._folder}/{path}"))
            return real if self._roots.hold(str(real)) and real.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None

    def version_body(self, version: HumanTranslation) -> Body:
        """The text of a human translation. Raises `BodyGone` as `body` does."""
        snapshot = self.snapshot
        original = snapshot.own.get(version.path) or snapshot.stems.get(_base_stem(version.path))
        return self._bodies.get(version.path, version.digest, version.title, original)

    def links(self, post: Post) -> tuple[str | None, ...]:
        """Addresses of the posts that the text and its human translations link to."""
        found = self._bodies.links(post.path, post.digest, post.title, post)
        for version in post.versions:
            if version.has_body:
                found += self._bodies.links(version.path, version.digest, version.title, post)
        return found

    def _resolve(self, stem: str) -> str | None:
        post = self.snapshot.stems.get(stem)
        return self._link(post) if post else None

    def _save(self) -> None:
        """Writes the index when more than a fiftieth of the files have changed since."""
        if self._index and self._unsaved > len(self._outcomes) // 50:
            self._unsaved = 0
            self._index.save(self._signatures, self._outcomes)

    # Scan

    def _look(self, first: bool) -> list[Problem]:
        """Scans the folder and parses changed files; returns problems of folders and files."""
        known = self._signatures
        scan = self._watch.scan(known, self._waiting.keys() | self._unreadable)
        self._unseen = tuple(scan.unseen)
        found = scan.found
        if self._blog.config.engine:
            found = {path: sign for path, sign in found.items() if self._is_taken(path)}
        now = self._clock()
        changed = {path for path, sign in found.items() if known.get(path) != brief(sign)}
        for path in [p for p in self._waiting if p not in (changed if p in found else known)]:
            del self._waiting[path]  # unchanged again
        # Sorted here, where they are few: posts are sorted at every change, which is cheap for
        # a hundred thousand of them if they are nearly sorted.
        for path in sorted(changed):
            signature = found[path]
            quiet = self._quiet(path, signature, now)
            if quiet >= self._settled:
                self._take(path, signature, may_be_broken=first or quiet >= self._broken)
        # Not among the signatures, which an edit of the blog's settings has emptied.
        for path in scan.missing(self._outcomes.keys()):
            # Some editors rename the old file before they write the new one.
            if first or self._quiet(path, None, now) >= self._settled:
                del self._outcomes[path]
                self._signatures.pop(path, None)
                self._waiting.pop(path, None)
                self._unreadable.discard(path)
                self._changed = True
                self._unsaved += 1
        return sorted(scan.faults, key=lambda it: (it.path, it.line))

    def _gone(self) -> set[str]:
        return {path for path, waiting in self._waiting.items() if waiting.signature is None}

    def _quiet(self, path: str, signature: Signature | None, now: float) -> float:
        """For how many seconds a changed file has not changed again.

        By its own time, or where that lies in the future, since we first saw it so.
        """
        waiting = self._waiting.get(path)
        if waiting is None or waiting.signature != signature:
            waiting = self._waiting[path] = _Waiting(signature, now)
        seen = now - waiting.since
        return max(seen, now - signature[0] / 1e9) if signature else seen

    def _take(self, path: str, signature: Signature, *, may_be_broken: bool) -> None:
        try:
            outcome = self._parse(path, signature)
        except FileNotFoundError:
            return
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            outcome = Problem(path=path, line=1, what=what, remedy="let the server read the file")
            signature = UNREADABLE
        except _Moved:
            return
        if isinstance(outcome, Problem) and not may_be_broken:
            return
        if path not in self._outcomes or self._outcomes[path] != outcome:
            self._outcomes[path] = outcome
            self._changed = True
        self._signatures[path] = brief(signature)
        if signature == UNREADABLE:
            self._unreadable.add(path)
        else:
            self._unreadable.discard(path)
            self._unsaved += 1
        del self._waiting[path]

    def _parse(self, path: str, signature: Signature) -> ParseResult:
        if signature[1] > MAX_BYTES:
            error = too_large()
            return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)
        data, now = read_file(f"{self._folder}/{path}", self._roots)
        if now != signature:
            raise _Moved
        language = self._version_language(path)
        rules = self._rules
        post = self._with_reads(
            parse_post(
                data,
                path,
                language=language or rules.language,
                timezone=rules.timezone,
                blog=self._blog,
            ),
            data,
        )
        if language is not None:
            version = self._with_reads(parse_version(data, path, language=language), data)
            if isinstance(version, HumanTranslation) and isinstance(post, Post):
                version = replace(version, alone=post)
            return version
        return post

    def _version_language(self, path: str) -> str | None:
        return self._languages.get(stem(path).rpartition(".")[2].casefold())

    def _report(self, problems: tuple[Problem, ...]) -> None:
        lines = [str(problem) for problem in problems]
        for line in lines:
            if line not in self._logged:
                log.warning("%s", line)
        self._logged = set(lines)


def _base_stem(path: str) -> str:
    return stem(path).rpartition(".")[0]


class _Moved(Exception):  # noqa: N818
    """The file changed between the scan and the read."""


def _permalink(post: Post) -> str | None:
    return post.permalink
