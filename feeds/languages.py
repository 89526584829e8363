"""The words that feedglot itself says, in the languages it says them in."""

from __future__ import annotations

NAMES = {"ja": "日本語", "en": "English", "ko": "한국어"}

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "site": "{title}",
        "tag": "Tag: {name} – {title}",
        "category": "Category: {name} – {title}",
        "author": "Author: {name} – {title}",
        "selection": "{name} – {title}",
        "subtitle": "Posts of {title}",
        "tags": "Tags",
        "categories": "Categories",
        "authors": "Authors",
    },
    "ja": {
        "site": "{title}",
        "tag": "タグ「{name}」 – {title}",
        "category": "カテゴリー「{name}」 – {title}",
        "author": "{name} – {title}",
        "selection": "{name} – {title}",
        "subtitle": "{title}の記事",
        "tags": "タグ",
        "categories": "カテゴリー",
        "authors": "著者",
    },
    "ko": {
        "site": "{title}",
        "tag": "태그 ‘{name}’ – {title}",
        "category": "카테고리 ‘{name}’ – {title}",
        "author": "{name} – {title}",
        "selection": "{name} – {title}",
        "subtitle": "{title}의 글",
        "tags": "태그",
        "categories": "카테고리",
        "authors": "글쓴이",
    },
}


def say(language: str, word: str, **values: str) -> str:
    """`word` in `language`, in English where we have no words of that language."""
    words = _WORDS.get(language.partition("-")[0], _WORDS["en"])
    return words[word].format(**values)


def native_name(language: str) -> str:
    return NAMES.get(language.partition("-")[0], language)
