"""A small blog of odd posts, served and translated: what the lab shows to every client."""

from __future__ import annotations

from pathlib import Path

from tests.readers.served import Served

LANGUAGE = "ko"  # translations have more in them: the original's link, labels
SITE = "https://feeds.example"  # some clients drop links to loopback
ORIGINAL = "https://blog.example"


def serve(folder: Path) -> Served:
    """The blog, not yet answering: `with serve(...) as blog`."""
    blog = Served(folder)
    blog.with_settings(site_url=SITE, blog_url=ORIGINAL)
    blog.write(
        "2026-01-12-odd.md",
        "一つ目の段落です。`x < 1 && y` と **太字** 🎉。\n\n二つ目の段落。",
        title="'AT&T: &lt;b&gt; か &lt;i&gt; か ]]> 5 < 7'",
        date="2026-01-12 03:00:00 +0900",
        last_modified_at="2026-01-20 12:00:00 +0900",
        authors="[山田 花子, 김철수]",
        categories="[技術]",
        tags="[C++, 最新ニュース]",
    )
    blog.write(
        "2026-01-11-plain.md", "ふつうの段落です。", title="ふつうの題名", author="山田 花子"
    )
    blog.write("2026-01-10-empty.md", "", title="本文のない記事")
    blog.write("2026-01-10-empty.ko.md", "<!-- -->", title="본문이 없는 글")
    blog.look()
    blog.requests.prewarm()
    _write_korean(blog, "첫 문단.")
    blog.look()
    blog.translate()
    _write_korean(blog, "첫 번째 문단.")  # an edit: `updated` is later than `published`
    blog.look()
    return blog


def _write_korean(blog: Served, start: str) -> None:
    """A person's translation, whose title is HTML to the careless."""
    blog.write(
        "2026-01-12-odd.ko.md",
        f"{start} `x < 1 && y` 그리고 **굵게** 🎉.\n\n둘째 문단.",
        title="'AT&T: &lt;b&gt;와 &lt;i&gt;, ]]> 5 < 7'",
    )


def urls(blog: Served, *formats: str) -> list[str]:
    """The feed of the whole site in these formats."""
    return [f"{blog.url}/{LANGUAGE}/feed.{format}" for format in formats]
