"""Entries that a machine translated say so: in every format and on pages, nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from feeds.builder.disclosure import disclose, disclosure
from feeds.builder.size_limit import MAX_ENTRY, fit
from feeds.model.feed import Entry
from tests.support import example_feeds as examples
from tests.support.blog import SITE, Blog
from translate.engines.fake import FakeEngine
from translate.types import Decoding, Hop, Hypothesis, Pair

LINE = (
    "<p><small>Translated from Japanese by machine. "
    f'<a href="{SITE}/ja/posts/post/" hreflang="ja">Read the original</a></small></p>'
)
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "{http://www.w3.org/2005/Atom}"


class StarterEngine(FakeEngine):
    """An engine whose packages are starter packages."""

    def _hop(self, pair: Pair) -> Hop:
        return replace(super()._hop(pair), starter=True)


class SilentEngine(FakeEngine):
    """An engine that has no words for sentences with 沈黙 in them."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        found = super().decode(hop, sentences, options)
        return [[] if "沈黙" in s else f for s, f in zip(sentences, found, strict=True)]


def translated(blog: Blog, **front: str) -> Blog:
    blog.write("2026-01-01-post.md", "最初の文です。\n\n次の段落です。", **front)
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    return blog


def contents(blog: Blog, query: str = "", language: str = "en") -> list[str]:
    """The content of the one entry in RSS, Atom and JSON."""
    read = [
        blog.feed(f"/{language}/feed.{f}{query}").entries[0].content[0].value
        for f in ("rss", "atom")
    ]
    return [*read, blog.get(f"/{language}/feed.json{query}").get_json()["items"][0]["content_html"]]


def test_the_line_ends_the_content_in_every_format_and_on_the_page(blog: Blog) -> None:
    translated(blog)
    item = blog.get("/en/feed.json").get_json()["items"][0]
    assert item["content_html"].endswith(LINE)
    assert item["content_html"].count(LINE) == 1
    for content in contents(blog):
        assert content.endswith("Read the original</a></small></p>")
    assert LINE in blog.get("/en/posts/post/").text
    assert "machine" not in item["summary"]
    assert "기계 번역" in contents(blog, language="ko")[0]


@pytest.mark.parametrize("place", ["start", "none"])
def test_a_setting_moves_the_line_or_leaves_it_out(tmp_path: Path, place: str) -> None:
    blog = translated(Blog(tmp_path, disclosure=place))
    for content in [*contents(blog), blog.get("/en/posts/post/").text.partition("body")[2]]:
        assert content.count("from Japanese by machine.") == (place == "start")
    json = contents(blog)[-1]
    assert json.startswith(LINE) == (place == "start")


def test_starter_packages_are_named_as_such(blog: Blog) -> None:
    blog.engine = StarterEngine()
    translated(blog)
    for content in contents(blog):
        assert "by machine, with small starter models." in content
    assert "기본 소형 모델" in contents(blog, language="ko")[0]


def test_without_content_the_summary_says_it(blog: Blog) -> None:
    translated(blog)
    told = f"Translated from Japanese by machine. {SITE}/ja/posts/post/"
    for format in ("rss", "atom"):
        entry = blog.feed(f"/en/feed.{format}?full=0").entries[0]
        assert "content" not in entry
        assert entry.summary.endswith(told)
    item = blog.get("/en/feed.json?full=0").get_json()["items"][0]
    assert item["summary"].endswith(told)
    assert "content_html" not in item


def test_with_the_original_below_the_line_is_between_the_two(blog: Blog) -> None:
    translated(blog)
    content = contents(blog, "?display=both")[-1]
    assert content.index(LINE) < content.index('<hr><div lang="ja">') < content.index("最初の文")


def test_originals_and_human_translations_have_no_line(blog: Blog) -> None:
    translated(blog)
    blog.write("2026-01-01-post.ko.md", "사람이 옮긴 글.", title="사람의 제목")
    blog.look()
    for language in ("ja", "ko"):
        assert all("<small>" not in content for content in contents(blog, language=language))
        assert "<small>" not in blog.get(f"/{language}/posts/post/").text


def test_a_translation_that_is_human_in_part_counts_as_the_machines(blog: Blog) -> None:
    path = blog.settings.posts_dir / "2026-01-01-post.en.md"
    path.write_text("---\ntitle: A title by hand\n---\n", "utf-8")
    translated(blog)
    assert blog.feed("/en/feed.atom").entries[0].title == "A title by hand"
    assert contents(blog)[-1].endswith(LINE)


def test_the_line_is_not_searched_and_moves_no_date(blog: Blog) -> None:
    translated(blog)
    assert blog.feed("/en/feed.atom?q=machine").entries == []
    with_line = blog.feed("/en/feed.atom").entries[0].updated
    blog.with_settings(disclosure="none")
    blog.look()
    entry = blog.feed("/en/feed.atom").entries[0]
    assert (entry.updated, "<small>" in entry.content[0].value) == (with_line, False)


def test_a_client_of_deltas_gets_the_entry_again_when_the_line_moves(blog: Blog) -> None:
    translated(blog)
    etag = blog.get("/en/feed.atom").headers["ETag"]
    blog.with_settings(disclosure="start")
    blog.look()
    fresh = blog.get("/en/feed.atom", headers={"A-IM": "feed", "If-None-Match": etag})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != etag
    assert "<entry>" in fresh.text


def test_a_language_without_words_of_ours_reads_english_marked_as_such() -> None:
    entry = replace(examples.entries("en")[0], language="fr")
    assert disclosure(entry, "fr").startswith('<p lang="en"><small>Translated from Japanese')


def huge() -> Entry:
    return replace(
        examples.entries("en")[0], html=f"<p>{'Long. ' * 100_000}</p>", below="<p>原</p>"
    )


def test_an_entry_that_is_shortened_says_it_too() -> None:
    (entry,) = fit([huge()], "en", drop=True)
    shown = disclose(entry, "en", "end")
    assert len(shown.html) < MAX_ENTRY
    assert shown.html.endswith(disclosure(entry, "en"))
    assert "原" not in shown.html


class TestKeptInTheOriginal:
    """A title, summary or picture that no hypothesis was fit for names its language."""

    @pytest.fixture
    def blog(self, tmp_path: Path) -> Blog:
        blog = Blog(tmp_path)
        blog.engine = SilentEngine()
        body = "沈黙の文です。" + "長い本文です。" * 20 + '\n\n<img src="a.png" alt="沈黙の絵">'
        blog.write("2026-01-01-post.md", body, title="沈黙", excerpt="沈黙の要約です。")
        blog.look()
        blog.get("/en/feed.atom")
        blog.translate()
        return blog

    def test_in_xml(self, blog: Blog) -> None:
        entry = fromstring(blog.get("/en/feed.atom").data).find(f"{ATOM}entry")
        item = fromstring(blog.get("/en/feed.rss").data).find("channel/item")
        assert entry is not None
        assert item is not None
        for parent, names in ((entry, (f"{ATOM}title", f"{ATOM}summary")), (item, ("title",))):
            for name in names:
                text: Any = parent.find(name)
                assert text.get(XML_LANG) == "ja"
                assert "沈黙" in text.text
        described: Any = item.find("description")
        assert described.get(XML_LANG) == "ja"

    def test_in_json(self, blog: Blog) -> None:
        ours = blog.get("/en/feed.json").get_json()["items"][0]["_feedglot"]
        assert (ours["title_language"], ours["summary_language"]) == ("ja", "ja")

    def test_on_pages(self, blog: Blog) -> None:
        listed, page = blog.get("/en/").text, blog.get("/en/posts/post/").text
        assert '<a href="/en/posts/post/" lang="ja" class="kept">沈黙</a>' in listed
        assert '<p lang="ja" class="kept">沈黙の要約です。</p>' in listed
        assert "title in the original" in listed
        assert '<h1 lang="ja" class="kept">沈黙</h1>' in page
        assert 'alt="沈黙の絵" lang="ja"' in page

    def test_the_page_counts_sentences(self, blog: Blog) -> None:
        page = blog.get("/en/posts/post/").text
        assert "1 of 5 sentences translated by machine, 4 in the original" in page
        assert "passed" not in page

    def test_what_is_translated_has_no_mark(self, tmp_path: Path) -> None:
        blog = translated(Blog(tmp_path / "other"))
        assert blog.get("/en/feed.atom").text.count("xml:lang") == 1
        assert 'class="kept"' not in blog.get("/en/posts/post/").text


class TestPostsInAnotherLanguage:
    """English text is not passed off as a translation from Japanese."""

    TEXT = (
        "I wrote this one in English because the library has no documents in any other "
        "language, and most of its users read them there."
    )

    def test_an_english_post_that_does_not_say_so(self, blog: Blog) -> None:
        blog.write("2026-01-01-note.md", self.TEXT, title="A note")
        blog.look()
        for language in ("ja", "en", "ko"):
            blog.get(f"/{language}/feed.json")
        shown = blog.get("/ja/feed.json").get_json()["items"][0]  # before any translator runs
        assert shown["language"] == "en"
        blog.translate()
        items = {
            language: blog.get(f"/{language}/feed.json").get_json()["items"][0]
            for language in ("ja", "en", "ko")
        }
        assert [item["language"] for item in items.values()] == ["en", "en", "ko"]
        assert items["ja"] == shown
        assert items["ja"]["_feedglot"]["untranslated"]
        assert "<small>" not in items["en"]["content_html"]
        assert "영어 원문을 기계 번역" in items["ko"]["content_html"]

    def test_a_text_too_short_to_detect_keeps_its_stated_language(self, blog: Blog) -> None:
        blog.write("2026-01-01-note.md", "Hello, world.", title="Hello")
        blog.look()
        for language in ("en", "ko"):
            blog.get(f"/{language}/feed.json")
        blog.translate()
        english, korean = (
            blog.get(f"/{code}/feed.json").get_json()["items"][0] for code in ("en", "ko")
        )
        for item in (english, korean):
            assert item["content_html"] == "<p>Hello, world.</p>\n"
            assert "machine" not in item["_feedglot"]
        assert english["language"] == "en"
        assert (korean["language"], korean["_feedglot"]["untranslated"]) == ("ja", True)
