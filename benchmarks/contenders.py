"""The servers that are measured beside each other: ours, a bare Flask view, and nginx."""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
NGINX = """
{user}
worker_processes {workers};
daemon off;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    log_format line '[$time_local] $request $status $body_bytes_sent B $request_time $request_id';
    access_log access.log line;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
    uwsgi_temp_path t4; scgi_temp_path t5;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port};
        root files;
        gzip_static on;
        gzip_vary on;
        types {{ application/atom+xml atom; }}
        add_header Cache-Control "public, max-age=1800";
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    port: int
    pid: int  # of the process whose children answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str = FEED, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=named)
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


@contextmanager
def running(
    command: list[str], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The server, once it answers; ended with the block."""
    given = os.environ | (environment or {})
    with log.open("ab") as output:
        server = subprocess.Popen(command, env=given, cwd=log.parent, stderr=output, stdout=output)
        try:
            for _ in range(300):
                try:
                    if ask(port)[0] == 200:
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                sys.exit(f"{command}: no answer\n{log.read_text()[-2000:]}")
            yield Server(port, server.pid)
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def gunicorn(app: str, folder: Path, **environment: str) -> Iterator[Server]:
    """A server of our configuration."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    given = {
        "PORT": str(port),
        "FEEDS_TRANSLATOR": "off",
        "FEEDS_STATE_DIR": str(folder / "state"),
        "FEEDS_POSTS_DIR": str(folder / "posts"),
        "FEEDS_SITE_URL": "https://feeds.example",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), app]
    with running(command, port, folder / "log", given | environment) as server:
        yield server


@contextmanager
def bare(folder: Path, body: bytes, etag: str) -> Iterator[Server]:
    """The view that one would write in ten lines."""
    folder.mkdir()
    (folder / "posts").mkdir()
    (folder / "bare.py").write_text(BARE)
    (folder / "body").write_bytes(body)
    given = {"BARE_BODY": str(folder / "body"), "BARE_ETAG": etag}
    with gunicorn("bare:app", folder, **given) as server:
        yield server


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[Server]:
    """nginx with as many workers as gunicorn has, on the bytes as files."""
    port = free_port()
    file = folder / "files" / FEED[1:]
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.decompress(body))
    file.with_name(file.name + ".gz").write_bytes(body)
    user = "user root;" if os.getuid() == 0 else ""  # the folder is nobody else's
    workers = min(4, max(2, os.cpu_count() or 1))
    (folder / "nginx.conf").write_text(NGINX.format(port=port, user=user, workers=workers))
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if binary is None:
        sys.exit("nginx is needed: apt install nginx-light")
    command = [binary, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, port, folder / "log") as server:
        yield server
