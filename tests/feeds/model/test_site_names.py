"""Names of the site and of authors in each language, from the settings to feeds and pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.model.site_names import author_name, site_description, site_title
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from feeds.settings_report import explain
from tests.support.blog import Blog

TABLES = """
languages = ["ja", "en", "ko", "pt-br"]
[site_title]
ja = "山田の技術ブログ"
en = "Yamada's notes"
[site_description]
ja = "毎日の記録です。"
[author_names."山田　太郎"]
en = "Taro Yamada"
"""


def load(tmp_path: Path, file: str, **environ: str) -> Settings:
    (tmp_path / "feedglot.toml").write_text(file, "utf-8")
    return Settings.load(environ, tmp_path)


def test_titles_come_from_tables_and_variables(tmp_path: Path) -> None:
    settings = load(
        tmp_path, TABLES, FEEDS_SITE_TITLE_KO="야마다의 기록", FEEDS_SITE_TITLE_PT_BR="O"
    )
    assert [site_title(settings, code) for code in settings.languages] == [
        *("山田の技術ブログ", "Yamada's notes", "야마다의 기록", "O"),
    ]
    assert load(tmp_path, TABLES, FEEDS_SITE_TITLE_EN="Notes").site_titles["en"] == "Notes"


def test_a_title_that_is_not_given_is_the_original_with_the_language(tmp_path: Path) -> None:
    settings = load(tmp_path, 'site_title = "山田の技術ブログ"')
    assert [site_title(settings, code) for code in settings.languages] == [
        "山田の技術ブログ",
        "山田の技術ブログ (English)",
        "山田の技術ブログ (한국어)",
    ]


def test_a_description_is_never_that_of_another_language(tmp_path: Path) -> None:
    settings = load(tmp_path, TABLES, FEEDS_SITE_DESCRIPTION_KO="매일의 기록입니다.")
    assert site_description(settings, "ja") == "毎日の記録です。"
    assert site_description(settings, "ko") == "매일의 기록입니다."
    assert site_description(settings, "en") == "Posts of Yamada's notes"


def test_an_author_is_found_however_wide_the_name_is_written(tmp_path: Path) -> None:
    settings = load(tmp_path, TABLES)
    assert author_name(settings, "山田 太郎", "en") == "Taro Yamada"
    assert author_name(settings, "山田 太郎", "ko") == "山田 太郎"
    assert author_name(settings, "佐藤", "en") == "佐藤"


@pytest.mark.parametrize(
    ("file", "environ", "message"),
    [
        ("", {"FEEDS_SITE_TITLE_FR": "x"}, "FEEDS_SITE_TITLE_FR: 'fr' is not served: add it to"),
        ("[site_title]\nfr = 'x'", {}, "FEEDS_SITE_TITLE_FR: 'fr' is not served"),
        ("[site_title]\nen = 5", {}, "site_title: en: not a text: put it in quotes"),
        ("author_names = 'x'", {}, "author_names: not a table: write [author_names]"),
        ("[author_names]\n'山田' = 'x'", {}, 'author_names."山田": not a table of languages'),
        ("[author_names.'山田']\nfr = 'x'", {}, "author_names.\"山田\": fr: 'fr' is not served"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    tmp_path: Path, file: str, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, file, **environ)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_the_report_of_settings_names_each_text_and_its_origin(tmp_path: Path) -> None:
    environ = {"FEEDS_SITE_TITLE_KO": "기록"}
    shown = {
        each.name: each for each in explain(load(tmp_path, TABLES, **environ), environ, tmp_path)
    }
    assert (shown["site_title_ko"].text, shown["site_title_ko"].origin) == (
        *("기록", "FEEDS_SITE_TITLE_KO"),
    )
    assert shown["site_title_en"].origin == "feedglot.toml"


def test_feeds_pages_and_opml_have_the_names(tmp_path: Path) -> None:
    names = {"山田太郎": {"en": "Taro Yamada"}}
    blog = Blog(tmp_path, site_titles={"en": "Notes"}, author_names=names)
    blog.write("2026-01-01-post.md", author="山田太郎")
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    assert blog.feed("/ko/feed.atom").feed.title == "試験 (한국어)"
    english = blog.feed("/en/feed.atom")
    assert (english.feed.title, english.entries[0].author) == ("Notes", "Taro Yamada")
    assert blog.feed("/en/feed.rss").feed.title == "Notes"
    assert blog.feed("/en/authors/山田太郎/feed.atom").feed.title == "Author: Taro Yamada – Notes"
    page = blog.get("/en/posts/post/").text
    assert f'{"/en/authors/%E5%B1%B1%E7%94%B0%E5%A4%AA%E9%83%8E/"}">Taro Yamada</a>' in page
    assert "<title>Notes</title>" in blog.get("/en/").text
    assert "<title>試験 (한국어)</title>" in blog.get("/ko/opml.xml").text
    assert blog.feed("/ja/feed.atom").entries[0].author == "山田太郎"


def test_a_new_title_moves_last_modified(blog: Blog) -> None:
    before = blog.site.facts.config_changed_at
    blog.with_settings(site_titles={"en": "Notes"})
    assert blog.site.facts.config_changed_at > before
