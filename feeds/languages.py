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
        "translating": "Translating: {ready} of {total} ready",
        "minutes": "{n} min read",
        "waiting": "Not translated yet; this is the original. The translation has been asked for.",
        "untranslated": "Could not be translated well enough; this is the original.",
        "machine": "Machine translation ({packages}).",
        "original": "Original",
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
        "translating": "翻訳中（{total}件のうち{ready}件が完了）",
        "minutes": "{n}分で読めます",
        "waiting": "まだ翻訳されていません。原文を表示しています。翻訳の順番を待っています。",
        "untranslated": "十分な品質で翻訳できなかったため、原文を表示しています。",
        "machine": "機械翻訳（{packages}）",
        "original": "原文",
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
        "translating": "번역 중 ({total}개 가운데 {ready}개 완료)",
        "minutes": "{n}분 분량",
        "waiting": "아직 번역되지 않아 원문을 보여 드립니다. 번역을 요청했습니다.",
        "untranslated": "충분한 품질로 번역하지 못해 원문을 보여 드립니다.",
        "machine": "기계 번역({packages})",
        "original": "원문",
    },
}


def say(language: str, word: str, **values: str) -> str:
    """`word` in `language`, in English where we have no words of that language."""
    words = _WORDS.get(language.partition("-")[0], _WORDS["en"])
    return words[word].format(**values)


def native_name(language: str) -> str:
    return NAMES.get(language.partition("-")[0], language)
