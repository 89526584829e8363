"""A blog in a temporary folder with its service: real files, database and feeds."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feeds.app import create_app
from feeds.cache import representation
from feeds.services import services
from feeds.settings import Settings
from feeds.web.middleware.fast_path import FAST_PATH, FastPath
from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.queue import BACKGROUND, Job
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.worker.worker import Worker

SITE = "https://feeds.example"

# Werkzeug compiles what builds the URLs of each route, anew for every app that has the same
# routes: that was a quarter of what all these tests cost.
_compile_builder = Rule._compile_builder
_builders: dict[tuple[str, str, bool], Any] = {}


def _kept_builder(rule: Rule, append_unknown: bool = True) -> Any:
    key = (rule.rule, repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _kept_builder  # type: ignore[method-assign]

# Tests ask right after a change, and want to see its date.
representation.UNSETTLED = timedelta(hours=-3)


@cache
def _empty_database() -> Path:
    """A database with its tables: to bring a new one up to date takes 0.1 s."""
    path = Path(tempfile.mkdtemp(prefix="feedglot-")) / "empty.sqlite3"
    open_database(f"sqlite:///{path}").dispose()
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


def make_database(path: Path) -> None:
    """Writes a new SQLite database that has its tables."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(_empty_database(), path)


class Blog:
    """Write posts, fetch feeds, let the translator work: one step at a time."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        posts = folder / "posts"
        posts.mkdir(parents=True, exist_ok=True)
        values: dict[str, Any] = {"wait": 0.0, "site_url": SITE, "site_title": "試験"}
        values |= settings
        self.settings = Settings(posts_dir=posts, state_dir=folder / "var", **values)
        self.engine = FakeEngine()
        database = self.settings.state_dir / "feedglot.sqlite3"
        if not database.exists():
            make_database(database)
        self.open()

    def open(self) -> None:
        """Starts the service (again), on what is on disk."""
        self.app = create_app(self.settings)
        self.app.testing = True
        parts = services(self.app)
        self.parts, self.site = parts, parts.site
        self.requests = parts.translation_requests
        self.fast_path: FastPath = self.app.extensions[FAST_PATH]
        # Tests look at the folder themselves; the watcher's thread would race with them.
        parts.watcher.start = lambda: None  # type: ignore[method-assign]
        self.site.library._settled = self.site.library._broken = 0.0
        self.site.removals.wait = 0.0

    def with_settings(self, **changes: Any) -> None:
        self.settings = replace(self.settings, **changes, given=None)
        self.open()

    def write(self, name: str, body: str = "本文です。", **front: str) -> Path:
        front.setdefault("title", f"題名 {name}")
        lines = "\n".join(f"{key}: {value}" for key, value in front.items())
        path = self.settings.posts_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{lines}\n---\n\n{body}\n", "utf-8")
        return path

    def remove(self, name: str) -> None:
        (self.settings.posts_dir / name).unlink()

    def look(self, now: datetime | None = None) -> None:
        """Sees what changed in the folder."""
        self.site.scan(now or datetime.now(UTC))

    def translate(self, most: int = 1_000_000) -> int:
        """Lets the translator do what is in line; returns how many jobs that were."""
        database = self.site.engine
        worker = Worker(
            queue=self.site.queue,
            notifier=self.requests.notifier,
            translators=Heartbeats(database),
            engine=self.engine,
            make_translator=lambda engine: Translator(engine, Memory(database)),
            holder="test",
            source=self.settings.language,
            languages=self.settings.languages,
        )
        done = 0
        while done < most and worker.work_once():
            done += 1
        self.site.follow()
        return done

    def upgrade(self, version: str, languages: tuple[str, ...] | None = None) -> None:
        """Installs other packages, and asks for everything again in the background."""
        self.engine = FakeEngine(version=version)
        jobs = []
        for post in self.site.catalogue.posts:
            for language in languages or self.settings.languages:
                source = self.site.documents.source(post, language)
                if source:
                    jobs.append(
                        Job(
                            post_key=post.key,
                            language=language,
                            source_digest=source.digest,
                            document=source.document,
                        )
                    )
        now = datetime.now(UTC).timestamp()
        self.site.queue.request(
            jobs, urgency=BACKGROUND, now=now, retry=True, refresh=True, fingerprints=[version]
        )

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def feed(self, path: str) -> Any:
        response = self.get(path)
        assert response.status_code == 200, response.text
        parsed = feedparser.parse(response.data)
        assert not parsed.bozo, parsed.bozo_exception
        return parsed


def filled(blog: Blog, count: int = 3) -> Blog:
    """The blog with posts that share tags, a category and an author; each has a tag of its own."""
    for n in range(1, count + 1):
        blog.write(
            f"2026-01-{n:02}-post-{n}.md",
            f"第{n}段落です。数字は{n}75%です。",
            tags=f"[AI, 最新ニュース, t{n}]",
            categories="[技術]",
            author="編集部",
        )
    blog.look()
    return blog
