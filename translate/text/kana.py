"""Kana in Latin letters and in Hangul, and how a word sounds, roughly.

Hepburn without long vowels, as English newspapers write Japanese names; Hangul by the
orthography of foreign words of the National Institute of Korean Language (たなか 다나카).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ",
    "t": "タチツテト", "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_LATIN = {
    **{
        sign: row + vowel
        for row, signs in _ROWS.items()
        for sign, vowel in zip(signs, "aiueo", strict=True)
    },
    "シ": "shi", "ジ": "ji", "チ": "chi", "ヂ": "ji", "ツ": "tsu", "ヅ": "zu", "フ": "fu",
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ヴ": "vu", "ン": "n'", "ッ": "q",
}  # fmt: skip
_SMALL = dict(zip("ァィゥェォャュョ", ("a", "i", "u", "e", "o", "ya", "yu", "yo"), strict=True))
_SYLLABLE = re.compile(r"([ァ-ヴ])([ァィゥェォャュョ]?)")
_SOUND = re.compile(r"n'|q|(sh|ch|ts|[kgsztdnhfbpmryvwj]?)(y?)([aiueo])")

_INITIALS = {"k": 0, "t": 3, "ch": 12}  # at the head of a name
_CONSONANTS = {
    "g": 0, "n": 2, "d": 3, "r": 5, "m": 6, "b": 7, "v": 7, "s": 9, "sh": 9, "ts": 10, "": 11,
    "w": 11, "y": 11, "z": 12, "j": 12, "ch": 14, "k": 15, "t": 16, "p": 17, "h": 18, "f": 18,
}  # fmt: skip
_VOWELS = {"a": 0, "i": 20, "u": 13, "e": 5, "o": 8, "ya": 2, "yu": 17, "yo": 12, "wa": 9}
_HISSED, _HISSED_U = ("s", "ts", "z"), 18  # 스, 쓰, 즈
_FINAL_N, _FINAL_L, _FINAL_S = 4, 8, 19

# Korean particles behind a vowel and behind a consonant.
PARTICLES = {"는": "은", "가": "이", "를": "을", "와": "과", "로": "으로"}

_INITIAL_SOUNDS = (
    "k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "j", "k", "t",
    "p", "h",
)  # fmt: skip
_VOWEL_SOUNDS = (
    "a", "e", "ya", "e", "o", "e", "yo", "ye", "o", "wa", "we", "e", "yo", "u", "wo", "we",
    "wi", "yu", "u", "ui", "i",
)  # fmt: skip
_FINAL_SOUNDS = (
    "", "k", "k", "k", "n", "n", "n", "t", "r", "k", "m", "p", "r", "r", "p", "r", "m", "p",
    "p", "t", "t", "n", "t", "t", "k", "t", "p", "t",
)  # fmt: skip
# What different spellings of one name differ in, and what kana cannot tell apart.
_ALIKE = (
    ("ow", "o"), ("ck", "k"), ("eo", "o"), ("eu", "u"), ("ae", "e"), ("oo", "u"), ("ou", "o"),
    ("ee", "i"), ("zh", "j"), ("ch", "j"), ("sh", "s"), ("ts", "s"), ("ph", "p"), ("ng", "n"),
    ("x", "s"), ("q", "j"), ("c", "k"), ("g", "k"), ("d", "t"), ("b", "p"), ("v", "p"),
    ("f", "h"), ("z", "j"), ("l", "r"), ("mp", "np"), ("y", "i"), ("w", "u"),
)  # fmt: skip


def hepburn(kana: str) -> str:
    """The kana in Latin letters, one word for each part: やまだ たろう is Yamada Taro."""
    return " ".join(_written(part).capitalize() for part in _parts(kana))


def hangul(kana: str) -> str:
    """The kana in Hangul: やまだ たろう is 야마다 다로."""
    return " ".join(_in_hangul(_spelled(_in_katakana(part))) for part in _parts(kana))


@lru_cache(maxsize=4096)  # of each hypothesis the same words are heard
def sounds(word: str) -> str:
    """How a word in kana, Hangul or Latin letters sounds, roughly."""
    text = "".join(map(_syllable, unicodedata.normalize("NFC", word)))
    text = _spelled(_in_katakana(text)) if re.search("[ぁ-ヴ]", text) else text
    text = unicodedata.normalize("NFD", text).casefold()
    text = re.sub("[^a-z]", "", text)
    for written, said in _ALIKE:
        text = text.replace(written, said)
    return re.sub(r"(.)\1+", r"\1", text)


def particle(name: str, after_vowel: str) -> str:
    """The Korean particle that a name takes, by how it is behind a vowel: 켄은, but 다로는."""
    last = name[-1]
    final = (ord(last) - 0xAC00) % 28 if "가" <= last <= "힣" else last not in "aeiouwy"
    if not final or (after_vowel == "로" and (final == _FINAL_L or last == "l")):
        return after_vowel
    return PARTICLES.get(after_vowel, after_vowel)


def _parts(kana: str) -> list[str]:
    return [part for part in re.split(r"[・=＝\s]+", kana) if part]


def _in_katakana(text: str) -> str:
    return "".join(chr(ord(sign) + 96) if "ぁ" <= sign <= "ゖ" else sign for sign in text)


def _spelled(katakana: str) -> str:
    """With a mark for what Latin letters do not show: n' ends a syllable, q doubles the next."""
    said = ""
    for sign, small in _SYLLABLE.findall(katakana):
        latin = _LATIN.get(sign, "")
        if small:
            head = latin[:-1] or {"ウ": "w", "イ": "y"}.get(sign, "")
            glide = _SMALL[small]
            latin = head + (glide[-1] if head in ("sh", "ch", "j") else glide)
        said += latin
    return said


def _written(part: str) -> str:
    katakana = _in_katakana(part)
    latin = _shortened(_spelled(katakana)).replace("qch", "tch").replace("n'", "n")
    latin = re.sub(r"q(.?)", r"\1\1", latin)
    if part != katakana:
        return latin
    # Names from other languages: キム is Kim, ジャック Jak, ソンニョル Sonnyol, イ no pronoun.
    latin = re.sub(r"([mkpbgf])\1?u$", r"\1", latin)
    return "yi" if latin == "i" else re.sub("ru$", "l", latin)


def _shortened(latin: str) -> str:
    return re.sub(r"(?<=o)[ou](?![aiueo])|(?<=u)u(?![aiueo])", "", latin)


def _in_hangul(latin: str) -> str:
    said: list[int] = []
    for match in _SOUND.finditer(_shortened(latin)):
        consonant, glide, vowel = match[1] or "", match[2] or "", match[3]
        if not vowel:
            if said:
                said[-1] += _FINAL_N if match[0] == "n'" else _FINAL_S
            continue
        if consonant in ("y", "w"):
            consonant, glide = "", consonant
        elif consonant == "sh" and vowel != "i":
            glide = "y"
        first = _CONSONANTS[consonant] if said else _INITIALS.get(consonant, _CONSONANTS[consonant])
        is_hissed = consonant in _HISSED and vowel == "u"
        second = _HISSED_U if is_hissed else _VOWELS.get(glide + vowel, _VOWELS[vowel])
        said.append(0xAC00 + (first * 21 + second) * 28)
    return "".join(map(chr, said))


def _syllable(sign: str) -> str:
    if not "가" <= sign <= "힣":
        return sign
    place = ord(sign) - 0xAC00
    first, second, final = place // 588, place // 28 % 21, place % 28
    return _INITIAL_SOUNDS[first] + _VOWEL_SOUNDS[second] + _FINAL_SOUNDS[final]
