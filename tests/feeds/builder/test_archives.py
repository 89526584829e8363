"""Archives: who follows them sees every entry once, whatever happens meanwhile (RFC 5005)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from tests.support.blog import SITE, Blog
from tests.support.validity import complaints

FH = b"http://purl.org/syndication/history/1.0"


def write(blog: Blog, first: int, last: int, **front: str) -> None:
    front = {"tags": "[AI]"} | front
    for n in range(first, last + 1):
        day = f"20{10 + n // 300}-{n // 25 % 12 + 1:02}-{n % 25 + 1:02}"
        blog.write(f"{day}-p{n}.md", f"本文その{n}。", title=f"記事{n}", **front)
    blog.look()


def number(entry_id: str) -> int:
    return int(entry_id.rpartition(":p")[2].partition("/")[0])


class Aggregator:
    """Follows a subscription back through its archives, as RFC 5005 section 4 tells it to."""

    def __init__(self, blog: Blog, path: str) -> None:
        self.blog = blog
        self.url = SITE + path
        self.done: set[str] = set()  # archives that will not change
        self.entries: dict[str, int] = {}  # id -> documents that held it
        self.archived: Counter[str] = Counter()

    def poll(self) -> None:
        url: str | None = self.url
        while url and url not in self.done:
            parsed = self._read(url)
            links = {link.rel: link.href for link in parsed.feed.links}
            for entry in parsed.entries:
                self.entries[entry.id] = self.entries.get(entry.id, 0) + 1
                self.archived[entry.id] += url != self.url and url not in self.done
            if url != self.url:
                assert links["current"] == self.url
            if "fh_archive" in parsed.feed:
                self.done.add(url)
            url = links.get("prev-archive")

    def _read(self, url: str) -> Any:
        path = url.removeprefix(SITE)
        response = self.blog.get(path)
        assert response.status_code == 200, response.text
        if response.headers["X-Translation-State"] != "complete":
            assert FH not in response.data
            self.blog.translate()
            response = self.blog.get(path)
        assert complaints(response.data, url) == []
        return feedparser.parse(response.data)


class TestFollowers:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("language", "path", "count"),
        [("ja", "/ja/feed.atom", 1000), ("ko", "/ko/tags/ai/feed.rss", 230)],
    )
    def test_see_every_entry_once_while_new_posts_arrive(
        self, blog: Blog, language: str, path: str, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(blog, 1, count - 20)
        reader = Aggregator(blog, path)
        read = reader._read
        arriving = iter(range(count - 19, count + 1))

        def read_while_one_arrives(url: str) -> Any:
            n = next(arriving, None)
            if n:
                write(blog, n, n)
            return read(url)

        monkeypatch.setattr(reader, "_read", read_while_one_arrives)
        while len(reader.entries) < count:
            seen = len(reader.entries)
            reader.poll()
            assert len(reader.entries) > seen
        assert sorted(map(number, reader.entries)) == list(range(1, count + 1))
        in_archives = {number(i): n for i, n in reader.archived.items() if n}
        assert set(in_archives) >= set(range(1, count // 50 * 50 + 1))
        once = [n for n in in_archives if n <= (count - 20) // 50 * 50]
        assert all(in_archives[n] == 1 for n in once)

    def test_that_are_new_miss_nothing_between_the_feed_and_the_full_archives(
        self, blog: Blog
    ) -> None:
        write(blog, 1, 90)  # 70 to 51 are in no full archive, and have left the feed
        reader = Aggregator(blog, "/ja/feed.rss")
        reader.poll()
        assert sorted(map(number, reader.entries)) == list(range(1, 91))

    def test_that_come_back_read_only_what_is_new(self, blog: Blog) -> None:
        write(blog, 1, 120)
        reader = Aggregator(blog, "/ja/feed.atom")
        reader.poll()
        before = Counter(reader.archived)
        write(blog, 121, 125)
        reader.poll()
        again = {number(i) for i, n in (reader.archived - before).items() if n}
        assert again == set(range(101, 126))  # the one that is still growing


def archive(blog: Blog, path: str) -> list[int]:
    return [number(entry.id) for entry in blog.feed(path).entries]


class TestPlaces:
    def test_are_not_given_to_others_when_a_post_goes(self, blog: Blog) -> None:
        write(blog, 1, 60)
        second = blog.get("/ja/archive/2/feed.atom").data
        blog.remove("2010-01-04-p3.md")
        blog.look()
        assert archive(blog, "/ja/archive/1/feed.atom") == [n for n in range(50, 0, -1) if n != 3]
        assert blog.get("/ja/archive/2/feed.atom").data == second

    def test_come_back_with_their_post(self, blog: Blog) -> None:
        write(blog, 1, 60)
        before = blog.get("/ja/archive/1/feed.rss").data
        (blog.settings.posts_dir / "2010-01-04-p3.md").rename(blog.settings.state_dir / "p3")
        blog.look()
        assert blog.get("/ja/archive/1/feed.rss").data != before
        (blog.settings.state_dir / "p3").rename(blog.settings.posts_dir / "2010-01-04-p3.md")
        blog.look()
        assert archive(blog, "/ja/archive/1/feed.rss") == list(range(50, 0, -1))

    def test_are_the_last_ones_for_a_backdated_post(self, blog: Blog) -> None:
        write(blog, 1, 60)
        blog.write("2001-01-01-p61.md", title="昔の記事")
        blog.look()
        assert archive(blog, "/ja/archive/2/feed.atom") == list(range(61, 50, -1))

    def test_of_a_term_are_kept_when_posts_gain_and_lose_it(self, blog: Blog) -> None:
        write(blog, 1, 55)
        write(blog, 3, 3, tags="[other]")  # leaves a hole
        write(blog, 56, 56, tags="[other]")
        write(blog, 56, 56, tags="[other, AI]")  # comes last
        first = [n for n in range(50, 0, -1) if n != 3]
        assert archive(blog, "/ja/tags/ai/archive/1/feed.atom") == first
        assert archive(blog, "/ja/tags/ai/archive/2/feed.atom") == [56, 55, 54, 53, 52, 51]
        write(blog, 3, 3)
        assert archive(blog, "/ja/tags/ai/archive/1/feed.atom") == list(range(50, 0, -1))

    def test_survive_a_restart(self, blog: Blog) -> None:
        write(blog, 1, 60)
        blog.remove("2010-01-04-p3.md")
        blog.look()
        before = blog.get("/ja/tags/ai/archive/1/feed.json").data
        blog.open()
        blog.look()
        assert blog.get("/ja/tags/ai/archive/1/feed.json").data == before


class TestDocuments:
    @pytest.mark.parametrize("extension", ["rss", "atom", "json"])
    def test_say_what_they_are_and_where_the_others_are(self, blog: Blog, extension: str) -> None:
        write(blog, 1, 110)
        shown = {}
        for n in (1, 2, 3):
            path = f"/ja/archive/{n}/feed.{extension}"
            response = blog.get(path)
            assert complaints(response.data, SITE + path) == []
            if extension == "json":
                document = json.loads(response.data)["_feedglot"]
                archived, links = document.get("archive", False), document["links"]
            else:
                feed = feedparser.parse(response.data).feed
                archived = "fh_archive" in feed
                links = {x.rel: x.href for x in feed.links if x.rel not in ("self", "alternate")}
            shown[n] = archived, {rel: url.removeprefix(SITE) for rel, url in links.items()}
        here = f"feed.{extension}"
        current = {"current": f"/ja/{here}"}
        after, before = "next-archive", "prev-archive"
        assert shown == {
            1: (True, current | {after: f"/ja/archive/2/{here}"}),
            2: (
                True,
                current | {before: f"/ja/archive/1/{here}", after: f"/ja/archive/3/{here}"},
            ),
            3: (False, current | {before: f"/ja/archive/2/{here}"}),
        }

    def test_of_a_translation_are_asked_for_on_demand_and_then_final(self, blog: Blog) -> None:
        write(blog, 1, 60)
        path = "/ko/archive/1/feed.atom"
        cold = blog.get(path)
        assert cold.headers["X-Translation-Ready"] == "0/50"
        assert FH not in cold.data
        assert blog.translate() == 50
        assert archive(blog, path) == list(range(50, 0, -1))
        assert FH in blog.get(path).data

    def test_that_have_not_begun_are_not_found(self, blog: Blog) -> None:
        write(blog, 1, 60)
        for path in ("/ja/archive/3/feed.atom", "/ja/archive/0/feed.atom"):
            response = blog.get(path)
            assert response.status_code == 404
            assert response.json["nearest"][0]["url"] == f"{SITE}/ja/archive/2/feed.atom"

    def test_take_no_parameters(self, blog: Blog) -> None:
        write(blog, 1, 3)
        for query in ("limit=5", "page=2", "q=x", "tag=ai&tag=x", "since=2020-01-01"):
            assert blog.get(f"/ja/archive/1/feed.atom?{query}").status_code in (400, 404), query

    def test_have_one_url(self, blog: Blog) -> None:
        write(blog, 1, 3)
        response = blog.get("/ja/tags/AI/archive/1/feed.atom?wait=0")
        assert response.headers["Location"] == "/ja/tags/ai/archive/1/feed.atom?wait=0"

    def test_change_only_when_their_entries_do(self, blog: Blog) -> None:
        write(blog, 1, 110)
        paths = [f"/ja/archive/{n}/feed.atom" for n in (1, 2, 3)]
        before = [blog.get(path).headers["ETag"] for path in paths]
        blog.write("2010-01-04-p3.md", "直した本文。", title="記事3", tags="[AI]")
        blog.look(datetime.now(UTC))
        after = [blog.get(path).headers["ETag"] for path in paths]
        assert [a == b for a, b in zip(after, before, strict=True)] == [False, True, True]
