"""What Debian's Jekyll makes of a blog's posts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("build.rb")


@dataclass(frozen=True, kw_only=True, slots=True)
class JekyllPost:
    """One post as a template of the blog sees it."""

    path: str  # relative to the blog's folder
    url: str  # from the blog's root, without baseurl
    id: str  # of its entry in the feed of jekyll-feed
    title: str
    date: datetime
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    html: str | None  # rendered, without a layout; None: Jekyll refuses the post
    error: str


class JekyllError(RuntimeError):
    """Jekyll is absent, or refuses the whole blog; the message is its own."""


def build(folders: Sequence[Path]) -> list[dict[str, JekyllPost]]:
    """The posts of each blog, by path. One process: Ruby takes a second to start."""
    ruby = shutil.which("ruby")
    if ruby is None:
        raise JekyllError("ruby is not installed: apt-get install jekyll")
    done = subprocess.run(
        [ruby, str(SCRIPT), *(str(folder.absolute()) for folder in folders)],
        capture_output=True,
        text=True,
        env=os.environ | {"JEKYLL_NO_BUNDLER_REQUIRE": "true", "LC_ALL": "C.UTF-8"},
        cwd=folders[0],
        check=False,
    )
    if done.returncode:
        raise JekyllError(done.stderr.strip() or f"ruby ended with status {done.returncode}")
    sites = json.loads(done.stdout)
    for site in sites:
        if site.get("error"):
            raise JekyllError(site["error"])
    return [{post["path"]: _post(post) for post in site["posts"]} for site in sites]


def _post(said: dict[str, Any]) -> JekyllPost:
    author = said["author"]
    if isinstance(author, dict):
        author = author.get("name")
    return JekyllPost(
        path=said["path"],
        url=said["url"],
        id=said["id"],
        title=said["title"],
        date=datetime.fromisoformat(said["date"]),
        categories=tuple(said["categories"]),
        tags=tuple(said["tags"]),
        author=", ".join(map(str, author)) if isinstance(author, list) else str(author or ""),
        html=said.get("html"),
        error=said.get("error", ""),
    )
