"""The running service as who looks after it knows it: metrics, logs, reload, stop."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.service.test_serving import ROOT, Service, is_alive, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("operations")
    posts = folder / "posts"
    posts.mkdir()
    shutil.copy(ROOT / "content" / "posts" / "2026-01-15-seoul-chip-startup.md", posts)
    with serving(folder, posts, FEEDS_ENGINE="fake", FEEDS_LOG="json") as service:
        service.wait(lambda: service.get("/readyz")[0] == 200, 30)
        yield service


def workers(service: Service) -> set[int]:
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    return {
        int(pid)
        for pid in children.read_text().split()
        if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


def counted(service: Service) -> float:
    text = service.get("/metrics")[2].decode()
    found = re.search(
        r'^feedglot_requests_total\{format="rss",kind="site",language="ja",status="200"\} (\S+)',
        text,
        re.M,
    )
    return float(found[1]) if found else 0.0


@contextmanager
def paused(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_every_worker_serves_the_metrics_of_all(service: Service) -> None:
    # On an idle machine one worker takes every connection: the others are held in turn.
    before = counted(service)
    pids = workers(service)
    for pid in pids:
        with ExitStack() as others:
            for other in pids - {pid}:
                others.enter_context(paused(other))
            assert service.get("/ja/feed.rss")[0] == 200
            assert counted(service) == before + 1
            before += 1
    files = (service.log.parent / "var" / "metrics").glob("*/counter_*.db")
    assert {int(file.stem.removeprefix("counter_")) for file in files} >= pids
    assert len(pids) >= 2


def test_the_translator_yields_processor_time_to_readers(service: Service) -> None:
    translator = service.translator()
    assert os.getpriority(os.PRIO_PROCESS, translator) == 10
    assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in workers(service)} == {0}
    # The kernel may weigh sessions, and then niceness counts within one only.
    if Path(f"/proc/{translator}/autogroup").exists():
        assert session_niceness(translator) == 10
        assert {session_niceness(pid) for pid in workers(service)} == {0}


def session_niceness(pid: int) -> int:
    """Of the process's session; one as old as the machine or its container has none: 0."""
    return int((Path(f"/proc/{pid}/autogroup").read_text().split() or ["0"])[-1])


def test_every_process_logs_json(service: Service) -> None:
    service.get("/ja/feed.atom", **{"X-Request-ID": "find-me"})
    service.wait(lambda: "find-me" in service.log.read_text(), 5)
    events = [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]
    assert {event["process"] for event in events} >= {"web", "supervisor", "translator"}
    assert "127.0.0.1 - -" not in service.log.read_text()  # gunicorn's own access log
    messages = [event["message"] for event in events]
    assert sum(message.startswith("Listening at") for message in messages) == 1
    assert sum("/ja/feed.atom" in message for message in messages if "Feeds (ja)" in message) == 1
    (found,) = [event for event in events if event.get("request_id") == "find-me"]
    assert found["path"] == "/ja/feed.atom"
    assert found["status"] == 200


def test_a_reload_under_load_loses_no_request_and_keeps_none_waiting(service: Service) -> None:
    before = workers(service)
    answers: Counter[int | str] = Counter()
    took: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            started = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
            try:
                connection.request("GET", "/ja/feed.rss")
                answers[connection.getresponse().status] += 1
            except OSError as error:
                answers[repr(error)] += 1
            finally:
                connection.close()
                took.append(time.monotonic() - started)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        service.process.send_signal(signal.SIGHUP)
        service.wait(lambda: not (workers(service) & before) and workers(service), 60)
        time.sleep(2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(answers) == {200}, answers
    assert answers[200] > 50
    # New workers take seconds to start, on a busy machine many: the old ones serve meanwhile.
    assert max(took) < 5


def test_a_stopped_service_returns_its_job_to_the_queue(tmp_path: Path) -> None:
    posts = ROOT / "content" / "posts"

    def in_work(service: Service) -> int:
        report = json.loads(service.get("/api/status")[2])
        return int(report["languages"]["ko"]["in_work"])

    with serving(tmp_path, posts, FEEDS_LANGUAGES="ja,ko") as service:
        service.wait(lambda: in_work(service) > 0, 60)
        translator = service.translator()
    assert not is_alive(translator)
    assert "left in order" in service.log.read_text()
    with serving(tmp_path, posts, FEEDS_LANGUAGES="ja,ko", FEEDS_TRANSLATOR="external") as service:
        assert in_work(service) == 0


def test_a_stop_takes_seconds_whatever_translator_and_clients_are_at(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    shutil.copy(ROOT / "content" / "posts" / "2026-01-15-seoul-chip-startup.md", posts)
    settings = {"FEEDS_ENGINE": "tests.support.odd_engines:native", "PYTHONPATH": str(ROOT)}

    def in_work(service: Service) -> int:
        languages = json.loads(service.get("/api/status")[2])["languages"]
        return sum(language["in_work"] for language in languages.values())

    with serving(tmp_path, posts, **settings) as service:
        service.wait(lambda: in_work(service) == 1, 60)
        idle = http.client.HTTPConnection("127.0.0.1", service.port)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read()
        waits = http.client.HTTPConnection("127.0.0.1", service.port)
        waits.request("GET", "/ko/feed.atom?wait=30")
        silent = socket.create_connection(("127.0.0.1", service.port))
        translator = service.translator()
        started = time.monotonic()
        service.process.terminate()
        service.process.wait(30)
        assert time.monotonic() - started < 6  # 2 for the answer under way; a busy machine
        assert silent.recv(1) == b""
        silent.close()
    assert not is_alive(translator)
    assert "killed" not in service.log.read_text()
    with serving(tmp_path, posts, **settings, FEEDS_TRANSLATOR="external") as service:
        assert in_work(service) == 0


def test_tls_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    posts = tmp_path / "posts"
    posts.mkdir()
    options = f"--certfile {tmp_path}/cert.pem --keyfile {tmp_path}/key.pem"
    service = Service(tmp_path, posts, GUNICORN_CMD_ARGS=options)
    assert service.process.wait(60) == 1
    assert "Error: certfile, keyfile: the workers do not support TLS" in service.log.read_text()
