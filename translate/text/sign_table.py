"""Table of signs that a package may never have seen, with everyday spellings of them.

SentencePiece's normaliser (nmt_nfkc) narrows full-width signs, but not the wave dash that
Windows types (U+FF5E); a sign without a piece of its own is read as another one, so that ℃
becomes minutes and € a peso sign. `engines.sign_probe` tries each sign with each package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_N = r"(\d[\d,.]*)"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a sign for a package that cannot read it."""

    text: str  # a template for the match of the sign's pattern
    # By target language, what to look for in the translation and what to write there: the
    # author's sign is back. \1 in the first is what the pattern's group 1 found.
    back: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # A stand-in: a translation in which `back` finds nothing would say something else.
    stands_in: bool = False
    apart: bool = False  # what stands before and after the sign is translated apart


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign, its spellings in the order to try, and the sentences to try them in."""

    name: str
    pattern: re.Pattern[str]
    spellings: tuple[Spelling, ...]
    trials: tuple[tuple[str, Mapping[str, str]], ...]  # carrier, what to find by target


def _range(sign: str, *spellings: str) -> Sign:
    en = r"(?:to|until|through|and|or|[-–~〜～])"
    ko = r"(?:[~∼〜～–-]|에서|부터|내지)"
    return Sign(
        f"range {sign}",
        re.compile(re.escape(sign)),
        tuple(Spelling(text) for text in spellings),
        (
            (
                f"営業時間は9時{sign}17時です。",
                {
                    "en": rf"\b9(?::00)?(?: ?[ap]\.?m\.?| o'clock)? ?{en} ?(?:17|5)\b",
                    "ko": rf"9시 ?{ko} ?(?:17|오후 5)시",
                },
            ),
            (
                f"10{sign}20人が参加しました。",
                {"en": rf"\b10 ?{en} ?20\b", "ko": rf"10명? ?{ko} ?20명"},
            ),
        ),
    )


def _greek(sign: str, spelled: str, en: str, ko: str) -> Sign:
    want = {"en": rf"(?i){en}|{sign}", "ko": f"{ko}|{sign}"}
    return Sign(
        f"greek {sign}",
        re.compile(sign),
        (Spelling(spelled),),
        ((f"{sign}版を公開しました。", want), (f"値は{sign}で表します。", want)),
    )


def _currency(signs: str, spelled: str, en: str, ko: str) -> Sign:
    sign = signs[0]
    alone = r"^(?:(?![$€£¥₩₱₽]).)*"
    return Sign(
        f"currency {sign}",
        re.compile(rf"[{signs}]\s?{_N}"),
        (Spelling(rf"\1{spelled}"),),
        tuple(
            (
                carrier.format(sign),
                {
                    "en": rf"{alone}(?:{sign} ?{amount}|{amount} ?{en})",
                    "ko": rf"{alone}(?:{said} ?)(?:{sign} ?{amount}|{amount} ?{ko})",
                },
            )
            for carrier, said, amount in (
                ("価格は{}50です。", r"가격[은이]", "50"),
                ("料金は{}1,000です。", r"(?:요금|가격|비용)[은이]", "1,000"),
            )
        ),
    )


def _unit(
    name: str, pattern: str, carrier: str, numbers: tuple[str, str], want: Mapping[str, str],
    *spellings: Spelling,
) -> Sign:  # fmt: skip
    """A sign behind a number."""
    return Sign(
        f"unit {name}",
        re.compile(pattern),
        spellings,
        tuple(
            (carrier.format(n), {to: rf"\b{n} ?(?:{form})" for to, form in want.items()})
            for n in numbers
        ),
    )


_DEGREES = {"en": r"°|℃|degrees?", "ko": r"°|℃|도"}

JAPANESE: tuple[Sign, ...] = (
    _range("～", "〜", "~", "から"),
    _range("〜", "~", "から"),
    _unit(
        "℃",
        rf"{_N}\s?[℃]",
        "最低気温は{}℃でした。",
        ("25", "18"),
        _DEGREES,
        Spelling(
            r"\1度",
            {
                "en": (r"(?<![\d.])\1 ?degrees?(?: (?:Celsius|C\b))?", r"\1°C"),
                "ko": (r"(?<![\d.])\1 ?도", r"\1℃"),
            },
        ),
    ),
    _unit(
        "°",
        rf"{_N}\s?°(?![CF])",
        "角度は{}°です。",
        ("45", "30"),
        _DEGREES,
        Spelling(
            r"\1度",
            {
                "en": (r"(?<![\d.])\1 ?degrees?", r"\1°"),
                "ko": (r"(?<![\d.])\1 ?도", r"\1°"),
            },
        ),
    ),
    *(
        _unit(
            f"µ{unit}",
            rf"{_N}\s?[µμ]{unit}(?![A-Za-z])",
            f"これは{{}}µ{unit}です。",
            ("10", "50"),
            dict.fromkeys(("en", "ko"), rf"[µμ]{unit}"),
            *(
                Spelling(
                    rf"\1{stand_in}",
                    dict.fromkeys(
                        ("en", "ko"), (rf"(?<![\d.])\1 ?{stand_in}(?![A-Za-z])", rf"\1 µ{unit}")
                    ),
                    stands_in=True,
                )
                for stand_in in (f"m{unit}", "km", "kg", "GB")
            ),
        )
        for unit in ("L", "m", "g", "s")
    ),
    _unit(
        "㎡",
        rf"{_N}\s?㎡",
        "広さは{}㎡です。",
        ("50", "80"),
        {"en": r"m2|m²|㎡|square met", "ko": r"m2|m²|㎡|평방 ?미터|제곱 ?미터"},
        Spelling(
            r"\1平方メートル",
            {
                "en": (r"(?<![\d.])\1 ?(?:square meters?|m2)", r"\1 m²"),
                "ko": (r"(?<![\d.])\1 ?(?:평방 ?미터|제곱 ?미터)", r"\1㎡"),
            },
        ),
    ),
    _currency("€", "ユーロ", r"euros?\b", "유로"),
    _currency("￥¥", "円", r"yen\b", "엔"),
    _currency("£", "ポンド", r"pounds?\b", "파운드"),
    Sign(
        "hyphen",
        re.compile(r"(?<=[0-9A-Za-z])[‐‑](?=[0-9A-Za-z])"),
        (Spelling("-"),),
        (
            ("電話は03‐1234‐5678です。", dict.fromkeys(("en", "ko"), r"\b03[-‐‑]1234[-‐‑]5678")),
            ("型番は48‐72です。", dict.fromkeys(("en", "ko"), r"\b48[-‐‑]72")),
        ),
    ),
    _greek("α", "アルファ", "alpha", "알파"),
    _greek("β", "ベータ", "beta", "베타"),
    _greek("γ", "ガンマ", "gamma", "감마"),
    _greek("δ", "デルタ", "delta", "델타"),
    _greek("λ", "ラムダ", "lambda", "람다"),
    _greek("π", "パイ", r"\bpi\b", "파이"),
    *(
        Sign(
            f"order {sign}",
            re.compile(rf"[{signs}]\s?{_N}"),
            (Spelling(rf"\1{spelled}"),),
            tuple(
                (
                    carrier.format(sign),
                    {
                        "en": rf"(?i){en.format(n)}|[{signs}=<>]+ ?{n}\b",
                        "ko": rf"{n} ?{ko}|[{signs}] ?{n}\b",
                    },
                )
                for carrier, n in (("結果は{}5のとき合格です。", 5), ("条件は{}30です。", 30))
            ),
        )
        for sign, signs, spelled, en, ko in (
            (
                "≧",
                "≧≥",
                "以上",
                r"\b{0} (?:or|and) (?:more|higher|greater|above|over)|"
                r"at least {0}|(?:more|greater|higher) than {0}",
                "이상",
            ),
            (
                "≦",
                "≦≤",
                "以下",
                r"\b{0} (?:or|and) (?:less|lower|fewer|below|under)|"
                r"at most {0}|(?:less|lower|fewer) than {0}",
                "이하",
            ),
        )
    ),
    Sign(
        "±",
        re.compile(rf"±\s?{_N}"),
        (
            Spelling(
                r"\1",
                dict.fromkeys(("en", "ko"), (r"(?<![\d.±])\1(?![\d])", r"±\1")),
                stands_in=True,
            ),
        ),
        (
            ("公差は±5%です。", dict.fromkeys(("en", "ko"), r"± ?5 ?%")),
            ("誤差は±30です。", dict.fromkeys(("en", "ko"), r"± ?30\b")),
        ),
    ),
    *(
        Sign(
            f"part {sign}",
            re.compile(rf"(?<!\d){sign}"),
            (Spelling(plain), Spelling(parts)),
            tuple(
                (carrier.format(sign), {"en": rf"(?i)(?:^|[\s\"]){form}", "ko": rf"{form}|{ko}"})
                for carrier in ("長さは{}メートルです。", "重さは{}キロです。")
            ),
        )
        for sign, plain, parts, form, ko in (
            ("½", "0.5", "2分の1", r"(?:0\.5|½|1/2|(?:a )?half)", r"2분의 ?1|절반"),
            ("¼", "0.25", "4分の1", r"(?:0\.25|¼|1/4|(?:a |one )?quarter)", r"4분의 ?1"),
            ("¾", "0.75", "4分の3", r"(?:0\.75|¾|3/4|three[- ]quarters?)", r"4분의 ?3"),
        )
    ),
    Sign(
        "ヵ",
        re.compile(r"(?<=[0-9０-９一二三四五六七八九十数何])[ヵヶヶケ](?=[月国所年条社店])"),
        (Spelling("か"), Spelling("カ")),
        (
            ("1ヵ月かかりました。", {"en": r"\b(?:1|one|a) month", "ko": r"1 ?개월|한 ?달"}),
            ("5ヵ月かかりました。", {"en": r"\b(?:5|five) months", "ko": r"5 ?개월|다섯 ?달"}),
        ),
    ),
    Sign(
        "〆",
        re.compile(r"〆切り?"),
        (Spelling("締め切り"), Spelling("締切")),
        tuple(
            (carrier, {"en": r"(?i)deadline|due|clos", "ko": "마감"})
            for carrier in ("〆切は金曜日です。", "応募の〆切は10月です。")
        ),
    ),
    Sign(
        "×",
        re.compile(r"(?<=\d)\s?×\s?(?=\d)"),
        (Spelling("x"),),
        tuple(
            (f"大きさは{a}×{b}です。", dict.fromkeys(("en", "ko"), rf"\b{a} ?[x×X] ?{b}\b"))
            for a, b in ((1920, 1080), (640, 480))
        ),
    ),
    Sign(
        "【】",
        re.compile(r"【([^【】]{1,40})】"),
        (Spelling(r"[\1]"), Spelling(r"「\1」")),
        tuple(
            (carrier, dict.fromkeys(("en", "ko"), r"^[\[【「\"“‘'(].+[\]】」\"”’')]"))
            for carrier in ("【重要】会議は3時に始まります。", "【参考】資料を読みました。")
        ),
    ),
    Sign(
        "《》",
        re.compile(r"[《〈＜]([^《〈＜》〉＞]{1,40})[》〉＞]"),
        (Spelling(r"「\1」"), Spelling(r"[\1]")),
        tuple(
            (carrier, dict.fromkeys(("en", "ko"), r"^[\[【「\"“‘'(《〈<].+[\]】」\"”’')》〉>]"))
            for carrier in ("《重要》会議は3時に始まります。", "《参考》資料を読みました。")
        ),
    ),
    *(
        Sign(
            f"between {sign}",
            re.compile(rf"(?<=[\w）」])\s?{sign}\s?(?=[\w（「])"),
            (Spelling(f" {sign} ", apart=True),),
            (
                (f"設定{sign}情報を開きます。", dict.fromkeys(("en", "ko"), sign)),
                (f"会社{sign}銀行に電話します。", dict.fromkeys(("en", "ko"), sign)),
            ),
        )
        for sign in ("→", "⇒", "｜")
    ),
)

ENGLISH: tuple[Sign, ...] = (
    Sign(
        "range –",
        re.compile(r"(?<=\d)–(?=\d)"),
        (Spelling("-"), Spelling(" to ")),
        (
            ("The shop is open 9–17.", {"ko": r"\b9시? ?(?:[~∼〜–-]|에서|부터) ?17"}),
            ("Read pages 12–34.", {"ko": r"\b12(?:쪽|페이지)? ?(?:[~∼〜–-]|에서|부터) ?34"}),
        ),
    ),
    Sign(
        "unit °C",
        re.compile(rf"{_N}\s?(?:°C|℃)"),
        (Spelling(r"\1 degrees", {"ko": (r"(?<![\d.])\1 ?도", r"\1℃")}),),
        (
            ("The temperature is 25°C.", {"ko": r"\b25 ?(?:°|℃|도)"}),
            ("It was 18°C in the morning.", {"ko": r"\b18 ?(?:°|℃|도)"}),
        ),
    ),
    Sign(
        "currency €",
        re.compile(rf"€\s?{_N}"),
        (Spelling(r"\1 euros"),),
        (
            ("The price is €50.", {"ko": r"^(?:(?![$£¥₩₱₽]).)*(?:€ ?50|50 ?유로)"}),
            ("They paid €300.", {"ko": r"^(?:(?![$£¥₩₱₽]).)*(?:€ ?300|300 ?유로)"}),
        ),
    ),
)

# Signs of a Japanese source whose sense has to be in the translation: what says it, by target.
MEANT: tuple[tuple[re.Pattern[str], Mapping[str, re.Pattern[str]]], ...] = tuple(
    (re.compile(sign), {"en": re.compile(en, re.IGNORECASE), "ko": re.compile(ko)})
    for sign, en, ko in (
        (r"\d\s?(?:℃|°C)", r"°|℃|degree|centigrade", r"°|℃|도|섭씨"),
        # Behind a number 度 is also "times".
        (r"[気水体室高低]温[^。]*\d\s?度|温度[^。]*\d\s?度", r"°|degree", r"°|℃|[\d도수]\s?도"),
        (r"±\s?\d", r"±|\+/-|plus|within|margin", r"±|플러스|안팎|오차"),
        (r"[µμ][LlmgsAVF](?![A-Za-z])", r"[µμ]|micro", r"[µμ]|마이크로"),
        (r"[≧≥]", r"[≧≥]|>=|more|least|above|over|higher|greater|minimum", r"[≧≥]|>=|이상|초과|넘"),
        (r"[≦≤]", r"[≦≤]|<=|less|fewer|most|below|under|lower|maximum|within",
         r"[≦≤]|<=|이하|이내|미만"),
        (r"\w\s?[→⇒]\s?\w", r"[→⇒>]|\bto\b|\bthen\b|\binto\b", r"[→⇒>]|에서|로|으로|다음"),
        *((letter, f"{letter}|{en}", f"{letter}|{ko}") for letter, en, ko in (
            ("α", "alpha", "알파"), ("β", "beta", "베타"), ("γ", "gamma", "감마"),
            ("δ", "delta", "델타"), ("λ", "lambda", "람다"), ("π", r"\bpi\b", "파이"),
        )),
    )
)  # fmt: skip

SIGNS: Mapping[str, tuple[Sign, ...]] = {"ja": JAPANESE, "en": ENGLISH}
