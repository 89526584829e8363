"""Placeables, which no translation may change: formulas, addresses, files, names, versions."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache

from translate.text.edits import Edit
from translate.text.numerals import DOTTED_DATE, half_width
from translate.types import Span

_URL = r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*[A-Za-z0-9/#=_-]"
_FORMULA = r"\\\([^\n]+?\\\)|\\\[[^\n]+?\\\]|\$\$[^$\n]+\$\$"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_HANDLE = r"(?<![A-Za-z0-9._%+-])@[A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_]"
# "#1" is a place, not a tag. Japanese runs on after a Latin tag without a space.
_TAG = r"(?<![A-Za-z0-9_#&/])#(?:[0-9_]*[A-Za-z][A-Za-z0-9_]*|(?:(?<=\s#)|(?<=^#))[^\W\d]\w*)"
# 2.6.0-preview1, 6.3.4.1 and the numbers of v1.2.3; not 1.5 and not the date 2026.01.31. What
# else hangs on is a word: 22.04.5LTS, a 1.2.3-compatible one.
_RELEASE = "alpha|beta|canary|dev|nightly|pre|preview|rc|snapshot"
_VERSION = (
    rf"(?<!\d)(?<!\d\.)(?!{DOTTED_DATE})\d+(?:\.\d+){{2,}}"
    rf"(?:-?(?:[A-Za-z]+[.-]?\d+(?:\.\d+)*|(?i:{_RELEASE})(?![A-Za-z])))?"
)
# CVE-2024-27281, ISO-8859-1, not TEL-03-1234-5678; #14330; the digest of a file, which is
# no number.
_NUMBERED = r"(?<![A-Za-z0-9-])[A-Z]{2,}-\d+-\d+(?!-?\d)|(?<![A-Za-z0-9_&/])#\d{3,}(?![A-Za-z0-9_])"
_DIGEST = r"(?<![A-Za-z0-9])(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{16,}(?![A-Za-z0-9])"
# Of files and hosts: src/main.rs, libssl.so.3, .env, .github/ci.yml, github.com/user; /etc/hosts,
# ~/.bashrc. Not TCP/IP, and/or, e.g., U.S., ASP.NET, 10.5km, nor 画像/PDF/音声; and Node.js and
# Booking.com are names, which a translation may write in its own way.
_PART = "[A-Za-z0-9_-]"
_DOTTED = rf"\.?{_PART}+(?:\.{_PART}+)*"
_BEFORE = (
    r"(?<![A-Za-z0-9_./~@#-])(?![A-Z][a-z]+\.(?:ai|app|co|com|dev|io|jp|js|net|org)(?![A-Za-z]))"
)
_FILE = (
    rf"{_BEFORE}(?:\.{{1,2}}/)?(?:{_DOTTED}/)*"
    rf"{_PART}{{2,}}(?:\.{_PART}+)*\.[a-z][a-z0-9]*(?:\.\d+)*(?![A-Za-z0-9_])(?:/{_DOTTED})*"
)
# Japanese runs on before them without a space, and a full stop may lack its own.
_DOTFILES = (
    "aws|bashrc|config|docker[a-z]*|editorconfig|env|git[a-z]*|htaccess|npmrc|ssh|vscode|zshrc"
)
_HIDDEN = (
    rf"(?:(?<![\w./~@#-])\.[a-z]{_PART}+|(?<![A-Za-z0-9_./~@#-])\.(?:{_DOTFILES})(?![A-Za-z0-9_]))"
    rf"(?:/{_DOTTED})*"
)
_ROOTS = "api|bin|dev|etc|home|lib|opt|proc|root|sbin|srv|sys|tmp|usr|var|v\\d"
_ROOTED = (
    rf"(?:(?<![A-Za-z0-9_./~-])(?:~|(?=/(?:{_ROOTS})/))|(?<![\w./~-])(?=/{_PART}+/))(?:/{_DOTTED})+"
)
# max_tokens, __init__; not T_T. --no-cache and --max_size.
_IDENTIFIER = (
    r"(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]{4})"
    r"(?:[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|__[a-z]+__)(?![A-Za-z0-9_])"
)
_OPTION = r"(?<![A-Za-z0-9_-])--[a-z][a-z0-9_]*(?:-[a-z0-9_]+)*"
LITERAL = re.compile(
    "|".join(
        (
            *(_FORMULA, _URL, _EMAIL, _HANDLE, _TAG, _VERSION, _NUMBERED, _DIGEST),
            *(_FILE, _HIDDEN, _ROOTED, _IDENTIFIER, _OPTION),
        )
    )
)

# Words in letters that neither Japanese, English nor Korean has, and Hangul outside of Korean.
_LETTERS = r"\u0400-\u052f\u0590-\u05ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f"
_HANGUL = r"\uac00-\ud7a3"
_FOREIGN = {
    "ja": re.compile(rf"[{_LETTERS}{_HANGUL}]+"),
    "en": re.compile(rf"[{_LETTERS}{_HANGUL}]+"),
    "ko": re.compile(rf"[{_LETTERS}]+"),
}
# What every literal has some of; to look for it first takes a tenth of the time.
_LITERAL_SIGN = re.compile(r"[\\$@#/~_]|[.-][A-Za-z0-9_-]|[0-9a-f]{16}")

_ALIKE = 0.7
# Words that a model sticks to the next one, and that begin few others.
_STUCK = frozenset(["and", "by", "from", "of", "than", "that", "the", "to", "use", "using", "with"])
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.&+-][A-Za-z0-9]+)*\+*")


@lru_cache(maxsize=512)  # the repairs, the gate and the disguises all ask about one sentence
def find_literals(text: str) -> tuple[str, ...]:
    """Formulas, URLs, e-mail addresses, @names, #tags, versions, numbers of a register, files
    and hosts, identifiers and options, in order."""
    plain = half_width(text)
    return tuple(plain[span.start : span.end] for span in literal_spans(plain))


@lru_cache(maxsize=512)  # the numbers of a text are looked for outside of its literals
def literal_spans(plain: str) -> tuple[Span, ...]:
    """Where the literals of a text are whose numbers are in half width."""
    if not _LITERAL_SIGN.search(plain):
        return ()
    return tuple(Span(*match.span()) for match in LITERAL.finditer(plain))


def compare(source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The literals that the target lost, and those it made up."""
    ours, theirs = find_literals(source), find_literals(target)
    if ours == theirs:  # most sentences have none
        return (), ()
    lost, added = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
    return tuple(lost.elements()), tuple(added.elements())


def find_foreign(text: str, language: str) -> list[Span]:
    """Words of other scripts than the language's: 한국어 in a Japanese sentence."""
    pattern = _FOREIGN.get(language)
    return [Span(*match.span()) for match in pattern.finditer(text)] if pattern else []


def has_foreign(source: str, target: str, language: str) -> bool:
    """Whether the target has all words of other scripts that the source has."""
    return all(source[slice(*span)] in target for span in find_foreign(source, language))


@lru_cache(maxsize=512)
def find_names(text: str) -> tuple[str, ...]:
    """Latin words that are names and not words: NAVER, HyperCLOVA, iPhone, GPT-4."""
    bare = LITERAL.sub(" ", text)
    return tuple(word for word in _NAME.findall(bare) if len(word) > 1 and not word.islower())


def missing_names(source: str, target: str) -> tuple[str, ...]:
    """The names of the source that the target does not have. A hint, not a fault: Korean
    writes many of them in Hangul."""
    there = target.casefold()
    return tuple(name for name in find_names(source) if name.casefold() not in there)


def repair(source: str, target: str) -> tuple[Edit, ...]:
    """The edits that turn garbled literals back: each into the missing one it is nearly like,
    or that is stuck to a word."""
    missing, added = compare(source, target)
    if not missing or len(missing) != len(added):
        return ()
    plain = half_width(target)
    found: list[Edit] = []
    for literal in missing:
        best = max(added, key=lambda one: _ratio(literal, one))
        stuck = best.endswith(literal) and best.removesuffix(literal).isalpha()
        alike = stuck or _ratio(literal, best) >= _ALIKE
        end = plain.find(best) + len(best)
        if not alike or plain.count(best) > 1 or any(edit.span.end == end for edit in found):
            return ()
        if stuck:
            found.append(Edit(Span(end - len(literal), end), f" {literal}"))
        else:
            start = _start(plain, end - len(best), literal)
            found.append(Edit(Span(start, end), literal))
    return tuple(found)


def _ratio(literal: str, other: str) -> float:
    return SequenceMatcher(None, literal.casefold(), other.casefold()).ratio()


def _start(target: str, start: int, literal: str) -> int:
    """Where the garbled literal begins: "/ etc/nginx.conf" with its slash."""
    signs = literal[: len(literal) - len(literal.lstrip("/~.-"))]
    before = target[:start].rstrip(" /~.-")
    loose = target[len(before) : start]
    is_full_stop = loose.startswith(".") and before[-1:].isalnum()
    if not signs or is_full_stop or "".join(loose.split()) not in signs:
        return start
    return start - len(loose.lstrip())


def repair_names(source: str, target: str) -> tuple[Edit, ...]:
    """The edits that turn misspelled names back: "Ustage" where the source has Upstage.

    Only what is no word of the source is changed, only into a name that is missing, and
    only where they are nearly alike or the name is stuck to another word.
    """
    words = {word.casefold() for word in _NAME.findall(source)}
    spare = [match for match in _NAME.finditer(target) if match[0].casefold() not in words]
    names = find_names(source)
    hyphened = [word for word in _NAME.findall(source) if "-" in word and word.islower()]
    said = set(_NAME.findall(target))
    unsaid = [word for word in _NAME.findall(source) if len(word) > 2 and word not in said]
    found: dict[Span, Edit] = {}
    for match in spare:
        stuck = [name for name in names if len(name) > 3 and name in match[0]]
        stuck += [
            word  # "thanapt-get"; "self-hosted" and "near-real-time" are words
            for word in hyphened
            if match[0].endswith(word) and match[0].removesuffix(word).isalpha()
        ]
        stuck += [
            word  # "fromauto"
            for word in unsaid
            if match[0].endswith(word) and match[0].removesuffix(word).casefold() in _STUCK
        ]
        before, name, after = match[0].partition(max(stuck, key=len, default="") or match[0])
        if stuck and after != "s":
            # What hangs on in front is a word, "andUpstage"; behind, it is babble,
            # "Solararar", unless it is the next name, "NAVERCloud".
            after = after if after[:1].isupper() else ""
            apart = " ".join(part for part in (before, name, after) if part)
            found[Span(*match.span())] = Edit(Span(*match.span()), apart)
    for name in missing_names(source, target):
        alike = [
            match
            for match in spare
            if Span(*match.span()) not in found and _likeness(name, match[0]) >= _ALIKE
        ]
        if alike:
            best = max(alike, key=lambda match: _likeness(name, match[0]))
            found[Span(*best.span())] = Edit(Span(*best.span()), name)
    return tuple(found.values())


def _likeness(name: str, word: str) -> float:
    # A word in small letters is a word, not a misspelled name: apply is not Apple.
    if word.islower() or len(name) < 4 or len(word) < 3:
        return 0.0
    return SequenceMatcher(None, name.casefold(), word.casefold()).ratio()
