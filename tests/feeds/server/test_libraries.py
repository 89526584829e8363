"""The libraries that web workers share with gunicorn's master."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MASTER = """
import gc, sys, threading
from feeds.server import gunicorn_worker, libraries

ROOMS = {"content", "feeds", "infra", "translate", "wsgi"}

def of_project():
    return {name for name in sys.modules if name.partition(".")[0] in ROOMS}

def of_libraries():
    others = ROOMS | sys.stdlib_module_names
    return {name for name in sys.modules if name.partition(".")[0] not in others}

own = of_project()
libraries.share()
print(sorted(of_project() - own), threading.active_count(), gc.get_freeze_count() > 100_000)
"""
WORKER = """
import flask.testing
shared = of_libraries()
import wsgi
wsgi.app.extensions["feedglot"].start()
for name in wsgi.app.jinja_env.list_templates():
    wsgi.app.jinja_env.get_template(name)
for path in ("feed.atom", "feed.json", "", "posts/hello-world/"):
    wsgi.app.test_client().get(f"/ja/{path}")
print(sorted(of_libraries() - shared))
"""


def run(script: str, state: Path) -> str:
    environment = os.environ | {"FEEDS_STATE_DIR": str(state), "FEEDS_TRANSLATOR": "off"}
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_the_master_imports_no_module_of_this_project_and_starts_no_thread(tmp_path: Path) -> None:
    assert run(MASTER, tmp_path) == "[] 1 True\n"


@pytest.mark.slow
def test_a_worker_imports_no_library_that_the_master_has_not(tmp_path: Path) -> None:
    run(MASTER + WORKER, tmp_path)  # the first start needs others too, to make the state
    assert run(MASTER + WORKER, tmp_path).splitlines()[1] == "[]"
