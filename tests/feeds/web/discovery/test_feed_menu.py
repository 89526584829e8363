"""The feed menu: off unless a setting says so, one language in each, and every address is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.blog import SITE, Blog

MENU = "/.well-known/feed-menu.json"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(
        tmp_path,
        feed_menu="on",
        site_description="毎日の記録。",
        author_names={"山田": {"en": "Yamada"}},
    )
    for n in (1, 2):
        blog.write(f"2026-01-0{n}-p{n}.md", tags=f"[AI, {'長い名前' * 20}]", author="山田")
    blog.look()
    blog.get("/en/feed.atom")
    blog.translate()
    return blog


def feeds(menu: dict[str, Any]) -> list[dict[str, Any]]:
    """The feeds of a menu, once it has the draft's form: nested menus and feeds, nothing else."""
    assert set(menu) == {"feed-menu", "items"}
    found = []
    for item in menu["items"]:
        if "feed-menu" in item:
            found += feeds(item)
            continue
        assert set(item) == {"feed-title", "description", "rss", "atom"}
        assert 0 < len(item["feed-title"]) <= 50
        assert 0 < len(item["description"]) <= 140
        found.append(item)
    return found


@pytest.mark.parametrize(
    ("asked", "language", "kind"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.1", "ko", "태그"),
        ("en", "en", "Tags"),
        ("fr", "ja", "タグ"),
        ("", "ja", "タグ"),
    ],
)
def test_a_menu_is_in_one_language_and_leads_to_its_feeds(
    blog: Blog, asked: str, language: str, kind: str
) -> None:
    response = blog.get(MENU, headers={"Accept-Language": asked} if asked else {})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    menu = response.get_json()
    assert kind in [item.get("feed-menu") for item in menu["items"]]
    listed = feeds(menu)
    assert len(listed) == 1 + 2 + 1  # the site, two tags, an author
    for feed in listed:
        for format in ("rss", "atom"):
            assert feed[format].startswith(f"{SITE}/{language}/")
            served = blog.get(feed[format].removeprefix(SITE))
            assert (served.status_code, served.headers["Content-Language"]) == (200, language)
    assert listed[-1]["feed-title"] == ("Yamada" if language == "en" else "山田")


def test_each_language_has_an_etag_of_its_own(blog: Blog) -> None:
    first, second = (blog.get(MENU, headers={"Accept-Language": code}) for code in ("ja", "en"))
    assert first.headers["ETag"] != second.headers["ETag"]
    again = {"Accept-Language": "ja", "If-None-Match": first.headers["ETag"]}
    unchanged = blog.get(MENU, headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "Accept-Language" in unchanged.headers["Vary"]
    assert blog.get(MENU, headers=again | {"Accept-Language": "en"}).status_code == 200


def test_without_the_setting_there_is_none(blog: Blog) -> None:
    blog.with_settings(feed_menu="off")
    blog.look()
    response = blog.get(MENU)
    assert response.status_code == 404
    assert "FEEDS_FEED_MENU=on" in response.get_json()["detail"]
