"""Language codes: ISO 639-1, and what people write in place of one."""

from __future__ import annotations

import re
from difflib import get_close_matches

# The primary subtag of RFC 5646, with optional script, region or variant.
SHAPE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

# ISO 639-1 has been closed since 2002; `sh` is still in use.
ISO_639_1 = frozenset({
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg",
    "bh", "bi", "bm", "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv",
    "cy", "da", "de", "dv", "dz", "ee", "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi",
    "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu", "gv", "ha", "he", "hi", "ho", "hr",
    "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu", "ja",
    "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw",
    "ky", "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml",
    "mn", "mr", "ms", "mt", "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv",
    "ny", "oc", "oj", "om", "or", "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro",
    "ru", "rw", "sa", "sc", "sd", "se", "sg", "sh", "si", "sk", "sl", "sm", "sn", "so", "sq",
    "sr", "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to",
    "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh",
    "yi", "yo", "za", "zh", "zu",
})  # fmt: skip

# Packages of the Argos index use these for Brazilian Portuguese and traditional Chinese.
_ARGOS = frozenset({"pb", "zt"})

# Countries, three-letter codes and names in place of a code.
_MEANT = {
    "jp": "ja", "jpn": "ja", "japanese": "ja", "kor": "ko", "korean": "ko", "eng": "en",
    "english": "en", "us": "en", "gb": "en", "cn": "zh", "chn": "zh", "zho": "zh", "chi": "zh",
    "chinese": "zh", "deu": "de", "ger": "de", "german": "de", "at": "de", "fra": "fr",
    "fre": "fr", "french": "fr", "spa": "es", "spanish": "es", "mx": "es", "por": "pt",
    "portuguese": "pt", "rus": "ru", "russian": "ru", "ita": "it", "italian": "it", "ua": "uk",
    "ukr": "uk", "ukrainian": "uk", "cz": "cs", "czech": "cs", "dk": "da", "danish": "da",
    "gr": "el", "greek": "el", "vn": "vi", "vietnamese": "vi", "il": "he", "iw": "he", "in": "id",
    "indonesian": "id", "nld": "nl", "dut": "nl", "dutch": "nl", "swe": "sv", "swedish": "sv",
    "tha": "th", "thai": "th", "tur": "tr", "turkish": "tr", "ara": "ar", "arabic": "ar",
    "pol": "pl", "polish": "pl", "hin": "hi", "hindi": "hi",
}  # fmt: skip


def is_language(code: str) -> bool:
    """Whether the primary subtag is of ISO 639-1, or one that the Argos index uses."""
    primary = code.partition("-")[0]
    return bool(SHAPE.fullmatch(code)) and primary in ISO_639_1 | _ARGOS


def suggest(code: str) -> str | None:
    """The language code that was probably meant by a wrong one."""
    primary, _, rest = code.strip().lower().replace("_", "-").partition("-")
    if is_language(primary):
        return f"{primary}-{rest}" if rest and SHAPE.fullmatch(f"{primary}-{rest}") else primary
    if primary in _MEANT:
        return _MEANT[primary]
    near = get_close_matches(primary, _MEANT, n=1, cutoff=0.75)
    return _MEANT[near[0]] if near else None
