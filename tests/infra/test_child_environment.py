"""Child processes get no secret that is not theirs."""

from __future__ import annotations

import os
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from infra.child_environment import minimal, minimal_environment
from translate.options import VARIABLE, TranslatorOptions
from translate.worker.launcher import SupervisorHandle

SECRETS = {"FEEDS_ADMIN_TOKEN": "t0ken", "PGPASSWORD": "pa55", "AWS_SECRET_ACCESS_KEY": "k3y"}
NEEDED = {"PATH": "/bin", "LC_ALL": "C", "LD_LIBRARY_PATH": "/lib", "OMP_NUM_THREADS": "2"}


def test_no_secret_and_all_that_is_needed() -> None:
    given = {**SECRETS, **NEEDED, "PGSSLMODE": "require"}
    assert minimal_environment(given) == NEEDED | {"PGSSLMODE": "require"}
    with_database = minimal_environment(given, database=True)
    assert with_database == NEEDED | {"PGSSLMODE": "require", "PGPASSWORD": "pa55"}


def test_the_translator_gets_its_own_addresses_and_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    options = TranslatorOptions.of_state(
        tmp_path, database="postgresql://me:mine@db/x", queue="redis://q/0"
    )
    handle = SupervisorHandle(options)
    handle.start()
    try:
        text, deadline = "", time.monotonic() + 20
        while VARIABLE not in text and time.monotonic() < deadline:  # not yet executed
            text = Path(f"/proc/{handle.pid}/environ").read_text()
    finally:
        handle.stop()
    found = dict(line.split("=", 1) for line in text.split("\0") if line)
    assert TranslatorOptions.from_environment(found) == options
    assert "FEEDS_ADMIN_TOKEN" not in found
    assert "AWS_SECRET_ACCESS_KEY" not in found
    assert found["PATH"] == os.environ["PATH"]


def names_of_child() -> list[str]:
    return list(os.environ)


def test_a_child_within_the_block_inherits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with minimal(), get_context("spawn").Pool(1) as pool:
        names = pool.apply(names_of_child)
    assert not SECRETS.keys() & set(names)
    assert os.environ["FEEDS_ADMIN_TOKEN"] == "t0ken"
