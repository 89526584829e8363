"""Debian's Chromium, driven by Playwright, on the sample posts and a real server."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.support.blog import Blog
from tests.support.debian import program
from translate.engines.fake import FakeEngine
from translate.types import Decoding, Hop, Hypothesis

TOKEN = "of the tests"
ROOT = Path(__file__).parents[2]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StubbornEngine(FakeEngine):
    """Cannot say one sentence, so that something stays in the original."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        said = super().decode(hop, sentences, options)
        return [
            [Hypothesis("", -9.0)] if "お金の内訳" in sentence else hypotheses
            for sentence, hypotheses in zip(sentences, said, strict=True)
        ]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    """The sample posts at an address of their own, translated but for the latest."""
    folder = tmp_path_factory.mktemp("blog")
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    shutil.copytree(ROOT / "content/posts", folder / "posts")
    blog = Blog(
        folder,
        site_url=f"http://127.0.0.1:{server.server_port}",
        site_title="フィードグロット",
        site_description="日本語で書き、三つの言語で届ける。",
        admin_token=TOKEN,
    )
    blog.engine = StubbornEngine()
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    blog.write("2026-11-21-late.md", "まだ誰も訳していない文です。", title="最新の記事")
    (folder / "posts" / "2026-11-21-broken.md").write_text("---\ntitle: [\n---\n", "utf-8")
    blog.look()
    reader = {"User-Agent": "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; )"}
    blog.get("/ja/feed.atom", headers=reader)
    blog.parts.traffic.flush(1.0)
    server.app = blog.app
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield blog
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, served: Blog) -> Iterator[Callable[..., Page]]:
    """Opens a path in a window of its own; the test fails if the console complains.

    Of statuses it may complain: that of the page (`expect`) and of one that follows (`later`).
    """
    complaints: list[str] = []
    contexts = []

    def open_page(path: str, expect: int = 200, later: int = 0, **options: Any) -> Page:
        context = browser.new_context(
            base_url=served.settings.site_url,
            locale="en-US",
            reduced_motion="reduce",  # colours are checked while a scheme changes
            **options,
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{path}: {message.text}")
                # Chromium reports the page's own status as a failed resource.
                if message.type in ("error", "warning")
                and f"status of {expect}" not in message.text
                and f"status of {later}" not in message.text
                else None
            ),
        )
        response = page.goto(path)
        assert response is not None
        assert response.status == expect
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """SCREENSHOTS, where they go for a person to look at; None: none are taken."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path
