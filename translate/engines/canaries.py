"""Canaries: sentences that show whether a package's attention points at its sources.

Names and numbers come through a translation as they were; where such a word is in the
source once and in the target once, its pieces must have looked at it and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from translate.quality.gate import check
from translate.types import Hypothesis, Pair, Span

# Plain sentences of the field, each with two or three words that any model keeps.
CANARIES: dict[str, tuple[str, ...]] = {
    "ja": (
        "2025年、NaverはHyperCLOVA Xを公開した。",
        "Pythonで書いたプログラムをGitHubに置いた。",
        "会議は10月24日の15時に始まります。",
        "GoogleとMicrosoftは新しいモデルを発表しました。",
        "このAPIは1分に300回まで呼び出せます。",
        "Linuxのサーバーを48台に増やした。",
        "昨日、AppleはiPhoneの値段を799ドルにした。",
        "DockerとKubernetesを使う人が増えている。",
    ),
    "en": (
        "In 2025, Naver released HyperCLOVA X.",
        "I put the program written in Python on GitHub.",
        "The meeting starts at 15:30 on the 24th.",
        "Google and Microsoft announced a new model.",
        "This API can be called 300 times a minute.",
        "We now have 48 servers that run Linux.",
        "Yesterday, Apple set the price of the iPhone to 799 dollars.",
        "More and more people use Docker and Kubernetes.",
    ),
    "ko": (
        "2025년에 Naver는 HyperCLOVA X를 공개했다.",
        "Python으로 쓴 프로그램을 GitHub에 올렸다.",
        "회의는 10월 24일 15시에 시작합니다.",
        "Google과 Microsoft는 새로운 모델을 발표했습니다.",
        "이 API는 1분에 300번까지 부를 수 있습니다.",
        "Linux 서버를 48대로 늘렸다.",
        "어제 Apple은 iPhone 가격을 799달러로 정했다.",
        "Docker와 Kubernetes를 쓰는 사람이 늘고 있다.",
    ),
}

# Attention that carries markup finds nine words of ten; an arbitrary head finds one of
# five. Fewer than five surviving words give no result.
MIN_TRIED = 5
MIN_FOUND = 0.7

_WORD = re.compile(r"[A-Za-z0-9]+")


def canaries_for(language: str) -> tuple[str, ...]:
    """Sentences to try in a language; English ones, whose names count, where we have none."""
    return CANARIES.get(language, CANARIES["en"])


def judge_attention(sources: Iterable[str], decoded: Iterable[Hypothesis]) -> tuple[int, int]:
    """How many of the words that survived were found by attention, and of how many."""
    found = [
        right
        for source, hypothesis in zip(sources, decoded, strict=True)
        for right in _copied_words(source, hypothesis)
    ]
    return sum(found), len(found)


def is_usable(found: int, tried: int) -> bool:
    """Is that good enough to put markup by?"""
    return tried >= MIN_TRIED and found >= MIN_FOUND * tried


def judge_words(sources: Sequence[str], decoded: Sequence[str], pair: Pair) -> str | None:
    """What is wrong with the translations of canaries; None: the package translates.

    Names and numbers are expected to be kept, but a good package may write some of them in
    its own script, and a small one loses some: of the words and of the sentences, half.
    """
    words = [word for source in sources for word in _WORD.findall(source)]
    pairs = list(zip(sources, decoded, strict=True))
    kept = sum(word in said for source, said in pairs for word in _WORD.findall(source))
    if 2 * kept < len(words):
        return f"{kept} of {len(words)} names and numbers came through"
    refused = [check(source, said, pair) for source, said in pairs]
    if 2 * sum(map(bool, refused)) > len(refused):
        reasons = sorted({reason for each in refused for reason in each})
        return f"{sum(map(bool, refused))} of {len(refused)} not fit: {', '.join(reasons)}"
    return None


def _copied_words(source: str, hypothesis: Hypothesis) -> list[bool]:
    """For each word that is once in the source and once in the target: was it found?"""
    written = {match[0]: Span(*match.span()) for match in _WORD.finditer(hypothesis.text)}
    alignment = hypothesis.alignment
    if alignment is None:
        return []
    found = []
    for match in _WORD.finditer(source):
        word = match[0]
        if source.count(word) != 1 or hypothesis.text.count(word) != 1 or word not in written:
            continue
        looked = [0.0] * len(alignment.source)
        for piece, row in zip(alignment.target, alignment.weights, strict=True):
            if _overlap(piece, written[word]):
                looked = [a + b for a, b in zip(looked, row, strict=True)]
        best = alignment.source[looked.index(max(looked))]
        found.append(_overlap(best, Span(*match.span())))
    return found


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
