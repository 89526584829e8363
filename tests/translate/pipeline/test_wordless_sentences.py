"""Sentences of names and signs alone: no package reads them, but their readers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.rendering.markdown import to_html
from content.rendering.sanitize import sanitize
from infra.database import open_database
from tests.translate.pipeline.test_translator import PIVOT, Stubborn
from translate.engines.fake import FakeEngine
from translate.memory.memory import Memory
from translate.pipeline.document import DocumentPipeline
from translate.pipeline.translator import Translator
from translate.types import Document, Pair, Translation

POST = Path(__file__).parents[3] / "content/posts/2025-12-24-rss-atom-jsonfeed.md"
NAMES = "RSS 2.0、Atom 1.0、JSON Feed 1.1。"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(open_database(f"sqlite:///{tmp_path}/memory.db"))


def translated(
    memory: Memory, html: str, language: str = "en", engine: FakeEngine | None = None, **parts: str
) -> Translation:
    fields = {"title": "", "summary": ""} | parts
    document = Document(language="ja", html=html, **fields)  # type: ignore[arg-type]
    return Translator(engine or FakeEngine(), memory).translate(document, language)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_have_the_punctuation_of_their_reader(memory: Memory, language: str) -> None:
    made = translated(memory, f"<p>{NAMES}</p>", language, title=NAMES, summary="「RSS」。")
    assert made.html == "<p>RSS 2.0, Atom 1.0, JSON Feed 1.1.</p>"
    assert (made.title, made.summary) == ("RSS 2.0, Atom 1.0, JSON Feed 1.1.", '"RSS".')


def test_through_a_pivot_too(memory: Memory) -> None:
    engine = FakeEngine(pairs=PIVOT)
    made = translated(memory, f"<p>{NAMES}</p>", "ko", engine, title="Go、Rust")
    assert (made.title, made.html) == ("Go, Rust", "<p>RSS 2.0, Atom 1.0, JSON Feed 1.1.</p>")


def test_a_page_that_is_recalled_says_the_same(memory: Memory) -> None:
    document = Document(language="ja", title="Go、Rust", summary="", html=f"<p>{NAMES}</p>")
    recalled = DocumentPipeline(FakeEngine(), memory).recall(document, "en")
    assert recalled == translated(memory, document.html, title=document.title)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>RSS 2.0。Atom 1.0。</p>", "<p>RSS 2.0. Atom 1.0.</p>"),
        ('<p>Go、<a href="u">Go</a>「<b>Rust</b>」。</p>',
         '<p>Go, <a href="u">Go</a> "<b>Rust</b>".</p>'),
        ("<li>RSS：<code>Wed、24</code>、<code>「a」</code></li>",
         "<li>RSS: <code>Wed、24</code>, <code>「a」</code></li>"),
        ('<p>A、<img src="s">B<br>C：D</p>', '<p>A, <img src="s">B<br>C: D</p>'),
        ("<table><tr><td>RSS、Atom</td><td>（2）</td></tr></table>",
         "<table><tr><td>RSS, Atom</td><td>(2)</td></tr></table>"),
        ('<p><img src="s" alt="RSS、Atom"></p>', '<p><img src="s" alt="RSS, Atom"></p>'),
        ('<p>A<a href="u" title="RSS：2.0。">B</a>。</p>',
         '<p>A<a href="u" title="RSS: 2.0.">B</a>.</p>'),
        ('<p><a href="https://e.jp/">https://e.jp/</a>、<span translate="no">A、B</span></p>',
         '<p><a href="https://e.jp/">https://e.jp/</a>, <span translate="no">A、B</span></p>'),
        ('<p>\\(f(x、y)\\)、<span class="math">\\(x、y\\)</span>。</p><pre>A、B。</pre>',
         '<p>\\(f(x、y)\\), <span class="math">\\(x、y\\)</span>.</p><pre>A、B。</pre>'),
        ('<p><b lang="en">A、B</b>、C</p>', '<p><b lang="en">A、B</b>, C</p>'),
        ("<p>A、B.</p>", "<p>A, B.</p>"),
        ("<p>A &amp; B、C</p>", "<p>A &amp; B, C</p>"),
    ],
)  # fmt: skip
def test_markup_and_code_stay_as_they_are(memory: Memory, html: str, expected: str) -> None:
    assert translated(memory, html).html == expected


def test_labels_too(memory: Memory) -> None:
    document = Document(language="ja", title="題", summary="", html="", labels=("CI／CD", "C＋＋"))
    assert Translator(FakeEngine(), memory).translate(document, "en").labels == ("CI/CD", "C++")


def test_beside_a_sentence_that_stays_in_the_original(memory: Memory) -> None:
    engine = Stubborn(lambda sentence, _, __: "" if "晴" in sentence else None)
    html = f'<p>{NAMES}今日は晴れです。</p><p>雨です。<img src="s" alt="A、B。晴れ。"></p>'
    made = translated(memory, html, engine=engine, title=f"{NAMES}晴れ。")
    assert made.html.startswith(
        '<p>RSS 2.0, Atom 1.0, JSON Feed 1.1. <span lang="ja">今日は晴れです。</span></p>'
    )
    assert '<img src="s" alt="A、B。晴れ。" lang="ja">' in made.html
    assert made.title == f"{NAMES}晴れ。"


def test_other_languages_keep_their_punctuation(memory: Memory) -> None:
    engine = FakeEngine(pairs=(Pair("en", "ko"), Pair("ko", "ja")))
    document = Document(language="ko", title="A、B", summary="", html="<p>A、B。</p>")
    made = Translator(engine, memory).translate(document, "ja")
    assert (made.title, made.html) == ("A、B", "<p>A、B。</p>")


def test_a_sample_post(memory: Memory) -> None:
    made = translated(memory, sanitize(to_html(POST.read_text("utf-8").split("---", 2)[2])))
    assert NAMES in POST.read_text("utf-8")
    assert "RSS 2.0, Atom 1.0, JSON Feed 1.1." in made.html
    assert "<li>RSS: <code>Wed, 24 Dec 2025 09:00:00 +0900</code></li>" in made.html
