"""A small site in three languages, with everything in it that formats and readers trip over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from feeds.model.feed import Category, Entry, Feed, Format

LANGUAGES = ("ja", "en", "ko")
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
SITE = "https://feeds.example.org"

_TITLES = {
    "ja": ("CDATAの終わり「]]>」を𠮷野家で考える🍜 <T> & AT&T", "短い知らせ"),
    "en": ("Where CDATA ends: “]]>”, at 𠮷野家 🍜 <T> & AT&T", "A short note"),
    "ko": ("CDATA의 끝 “]]>”을 𠮷野家에서 생각하다 🍜 <T> & AT&T", "짧은 소식"),
}
_SUMMARIES = {
    "ja": "if (a < b && b > c) と書いた日の話。&amp; は二度変換しません。",
    "en": "About the day I wrote if (a < b && b > c). &amp; is not decoded twice.",
    "ko": "if (a < b && b > c)라고 쓴 날의 이야기. &amp;는 두 번 풀지 않습니다.",
}
_PARAGRAPHS = {
    "ja": "<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>と絵文字👩‍👩‍👧、𠮷の話。</p>",
    "en": "<p>About <ruby>漢字<rp>(</rp><rt>kanji</rt><rp>)</rp></ruby>, 👩‍👩‍👧 and 𠮷.</p>",
    "ko": "<p><ruby>漢字<rp>(</rp><rt>한자</rt><rp>)</rp></ruby>와 이모지 👩‍👩‍👧, 𠮷 이야기.</p>",
}
_REST = (
    '<pre><code class="language-c">if (a[b[0]]&gt;1 &amp;&amp; x &lt; y) puts("]]&gt;");\n'
    "</code></pre>"
    '<p><a href="https://blog.example.org/about">AT&amp;T</a>'
    '<img src="https://blog.example.org/%E5%86%99%E7%9C%9F.png" alt="&quot;&lt;3&quot;"></p>'
)
_TAGS = {"ja": "最新ニュース", "en": "Latest news", "ko": "최신 뉴스"}
_SITE_TITLES = {"ja": "例のブログ", "en": "An example blog", "ko": "예제 블로그"}
_SUBTITLES = {
    "ja": "技術と日々の記録 & そのほか",
    "en": "Notes on technology & other things",
    "ko": "기술과 일상의 기록 & 그 밖의 것들",
}


def entries(language: str) -> tuple[Entry, ...]:
    """Newest first: one with everything, one shown in the original, one with little."""
    translated = language != "ja"
    first, last = _TITLES[language]
    everything = Entry(
        id=f"tag:example.org,2026-03-04:cdata/{language}",
        url=f"{SITE}/{language}/posts/cdata/",
        language=language,
        title=first,
        summary=_SUMMARIES[language],
        html=_PARAGRAPHS[language] + _REST,
        # As from a front matter with a zone of its own.
        published=datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=9))),
        updated=datetime(2026, 3, 5, 23, 59, 59, 999_999, tzinfo=UTC),
        authors=("山田 花子", "Robert O’Hara <rob>"),
        categories=(
            Category(term="最新ニュース", label=_TAGS[language], scheme=f"{SITE}/ja/tags/"),
            Category(term="C++ & C#", label="C++ & C#", scheme=f"{SITE}/ja/categories/"),
        ),
        reading_time=7,
        image="https://blog.example.org/%E5%86%99%E7%9C%9F.png?w=1&h=2",
        original_url="https://blog.example.org/2026/cdata?a=1&b=2" if translated else None,
        original_language="ja" if translated else None,
        machine="starter ja_ko 0.2" if translated else None,
    )
    failed = Entry(
        id=f"tag:example.org,2026-02-01:rain/{language}",
        url=f"{SITE}/{language}/posts/rain/",
        language="ja",
        title="雨の日の読書",
        summary="窓を打つ雨の音を聞きながら。",
        html="<p>窓を打つ雨の音を聞きながら、本を一冊読みました。</p>",
        published=datetime(2026, 2, 1, tzinfo=UTC),
        updated=datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC),
        authors=("山田 花子",),
        categories=(),
        reading_time=1,
        original_url="https://blog.example.org/2026/rain" if translated else None,
        original_language="ja" if translated else None,
        untranslated=translated,
    )
    little = replace(
        everything,
        id=f"tag:example.org,2025-12-31:note/{language}",
        url=f"{SITE}/{language}/posts/note/",
        title=last,
        summary="",
        html=f"<p>{last}</p>",
        published=datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        updated=datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        authors=(),
        categories=(),
        reading_time=0,
        image=None,
        machine=None,
    )
    return everything, failed, little


def site(language: str, format: Format) -> Feed:
    shown = entries(language)
    return Feed(
        id=f"tag:example.org,2026:feed/{language}",
        title=_SITE_TITLES[language],
        subtitle=_SUBTITLES[language],
        language=language,
        url=f"{SITE}/{language}/",
        self_url=f"{SITE}/{language}/feed.{format}",
        entries=shown,
        updated=max(entry.updated for entry in shown),
        max_age=1800,
        icon=f"{SITE}/static/icon.png",
        hubs=("https://hub.example.org/?a=1&b=2", "https://hub.example.net/"),
    )


def empty(language: str, format: Format) -> Feed:
    """A tag whose last post was taken back."""
    return replace(
        site(language, format),
        id=f"tag:example.org,2026:feed/{language}/tags/%E7%A9%BA",
        url=f"{SITE}/{language}/tags/%E7%A9%BA/",
        self_url=f"{SITE}/{language}/tags/%E7%A9%BA/feed.{format}",
        entries=(),
        icon=None,
        hubs=(),
    )
