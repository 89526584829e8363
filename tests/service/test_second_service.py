"""A second gunicorn on the same state or the same port leaves the running one as it is."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.test_processes import FEEDS, no_entry_twice
from tests.support.nodes import ROOT, Reader, Web, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2026-01-01-a.md").write_text("---\ntitle: 題名\n---\n\n本文です。", "utf-8")
    return tmp_path


def web(folder: Path, name: str, **settings: str) -> Web:
    return Web(
        folder / name,
        {
            "FEEDS_POSTS_DIR": str(folder / "posts"),
            "FEEDS_STATE_DIR": str(folder / "state"),
            "FEEDS_SITE_URL": "https://feeds.example",
            "FEEDS_ENGINE": "fake",
            **settings,
        },
    )


@pytest.fixture
def first(folder: Path) -> Iterator[Web]:
    service = web(folder, "first")
    service.start()
    wait_for(lambda: service.get("/readyz")[0] == 200, 60, [service])
    yield service
    service.stop()


def counted(service: Web) -> int:
    text = service.get("/metrics")[2].decode()
    counts = re.findall(r"^feedglot_requests_total\{.*\} (\S+)$", text, re.M)
    return int(sum(map(float, counts)))


def folders(folder: Path) -> set[str]:
    return {path.name for path in (folder / "state" / "metrics").iterdir() if path.is_dir()}


def last_line(service: Web) -> str:
    return service.log.read_text("utf-8").splitlines()[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_master_has_the_libraries_of_its_workers(first: Web) -> None:
    assert first.process
    assert "/lxml/etree." in Path(f"/proc/{first.process.pid}/maps").read_text()


def test_on_a_port_in_use_it_names_the_process_and_exits(first: Web, folder: Path) -> None:
    assert first.process
    for _ in range(3):
        first.get("/ja/feed.atom")
    before, metrics = counted(first), folders(folder)
    second = web(folder, "second", PORT=str(first.port))
    started = time.monotonic()
    second.start()
    assert second.process
    assert second.process.wait(30) == 1
    assert time.monotonic() - started < 10
    wait_for(lambda: "is in use" in second.log.read_text(), 5, [second])
    (line,) = [line for line in second.log.read_text().splitlines() if "Starting" not in line]
    assert line == (
        f"Error: http://127.0.0.1:{first.port} is in use: process {first.process.pid}, a feedglot "
        f"on the same state ({folder / 'state'}), listens there: stop it first, or choose another "
        "PORT and FEEDS_STATE_DIR"
    )
    assert counted(first) >= before
    assert folders(folder) == metrics


def test_on_a_port_of_another_program_it_names_the_address(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        service = web(folder, "service", PORT=str(port))
        service.start()
        assert service.process
        assert service.process.wait(30) == 1
    wait_for(lambda: f"http://127.0.0.1:{port}: " in service.log.read_text(), 5, [service])
    assert last_line(service).endswith("choose another HOST or PORT")
    assert not (folder / "state").exists()


def test_a_unix_socket_in_use_is_not_replaced(first: Web, folder: Path) -> None:
    path = folder / "socket"
    gunicorn = Path(sys.executable).with_name("gunicorn")
    command = [gunicorn, "-c", ROOT / "gunicorn.conf.py", "-b", f"unix:{path}"]
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        inode = path.stat().st_ino
        ended = subprocess.run(
            command, cwd=folder, env=first.environment, capture_output=True, text=True, timeout=60
        )
        assert ended.returncode == 1
        assert f"unix:{path}: another server listens there" in ended.stderr
        assert path.stat().st_ino == inode


def test_on_the_same_state_both_serve_and_the_translator_is_handed_over(
    first: Web, folder: Path
) -> None:
    assert first.process
    first.get("/ja/feed.atom")
    before, metrics = counted(first), folders(folder)
    second = web(folder, "second")
    second.start()
    try:
        wait_for(lambda: second.get("/readyz")[0] == 200, 60, [second])
        log = second.log.read_text()
        assert f"process {first.process.pid} serves the same state" in log
        wait_for(
            lambda: re.search(
                r"process \d+, another translator, holds \S*translator\.lock",
                second.log.read_text(),
            ),
            10,
            [second],
        )
        assert counted(first) >= before
        assert folders(folder) > metrics
        assert counted(second) < counted(first)

        first.stop()
        wait_for(lambda: "started the translator" in second.log.read_text(), 30, [second])
        new = "---\ntitle: 新しい\n---\n\n新しい本文です。"
        (folder / "posts" / "2026-01-02-b.md").write_text(new, "utf-8")
        wait_for(
            lambda: second.get("/ko/feed.atom?wait=2")[1]["X-Translation-Ready"] == "2/2",
            60,
            [second],
        )
        assert not metrics & folders(folder)
    finally:
        second.stop()
    assert folders(folder) == set()


def test_metrics_of_a_killed_master_are_deleted_by_the_next(first: Web, folder: Path) -> None:
    assert first.process
    metrics = folders(folder)
    first.process.kill()
    first.process.wait()
    assert folders(folder) == metrics
    second = web(folder, "second")
    second.start()
    try:
        wait_for(lambda: second.get("/readyz")[0] == 200, 60, [second])
        assert len(folders(folder)) == 1
        assert not metrics & folders(folder)
        assert "serves the same state" not in second.log.read_text()
    finally:
        second.stop()


def test_an_upgrade_by_usr2_loses_no_request_and_no_translation(first: Web, folder: Path) -> None:
    assert first.process
    old = first.process.pid
    with Reader([first], FEEDS, no_entry_twice) as reader:
        os.kill(old, signal.SIGUSR2)
        (new,) = wait_for(lambda: set(master_pids(first)) - {old}, 30, [first])
        try:
            wait_for(lambda: len(folders(folder)) == 2, 30, [first])
            wait_for(lambda: "another translator, holds" in first.log.read_text(), 30, [first])
            answers = first.get("/ja/feed.atom")
            assert answers[0] == 200
            os.kill(old, signal.SIGTERM)
            first.process.wait(30)
            wait_for(lambda: "Master has been promoted" in first.log.read_text(), 30, [first])
            text = "---\ntitle: 新しい\n---\n\n新しい本文です。"
            (folder / "posts" / "2026-01-02-b.md").write_text(text, "utf-8")
            wait_for(
                lambda: first.get("/ko/feed.atom?wait=2")[1]["X-Translation-Ready"] == "2/2",
                60,
                [first],
            )
            assert counted(first) > 0
            assert len(folders(folder)) == 1
            reader.__exit__()
            assert not reader.complaints, reader.complaints
        finally:
            os.kill(new, signal.SIGTERM)
            wait_for(lambda: not Path(f"/proc/{new}/cmdline").exists(), 30, [first])


def master_pids(service: Web) -> list[int]:
    return [int(pid) for pid in re.findall(r"Listening at: .* \((\d+)\)", service.log.read_text())]


def test_workers_inherit_libraries_and_no_module_of_this_project() -> None:
    """They would not see new code after a reload; and prometheus_client, imported before the
    folder of metrics is named, counts in each process alone."""
    script = """
import runpy, sys
from types import SimpleNamespace
hooks = runpy.run_path("gunicorn.conf.py")
print({"prometheus_client", "sqlalchemy", "flask", "feeds.services"} & set(sys.modules))
hooks["libraries"].share()
registration = SimpleNamespace(abandon=lambda: None)
hooks["post_fork"](SimpleNamespace(feedglot_master=registration, feedglot_translator=None), None)
print({name for name in sys.modules if name.split(".")[0] in hooks["ROOMS"]})
print({"sqlalchemy"} & set(sys.modules))
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["set()", "{'infra.log_format'}", "{'sqlalchemy'}"]
