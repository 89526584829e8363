"""What many posts cost: `python benchmarks/posts.py --posts 1000,10000`.

Generated posts of about 2 kB; a tag that all of them have, one of fifty, one that three
have. Every row is a process of its own, so its memory is its own.

    floor     reading the files and parsing their front matter with PyYAML's C loader
    cold      Library.refresh on a folder that it has never seen
    warm      the same with the index that was saved after the first one
    look      when nothing has changed, every half second
    start     of a worker: posts, ledger, database; "first" is with an empty one, without index
    requests  what the worker then answers, the first time and kept; q searches all texts,
              once they are there to be searched: the first worker has an hour to see to it
    edit      from writing a file to the feed that shows it, median of five
    memory    of the worker: after its start, and after all of these

Best of --rounds for floor, cold and warm, which take turns. "cpu" are seconds of processors,
which is what counts where others use them too.
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
    "feed of two tags": "/ja/feed.atom?tag=all&tag=topic-7",
    "feed in English, nothing translated": "/en/feed.atom",
}
SEARCHES = {
    "q that all posts hold": "/ja/feed.atom?q=%E7%90%86%E7%94%B1",
    "q that one post holds": "/ja/feed.atom?q=77%E7%95%AA%E7%9B%AE",
    "q that no post holds": "/ja/feed.atom?q=%E6%9C%80%E5%88%9D",
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


def clocks(name: str, work: Callable[[], object]) -> dict[str, float]:
    """By the wall, and in seconds of processors."""
    started = time.process_time()
    return {name: clock(work), f"{name}, cpu": time.process_time() - started}


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

    return clocks("floor", read)


def cold(folder: Path) -> dict[str, float]:
    (folder / "posts.index").unlink(missing_ok=True)
    return library(folder, "cold")


def warm(folder: Path) -> dict[str, float]:
    return library(folder, "warm")


def library(folder: Path, name: str) -> dict[str, float]:
    from content.library.library import Library

    library = Library(
        folder / "posts",
        language="ja",
        languages=("ja", "en", "ko"),
        timezone=UTC,
        index=folder / "posts.index",
    )
    found = clocks(name, library.refresh)
    assert not library.snapshot.problems
    library.refresh()  # saves the index
    return found | clocks("look", library.refresh)


def worker(folder: Path, patience: float) -> dict[str, float]:
    from feeds.app import create_app
    from feeds.services import services
    from feeds.settings import Settings

    posts = folder / "posts"
    settings = Settings(posts_dir=posts, state_dir=folder / "var", translator="off")

    def start() -> None:
        nonlocal app
        app = create_app(settings)
        services(app).watcher.start()

    app: Any = None
    found = clocks("start", start) | {"memory after start": megabytes()}
    client = app.test_client()
    for name, path in REQUESTS.items():
        found |= ask(client, name, path)
    search = next(iter(SEARCHES.values()))
    found["texts to search"] = clock(lambda: wait(lambda: is_whole(client, search), patience))
    for name, path in SEARCHES.items():
        found |= ask(client, name, path + "&limit=19")

    edited = max(posts.iterdir())
    found["edit to visible"] = sorted(edit(client, edited) for _ in range(5))[2]
    found["memory after requests"] = megabytes()
    return found


def ask(client: Any, name: str, path: str) -> dict[str, float]:
    found = {name: clock(lambda: client.get(path))}
    assert client.get(path).status_code == 200, path
    times = [clock(lambda: client.get(path)) for _ in range(20)]
    return found | {f"{name}, kept": sorted(times)[10]}


def is_whole(client: Any, path: str) -> bool:
    return bool(client.get(path).headers["X-Translation-State"] == "complete")


def edit(client: Any, path: Path) -> float:
    mark = f"追記{time.time_ns()}"
    path.write_text(path.read_text("utf-8") + f"\n{mark}\n", "utf-8")
    return clock(
        lambda: wait(lambda: mark in client.get("/ja/feed.atom").get_data(as_text=True), 60)
    )


def wait(until: Callable[[], bool], patience: float) -> None:
    started = time.perf_counter()
    while not until() and time.perf_counter() - started < patience:
        time.sleep(0.02)


def first(folder: Path) -> dict[str, float]:
    found = worker(folder, 3600)
    names = ("start", "start, cpu", "texts to search")
    return {f"first {name}": found[name] for name in names}


def second(folder: Path) -> dict[str, float]:
    return {name: value for name, value in worker(folder, 0).items() if name != "texts to search"}


ROWS = {"floor": floor, "cold": cold, "warm": warm, "first": first, "second": second}


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
            rounds = [
                run("floor", folder) | run("cold", folder) | run("warm", folder)
                for _ in range(options.rounds)
            ]
            found = {key: min(one[key] for one in rounds) for key in rounds[0]}
            for row in ("cold", "cold, cpu", "warm, cpu"):
                found[f"{row}, of floor"] = found[row] / found[row.replace(row[:4], "floor")]
            found |= run("first", folder) | run("second", folder)
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
