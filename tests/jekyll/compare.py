"""Compares a blog with its Jekyll build: python -m tests.jekyll.compare BLOG [--posts FOLDER]

Builds a copy of the folder BLOG with Debian's Jekyll, reads it as feedglot does, and counts
where the two differ, by kind. Nothing is written into BLOG. Exit status 1 where a post is
missing, extra, or has another address, title or date.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.jekyll import ours
from tests.jekyll.differences import FIELDS, Difference, differences
from tests.jekyll.oracle import JekyllError, JekyllPost, build

LEFT_OUT = (".git", "_site", "node_modules", "vendor", ".jekyll-cache")
KINDS = ("missing", "extra", *FIELDS)
GRAVE = ("missing", "extra", "url", "title", "date")


def compare(blog: Path, posts: str = ".") -> tuple[dict[str, JekyllPost], list[Difference]]:
    """What Jekyll makes of the blog's posts, and where feedglot reads them otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "blog"
        shutil.copytree(blog, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        theirs = build([copy])[0]
    reading = ours.read(blog, posts)
    if posts != ".":
        theirs = {path: post for path, post in theirs.items() if path.startswith(f"{posts}/")}
    found = [Difference(path, "missing", path, None) for path in theirs.keys() - reading.posts]
    found += [Difference(path, "extra", None, path) for path in reading.posts.keys() - theirs]
    for path, post in theirs.items():
        if path in reading.posts:
            found += differences(post, reading.posts[path])
    return theirs, sorted(found, key=lambda one: (KINDS.index(one.field), one.path))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare a blog with its Jekyll build.")
    parser.add_argument("blog", type=Path, help="the blog's folder, with its _config.yml")
    parser.add_argument("--posts", default=".", help="the folder of posts, seen from there")
    parser.add_argument("--show", type=int, default=3, help="how many of each kind are shown")
    options = parser.parse_args()
    try:
        theirs, found = compare(options.blog, options.posts)
    except JekyllError as error:
        sys.exit(f"Jekyll: {error}")
    counts = Counter(one.field for one in found)
    refused = sum(post.html is None for post in theirs.values())
    sys.stdout.write(f"{len(theirs)} posts, {refused} of which Jekyll does not render here\n")
    for kind in KINDS:
        sys.stdout.write(f"{kind:12}{counts[kind]:6}\n")
        for one in [one for one in found if one.field == kind][: options.show]:
            jekyll, here = _around(one.jekyll, one.ours)
            sys.stdout.write(f"  {one.path}\n    jekyll  {jekyll}\n    here    {here}\n")
    return 1 if any(counts[kind] for kind in GRAVE) else 0


def _around(one: object, other: object) -> tuple[str, str]:
    """Both, from a little before they part; texts are long."""
    a, b = str(one), str(other)
    same = next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    start = max(0, same - 30)
    return a[start : start + 120], b[start : start + 120]


if __name__ == "__main__":
    sys.exit(main())
