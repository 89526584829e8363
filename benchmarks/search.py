"""What search costs: `python benchmarks/search.py --posts 10000,100000`.

Texts of 2,000 characters, drawn from the sentences of a file, one a line, or else of the
sample posts, which have few words: an index of theirs is smaller than a blog's.

    write     putting a text into the index, per text, in batches as the service does it
    size      of the index and of the texts, per text
    rest      the first asking of each query; the median of five that differ

"cpu" are seconds of processors, the database's among them where it is SQLite.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[0] = str(ROOT)  # not this script's folder

from feeds.builder.search import BATCH, Search  # noqa: E402
from feeds.model.search_text import fold  # noqa: E402
from feeds.store.search_index import SearchIndex  # noqa: E402
from infra.database import open_database, reading  # noqa: E402
from translate.text.sentences import split  # noqa: E402

LENGTH = 2000
WINDOW = 20


def sentences(file: Path | None) -> list[str]:
    if file:
        found = file.read_text("utf-8").splitlines()
    else:
        posts = (ROOT / "content" / "posts").glob("*.md")
        texts = (path.read_text("utf-8").split("---\n", 2)[2] for path in sorted(posts))
        found = [sentence for text in texts for sentence in split(text, "ja")]
    return [" ".join(fold(each).split()) for each in found if len(each) > 10]


def texts(known: list[str], count: int) -> Iterator[str]:
    chance = random.Random(1)
    for n in range(count):
        text = f"記事{n:06d}号"
        while len(text) < LENGTH:
            start = chance.randrange(len(known))
            text = " ".join([text, *known[start : start + 5]])
        yield text[:LENGTH]


def queries(known: list[str]) -> dict[str, list[str]]:
    chance = random.Random(2)

    def piece(length: int) -> str:
        while True:
            sentence = chance.choice(known)
            at = chance.randrange(len(sentence))
            if len(found := sentence[at : at + length]) == length and " " not in found:
                return found

    return {
        "two characters that no post has": ["𠮷野", "龘龘", "鿿鿾", "쀍쀎", "ޱޱ"],
        "a word that no post has": [f"{piece(3)}鿿{n}" for n in range(5)],
        "a word made of what posts have": [f"{piece(4)}{piece(4)}" for _ in range(5)],
        "a word that one post has": [f"記事{n:06d}号" for n in (7, 77, 177, 277, 377)],
        "two characters of the texts": [piece(2) for _ in range(5)],
        "four characters of the texts": [piece(4) for _ in range(5)],
        "one character of the texts": [piece(1) for _ in range(5)],
        "what every post has": ["記事", "記", "号", "記事0", "事0"],
    }


def sizes(url: str, database: Any) -> dict[str, float]:
    with reading(database) as db:
        if database.dialect.name == "sqlite":
            grams = db.exec_driver_sql("SELECT sum(length(block)) FROM search_grams_data").scalar()
            pages = db.exec_driver_sql("PRAGMA page_count").scalar()
            whole = (pages or 0) * (db.exec_driver_sql("PRAGMA page_size").scalar() or 0)
            return {"index": float(grams or 0), "database": float(whole)}
        grams = db.exec_driver_sql("SELECT pg_relation_size('search_texts_grams')").scalar()
        whole = db.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
        return {"index": float(grams or 0), "database": float(whole or 0)}


def measure(count: int, url: str, known: list[str]) -> dict[str, str]:
    database = open_database(url)
    index = SearchIndex(database)
    before = sizes(url, database)
    wall, cpu = time.perf_counter(), time.process_time()
    batch: dict[str, tuple[str, str]] = {}
    for n, text in enumerate(texts(known, count)):
        batch[f"post-{n}"] = ("", text)
        if len(batch) == BATCH or n == count - 1:
            index.put("ja", batch, 0)
            batch = {}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = sizes(url, database)
    found = {
        "write": f"{wall / count * 1000:.2f} ms",
        "write, cpu": f"{cpu / count * 1000:.2f} ms",
        "size of the index": f"{(after['index'] - before['index']) / count / 1000:.2f} kB",
        "size of the database": f"{(after['database'] - before['database']) / count / 1000:.2f} kB",
    }
    posts: Any = [SimpleNamespace(key=f"post-{n}") for n in range(count)]
    site: Any = SimpleNamespace(engine=database, catalogue=SimpleNamespace(posts=posts))
    search = Search(site, lambda posts, language: iter(()))
    for name, words in queries(known).items():
        times = []
        for word in words:
            started = time.perf_counter()
            hits = search.find(posts, "ja", word)
            for _number, _post in zip(range(WINDOW), hits.posts, strict=False):
                pass
            times.append(time.perf_counter() - started)
        found[name] = (
            f"{sorted(times)[len(times) // 2] * 1000:.1f} ms, at most {max(times) * 1000:.1f}"
        )
    database.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", default="10000", help="how many; 100000 takes some minutes")
    parser.add_argument("--sentences", type=Path, help="a file with one a line")
    parser.add_argument("--database", help="an empty one; by default a SQLite file")
    options = parser.parse_args()
    known = sentences(options.sentences)
    table: dict[str, list[str]] = {}
    counts = [int(count) for count in options.posts.split(",")]
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            url = options.database or f"sqlite:///{folder}/search.sqlite3"
            for name, value in measure(count, url, known).items():
                table.setdefault(name, []).append(value)
    print(f"| posts | {' | '.join(f'{count:,}' for count in counts)} |")
    print("|---" * (len(counts) + 1) + "|")
    for name, cells in table.items():
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
