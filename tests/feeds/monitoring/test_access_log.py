"""/metrics, /readyz, and the line that each request leaves in the log."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path

import pytest

from feeds.web.health import lacking
from infra.log_format import JsonFormatter
from tests.support.blog import Blog
from translate.jobs.heartbeats import Heartbeats, TranslatorStatus
from translate.memory.memory import Memory
from translate.types import Hop, Pair


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md", "本文です。", title="題名", tags="[AI]")
    blog.look()
    return blog


def value(blog: Blog, line: str) -> float:
    text = blog.get("/metrics").text
    found = re.search(rf"^{re.escape(line)} ([0-9.e+-]+)$", text, re.M)
    return float(found[1]) if found else 0.0


class TestMetrics:
    def test_requests_are_counted_by_kind_language_format_and_status(self, blog: Blog) -> None:
        asked = {
            "/ja/feed.atom": 'kind="site",language="ja",format="atom",status="200"',
            "/ko/tags/ai/feed.rss": 'kind="tag",language="ko",format="rss",status="200"',
            "/ja/feed.json?q=x": 'kind="selection",language="ja",format="json",status="200"',
            "/ja/tags/ai/": 'kind="page",language="ja",format="html",status="200"',
            "/ja/tags/nowhere/feed.rss": 'kind="tag",language="ja",format="rss",status="404"',
            "/xx/feed.rss": 'kind="site",language="-",format="rss",status="404"',
        }
        for path, labels in asked.items():
            sample = f"feedglot_requests_total{{{_sorted(labels)}}}"
            before = value(blog, sample)
            blog.get(path)
            assert value(blog, sample) == before + 1, path

    def test_a_304_and_the_bytes_sent_are_counted(self, blog: Blog) -> None:
        labels = 'format="atom",kind="site",language="ja"'
        first = blog.get("/ja/feed.atom")
        sent = value(blog, f"feedglot_response_bytes_total{{{labels}}}")
        same = f'feedglot_requests_total{{{labels},status="304"}}'
        before = value(blog, same)
        blog.get("/ja/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
        assert value(blog, same) == before + 1
        assert value(blog, f"feedglot_response_bytes_total{{{labels}}}") == sent
        blog.get("/ja/feed.atom")
        after = value(blog, f"feedglot_response_bytes_total{{{labels}}}")
        assert after == sent + len(first.data)

    def test_clients_cannot_create_metric_series(self, blog: Blog) -> None:
        """Whatever is asked for, the number of series is bounded."""
        blog.get("/metrics")
        for n in range(2):
            blog.get(f"/l{n}/tags/t{n}/feed.atom?x{n}=1")
            blog.get(f"/wp-login-{n}.php")
        before = len(blog.get("/metrics").text.splitlines())
        for n in range(10, 40):
            blog.get(f"/l{n}/tags/t{n}/feed.atom?x{n}=1")
            blog.get(f"/wp-login-{n}.php")
        assert len(blog.get("/metrics").text.splitlines()) == before
        assert "wp-login" not in blog.get("/metrics").text

    def test_the_status_board_is_updated(self, blog: Blog) -> None:
        blog.write("2026-01-02-bad.md", title='"')
        blog.look()
        blog.get("/ko/feed.atom")
        blog.parts.traffic.saw("/ja/feed.atom", 200, "Feedly/1.0 (16 subscribers)", 2e9)
        blog.parts.traffic.flush(2e9)
        assert value(blog, "feedglot_posts") == 1
        assert value(blog, "feedglot_post_problems") == 1
        assert value(blog, 'feedglot_queue_jobs{language="ko",state="waiting"}') == 1
        assert value(blog, 'feedglot_subscribers{format="atom",language="ja"}') == 16
        blog.translate()
        assert value(blog, 'feedglot_translations{language="ko",state="translated"}') == 1
        assert value(blog, 'feedglot_render_seconds_count{format="atom"}') > 0

    def test_sentences_from_the_memory_are_counted_apart_from_decoded_ones(
        self, blog: Blog
    ) -> None:
        def lookups() -> list[float]:
            sample = 'feedglot_memory_lookups_total{found="%s"}'
            return [value(blog, sample % found) for found in ("hits", "misses")]

        memory = Memory(blog.site.engine)
        blog.get("/ko/feed.atom")
        blog.translate()
        assert lookups() == [0, len(memory)]
        blog.write("2026-01-02-b.md", "本文です。", title="別の題名")
        blog.look()
        blog.get("/ko/feed.atom")
        blog.translate()
        assert lookups() == [1, len(memory)]

    def test_only_this_machine_or_the_token_may_read(self, blog: Blog) -> None:
        blog.with_settings(admin_token="secret")
        blog.look()
        far = {"REMOTE_ADDR": "192.0.2.7"}
        assert blog.get("/metrics", environ_base=far).status_code == 403
        token = {"Authorization": "Bearer secret"}
        assert blog.get("/metrics", environ_base=far, headers=token).status_code == 200
        assert blog.get("/metrics").status_code == 200


def _sorted(labels: str) -> str:
    return ",".join(sorted(labels.split(",")))


class TestReadiness:
    def test_a_translator_with_a_way_into_each_language_makes_it_ready(self, blog: Blog) -> None:
        answer = blog.get("/readyz")
        assert answer.status_code == 503
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["missing"] == ["translator: none heard of for 90 s"]
        beat(blog, 1000.0, ("ja", "en"))
        assert lacking(blog.site, 1001.0) == ["packages: none leads to ko"]
        beat(blog, 1002.0, ("ja", "en"), ("en", "ko"))
        assert lacking(blog.site, 1003.0) == []
        assert lacking(blog.site, 1100.0) == ["translator: none heard of for 90 s"]

    def test_without_translator_the_posts_and_the_database_are_enough(self, blog: Blog) -> None:
        blog.with_settings(translator="off")
        assert blog.get("/readyz").get_json()["missing"] == ["posts: not loaded yet"]
        blog.look()
        assert blog.get("/readyz").status_code == 200
        blog.site.engine.dispose()
        database = Path(blog.site.engine.url.database or "")
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        database.write_bytes(b"not a database" * 1000)
        assert blog.get("/readyz").get_json()["missing"] == ["database: does not answer"]
        assert blog.get("/healthz").status_code == 200


def beat(blog: Blog, now: float, *pairs: tuple[str, str]) -> None:
    hops = tuple(Hop(name=f"{a}_{b}", pair=Pair(a, b), version="1", starter=True) for a, b in pairs)
    status = TranslatorStatus(
        holder="t",
        host="h",
        pid=1,
        started_at=0.0,
        seen_at=now,
        packages=hops,
        memory_bytes=1,
        sentences=0,
    )
    Heartbeats(blog.site.engine).record(status)


class TestLog:
    @pytest.fixture
    def lines(self) -> io.StringIO:
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(JsonFormatter("web"))
        log = logging.getLogger("feeds.access")
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        yield out
        log.removeHandler(handler)

    def test_a_request_logs_one_line_without_its_client(
        self, blog: Blog, lines: io.StringIO
    ) -> None:
        blog.get(
            "/ja/feed.atom?q=秘密&limit=5",
            headers={"User-Agent": "Reader/2.1 (mailto:me@example.org)"},
            environ_base={"REMOTE_ADDR": "192.0.2.7"},
        )
        (line,) = lines.getvalue().splitlines()
        event = json.loads(line)
        assert event["path"] == "/ja/feed.atom?q=…&limit=5"
        assert (event["method"], event["status"], event["agent"]) == ("GET", 200, "Reader/2.1")
        assert event["bytes"] > 0
        assert event["ms"] >= 0
        for private in ("192.0.2.7", "example.org", "秘密", "%E7"):
            assert private not in line

    def test_a_sane_request_id_is_kept_and_any_other_replaced(
        self, blog: Blog, lines: io.StringIO
    ) -> None:
        answer = blog.get("/ja/", headers={"X-Request-ID": "abc-123"})
        assert answer.headers["X-Request-ID"] == "abc-123"
        assert json.loads(lines.getvalue())["request_id"] == "abc-123"
        for bad in ("", "a b", "x" * 65, "é", '"'):
            made = blog.get("/ja/", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
            assert re.fullmatch(r"[0-9a-f]{16}", made)

    def test_a_path_cannot_break_the_log_line(self, blog: Blog, lines: io.StringIO) -> None:
        blog.get("/a%0AGET%20/b%E2%80%A8%1B[31m")
        assert len(lines.getvalue().splitlines()) == 1
        assert "\x1b" not in json.loads(lines.getvalue())["path"]

    def test_an_exception_has_the_request_s_id(self) -> None:
        formatter = JsonFormatter("translator")
        try:
            raise ValueError("無理")
        except ValueError as error:
            record = logging.getLogger("x").makeRecord(
                "x", logging.ERROR, __file__, 1, "failed: %s", (1,), (type(error), error, None)
            )
        event = json.loads(formatter.format(record))
        assert event["message"] == "failed: 1"
        assert event["process"] == "translator"
        assert "無理" in event["exception"]
