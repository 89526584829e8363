"""Keys of the translation memory, and fingerprints of whole translations.

A sentence is stored under `sentence_key`, a translation with `fingerprint`. If the running
translator has another fingerprint, the post is translated again, and only sentences whose
keys have changed are decoded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from translate.quality import fallbacks, gate
from translate.quality.glossary import Glossary
from translate.types import Hop, Pair

# Raised when the same sentences give another page: no sentence is decoded again.
PAGE = "page-2"

# The rules before the current ones, newest first. The current gate checks the sentences that they
# accepted; only those that it rejects are decoded again.
EARLIER = ("gate-9", "gate-8")

# How they searched, by value: it stays when `fallbacks` changes.
_EARLIER_SEARCHES = [
    [
        {
            "beam_size": 4,
            "hypotheses": 4,
            "no_repeat_ngram": 0,
            "repetition_penalty": 1.05,
            "length_penalty": 2.0,
        },
        {
            "beam_size": 4,
            "hypotheses": 8,
            "no_repeat_ngram": 3,
            "repetition_penalty": 1.2,
            "length_penalty": 1.0,
        },
        {
            "beam_size": 4,
            "hypotheses": 4,
            "no_repeat_ngram": 3,
            "repetition_penalty": 1.0,
            "length_penalty": 1.0,
        },
    ],
    2,
]
_SEARCHES = {rules: [*_EARLIER_SEARCHES, rules] for rules in EARLIER} | {
    gate.VERSION: [
        [asdict(rung) for rung in (*fallbacks.RUNGS, fallbacks.DISGUISED)],
        fallbacks.DEEPEST,
        gate.VERSION,
    ]
}


def sentence_key(
    text: str,
    path: Sequence[Hop],
    glossary: Glossary,
    by_hand: Mapping[Pair, str] | None = None,
    *,
    rules: str = gate.VERSION,
) -> str:
    """The memory's key of a sentence on a path, under the current rules or one of `EARLIER`.

    `by_hand` has the human translations of the text, by pair: a later hop depends on them and
    not on the output of the packages before it.
    """
    *before, hop = path
    source = path[0].pair.source
    human = (by_hand or {}).get(Pair(source, hop.pair.source))
    pivot_key: object = None
    if before:
        machine = sentence_key(text, before, glossary, by_hand, rules=rules)
        pivot_key = ["by hand", human] if human else machine
    terms = [
        (text[match.span.start : match.span.end], *match.wanted)
        for match in glossary.find(text, Pair(source, hop.pair.target))
    ]
    return _digest([text, *hop.pair, hop.name, hop.version, terms, _SEARCHES[rules], pivot_key])


def fingerprint(
    pair: Pair, path: Sequence[Hop], glossary: Glossary, by_hand: Sequence[str] = ()
) -> str:
    """Everything besides the text that determines translations of a pair, as readable text.

    `path` is empty if no package connects the pair; `by_hand` has the states of corrections of
    the pairs on the path.
    """
    if not path:
        return f"{pair.source}-{pair.target}: no package"
    pairs_on_path = [Pair(pair.source, hop.pair.target) for hop in path]
    terms = [
        [*pivot_key, term.forms(pivot_key.source), term.wanted(pivot_key.target), term.exact]
        for pivot_key in pairs_on_path
        for term in glossary.terms
        if term.wanted(pivot_key.target)
    ]
    packages = ", ".join(f"{hop.name} {hop.version}" for hop in path)
    own = f"; by hand {_digest(list(by_hand))[:8]}" if any(by_hand) else ""
    return (
        f"{pair.source}-{pair.target}: {packages}; terms {_digest(terms)[:8]}; "
        f"rules {_digest([_SEARCHES[gate.VERSION], PAGE])[:8]}{own}"
    )


def packages_of(made_with: str) -> tuple[str, ...]:
    """The packages in a `fingerprint`, each with its version: `ja_en 1`."""
    named = made_with.partition(": ")[2].partition(";")[0]
    return tuple(named.split(", ")) if named and named != "no package" else ()


def _digest(fields: object) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
