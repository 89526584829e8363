"""What many posts cost: `python benchmarks/posts.py --posts 1000,10000`.

Generated posts of about 2 kB; a tag that all of them have, one of fifty, one that three
have. Every row is a process of its own, so its memory is its own.

    floor     reading the files and parsing their front matter with PyYAML's C loader
    cold      Library.refresh on a folder that it has never seen
    start     of a worker: posts, ledger, database; "first" is with an empty one
    requests  what the worker then answers, the first time and kept; q searches all texts
    edit      from writing a file to the feed that shows it
    memory    of the worker: after its start, and after all of these

Best of --rounds for floor and cold, which take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Not this script's folder, where its neighbours would stand for packages of their names.
sys.path[0] = str(ROOT)

SENTENCE = "フィードを読む人は、毎朝同じ場所に戻ってくる。{n}番目の記事では、その理由を考える。"
REQUESTS = {
    "site feed": "/ja/feed.atom",
    "feed of a tag of all posts": "/ja/tags/all/feed.atom",
    "page of a tag of all posts": "/ja/tags/all/",
    "feed of a tag of 3 posts": "/ja/tags/rare/feed.atom",
    "q in all posts": "/ja/feed.atom?q=%E6%9C%80%E5%88%9D",
}


def generate(folder: Path, count: int) -> None:
    folder.mkdir()
    begun, old = datetime(2026, 11, 1, 9, tzinfo=UTC), time.time() - 3600
    for n in range(count):
        day = begun - timedelta(hours=6 * n)
        tags = ["all", f"topic-{n % 50}", *(["rare"] if n < 3 * 7 and n % 7 == 0 else [])]
        front = [
            "layout: post",
            f'title: "{n}番目の記事"',
            f"date: {day:%Y-%m-%d %H:%M:%S} +0000",
            'categories: ["エッセイ"]',
            f"tags: {json.dumps(tags)}",
            'author: "結城あかり"',
            f'excerpt: "{SENTENCE.format(n=n)}"',
        ]
        body = "\n\n".join(SENTENCE.format(n=n) * 3 for _ in range(5))
        path = folder / f"{day:%Y-%m-%d}-post-{n}.md"
        path.write_text("---\n" + "\n".join(front) + f"\n---\n\n{body}\n", "utf-8")
        os.utime(path, (old, old))  # what was just written waits to settle


def clock(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


# The rows


def floor(folder: Path) -> dict[str, float]:
    import yaml

    def read() -> None:
        for path in sorted((folder / "posts").iterdir()):
            front = path.read_bytes().decode().split("---\n", 2)[1]
            yaml.load(front, Loader=yaml.CSafeLoader)

    return {"floor": clock(read)}


def cold(folder: Path) -> dict[str, float]:
    from content.library import Library

    library = Library(folder / "posts", language="ja", languages=("ja", "en", "ko"), timezone=UTC)
    took = clock(library.refresh)
    assert not library.snapshot.problems
    return {"cold": took, "look again": clock(library.refresh)}


def worker(folder: Path) -> dict[str, float]:
    from feeds.app import create_app
    from feeds.settings import Settings

    posts = folder / "posts"
    settings = Settings(posts_dir=posts, state_dir=folder / "var", translator="off")
    app = create_app(settings)
    parts = app.extensions["feedglot"]
    found = {"start": clock(parts.watcher.start), "memory after start": megabytes()}
    client = app.test_client()
    for name, path in REQUESTS.items():
        found[name] = clock(lambda path=path: client.get(path))
        assert client.get(path).status_code == 200, path
        times = [clock(lambda path=path: client.get(path)) for _ in range(20)]
        found[f"{name}, kept"] = sorted(times)[10]

    edited, mark = max(posts.iterdir()), f"追記{time.time_ns()}"
    edited.write_text(edited.read_text("utf-8") + f"\n{mark}\n", "utf-8")
    started = time.perf_counter()
    while mark not in client.get("/ja/feed.atom").get_data(as_text=True):
        time.sleep(0.02)
        assert time.perf_counter() - started < 60
    found["edit to visible"] = time.perf_counter() - started
    found["memory after requests"] = megabytes()
    return found


ROWS = {"floor": floor, "cold": cold, "worker": worker}


def run(row: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--row", row, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", default="1000,10000", help="how many; 100000 takes a while")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        print(json.dumps(ROWS[options.row](options.folder)))
        return
    table: dict[str, list[str]] = {}
    counts = [int(count) for count in options.posts.split(",")]
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generate(folder / "posts", count)
            rounds = [run("floor", folder) | run("cold", folder) for _ in range(options.rounds)]
            found = {key: min(one[key] for one in rounds) for key in rounds[0]}
            found["cold of floor"] = found["cold"] / found["floor"]
            first = run("worker", folder)
            found["first start"] = first["start"]
            found |= run("worker", folder)
        for key, value in found.items():
            unit = "MB" if "memory" in key else "x" if "of floor" in key else "ms"
            shown = value * 1000 if unit == "ms" else value
            table.setdefault(key, []).append(f"{shown:,.{2 if unit == 'x' else 1}f} {unit}")
    print(f"| posts | {' | '.join(f'{count:,}' for count in counts)} |")
    print("|---" * (len(counts) + 1) + "|")
    for key, cells in table.items():
        print(f"| {key} | {' | '.join(cells)} |")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
