"""Text as every later step may rely on it: NFC (see `nfc`), and nothing that XML 1.0 forbids."""

from __future__ import annotations

import re
import unicodedata

# XML 1.0, production [2] Char. One of the others in a single entry costs a reader the feed, and
# escaping it ("&#1;") does not help: XML forbids the character however it is written.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMPATIBILITY = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_SPACE = re.compile(r"[ \t\r\n]+")

# Scripts and punctuation written without spaces between words. Hangul is not among them:
# Korean separates words, so a line break inside a sentence is a space there.
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3000-\u312f\u3190-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff60\uff65-\uff9f\U00020000-\U0003ffff]"
)
_FULL_WIDTH_MARK = re.compile("[\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff20]")


def clean(text: str) -> str:
    """`text` in NFC (see `nfc`) without the characters that XML 1.0 forbids."""
    return nfc(remove_illegal(text))


def nfc(text: str) -> str:
    """`text` in NFC, but for the ideographs that it would turn into other ones.

    Names are written with them: NFC makes U+795E of U+FA19, which is another glyph.
    """
    if text.isascii():  # by far the quickest to tell
        return text
    if not _COMPATIBILITY.search(text):
        return unicodedata.normalize("NFC", text)
    pieces = _COMPATIBILITY.split(text)
    return "".join(
        piece if number % 2 else unicodedata.normalize("NFC", piece)
        for number, piece in enumerate(pieces)
    )


def remove_illegal(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids; all others are kept."""
    return _ILLEGAL.sub("", text)


def one_line(text: str) -> str:
    """`text` cleaned, on one line. The ideographic space stays: authors set it on purpose."""
    # Printable means no control characters, no surrogates and no white space but " ".
    if text.isprintable() and "  " not in text:
        return nfc(text).strip()
    return _SPACE.sub(" ", clean(text)).strip()


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script that puts no spaces between words."""
    return _UNSPACED.match(character) is not None


def count(text: str) -> tuple[int, int]:
    """How long `text` is: the characters of scripts without spaces, and the words of others."""
    return len(_UNSPACED.findall(text)), len(_UNSPACED.sub(" ", text).split())


def joins_without_space(before: str, after: str) -> bool:
    """Whether a line break between two characters means nothing, rather than a space."""
    if _FULL_WIDTH_MARK.match(before) or _FULL_WIDTH_MARK.match(after):
        return True
    return is_unspaced(before) and is_unspaced(after)


def shorten(text: str, *, least: int = 120, most: int = 200) -> str:
    """The beginning of `text`, ended at the last sentence end between `least` and `most`.

    Without one there: at an earlier sentence end past half of `least`, else at a clause or
    word, with an ellipsis.
    """
    if len(text) <= most:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, most)]
    if ends and ends[-1] >= least // 2:
        return text[: ends[-1]].rstrip()
    breaks = [match.end() for match in _CLAUSE_END.finditer(text, least, most - 1)]
    end = breaks[-1] if breaks else most - 1
    # Never between a character and what modifies it: accents, variation selectors, joiners.
    while end > least and (_is_attached(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip("、,，・ 　") + "…"


_SENTENCE_END = re.compile(r"[。！？!?][」』）)\]”’]*|[.](?=\s)")
_CLAUSE_END = re.compile(r"[、，・\s]")


def _is_attached(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or character in "\u200d\ufe0e\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )
