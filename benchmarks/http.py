"""How many requests a second, beside a bare Flask view: `python benchmarks/http.py`.

One run, one gunicorn configuration (ours: the same workers, threads and log), the same
bytes. The bare view is what one would write in ten lines: bytes in a variable, an ETag that
is compared, and a log line like ours per request. Both are asked over loopback by wrk, in
turns, so that what else the machine does meets both; each row is the median of its rounds.

    304     If-None-Match with the current ETag, as readers poll
    200     the kept gzip bytes
    fresh   200 after an edit of a post: its time, once (ours only)

p50 and p99 are milliseconds. With more connections than a machine has processors they are
mostly waiting in line, wrk's own time included.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Not this script's folder, where it would stand for the standard library's module.
sys.path[0] = str(ROOT)
import http.client  # noqa: E402

FEED = "/ja/feed.atom"
# gunicorn imports this; our gunicorn.conf.py starts what it finds under `extensions`.
BARE = """
import logging, os, time
from pathlib import Path
from types import SimpleNamespace
from flask import Flask, Response, g, request

app = Flask(__name__, static_folder=None)
app.extensions["feedglot"] = SimpleNamespace(start=lambda: None)
access = logging.getLogger("feeds.access")
body, etag = Path(os.environ["BARE_BODY"]).read_bytes(), os.environ["BARE_ETAG"]

@app.before_request
def begin():
    g.began = time.perf_counter()

@app.after_request
def log(response):
    size = len(body) if response.status_code == 200 else 0
    took = (time.perf_counter() - g.began) * 1000
    agent, known = request.headers.get("User-Agent", ""), os.urandom(8).hex()
    line = (request.method, request.path, response.status_code, size, took, agent, known)
    access.info("%s %s %d %d B %.1f ms %s %s", *line)
    return response

@app.get("/ja/feed.atom")
def feed():
    known = request.if_none_match.contains_weak(etag)
    response = Response(b"" if known else body, 304 if known else 200)
    response.content_type = "application/atom+xml; charset=utf-8"
    response.set_etag(etag)
    response.headers["Cache-Control"] = "public, max-age=1800"
    response.headers["Vary"] = "Accept-Encoding"
    if not known:
        response.headers["Content-Encoding"] = "gzip"
    return response
"""


@dataclass(frozen=True)
class Found:
    rate: float
    p50: float
    p99: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", FEED, headers=named)
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


@contextmanager
def gunicorn(app: str, folder: Path, **environment: str) -> Iterator[int]:
    """A server of our configuration; yields its port."""
    port = free_port()
    given = os.environ | {
        "PORT": str(port),
        "FEEDS_TRANSLATOR": "off",
        "FEEDS_STATE_DIR": str(folder / f"state-{app.partition(':')[0]}"),
        "FEEDS_POSTS_DIR": str(folder / "posts"),
        "FEEDS_SITE_URL": "https://feeds.example",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), app]
    with (folder / f"{app.partition(':')[0]}.log").open("ab") as log:
        server = subprocess.Popen(
            command, env=given | environment, cwd=folder, stderr=log, stdout=log
        )
        try:
            for _ in range(200):
                try:
                    if ask(port)[0] == 200:
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                sys.exit(f"{app} does not answer: {log.name}")
            yield port
        finally:
            server.terminate()
            server.wait(30)


def load(port: int, connections: int, seconds: float, headers: dict[str, str]) -> Found:
    threads = str(min(2, connections))
    command = ["wrk", "--latency", "-t", threads, "-c", str(connections), "-d", f"{seconds:g}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{FEED}"], capture_output=True, text=True, check=True
    )
    said = done.stdout
    if "Non-2xx" in said or "Socket errors" in said:
        print(said, file=sys.stderr)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate, said
    return Found(float(rate[1]), _milliseconds(said, "50%"), _milliseconds(said, "99%"))


def _milliseconds(said: str, row: str) -> float:
    found = re.search(rf"{row}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def median(found: list[Found]) -> Found:
    return Found(*(statistics.median(getattr(f, n) for f in found) for n in ("rate", "p50", "p99")))


def measure_edit(port: int, posts: Path) -> float:
    """Milliseconds of the first answer that shows an edited post; the others are kept ones."""
    _, old, _ = ask(port)
    newest = max(posts.glob("*.md"))
    newest.write_text(newest.read_text("utf-8") + "\n追記。\n", "utf-8")
    for _ in range(200):
        started = time.perf_counter()
        _, headers, _ = ask(port, Accept_Encoding="gzip")
        took = (time.perf_counter() - started) * 1000
        if headers["etag"].partition("-")[0].strip('"') != old["etag"].strip('"'):
            return took
        time.sleep(0.02)
    sys.exit("the edit was not seen")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,16,100")
    parser.add_argument("--posts", type=Path, default=ROOT / "content" / "posts")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(options.posts, folder / "posts")
        (folder / "bare.py").write_text(BARE)
        with gunicorn("wsgi:app", folder) as ours:
            _, headers, body = ask(ours, Accept_Encoding="gzip")
            etag = headers["etag"].strip('"')
            (folder / "body").write_bytes(body)
            given = {"BARE_BODY": str(folder / "body"), "BARE_ETAG": etag}
            with gunicorn("bare:app", folder, **given) as bare:
                kinds = {
                    "304": {"If-None-Match": f'"{etag}"', "Accept-Encoding": "gzip"},
                    "200": {"Accept-Encoding": "gzip"},
                }
                for kind, said in kinds.items():
                    for port in (ours, bare):
                        named = {key.replace("-", "_"): value for key, value in said.items()}
                        assert ask(port, **named)[0] == int(kind), (kind, port)
                size = f"{len(body):,} B of gzip ({len(gzip.decompress(body)):,} B)"
                print(f"{FEED}: {size}; load {os.getloadavg()[0]:.1f}", flush=True)
                print("       conns      ours    p50    p99       bare    p50    p99  ratio")
                for kind, said in kinds.items():
                    for connections in map(int, options.connections.split(",")):
                        rounds: dict[int, list[Found]] = {ours: [], bare: []}
                        for _ in range(options.rounds):
                            for port, found in rounds.items():
                                found.append(load(port, connections, options.seconds, said))
                        a, b = median(rounds[ours]), median(rounds[bare])
                        row = f"  {kind}  {connections:5}  {a.rate:8.0f} {a.p50:6.1f} {a.p99:6.1f}"
                        row += f"   {b.rate:8.0f} {b.p50:6.1f} {b.p99:6.1f}"
                        print(f"{row}  {a.rate / b.rate:5.2f}", flush=True)
            print(f"  fresh (an edited post): {measure_edit(ours, folder / 'posts'):.1f} ms")


if __name__ == "__main__":
    main()
