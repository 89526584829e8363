"""How many requests a second, beside a bare Flask view and nginx: `python benchmarks/http.py`.

One run and the same bytes for all three. The bare view is what one would write in ten
lines: bytes in a variable, an ETag that is compared, a log line like ours per request, and
our gunicorn.conf.py. nginx serves a file with its twin of gzip, and writes such a line too.
All are asked over loopback by wrk, in turns, so that what else the machine does meets all;
each row is the median of its rounds. Prints Markdown tables.

    304     If-None-Match with the current ETag, as readers poll
    200     the kept gzip bytes
    new     200 of a feed that nobody has asked for yet (ours only)
    beside  304 for 16 clients while as many as the row says ask for new ones (ours only)
    busy    304 and 200 while the translator has more posts than it can do
    edited  200 after an edit of a post: its time, once (ours only)

p50 and p99 are milliseconds. wrk and the server share the processors: with more connections
than those, requests are mostly waiting in line, and p50 is the length of the line. The
processor's own time per request, of the server alone, is what other work disturbs least.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Not this script's folder, where it would stand for the standard library's module.
sys.path[0] = str(ROOT)

from benchmarks.contenders import FEED, Server, ask, bare, gunicorn, nginx  # noqa: E402

# Asks for a feed since another day each time: more of them than a worker keeps. Each thread of
# each run begins elsewhere.
NEW = """
local days = {{ {days} }}
local threads = 0
setup = function(thread)
    threads = threads + 1
    thread:set("first", os.time() * 977 + threads * 5003)
end
init = function()
    n = first
end
request = function()
    n = n + 1
    return wrk.format(nil, "{feed}?since=" .. days[(n * 7919) % #days + 1])
end
"""
# What keeps the translator busy: older than the sample posts, so that those come first.
LATER = "---\ntitle: {n}番目の記事\ndate: {day}\n---\n\n"
SENTENCE = "{n}番目の記事の{m}番目の文では、朝の散歩とフィードの関係について考えてみたい。\n\n"


@dataclass(frozen=True)
class Found:
    rate: float
    p50: float
    p99: float
    cpu: float  # microseconds of the server's processors per request


def load(
    server: Server, connections: int, seconds: int, headers: Mapping[str, str], script: str = ""
) -> Found:
    command = wrk(server, connections, seconds, headers, script)
    before = processor_seconds(server)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    used = processor_seconds(server) - before
    said = done.stdout
    if "Non-2xx" in said or "Socket errors" in said:
        print(said, file=sys.stderr)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    count = re.search(r"(\d+) requests in", said)
    assert rate, said
    assert count, said
    return Found(
        float(rate[1]),
        _milliseconds(said, "50%"),
        _milliseconds(said, "99%"),
        used / max(1, int(count[1])) * 1e6,
    )


def wrk(
    server: Server, connections: int, seconds: int, headers: Mapping[str, str], script: str = ""
) -> list[str]:
    command = ["wrk", "--latency", "-t", str(min(2, connections)), "-c", str(connections)]
    command += ["-d", f"{seconds}s", "--timeout", "30", *(["-s", script] if script else [])]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    return [*command, f"http://127.0.0.1:{server.port}{FEED}"]


def processor_seconds(server: Server) -> float:
    """That the server's workers have used; not the translator."""
    ticks = 0
    for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
        if "translate" not in Path(f"/proc/{child}/cmdline").read_text():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])  # utime and stime
    return ticks / os.sysconf("SC_CLK_TCK")


def _milliseconds(said: str, row: str) -> float:
    found = re.search(rf"{row}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def median(found: list[Found]) -> Found:
    return Found(*map(statistics.median, zip(*map(astuple, found), strict=True)))


def compare(
    servers: Mapping[str, Server],
    said: Mapping[str, Mapping[str, str]],
    options: argparse.Namespace,
    script: str = "",
) -> Iterator[tuple[int, dict[str, Found]]]:
    """By number of connections, what each server does; they take turns."""
    for connections in map(int, options.connections.split(",")):
        rounds: dict[str, list[Found]] = {name: [] for name in servers}
        for _ in range(options.rounds):
            for name, found in rounds.items():
                server = servers[name]
                found.append(load(server, connections, options.seconds, said[name], script))
        yield connections, {name: median(found) for name, found in rounds.items()}


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def header(*cells: str) -> None:
    print()
    row(*cells)
    row(*["---"] * len(cells))


def cells(found: Found) -> list[str]:
    return [f"{found.rate:,.0f}", f"{found.p50:.1f}", f"{found.p99:.1f}"]


def asking(kind: str, server: Server) -> dict[str, str]:
    """Headers that this server answers with 304, or 200."""
    etag = ask(server.port, Accept_Encoding="gzip")[1]["etag"]
    said = {"Accept-Encoding": "gzip"} | ({"If-None-Match": etag} if kind == "304" else {})
    given = {key.replace("-", "_"): value for key, value in said.items()}
    assert ask(server.port, **given)[0] == int(kind), (kind, server)
    return said


def measure_beside(ours: Server, plain: Server, front: Server, options: argparse.Namespace) -> None:
    servers = {"ours": ours, "bare": plain, "nginx": front}
    columns = [f"{name}{what}" for name in servers for what in (", requests/s", " p50", " p99")]
    header("answer", "connections", *columns, "CPU µs", "ours/bare", "by CPU", "ours/nginx")
    for kind in ("304", "200"):
        said = {name: asking(kind, server) for name, server in servers.items()}
        for connections, found in compare(servers, said, options):
            a, b, c = found.values()
            figures = [cell for each in (a, b, c) for cell in cells(each)]
            costs = f"{a.cpu:.0f}, {b.cpu:.0f}, {c.cpu:.0f}"
            ratios = [f"{r:.2f}" for r in (a.rate / b.rate, b.cpu / a.cpu, a.rate / c.rate)]
            row(kind, connections, *figures, costs, *ratios)


def measure_new(ours: Server, folder: Path, options: argparse.Namespace) -> None:
    days = [date(1990, 1, 1) + timedelta(n) for n in range(10_000)]
    script = folder / "new.lua"
    script.write_text(NEW.format(days=", ".join(f'"{day}"' for day in days), feed=FEED))
    header("answer", "connections", "requests/s", "p50", "p99", "CPU µs")
    said = {"ours": {"Accept-Encoding": "gzip"}}
    for connections, found in compare({"ours": ours}, said, options, str(script)):
        row("new", connections, *cells(found["ours"]), f"{found['ours'].cpu:.0f}")
    polls = asking("304", ours)
    for connections in map(int, options.connections.split(",")):
        rounds = []
        for _ in range(options.rounds):
            command = wrk(ours, connections, options.seconds + 2, said["ours"], str(script))
            with subprocess.Popen(command, stdout=subprocess.DEVNULL):
                time.sleep(1)
                rounds.append(load(ours, 16, options.seconds, polls))
        row("beside", connections, *cells(median(rounds)), "")


def measure_busy(folder: Path, others: Mapping[str, Server], options: argparse.Namespace) -> None:
    """The answers of a service whose translator has too much to do, and of others meanwhile."""
    shutil.copytree(options.posts, folder / "posts")
    for n in range(2000):
        day = date(2015, 1, 1) + timedelta(n)
        text = "".join(SENTENCE.format(n=n, m=m) for m in range(1, 9))
        path = folder / "posts" / f"{day}-later-{n}.md"
        path.write_text(LATER.format(n=n, day=day) + text, "utf-8")
    with gunicorn("wsgi:app", folder, FEEDS_TRANSLATOR="embedded", FEEDS_PREWARM="5000") as ours:
        for _ in range(1200):
            _, headers, _ = ask(ours.port, Accept_Encoding="gzip")
            if headers["x-translation-state"] == "complete":
                break
            time.sleep(0.1)
        else:
            sys.exit("the translator does not finish the newest posts")
        time.sleep(15)  # thousands of posts in line are work for the web workers, too
        servers = {"ours": ours, **others}
        columns = ("requests/s", "p50", "p99", "p99/p50")
        header("answer", "connections", *(f"{name} {what}" for name in servers for what in columns))
        for kind in ("304", "200"):
            said = {name: asking(kind, server) for name, server in servers.items()}
            for connections, found in compare(servers, said, options):
                figures = [
                    cell
                    for each in found.values()
                    for cell in (*cells(each), f"{each.p99 / each.p50:.1f}")
                ]
                row(f"{kind}, busy", connections, *figures)
        waiting = re.search(rb'"in_line": ([1-9]\d*)', ask(ours.port, "/api/status")[2])
        assert waiting, "the translator has run out of work: give it more"


def measure_edit(ours: Server, posts: Path) -> float:
    """Milliseconds of the first answer that shows an edited post; the others are kept ones."""
    _, old, _ = ask(ours.port)
    newest = max(posts.glob("*.md"))
    newest.write_text(newest.read_text("utf-8") + "\n追記。\n", "utf-8")
    for _ in range(200):
        started = time.perf_counter()
        _, headers, _ = ask(ours.port, Accept_Encoding="gzip")
        took = (time.perf_counter() - started) * 1000
        if headers["etag"].partition("-")[0].strip('"') != old["etag"].strip('"'):
            return took
        time.sleep(0.02)
    sys.exit("the edit was not seen")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=3)  # wrk takes whole ones
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,16,50,200")
    parser.add_argument("--posts", type=Path, default=ROOT / "content" / "posts")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt install wrk")
    print(f"{date.today()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")  # noqa: DTZ011
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        (folder / "ours").mkdir()
        posts = folder / "ours" / "posts"
        shutil.copytree(options.posts, posts)
        ours = servers.enter_context(gunicorn("wsgi:app", folder / "ours"))
        _, headers, body = ask(ours.port, Accept_Encoding="gzip")
        etag = headers["etag"].strip('"')
        plain = servers.enter_context(bare(folder / "bare", body, etag))
        front = servers.enter_context(nginx(folder / "nginx", body))
        print(f"{FEED}: {len(body):,} B of gzip ({len(gzip.decompress(body)):,} B)")
        measure_beside(ours, plain, front, options)
        print(f"\nedited: {measure_edit(ours, posts):.1f} ms")
        measure_new(ours, folder, options)
        (folder / "busy").mkdir()
        measure_busy(folder / "busy", {"bare": plain, "nginx": front}, options)
        print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
