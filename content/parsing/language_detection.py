"""Language detection: whether a post's text is in another language than the post says.

By script, and for Latin script by English stop words. Languages other than Japanese, Korean
and English are not detected, nor are texts too short to tell.
"""

from __future__ import annotations

import re

LEAST_WIDE = 40  # kana, ideographs or Hangul that make a text long enough to tell
LEAST_WORDS = 15
# Running English text has 35 to 50 stop words in a hundred, lists of English names below 10.
STOP_WORDS_SHARE = 0.2
# An English post about Japan quotes some Japanese; a Japanese post has 20 to 60 kana in 100.
FOREIGN_SHARE = 0.05

_HEAD = 1_000  # characters that settle it for most posts
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9d]")
# Stops at the last kana that is needed: an index of many posts spends its time here.
_MOSTLY_KANA = re.compile(
    f"(?:[^\u3041-\u30ff\uff66-\uff9d]*+[\u3041-\u30ff\uff66-\uff9d]){{{LEAST_WIDE}}}"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
# Each part ends where the next one could begin: time linear in the length of the text.
_CODE = re.compile(
    r"^(```|~~~).*?^\1|`[^`\n]+`|\{%(?:(?!\{%).)*?%\}|<[^<>]*>|https?://\S+", re.S | re.M
)
_ENGLISH = (
    "a about all also an and are as at be been but by can do for from had has have he her his "
    "how i if in into is it its last me more my no not of on one or our out she so some than "
    "that the their them then there they this to up was we were what when which who will with "
    "would you your"
)
_STOP_WORDS = frozenset(_ENGLISH.split())


def detect_language(title: str, body: str, stated: str) -> str | None:
    """ "ja", "ko" or "en", where the text is in that and not in `stated`; else None.

    `body` is Markdown or HTML; code and addresses in it do not count.
    """
    primary = stated.partition("-")[0]
    if primary == "ja" and _MOSTLY_KANA.match(body, 0, _HEAD):
        return None
    found = _language(f"{title}\n{_CODE.sub(' ', body)}")
    return None if found in (None, primary) else found


def _language(text: str) -> str | None:
    kana, han, hangul = (len(p.findall(text)) for p in (_KANA, _HAN, _HANGUL))
    words = [word.lower() for word in _WORD.findall(text)]
    letters = kana + han + hangul + sum(map(len, words))
    if kana + han >= LEAST_WIDE and kana > FOREIGN_SHARE * letters and hangul < kana:
        return "ja"
    if hangul >= LEAST_WIDE and hangul > letters / 2 and kana <= FOREIGN_SHARE * letters:
        return "ko"
    if len(words) < LEAST_WORDS or kana + han + hangul > FOREIGN_SHARE * letters:
        return None
    stop_words = sum(word in _STOP_WORDS for word in words)
    return "en" if stop_words >= STOP_WORDS_SHARE * len(words) else None
