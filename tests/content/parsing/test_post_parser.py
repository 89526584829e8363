"""What a file says: front matter, names, dates, and what is set aside with which words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from content.library.body import render_body
from content.parsing.post_parser import MAX_BYTES, parse_post, parse_version
from content.post import HumanTranslation, Post, Problem

TOKYO = ZoneInfo("Asia/Tokyo")
SEEDS = sorted((Path(__file__).parents[3].parent / "shared/seeds").glob("*.txt"))


def parse(
    front: str, path: str = "2026-01-31-hello.md", body: str = "本文。"
) -> Post | Problem | None:
    data = f"---\n{front}\n---\n{body}\n".encode()
    return parse_post(data, path, language="ja", timezone=TOKYO)


def post(front: str, path: str = "2026-01-31-hello.md") -> Post:
    parsed = parse(front, path)
    assert isinstance(parsed, Post), parsed
    return parsed


def problem(front: str, path: str = "hello.md") -> str:
    parsed = parse(front, path)
    assert isinstance(parsed, Problem), parsed
    return str(parsed)


def test_a_post_has_what_its_front_matter_says() -> None:
    parsed = post(
        'layout: post\ntitle: "題名"\ndate: 2026-01-31 09:00:00 +0900\n'
        'categories: ["技術"]\ntags: ["AI", "最新ニュース"]\nauthor: "編集部"\nimage: /a.png\n'
        "last_modified_at: 2026-02-01"
    )
    assert parsed.title == "題名"
    assert parsed.published == datetime(2026, 1, 31, tzinfo=UTC)
    assert parsed.edited == datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert (parsed.categories, parsed.tags) == (("技術",), ("AI", "最新ニュース"))
    assert (parsed.authors, parsed.image, parsed.language) == (("編集部",), "/a.png", "ja")
    assert (parsed.slug, parsed.day) == ("hello", date(2026, 1, 31))


def test_scalars_stay_as_written() -> None:
    parsed = post("title: on\ntags: [NO, 1:30, 007, 1.10, null, 0x1F, 2026-01-01, ~, '']")
    assert parsed.title == "on"
    assert parsed.tags == ("NO", "1:30", "007", "1.10", "null", "0x1F", "2026-01-01")


@pytest.mark.parametrize(
    ("front", "tags"),
    [
        ("tags: a b  c", ("a", "b", "c")),
        ("tag: machine learning", ("machine learning",)),
        ("tags: C++, Machine Learning", ("C++", "Machine Learning")),
        ("tags:\n  - b\n  - a\n  - B", ("b", "a")),
        ("tags: null", ()),
        ("tags:", ()),
        ("tag: x\ntags: [y, [z]]", ("x", "y", "z")),
    ],
)
def test_tags_come_in_each_of_jekylls_shapes(front: str, tags: tuple[str, ...]) -> None:
    assert post(f"title: x\n{front}").tags == tags


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        ("author: 田中 太郎", ("田中 太郎",)),
        ("author: {name: Ann, email: a@example.com}", ("Ann",)),
        ("authors: [Ann, {name: Bob}, ann]", ("Ann", "Bob")),
        ("author: null", ()),
        ("author: {email: a@example.com}", ()),
    ],
)
def test_authors_come_as_names_mappings_and_lists(front: str, authors: tuple[str, ...]) -> None:
    assert post(f"title: x\n{front}").authors == authors


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2026-01-31", "2026-01-30T15:00"),
        ("2026-01-31 09:00", "2026-01-31T00:00"),
        ("2026-1-5 9:00:01", "2026-01-05T00:00:01"),
        ("2026-01-31 09:00:00 +0000", "2026-01-31T09:00"),
        ("2026-01-31T09:00:00.5Z", "2026-01-31T09:00"),
        ("2026-01-31 09:00:00 -08:30", "2026-01-31T17:30"),
        ("2026-01-31 09:00:00 JST", "2026-01-31T00:00"),
        ("2026/01/31 09:00", "2026-01-31T00:00"),
        ("'2026-01-31 09:00:60'", "2026-01-31T00:00:59"),
        ("Sat, 31 Jan 2026 09:00:00 +0000", "2026-01-31T09:00"),
    ],
)
def test_dates_with_and_without_time_and_zone(written: str, published: str) -> None:
    parsed = post(f"title: x\ndate: {written}", "hello.md")
    assert parsed.published == datetime.fromisoformat(published).replace(tzinfo=UTC)


def test_a_date_can_come_from_the_file_name() -> None:
    assert post("title: x").published == datetime(2026, 1, 30, 15, tzinfo=UTC)


def test_the_day_is_the_names_and_otherwise_the_dates_in_the_blogs_zone() -> None:
    assert post("title: x\ndate: 2026-02-05").day == date(2026, 1, 31)
    assert post("title: x\ndate: 2026-01-30 20:00 Z", "x.md").day == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("path", "front", "slug"),
    [
        ("2026-01-31-Hello World.md", "", "Hello-World"),
        ("deep/2026-01-31-x.y.markdown", "", "x.y"),
        ("note.txt", "date: 2026-01-01", "note"),
        ("2026-01-31.md", "", "2026-01-31"),
        ("x.md", "date: 2026-01-01\nslug: a/b c", "a-b-c"),
        ("x.md", "date: 2026-01-01\nslug: ..", "-.."),
        ("2026-01-31-か\u3099.md", "", "が"),
    ],
)
def test_slugs(path: str, front: str, slug: str) -> None:
    assert post(f"title: x\n{front}", path).slug == slug


@pytest.mark.parametrize(
    ("permalink", "expanded"),
    [
        ("/:categories/:year/:month/:day/:title/", "/技術/2026/01/31/hello/"),
        ("pretty", "/pretty"),
        ("/:slug/:name.html", "/hello/2026-01-31-hello.html"),
        ("about", "/about"),
        ("/x/:unknown/:short_year:output_ext", "/x/26.html"),
        ("https://example.com/x", "https://example.com/x"),
        ("javascript:alert(1)", "/javascript(1)"),
    ],
)
def test_permalinks_are_expanded(permalink: str, expanded: str) -> None:
    parsed = post(f"title: x\ncategories: [技術]\npermalink: '{permalink}'")
    assert parsed.permalink == expanded


@pytest.mark.parametrize("front", ["published: false", "draft: true", "published: no", "draft: on"])
def test_posts_that_authors_exclude_are_neither_posts_nor_problems(front: str) -> None:
    assert parse(front) is None
    assert isinstance(parse("title: x\npublished: true\ndraft: false"), Post)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("'**太字**と`code`'", "**太字**と`code`"),
        ("Python の __init__ と a*b*c", "Python の __init__ と a*b*c"),
        ("'~~旧版~~ではなく C:\\*.txt'", "~~旧版~~ではなく C:\\*.txt"),
        ("<ruby>漢字</ruby>と&amp;、List<String>", "漢字と&、List<String>"),
        ("'<b>A</b> &amp; B'", "A & B"),
        ("'List<String> の話'", "List<String> の話"),
        ("'snake_case_name'", "snake_case_name"),
        ('"a\\u0007b\\uFFFEc"', "abc"),
        ("'か\u3099'", "が"),
        ("'[リンク](https://example.com/)'", "[リンク](https://example.com/)"),
        ("|\n  two\n  lines", "two lines"),
    ],
)
def test_a_title_is_plain_text(title: str, plain: str) -> None:
    assert post(f"title: {title}").title == plain


def test_language_of_its_own() -> None:
    assert post("title: x\nlang: en-US").language == "en"
    assert problem("title: x\ndate: 2026-01-01\nlang: '英語'").startswith("hello.md:4: lang: ")


def test_byte_order_mark_and_windows_line_ends() -> None:
    data = "\ufeff---\r\ntitle: 題\r\ndate: 2026-01-01\r\n---\r\n本文\r\n".encode()
    parsed = parse_post(data, "x.md", language="ja", timezone=UTC)
    assert isinstance(parsed, Post)
    assert parsed.title == "題"
    assert render_body(data, "x.md", title="題", resolve=lambda _: None).html == "<p>本文</p>\n"


def test_a_bad_date_is_reported_with_line_and_remedy() -> None:
    assert problem("title: x\ntags: a\ndate: yesterday") == (
        "hello.md:4: date: not a date: 'yesterday': "
        "write it as 2026-01-31 or 2026-01-31 09:00:00 +0900"
    )


@pytest.mark.parametrize(
    ("front", "path", "message"),
    [
        ("title: x", "hello.md", "hello.md:1: no date: "),
        ("title: x\ndate: 2026-02-30", "hello.md", "hello.md:3: date: not a date: '2026-02-30'"),
        ("title: x\ndate: 0001-01-01", "hello.md", "hello.md:3: date: not a date: "),
        ("title: x\ndate: 1899-12-31", "hello.md", "hello.md:3: date: not a date: '1899-12-31'"),
        ("title: x\ndate: 9999-12-31", "hello.md", "hello.md:3: date: not a date: '9999-12-31'"),
        ("title: x", "0001-01-01-x.md", "0001-01-01-x.md:1: file name: not a date: '0001-01-01'"),
        ("title: x", "9999-12-31-x.md", "9999-12-31-x.md:1: file name: not a date: '9999-12-31'"),
        ("title: x", "2026-13-01-x.md", "2026-13-01-x.md:1: file name: not a date: '2026-13-01'"),
        ("title: a: b", "hello.md", "hello.md:2: front matter is not YAML: "),
        ("title: 'open\ntags: x", "hello.md", "hello.md:"),
        ("a: b\n]", "hello.md", "hello.md:3: front matter is not YAML: "),
        ("- title", "hello.md", "hello.md:2: front matter is not a list of fields"),
        ("title: *x", "hello.md", "hello.md:2: unknown alias *x"),
    ],
)
def test_problems_name_the_line(front: str, path: str, message: str) -> None:
    assert problem(front, path).startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.md:1: no front matter: "),
        (b"# Hello\n", "x.md:1: no front matter: "),
        (b"---\ntitle: x\n", "x.md:1: front matter is not closed: end it with a line"),
        (b"---", "x.md:1: front matter is not closed: "),
        ("---\ntitle: 題\n---\n".encode("shift-jis"), "x.md:2: not UTF-8: save the file"),
        (b"---\n" + b"a: b\n" * 20_000 + b"---\n", "x.md:1: front matter is larger than 64 KiB"),
        (b"---\ntitle: x\n---\n" + b"x" * MAX_BYTES, "x.md:1: larger than 1 MiB: "),
    ],
)
def test_files_that_are_no_posts(data: bytes, message: str) -> None:
    parsed = parse_post(data, "x.md", language="ja", timezone=UTC)
    assert str(parsed).startswith(message)


@pytest.mark.parametrize(
    "front",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "\n".join(
            f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "a: &a [*a]",
        "a: " + "[" * 30_000,
        "a:\n" + "- " * 30_000 + "x",
        "a: " + "{a: " * 15_000,
        "? " * 30_000,
    ],
    ids=["bomb", "self", "flow", "block", "mappings", "keys"],
)
def test_hostile_yaml_is_set_aside(front: str) -> None:
    """PyYAML's own loaders end the process on some of these."""
    assert isinstance(parse(f"title: x\n{front}"), Problem)


def test_ordinary_aliases_work() -> None:
    assert post("title: x\ntags: &t [a, b]\ncategories: *t").categories == ("a", "b")


def test_a_translation_by_hand_has_what_it_gives() -> None:
    parsed = parse_version("---\ntitle: '**안녕**'\n---\n".encode(), "x.ko.md", language="ko")
    assert isinstance(parsed, HumanTranslation)
    assert (parsed.title, parsed.excerpt, parsed.has_body) == ("**안녕**", None, False)
    parsed = parse_version("본문\n".encode(), "x.ko.md", language="ko")
    assert isinstance(parsed, HumanTranslation)
    assert (parsed.title, parsed.has_body) == (None, True)
    assert str(parse_version(b"\n", "x.ko.md", language="ko")).startswith("x.ko.md:1: an empty")
    assert parse_version(b"---\ndraft: true\n---\nx", "x.ko.md", language="ko") is None


class TestTheUsersOwnPosts:
    __test__ = bool(SEEDS)  # not part of the checkout

    @pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
    def test_are_read(self, path: Path) -> None:
        data = path.read_bytes()
        parsed = parse_post(data, path.name, language="ja", timezone=TOKYO)
        assert isinstance(parsed, Post)
        assert parsed.categories
        assert parsed.tags
        assert parsed.authors
        body = render_body(data, path.name, title=parsed.title, resolve=lambda _: None)
        assert "END" not in body.html[-200:]
        assert parsed.title not in body.html
        assert "*" not in body.excerpt
        assert "**" not in body.html
        assert body.reading_time > 5
