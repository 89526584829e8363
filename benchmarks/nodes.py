"""How much faster two translator nodes are than one: `python -m benchmarks.nodes`.

The sample posts, into English, through one PostgreSQL, by the starter packages on one
thread each; the memory is empty at the start of every run. Prints sentences per second
from the first to the last result, and the ratio.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, select

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from feeds.builder.site import Site  # noqa: E402
from feeds.builder.translation_requests import TranslationRequests  # noqa: E402
from feeds.settings import Settings  # noqa: E402
from infra.database import reading  # noqa: E402
from tests.support import servers  # noqa: E402
from translate.jobs.tables import memory, results  # noqa: E402
from translate.options import TranslatorOptions  # noqa: E402


def rows(engine: Engine, column: object) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count(column))).scalar_one())  # type: ignore[arg-type]


def run(postgres: servers.Postgres, nodes: int, folder: Path) -> float:
    """Sentences per second of that many nodes."""
    url = postgres.new_database()
    settings = Settings(
        database_url=url,
        state_dir=folder / f"web-{nodes}",
        posts_dir=ROOT / "content" / "posts",
        languages=("ja", "en"),
        translator="external",
        prewarm=100,
    )
    site = Site(settings)
    processes = []
    for number in range(nodes):
        state = folder / f"{nodes}-{number}"
        options = TranslatorOptions.of_state(state, database=url, languages=("ja", "en"), threads=1)
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "translate"],
                env=os.environ | {"OMP_NUM_THREADS": "1"} | options.to_environment(),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
    time.sleep(8)  # until all have started and wait for work
    started = time.monotonic()
    site.scan(datetime.now(UTC))
    TranslationRequests(site).prewarm()
    wanted = sum(count.pending + count.in_work for count in site.results.counts().values())
    while rows(site.engine, results.c.seq) < wanted:
        time.sleep(0.2)
    took = time.monotonic() - started
    sentences = rows(site.engine, memory.c.key)
    for process in processes:
        process.terminate()
        process.wait(30)
    site.engine.dispose()
    return sentences / took


def main() -> None:
    postgres = servers.postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            rates: dict[int, list[float]] = {1: [], 2: []}
            for turn in range(2):
                for nodes in rates:
                    rate = run(postgres, nodes, Path(folder) / str(turn))
                    rates[nodes].append(rate)
                    print(f"{nodes} node(s): {rate:.2f} sentences/s", flush=True)
            best = {nodes: max(found) for nodes, found in rates.items()}
            print(f"ratio of the best: {best[2] / best[1]:.2f}; load {os.getloadavg()}")
    finally:
        postgres.remove()


if __name__ == "__main__":
    main()
