"""Addresses that people and readers try: parameters nobody knows, habits of other engines."""

from __future__ import annotations

import pytest

from tests.support.blog import SITE, Blog, filled


@pytest.mark.parametrize("query", ["_=1764", "utm_source=x", "mtm_source=y&_ga=1", "source=rss"])
def test_unknown_parameters_change_nothing_and_keep_nothing(blog: Blog, query: str) -> None:
    filled(blog)
    plain = blog.get("/ja/feed.rss")
    kept = len(blog.parts.feeds._kept._values)
    response = blog.get(f"/ja/feed.rss?{query}")
    assert (response.status_code, response.data) == (200, plain.data)
    assert response.headers["ETag"] == plain.headers["ETag"]
    assert len(blog.parts.feeds._kept._values) == kept
    moved = blog.get(f"/ja/feed.rss?tag=AI&{query}")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/ja/tags/ai/feed.rss")
    assert blog.get(f"/ja/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["tags=ai", "lang=en", "categroy=x"])
def test_a_near_miss_is_400_with_a_hint(blog: Blog, query: str) -> None:
    response = filled(blog).get(f"/ja/feed.rss?{query}")
    assert response.status_code == 400
    assert response.get_json()["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/en/feed", "/en/feed.rss"),
        ("/en/feed/", "/en/feed.rss"),
        ("/ko/feed.xml", "/ko/feed.atom"),
        ("/en/rss.xml", "/en/feed.rss"),
        ("/en/atom.xml", "/en/feed.atom"),
        ("/en/index.xml", "/en/feed.rss"),
        ("/en", "/en/"),
        ("/en?page=2", "/en/?page=2"),
    ],
)
def test_habits_lead_to_the_feeds_of_the_language(blog: Blog, path: str, target: str) -> None:
    response = filled(blog).get(path)
    assert (response.status_code, response.headers["Location"]) == (301, target)


@pytest.mark.parametrize("path", ["/wp-login.php", "/fr", "/fr/feed/", "/fr/feed.xml", "/a/b/c"])
def test_an_unknown_path_is_404_without_a_redirect(blog: Blog, path: str) -> None:
    assert filled(blog).get(path).status_code == 404


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "ja"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-US,en", "en"),
        ("fr, en;q=0.5", "en"),
        ("fr", "ja"),
    ],
)
def test_the_root_leads_to_the_language_that_is_preferred(
    blog: Blog, accept: str, language: str
) -> None:
    response = blog.get("/", headers={"Accept-Language": accept} if accept else {})
    assert (response.status_code, response.headers["Location"]) == (302, f"/{language}/")
    assert response.headers["Vary"] == "Accept-Language"


def test_a_languages_page_lists_the_feeds_of_all(blog: Blog) -> None:
    page = filled(blog).get("/en/").text
    head, _, body = page.partition("</head>")
    for code in ("ja", "ko"):
        assert f'hreflang="{code}" title="試験' in head
        assert f'<a href="{SITE}/{code}/feed.rss">' in body
