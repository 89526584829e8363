"""rss-parser: what programs on Node read feeds with, two million times a week."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.readers.served import LANGUAGES, TITLE, Served, paths
from tests.support.debian import program

pytestmark = pytest.mark.slow

NPM = Path(__file__).with_name("npm")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Any]]:
    """Fetches and parses feeds by their URLs."""
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "read.js"):
        shutil.copy(NPM / name, folder)
    install = [program("npm", "npm"), "install", "--no-audit", "--no-fund", "--no-package-lock"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"npm cannot install rss-parser: {done.stderr[-300:]}")

    def read(*urls: str) -> list[Any]:
        done = subprocess.run(
            [program("node", "nodejs"), "read.js", *urls],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found: list[Any] = json.loads(done.stdout)
        return found

    return read


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_it_reads_every_entry_whole(
    blog: Served, read: Callable[..., list[Any]], format: str
) -> None:
    blog.fill()
    blog.requests.prewarm()
    blog.translate()
    urls = [blog.url + path for path in paths(format)]
    for url, feed in zip(urls, read(*urls), strict=True):
        language = url.removeprefix(blog.url).split("/")[1]
        ids = [item.get("guid") or item["id"] for item in feed["items"]]
        assert ids == [f"tag:127.0.0.1,2026-01-0{n}:p{n}/{language}" for n in (3, 2, 1)]
        first = feed["items"][0]
        assert first["title"] == f"{TITLE} 3"
        assert first["link"] == f"{blog.url}/{language}/posts/p3/"
        assert first["isoDate"] == "2026-01-03T00:00:00.000Z"
        content = first.get("content:encoded") or first["content"]
        assert "<ruby>" in content
        assert "]]&gt;" in content
        assert "375%" in content
        assert "🎉" in content


def test_formats_and_languages_say_the_same(blog: Served, read: Callable[..., list[Any]]) -> None:
    blog.fill()
    blog.requests.prewarm()
    blog.translate()
    for language in LANGUAGES:
        site = f"{blog.url}/{language}/feed."
        rss, atom = read(f"{site}rss", f"{site}atom")
        for one, other in zip(rss["items"], atom["items"], strict=True):
            assert one["content:encoded"] == other["content"]
            assert [one[key] for key in ("title", "link")] == [other[k] for k in ("title", "link")]
