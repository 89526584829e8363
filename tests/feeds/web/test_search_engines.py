"""Canonical addresses, languages of a page, JSON-LD and the sitemap."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.support.blog import SITE, Blog

ELSEWHERE = "https://blog.example"
POST = f"{ELSEWHERE}/2026/01/01/post.html"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def translated(blog: Blog, *languages: str) -> Blog:
    """A blog with one post, translated into these languages."""
    blog.write("2026-01-01-post.md", "本文です。", title="</script><!-- 題")
    blog.look()
    for language in languages:
        blog.get(f"/{language}/feed.atom")
        blog.translate()
    return blog


def head(blog: Blog, path: str) -> tuple[str | None, dict[str, str], bool]:
    """The canonical address of a page, its languages, and whether it may be indexed."""
    text = blog.get(path).text.partition("</head>")[0]
    canonical = re.search(r'<link rel="canonical" href="([^"]*)">', text)
    found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', text))
    return canonical and canonical[1], found, 'content="noindex"' not in text


@pytest.fixture
def elsewhere(tmp_path: Path) -> Blog:
    return translated(Blog(tmp_path, blog_url=ELSEWHERE), "en")


def test_the_original_is_at_home_on_its_blog(elsewhere: Blog) -> None:
    assert head(elsewhere, "/ja/posts/post/") == (POST, {}, True)
    assert f'<a href="{POST}"' in elsewhere.get("/ja/posts/post/").text
    assert f'<a href="{ELSEWHERE}/"' in elsewhere.get("/en/").text


def test_a_translation_names_itself_the_others_and_the_original(elsewhere: Blog) -> None:
    here = f"{SITE}/en/posts/post/"
    expected = {"ja": POST, "en": here, "x-default": POST}
    for path in ("/en/posts/post/", "/en/posts/post/?utm_source=x"):
        assert head(elsewhere, path) == (here, expected, True)
    elsewhere.get("/ko/feed.atom")
    elsewhere.translate()
    assert head(elsewhere, "/en/posts/post/")[1] == expected | {"ko": f"{SITE}/ko/posts/post/"}


def test_the_original_in_place_of_a_translation_is_not_indexed(elsewhere: Blog) -> None:
    assert head(elsewhere, "/ko/posts/post/") == (POST, {}, False)


def test_without_a_blog_elsewhere_all_languages_name_each_other(blog: Blog) -> None:
    translated(blog, "en")
    ja, en = f"{SITE}/ja/posts/post/", f"{SITE}/en/posts/post/"
    expected = {"ja": ja, "en": en, "x-default": ja}
    assert head(blog, "/ja/posts/post/") == (ja, expected, True)
    assert head(blog, "/en/posts/post/") == (en, expected, True)
    assert head(blog, "/ko/posts/post/")[2] is False


def test_lists_are_canonical_without_unknown_parameters(blog: Blog) -> None:
    canonical, found, _ = head(translated(blog), "/en/?utm_source=x")
    assert canonical == f"{SITE}/en/"
    assert found == {
        code: f"{SITE}/{page}/" for code, page in [("ja", "ja"), ("en", "en"), ("ko", "ko")]
    } | {"x-default": f"{SITE}/ja/"}


def test_a_page_at_a_feeds_address_names_the_page_of_the_list(blog: Blog) -> None:
    path = "/en/feed.atom"
    page = translated(blog, "en").get(path, headers={"Sec-Fetch-Dest": "document"})
    assert f'<link rel="canonical" href="{SITE}/en/">' in page.text
    assert page.headers["Cache-Control"].startswith("private")
    assert page.headers["ETag"] != blog.get(path).headers["ETag"]
    archive = blog.get("/en/archive/1/feed.atom", headers={"Sec-Fetch-Dest": "document"})
    assert archive.mimetype == "text/html"
    assert archive.headers["Cache-Control"].startswith("private")


def test_an_article_says_what_it_is_a_translation_of(elsewhere: Blog) -> None:
    text = elsewhere.get("/en/posts/post/").text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    article = json.loads(data)
    assert (article["@type"], article["inLanguage"]) == ("Article", "en")
    assert article["translationOfWork"] == {"@type": "Article", "@id": POST, "inLanguage": "ja"}
    original = elsewhere.get("/ja/posts/post/").text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', original)
    assert json.loads(data)["headline"] == "</script><!-- 題"
    assert "translationOfWork" not in json.loads(data)


def test_previews_have_a_title_and_a_type(elsewhere: Blog) -> None:
    text = elsewhere.get("/en/posts/post/").text
    assert '<meta property="og:type" content="article">' in text
    assert f'<meta property="og:url" content="{SITE}/en/posts/post/">' in text


def test_the_sitemap_has_what_is_canonical_here_with_its_languages(elsewhere: Blog) -> None:
    assert f"Sitemap: {SITE}/sitemap.xml" in elsewhere.get("/robots.txt").text
    response = elsewhere.get("/sitemap.xml")
    found = {
        url.findtext(f"{MAP}loc"): [link.attrib["hreflang"] for link in url[2:]]
        for url in fromstring(response.data)
    }
    assert found == {
        **{f"{SITE}/{code}/": ["ja", "en", "ko", "x-default"] for code in ("ja", "en", "ko")},
        f"{SITE}/en/posts/post/": ["ja", "en", "x-default"],
    }
    assert elsewhere.get("/sitemap.xml").data == response.data


def test_a_post_may_stay_out_of_the_sitemap_alone(blog: Blog) -> None:
    blog.write("2026-01-01-in.md")
    blog.write("2026-01-02-out.md", sitemap="false")
    blog.look()
    body = blog.get("/sitemap.xml").text
    assert f"{SITE}/ja/posts/in/" in body
    assert f"{SITE}/ja/posts/out/" not in body
    assert len(blog.feed("/ja/feed.atom").entries) == 2


def test_posts_lead_to_their_neighbours(blog: Blog) -> None:
    for day in (1, 2, 3):
        blog.write(f"2026-01-0{day}-p{day}.md", title=f"題{day}")
    blog.look()
    page = blog.get("/ja/posts/p2/").text
    assert 'rel="prev" href="/ja/posts/p1/"' in page
    assert 'rel="next" href="/ja/posts/p3/"' in page
    assert 'rel="prev"' not in blog.get("/ja/posts/p1/").text
    assert 'lang="ja"' in blog.get("/ko/posts/p2/").text.partition('class="pager"')[2]


def test_pages_say_that_nothing_is_translated(tmp_path: Path) -> None:
    blog = translated(Blog(tmp_path, translator="off"))
    assert "The translator is not running" in blog.get("/en/posts/post/").text
    assert "Translation is switched off" in blog.get("/en/").text


def test_the_day_of_a_change_is_shown(blog: Blog) -> None:
    blog.write("2026-01-01-post.md", last_modified_at="2026-03-04")
    blog.look()
    assert "Updated 4 March 2026" in blog.get("/en/posts/post/").text
    assert "2026년 3월 4일 수정" in blog.get("/ko/posts/post/").text
