"""One-question blogs: what each post asks of Jekyll, and of us, as tables.

A post is a file name and its front matter; most ask one thing of the path, the date or a term.
All of them lie in the past, for Jekyll leaves out what is to come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TOKYO = "timezone: Asia/Tokyo\n"


@dataclass(frozen=True, slots=True)
class Ask:
    """One post."""

    path: str  # below the blog's folder
    front: str = ""
    body: str = "本文です。"


@dataclass(frozen=True, slots=True)
class Site:
    """One blog: its `_config.yml` and its posts, or other files by path."""

    config: str
    posts: tuple[Ask, ...]
    files: tuple[tuple[str, str], ...] = ()

    def write(self, folder: Path) -> Path:
        """The blog as files below `folder`."""
        for path, text in (("_config.yml", self.config), *self.files):
            _write(folder / path, text)
        for ask in self.posts:
            front = ask.front.strip("\n")
            _write(folder / ask.path, f"---\n{front}\n---\n{ask.body}\n" if front else ask.body)
        return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _named(names: Iterable[str]) -> tuple[Ask, ...]:
    return tuple(
        Ask(f"_posts/2025-{1 + n // 28:02}-{1 + n % 28:02}-{name}.md", "title: 題")
        for n, name in enumerate(names)
    )


def _fronted(fronts: Iterable[str], day: str = "2025-06-05", stem: str = "q") -> tuple[Ask, ...]:
    return tuple(
        Ask(f"_posts/{day}-{stem}{n}.md", front if "title:" in front else f"title: 題\n{front}")
        for n, front in enumerate(fronts)
    )


# What `permalink:` of a blog may say.
STYLES = (
    "date",
    "pretty",
    "ordinal",
    "weekdate",
    "none",
    "/:year/:month/:day/:title",
    "/:categories/:title/",
    "/:slugified_categories/:slug/",
    "/blog/:short_year/:i_month/:i_day/:slug.html",
    "/:short_month/:long_month/:name:output_ext",
    "/:collection/:path",
    "/entry/:title_:y_day/",
    "/:w_year/:week/:w_day/:short_day/:long_day/:title",
    "/:hour-:minute-:second/:title/",
    "posts/:year-:month-:day/:title.html",
)
STYLED = (
    Ask("_posts/2025-01-05-plain.md", "title: 題\ndate: 2025-01-05 20:30:15 +0900"),
    Ask("_posts/2024-12-30-Mixed Case_x.md", "title: 題\ncategories: [Web 開発, A/B, C#]"),
    Ask("_posts/2025-02-09-ruby-2.7_x.markdown", "title: 題\ncategories: Foo BAR"),
    Ask("_posts/2025-12-31-ends.md", 'title: 題\ndate: "2025-12-31 23:59:59 +0000"'),
    Ask("news/_posts/2025-03-01-folder.md", "title: 題\ncategories: [速報, news]"),
    Ask("_posts/year/2025-04-01-below.md", "title: 題\nslug: 別の、名前 2"),
)

NAMES = (
    "速報：新モデル「X」を発表、性能は2倍",
    "C# と Go の比較",
    "【速報】AI",
    "絵文字😀です",
    "ピリオド.",
    "ピリオド二つ..",
    "スラッシュ／全角",
    "波〜ダッシュ",
    "中黒・の話",
    "trail-",
    "-lead",
    "“引用”の話",
    "全角－棒",
    "①番",
    "日本語、句読点。",
    "a*b",
    "what?",
    "100%増",
    "A#B",
    "foo--bar",
    "々仝〇",
    "한글 제목",
    "ｶﾀｶﾅ",
    "e\u0301te\u0301",
    "été",
    "a~b!c$d&e'f(g)h+i,j;k=l@m",
    "a.b.c",
    "under_score",
    "two  spaces",
    "[角]括弧{波}",
    "a\u3000b",
    "1",
    "UPPER",
    "ば\u3099",
    "tab\u00a0nbsp",
    'quote"d',
    "lt<gt>",
    "colon:semi;",
    "back\\slash",
    "pipe|caret^",
    "‐hyphen‑forms",
    "ⅳ²½",
    "नमस्ते",
    "👨‍👩‍👧家族",
    "..dots",
    "a..b",
)

SLUGS = (
    "slug: スラッグ、です",
    "slug: Upper Case",
    "slug: a.b_c",
    "slug: '2025'",
    "slug: ends.",
    "slug: --x--",
    "slug: C#入門",
    "slug: a/b",
    "slug: '%20'",
    "slug: ①②",
)

OWN = (  # permalinks in front matter: never a style's name
    "permalink: /own/path/",
    "permalink: own/path.html",
    "permalink: pretty",
    "permalink: /日本/",
    "permalink: /foo bar/",
    "permalink: /:categories/:title/\ncategories: [Web Dev]",
    "permalink: /:year/:month/:day/:title:output_ext",
    "permalink: /:slug",
    "permalink: /a//b/",
    "permalink: /a/../b/",
    "permalink: /a./b",
    "permalink: /q?a=1/",
    "permalink: /frag#ment/",
    "permalink: /100%/",
    "permalink: /%E3%81%82/",
    "permalink: /:i_day-:i_month-:short_year/",
    "permalink: https://other.example/x",
    "permalink: /:collection/:path/",
    "permalink: /:name:output_ext",
    "permalink: /time/12:30/",
)

CATEGORIES = (
    "categories: [Machine Learning, AI & Robotics]",
    "category: Machine Learning",
    "categories: [C#]",
    "categories: [foo/bar]",
    "category: x\ncategories: [y, z]",
    "categories: y z\ncategory: y",
    "categories: a, b",
    "categories: [Web, web]",
    "categories: [2025, 1.5, true]",
    "categories: [速報！, 〇]",
    "categories: ['100%', 'what?']",
    "categories: []",
    "categories:\n  - 一\n  - 二",
    "category: [a, b]",
    "categories: [\"a'b\", 'a\"b']",
    "categories: [Été, ÀÉ]",
    "categories: ['..', '.']",
)

TAGS = (
    "tags: [AI, 最新]",
    "tags: AI 最新",
    "tag: Machine Learning",
    "tag: one\ntags: [two]",
    "tags: [2025, 1.5]",
    "tags:\n- a b\n- c",
)

DATES = (
    "2025-06-05 02:00:00",
    "2025-06-05 20:00:00",
    "2025-06-05T20:00:00",
    "2025-06-05 8:00:00",
    "2025-06-05 20:00:00.5",
    "2025-06-05 20:00",
    '"2025-06-05 20:00:00"',
    "'2025-06-05T20:00:00'",
    "2025-06-05 9:00 AM",
    "2025-06-05 9:00 PM",
    "2025-06-05 12:15 AM",
    "2025-06-05 09:00pm",
    "June 5, 2025",
    "Jun 5 2025 20:00",
    "5 Jun 2025",
    "5 June 2025 20:00:30",
    "Thu Jun 5 20:00:00 2025",
    "2025/06/05 20:00",
    "2025/6/5 9:5",
    "2025/6/5",
    "20250605",
    "20250605T200000",
    "2025-06-05 20:00:00 PST",
    "2025-06-05 20:00:00 EDT",
    "2025-06-05 20:00:00 CET",
    "2025-06-05 (木)",
    "2025-06-05 20:00:00 JST",
    "2025-06-05 20:00:00 +0900",
    "2025-06-05 20:00:00+09:00",
    "2025-06-05 20:00:00 +9",
    "2025-06-05 20:00:00 Z",
    "2025-06-05 20:00 +0900",
    "Thu, 05 Jun 2025 20:00:00 +0900",
    "2025-06-05 24:00",
    "2025.06.05",
    "2025-06-05 20時",
    "2025-06-05 20:00:00.000 +09:00",
    "2025-06-05T20:00:00.000Z",
    "2025-6-5",
    "2025-06-05T20:00",
    "2025-06-05T20:00+09:00",
)

TITLES = (
    "title: ふつうの題",
    "title: 'It''s'",
    "title: 2025",
    "title: 'a & b <c>'",
    "title: 神村 福郎",
    "title: yes 否",
)

AUTHORS = (
    "author: 編集部",
    "author: taro",
    "author: [a, b]",
    "author:\n  name: 名前\n  email: x@y.example",
    "tags: [none]",
)

DEFAULTS = """timezone: Asia/Tokyo
permalink: /:categories/:title/
author: 既定
defaults:
  - scope: {path: ""}
    values: {author: 全体, lang: ja, categories: [全]}
  - scope: {path: "_posts/notes", type: posts}
    values: {permalink: "/notes/:year/:slug/", tags: [覚書], author: 覚}
  - scope: {path: "_posts/notes/deep"}
    values: {categories: [深い, 全], tag: 深}
  - scope: {path: "essays", type: pages}
    values: {permalink: /never/}
  - scope: {path: "_posts/*/glob"}
    values: {permalink: "/glob/:title.html"}
  - scope: {path: "_posts/off"}
    values: {published: false}
"""
DEFAULTED = (
    Ask("_posts/2025-01-01-root.md", "title: 題"),
    Ask("_posts/notes/2025-01-02-note.md", "title: 題"),
    Ask("_posts/notes/2025-01-03-own.md", "title: 題\npermalink: /own/\nauthor: 自分\ntags: [t]"),
    Ask("_posts/notes/deep/2025-01-04-deep.md", "title: 題\ncategories: [自]"),
    Ask("essays/_posts/2025-01-05-essay.md", "title: 題\ncategory: 単"),
    Ask("_posts/x/glob/2025-01-06-globbed.md", "title: 題"),
    Ask("_posts/off/2025-01-07-off.md", "title: 題"),
    Ask("_posts/off/2025-01-08-on.md", "title: 題\npublished: true"),
    Ask("_posts/2025-01-09-none.md", "title: 題\npublished: false"),
    Ask("_posts/notes/2025-01-10-nulls.md", "title: 題\ntags:\nauthor: null\npermalink: ~"),
    Ask("_posts/notes/2025-01-11-empty.md", "title: 題\ntags: []\ncategories:"),
)

TAKEN = """timezone: Asia/Tokyo
exclude: [secret, "_posts/wip*", vendor]
markdown_ext: "markdown,mkdown,mkdn,mkd,md,mdx"
"""
TOOK = (
    Ask("_posts/2025-01-01-md.md", "title: 題"),
    Ask("_posts/2025-01-02-mkd.mkd", "title: 題"),
    Ask("_posts/2025-01-03-mkdn.mkdn", "title: 題"),
    Ask("_posts/2025-01-04-mkdown.mkdown", "title: 題"),
    Ask("_posts/2025-01-05-html.html", "title: 題"),
    Ask("_posts/2025-01-06-htm.htm", "title: 題"),
    Ask("_posts/2025-01-07-mdx.mdx", "title: 題"),
    Ask("secret/_posts/2025-01-08-secret.md", "title: 題"),
    Ask("_posts/wip/2025-01-09-wip.md", "title: 題"),
    Ask("_posts/2025-01-10-no-front.md"),
    Ask("_posts/undated.md", "title: 題\ndate: 2025-01-11"),
    Ask("a/b/_posts/c/2025-01-12-nested.md", "title: 題"),
    Ask("_posts/_hidden.md", "title: 題"),
    Ask("page.md", "title: 頁"),
    Ask("_posts/2025-01-13-未来ではない.md", "title: 題"),
)


def sites() -> dict[str, Site]:
    """The blogs by name."""
    found = {f"style {style}": Site(f"{TOKYO}permalink: {style}\n", STYLED) for style in STYLES}
    found |= {
        "names": Site(f"{TOKYO}permalink: pretty\n", _named(NAMES)),
        "names as slugs": Site(f"{TOKYO}permalink: /:name/:slug/\n", _named(NAMES)),
        "slugs": Site(f"{TOKYO}permalink: /:title/:slug/\n", _fronted(SLUGS)),
        "own permalinks": Site(TOKYO, _fronted(OWN)),
        "categories": Site(f"{TOKYO}permalink: pretty\n", _fronted(CATEGORIES)),
        "slugified categories": Site(
            f"{TOKYO}permalink: /:slugified_categories/:title\n", _fronted(CATEGORIES)
        ),
        "tags": Site(TOKYO, _fronted(TAGS)),
        "dates": Site(TOKYO, _fronted(f"date: {date}" for date in DATES)),
        "dates in Los Angeles": Site(
            "timezone: America/Los_Angeles\n", _fronted(f"date: {date}" for date in DATES)
        ),
        "titles": Site(TOKYO, _fronted(TITLES)),
        "authors": Site(
            TOKYO, _fronted(AUTHORS), (("_data/authors.yml", "taro:\n  name: 山田太郎\n"),)
        ),
        "defaults": Site(DEFAULTS, DEFAULTED),
        "what is taken": Site(TAKEN, TOOK),
        "posts as a collection": Site(
            f"{TOKYO}permalink: pretty\ncollections:\n  posts:\n    permalink: /c/:title/\n",
            STYLED,
        ),
        "baseurl": Site(
            f"{TOKYO}url: https://blog.example\nbaseurl: /sub\npermalink: pretty\n", STYLED
        ),
        "ids": Site(f"{TOKYO}url: https://blog.example\n", (*_named(NAMES), *_fronted(SLUGS))),
        "ids of pretty addresses": Site(
            f"{TOKYO}url: https://blog.example\nbaseurl: /b\npermalink: pretty\n",
            (*STYLED, *_fronted(OWN)),
        ),
    }
    return found
