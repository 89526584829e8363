"""Language detection: what is plainly in another language, and nothing that is not."""

from __future__ import annotations

from datetime import UTC

import pytest

from content.parsing.language_detection import detect_language
from content.parsing.post_parser import parse_post
from content.post import Post

ENGLISH = (
    "I wrote this one in English because the library has no documents in any other language, "
    "and most of its users read them there."
)
JAPANESE = (
    "この文章は日本語で書きました。ほかの言語の文書がないので、まずは自分の言葉で残しておきます。"
)
KOREAN = (
    "이 글은 한국어로 썼습니다. 다른 언어로 된 문서가 없어서 먼저 제 말로 남겨 두려고 합니다. "
    "읽어 주셔서 고맙습니다."
)
GERMAN = (
    "Dieser Text ist auf Deutsch geschrieben, weil es die Dokumente in keiner anderen Sprache "
    "gibt und die meisten Leute sie dort lesen wollen."
)


@pytest.mark.parametrize(
    ("stated", "title", "body", "found"),
    [
        ("ja", "A note", ENGLISH, "en"),
        ("ja", "A note", f"{ENGLISH} The word for it is 文書.", "en"),
        ("ja", "メモ", KOREAN, "ko"),
        ("en", "A note", JAPANESE, "ja"),
        ("ko", "메모", ENGLISH, "en"),
        ("ko", "A note", JAPANESE, "ja"),
        ("ja", "題", JAPANESE, None),
        ("en", "A note", ENGLISH, None),
        ("en-GB", "A note", ENGLISH, None),
        ("ko", "메모", KOREAN, None),
        ("de", "Notiz", GERMAN, None),
        ("ja", "Notiz", GERMAN, None),  # not detected
        ("ja", "Hello", "A short note.", None),  # too short to tell
        ("ja", "引用", f"{JAPANESE}\n\n> {ENGLISH}", None),
        ("ja", "設定", f"次の通りです。\n\n```\n# {ENGLISH}\n```", None),
        ("ja", "Names", ", ".join(f"Example Product {n}" for n in range(40)), None),
        ("zh", "笔记", "这篇文章是用中文写的。" * 10, None),
    ],
)  # fmt: skip
def test_the_language_of_a_text(stated: str, title: str, body: str, found: str | None) -> None:
    assert detect_language(title, body, stated) == found


@pytest.mark.parametrize(
    ("front", "line", "says"),
    [
        ("title: A note", 1, "says no lang, so ja, but the text is in en and is served as that"),
        ("title: A note\nlang: ja", 3, "says lang: ja, but the text is in en"),
    ],
)
def test_a_post_is_in_the_language_of_its_text_and_says_so(
    front: str, line: int, says: str
) -> None:
    data = f"---\n{front}\n---\n{ENGLISH}\n".encode()
    post = parse_post(data, "2026-01-31-note.md", language="ja", timezone=UTC)
    assert isinstance(post, Post)
    assert (post.language, post.stated_language) == ("en", "ja")
    (remark,) = post.remarks
    assert str(remark).startswith(f"2026-01-31-note.md:{line}: {says}")
    assert remark.remedy == "write lang: en in the front matter"
