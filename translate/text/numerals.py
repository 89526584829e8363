"""How Japanese, English and Korean write a number: in digits, in words, and in between.

Each language has a pattern for a run that may be a number and a function that reads the
run. Values are exact fractions: 10分の1 is 1/10, 0.5 is 1/2, 3分の1 is no decimal at all.
"""

from __future__ import annotations

import re
from fractions import Fraction
from string import ascii_lowercase, ascii_uppercase

DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"

# 2026.01.31 says a year, a month and a day; 2026.01.31.1 and 2026.13.1 say something else.
DOTTED_DATE = (
    r"(?<!\d)(?<!\d\.)(?:19|20)\d\d\.(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12]\d|3[01])(?!\.?\d)"
)

_FULL_WIDTH = str.maketrans("０１２３４５６７８９％＄￥＃", "0123456789%$¥#")
_LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)
_POINT = re.compile(r"(?<=\d)[．，](?=\d)")

MAGNITUDES = {
    "万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16,
    "만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16,
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip

_TENS = {"十": 10, "百": 100, "千": 1000, "십": 10, "백": 100, "천": 1000}
_ONES = {
    **{digit: value for value, digit in enumerate("〇一二三四五六七八九")},
    **{digit: value for value, digit in enumerate("영일이삼사오육칠팔구")},
    "零": 0,
}
_EAST_TOKEN = re.compile(rf"({DIGITS})|([〇零一二三四五六七八九영일이삼사오육칠팔구])|(\S)")

# 京 is left out of what is looked for: 東京 and 京都 are more common than 10^16.
JAPANESE = re.compile(
    rf"(?:{DIGITS}|[〇零一二三四五六七八九十百千])(?:{DIGITS}|[〇零一二三四五六七八九十百千万億兆])*"
)
# Magnitudes follow their digits without a space; a smaller part may follow after one. 조 is
# also the head of many words (조각 piece, 조사 survey), 만 means "only" after a counter.
_KOREAN_MAGNITUDE = r"[십백천]?(?:만|억|조(?![각사건직항례합]))|[십백천](?=\s?[원엔달개명])"
KOREAN = re.compile(
    rf"(?:{DIGITS})(?:{_KOREAN_MAGNITUDE})?"
    rf"(?:(?<=[만억조])\s?(?:{DIGITS})(?:{_KOREAN_MAGNITUDE}))*"
    r"(?:(?<=[만억조])\s?(?:\d,\d{3}|\d{4})(?![\d,.년]))?"
)
# Hangul numerals, only where what follows says that they are: 이 and 일 are also "this" and
# "day".
KOREAN_WORDS = re.compile(
    r"(?<![가-힣])(?:[일이삼사오육칠팔구십백천만억조]{2,}|[십백천])"
    r"(?=\s?(?:원|엔|달러|년|개|명|분의|배|번|시|층|회|대|주|위|퍼센트|%|살|세))"
)
KOREAN_NATIVE = {
    "한": 1, "하나": 1, "첫": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "석": 3, "네": 4, "넷": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "스물": 20,
    "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip
KOREAN_SAYING = {"양쪽": 2, "양측": 2, "이틀": 2, "사흘": 3, "나흘": 4, "열흘": 10, "한두": 2}
_NATIVE_ONES = "한|하나|두|둘|세|셋|네|넷|다섯|여섯|일곱|여덟|아홉"
KOREAN_NATIVE_RUN = re.compile(
    rf"(?<![가-힣])(?:(열|스물|스무|서른|마흔|쉰|예순|일흔|여든|아흔)({_NATIVE_ONES})?|"
    rf"(첫|석|{_NATIVE_ONES}))(?![가-힣]*니)"
)

JAPANESE_SAYING: dict[str, int | Fraction] = {
    "ひとつ": 1, "ふたつ": 2, "みっつ": 3, "よっつ": 4, "いつつ": 5, "むっつ": 6, "ななつ": 7,
    "やっつ": 8, "ここのつ": 9, "ひとり": 1, "ふたり": 2, "両": 2, "ゼロ": 0,
}  # fmt: skip

_ENGLISH = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH_ORDINALS = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth",
    "sixteenth", "seventeenth", "eighteenth", "nineteenth",
]  # fmt: skip
_CARDINALS = {
    **{word: value for value, word in enumerate(_ENGLISH)},
    **{word: 20 + 10 * step for step, word in enumerate(_ENGLISH_TENS)},
}
_ORDINALS = {
    **{word: value for value, word in enumerate(_ENGLISH_ORDINALS)},
    **{word[:-1] + "ieth": 20 + 10 * step for step, word in enumerate(_ENGLISH_TENS)},
    "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]  # fmt: skip
# Words that say a number without being one.
_SAYING: dict[str, int | Fraction] = {
    "once": 1, "single": 1, "sole": 1, "twice": 2, "double": 2, "doubled": 2, "doubling": 2,
    "both": 2, "pair": 2, "couple": 2, "duo": 2, "triple": 3, "tripled": 3, "trio": 3,
    "dozen": 12, "decade": 10, "century": 100, "half": Fraction(1, 2), "halves": Fraction(1, 2),
    "halved": Fraction(1, 2), "quarter": Fraction(1, 4), "quarters": Fraction(1, 4), "noon": 12,
    "midnight": 0, "none": 0, "jan": 1, "feb": 2, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    **{month: place for place, month in enumerate(_MONTHS, 1)},
    **{word[:-1] + "ies": 20 + 10 * step for step, word in enumerate(_ENGLISH_TENS)},
}  # fmt: skip
_WORDS = sorted(
    {*_CARDINALS, *_ORDINALS, *_SAYING, "hundred", *MAGNITUDES} - set("万億兆京만억조경")
)
_WORD = rf"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
# Of text in small letters: to ignore case takes four times as long.
ENGLISH_WORDS = re.compile(
    rf"\b(?:an?[ -](?=hundred|thousand|million|billion|trillion))?{_WORD}"
    rf"(?:(?:[ -]|[ -]and[ -](?!a\b)){_WORD})*(?:s\b)?\b"
)


def small_letters(text: str) -> str:
    """The text with its Latin letters in lower case; offsets stay true, as with `lower` not."""
    return text.translate(_LOWER_CASE)


def half_width(text: str) -> str:
    """The text with the digits and signs of its numbers in ASCII; offsets stay true."""
    return _POINT.sub(lambda point: "." if point[0] == "．" else ",", text.translate(_FULL_WIDTH))


def read_digits(text: str) -> Fraction:
    """`2,378` or `0.5`."""
    return Fraction(text.replace(",", ""))


def read_eastern(run: str) -> Fraction | None:
    """`11兆2600億`, `三十一`, `二〇二六`, `3만 5,000`; None for a run that is no number."""
    total, section = Fraction(0), Fraction(0)
    current: Fraction | None = None
    written = False  # whether the last token was a single numeral, as in 二〇二六
    for digits, one, other in _EAST_TOKEN.findall(run):
        if digits:
            if current is not None:
                return None
            current, written = read_digits(digits), False
        elif one:
            current = (current * 10 if current is not None and written else 0) + Fraction(
                _ONES[one]
            )
            written = True
        elif other in _TENS:
            section += (Fraction(1) if current is None else current) * _TENS[other]
            current = None
        elif other in MAGNITUDES:
            section += current or 0
            if not section:
                section = Fraction(1)
            total += section * MAGNITUDES[other]
            section, current = Fraction(0), None
        else:
            return None
    return total + section + (current or 0)


def read_native(tens: str | None, ones: str | None) -> Fraction:
    """Korean 서른, 한."""
    return Fraction(KOREAN_NATIVE.get(tens or "", 0) + KOREAN_NATIVE.get(ones or "", 0))


def read_english(run: str) -> list[Fraction]:
    """Every number that a run of number words may mean; the whole of it first.

    "two hundred and five" is 205, "one-tenth" is 1/10 (and 1, and 10), "two third" all of
    them: a reader of the sentence knows which, we only ask whether the right one is there.
    """
    words = [word for word in re.split(r"[ -]+", run.lower()) if word not in ("and", "a", "an")]
    total, section = Fraction(0), Fraction(0)
    apart: list[Fraction] = []
    for word in words:
        word = word if word in _WORDS or not word.endswith("s") else word[:-1]
        if word == "hundred":
            section = (section or Fraction(1)) * 100
        elif word in MAGNITUDES:
            total += (section or Fraction(1)) * MAGNITUDES[word]
            section = Fraction(0)
        else:
            value = Fraction(_CARDINALS.get(word, _ORDINALS.get(word, _SAYING.get(word, 0))))
            if word in _ORDINALS and section and value > 1:
                apart.append(section / value)
            elif word in _ORDINALS and value > 2:
                apart.append(1 / value)  # "fell to a third"
            apart.append(value)
            section += value
    return list(dict.fromkeys([total + section, *apart]))
