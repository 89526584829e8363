"""Text as it is searched: folded, in words, and cut into grams. Pure.

A word is a run of characters without white space, looked for as it stands (NFKC, case
folded) anywhere in a text, so that Japanese, and Korean with its particles, are found without
a dictionary.
"""

from __future__ import annotations

import html
import re
import unicodedata

from feeds.model.feed import Entry

GRAM = 3
# Characters of a text that are cut into grams; a longer one is looked through at each search.
# PostgreSQL takes a megabyte of grams for a text, 17 bytes for each at most.
WHOLE = 50_000

_KATAKANA = r"[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]"
# ディープ・ラーニング and ディープ ラーニング are ディープラーニング.
PARTED = re.compile(rf"(?<={_KATAKANA})[\u30fb \t\n]+(?={_KATAKANA})")

_READING = re.compile(r"<(rt|rp|rtc)\b[^>]*>.*?</\1>", re.DOTALL)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|data|del|dfn|em|i|ins|kbd|mark|q|ruby|rb|s|samp|small"
    r"|span|strong|sub|sup|time|u|var|wbr)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
# A line that ends within a Japanese sentence ends nothing: 人工\n知能 is one word.
_JAPANESE = r"[\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f]"
_BROKEN = re.compile(rf"(?<={_JAPANESE})[ \t]*\n[ \t]*(?={_JAPANESE})")


def fold(text: str) -> str:
    """Width, case, composition and what parts katakana evened out: ＡＩ, ai and AI are one."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return PARTED.sub("", text)


def words(query: str) -> list[str]:
    """The words that a text must hold, folded, the longest first.

    A middle dot at the end of a word may be one that is folded in the text.
    """
    found = {fold(word).strip("\u30fb") or fold(word) for word in query.split()}
    return sorted((part for word in found for part in word.split()), key=lambda w: (-len(w), w))


def searchable(entry: Entry) -> str:
    """Title, summary, text, labels of terms and authors of an entry, folded.

    One space between words: no word of a query holds white space.
    """
    labels = (category.label for category in entry.categories)
    parts = (entry.title, entry.summary, plain(entry.html), *labels, *entry.authors)
    return " ".join(fold("\x1f".join(parts)).split())


def plain(markup: str) -> str:
    """The text of HTML; what stands apart in it is parted by U+001F."""
    text = _INLINE.sub("", _READING.sub("", markup))
    return html.unescape(_TAG.sub("\x1f", _BROKEN.sub("", text)))


def grams(text: str) -> set[str]:
    """Every run of three characters in a folded text, and the shorter ones at ends of words.

    So a word of one or two characters is the beginning of a gram. Of a text that is longer
    than `WHOLE` this is the beginning alone.
    """
    text = f"{text[:WHOLE]}  "
    found = {text[at : at + GRAM] for at in range(len(text) - 2)}
    at_ends = {gram for gram in found if " " in gram}
    found -= at_ends
    found.update(gram.partition(" ")[0] for gram in at_ends)
    found.discard("")
    return found


def grams_of_word(word: str) -> list[str]:
    """The grams that a text with the word holds; a short word is the beginning of some gram."""
    if len(word) <= GRAM:
        return [word]
    return list(dict.fromkeys(word[at : at + GRAM] for at in range(len(word) - GRAM + 1)))
