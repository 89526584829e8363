"""flask doctor: sees what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import ctypes
import json
import os
import re
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from feeds.cli.service import run_doctor
from feeds.ops.doctor import checks
from feeds.ops.doctor.checks import examine
from feeds.ops.doctor.finding import Finding
from feeds.ops.doctor.package_probe import PackageProbe, ProbedSentence
from tests.support.blog import Blog
from tests.support.firefox_models import write_model
from translate.engines.fake import FakeEngine
from translate.options import TranslatorOptions
from translate.packages.firefox_import import import_firefox
from translate.packages.installed import Packages
from translate.types import Decoding, Hop, Hypothesis, Pair

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, engine="fake", site_url="https://feeds.blog")
    blog.write("2026-01-01-a.md")
    blog.look()
    return blog


def findings(blog: Blog, port: int = 0, **options: Any) -> dict[str, Finding]:
    """The worst finding of each check."""
    settings = options.pop("settings", blog.settings)
    environ = {"PORT": str(port)}
    levels = ["ok", "warning", "failed"]
    found: dict[str, Finding] = {}
    for one in examine(settings, options.pop("now", None) or datetime.now(UTC), environ, **options):
        if one.check not in found or levels.index(one.level) > levels.index(found[one.check].level):
            found[one.check] = one
    return found


def test_where_all_is_well_every_check_says_so(blog: Blog, port: int) -> None:
    found = findings(blog, port, offline=True)
    assert {one.level for one in found.values()} == {"ok"}
    assert {*found} >= {"python", "distributions", "posts", "packages", "canary", "offline"}
    assert {*found} >= {"database", "clock", "queue", "port", "disk", "address"}
    assert not any(one.remedy for one in found.values())


def test_starter_packages_are_reported_with_better_ones(blog: Blog) -> None:
    settings = replace(blog.settings, engine="argos", translator="off")
    told = findings(blog, settings=settings)["models"]
    assert told.level == "ok"
    assert "translate-ja_en-" in told.what
    assert "`flask models install ja en` (237 MB; licence: " in told.remedy


def test_models_of_firefox_open_no_socket(blog: Blog, tmp_path: Path) -> None:
    settings = replace(blog.settings, engine="argos", languages=("ja", "en"))
    packages = Packages(settings.packages, unpack=settings.packages / ".starter")
    import_firefox(packages, write_model(tmp_path / "model"), Pair("ja", "en"))
    found = findings(blog, settings=settings, offline=True)["offline"]
    what = "no socket was opened (checked by the kernel), with translate-ja_en-1_0-own"
    assert (found.level, found.what) == ("ok", what)


def test_a_package_that_lacks_its_library_says_what_to_install(
    blog: Blog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(blog.settings, engine="argos", languages=("ja", "en"))
    packages = Packages(settings.packages, unpack=settings.packages / ".starter")
    import_firefox(packages, write_model(tmp_path / "model"), Pair("ja", "en"))
    monkeypatch.setitem(sys.modules, "fxtranslate", None)
    found = findings(blog, settings=settings)["canary"]
    assert (found.level, found.what) == ("failed", "translate-ja_en-1_0-own: needs fxtranslate")
    assert found.remedy == "`pip install 'feedglot[firefox]'`"


def test_each_trouble_has_a_remedy(blog: Blog) -> None:
    blog.write("2026-01-02-b.md", date="yesterday")
    settings = replace(
        blog.settings,
        languages=("ja", "fr"),
        site_url="http://localhost",
        queue_url="redis://:p@[::1]:1",
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        found = findings(blog, port, settings=settings, now=datetime.now(UTC) - timedelta(days=1))
    wrong = {name: one.level for name, one in found.items() if one.level != "ok"}
    assert wrong == {
        "posts": "warning",
        "packages": "failed",
        "clock": "failed",
        "queue": "failed",
        "port": "failed",
        "address": "warning",
    }
    assert all(found[name].remedy for name in wrong)
    assert "1 set aside" in found["posts"].what
    assert "flask models install ja fr" in found["packages"].remedy
    assert ":p@" not in found["queue"].what


def test_a_sqlite_without_the_index_of_search_is_reported(
    blog: Blog, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = "CREATE VIRTUAL TABLE probe USING fts6 (text)"
    monkeypatch.setattr("feeds.ops.doctor.environment._FTS5", lacking)
    found = findings(blog, port)["sqlite"]
    assert (found.level, found.what.partition(" lacks ")[2]) == (
        "failed", "FTS5, which search needs: no such module: fts6",
    )  # fmt: skip
    elsewhere = replace(blog.settings, database_url="postgresql://127.0.0.1:1/x")
    assert "sqlite" not in findings(blog, port, settings=elsewhere)


def test_ids_with_a_wildcard_address_are_reported(blog: Blog, port: int) -> None:
    assert "authority" not in findings(blog, port)
    with blog.site.engine.begin() as database:
        database.exec_driver_sql(
            "UPDATE ledger_facts SET value = '0.0.0.0' WHERE name = 'id_authority'"
        )
    found = findings(blog, port)["authority"]
    assert (found.level, "0.0.0.0" in found.what) == ("warning", True)
    assert "FEEDS_ID_AUTHORITY" in found.remedy
    chosen = replace(blog.settings, id_authority="feeds.example")
    assert "authority" not in findings(blog, port, settings=chosen)


def test_a_package_that_translates_badly_is_named(blog: Blog, port: int) -> None:
    class Echo(FakeEngine):
        def decode(
            self, hop: Hop, sentences: Sequence[str], options: Decoding
        ) -> list[list[Hypothesis]]:
            return [[Hypothesis(sentence, -0.1)] for sentence in sentences]

    canary = findings(blog, port, open_engine=lambda _: Echo())["canary"]
    assert canary.level == "failed"
    assert "fake-ja_en" in canary.what
    assert "same" in canary.what


class Calling(FakeEngine):
    """Wants the network when it decodes, in one of three ways."""

    def __init__(self, way: str, port: int) -> None:
        super().__init__()
        self.way, self.port = way, port

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        if self.way == "unseen by Python":
            ctypes.CDLL(None).socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1)
        except Exception:
            if self.way != "swallowed":
                raise
        return super().decode(hop, sentences, options)


def open_calling(way: str, port: int, _: TranslatorOptions) -> Calling:
    return Calling(way, port)


def open_dying(_: TranslatorOptions) -> FakeEngine:
    os._exit(3)


@pytest.mark.parametrize("way", ["loud", "swallowed", "unseen by Python"])
def test_an_engine_that_wants_the_network_is_found_out(blog: Blog, port: int, way: str) -> None:
    opens = partial(open_calling, way, port)
    found = findings(blog, port, offline=True, open_engine=opens)["offline"]
    assert found.level == "failed"
    if way == "unseen by Python":
        assert re.search(
            r"a socket opened outside Python: .*test_checks.py.* in decode", found.what
        )
    else:
        assert "socket.getaddrinfo 127.0.0.1" in found.what
    with socket.create_server(("127.0.0.1", port)):  # here the network is still there
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_a_crashed_probe_is_reported(blog: Blog, port: int) -> None:
    found = findings(blog, port, offline=True, open_engine=open_dying)
    assert found["canary"].what == "the probe ended with exit status 3"
    assert "offline" not in found


def test_without_the_kernel_filter_the_doctor_warns() -> None:
    probe = PackageProbe(
        sentences=[ProbedSentence("translate-ja_en-1_0", "一", "one", None)], kernel_filter=False
    )
    finding = checks._offline_finding(probe)
    what = "sockets of other code are not checked"
    assert (finding.level, what in finding.what) == ("warning", True)


def test_a_running_service_may_have_its_port(blog: Blog) -> None:
    server = make_server("127.0.0.1", 0, blog.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        found = findings(blog, server.port)["port"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (found.level, "feedglot answers" in found.what) == ("ok", True)


def test_a_damaged_or_newer_database_is_reported(blog: Blog, port: int) -> None:
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    found = findings(blog, port)["database"]
    assert found.level == "failed"
    assert "newer feedglot" in found.remedy
    file = blog.settings.state_dir / "other.sqlite3"
    file.write_bytes(b"no database at all" * 1000)
    found = findings(blog, port, settings=replace(blog.settings, database_url=f"sqlite:///{file}"))[
        "database"
    ]
    assert "not a database" in found.what


def test_what_is_not_there_yet_is_not_made(blog: Blog, port: int, tmp_path: Path) -> None:
    state = tmp_path / "fresh" / "var"
    settings = replace(blog.settings, state_dir=state, database_url=f"sqlite:///{state}/a.sqlite3")
    assert "missing, created" in findings(blog, port, settings=settings)["database"].what
    assert not state.parent.exists()


class TestCommand:
    """Without the app, which would not start where the doctor is needed."""

    @pytest.fixture(autouse=True)
    def settings(self, blog: Blog, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FEEDS_POSTS_DIR", str(blog.settings.posts_dir))
        monkeypatch.setenv("FEEDS_STATE_DIR", str(blog.settings.state_dir))
        monkeypatch.setenv("FEEDS_ENGINE", "fake")
        monkeypatch.setenv("PORT", str(port))

    def test_shows_one_line_for_each_and_no_colour(self) -> None:
        result = CliRunner().invoke(run_doctor, ["--offline"])
        assert result.exit_code == 0  # a warning is none
        assert "ok      posts" in result.output
        assert "warning address" in result.output
        assert "→ set FEEDS_SITE_URL" in result.output
        assert "\x1b" not in result.output

    def test_ends_with_1_where_a_check_has_failed(self, blog: Blog) -> None:
        blog.remove("2026-01-01-a.md")
        result = CliRunner().invoke(run_doctor, ["--json"])
        assert result.exit_code == 1
        failed = [one["check"] for one in json.loads(result.output) if one["level"] == "failed"]
        assert failed == ["posts"]

    def test_a_wrong_setting_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FEEDS_LIMIT", "many")
        result = CliRunner().invoke(run_doctor)
        assert result.exit_code == 1
        assert "failed  settings      FEEDS_LIMIT" in result.output
