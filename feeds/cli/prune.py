"""What `flask memory prune` may forget, and why this process may be wrong about it."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rich.progress import track

from content.library.library import BodyGone
from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from translate.memory.corrections import is_correction
from translate.memory.memory import Memory
from translate.pipeline.document import DocumentPipeline
from translate.types import Document, Hop, NoPathError, Pair, State

_MOST = 1 / 3  # share of the memory; more going at once is taken for a mistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Unneeded:
    """Keys of the memory that no post needs."""

    candidates: frozenset[str]  # all keys, corrections aside
    unneeded: frozenset[str]
    doubts: tuple[str, ...]  # reasons to forget nothing


@dataclass(frozen=True, slots=True)
class _Made:
    """The packages that a stored translation was made with, as a router."""

    hops: tuple[Hop, ...]

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        return self.hops


def find_unneeded(
    site: Site, pipeline: DocumentPipeline, memory: Memory, *, show: bool
) -> Unneeded:
    """Compares the memory with what the posts and their published translations need."""
    candidates = frozenset(key for key, _ in memory.items() if not is_correction(key))
    needed: set[str] = set()
    doubts: dict[str, None] = {}
    hidden = not show or not sys.stderr.isatty()
    for post in track(site.catalogue.posts, "reading posts", disable=hidden):
        for language in site.settings.languages:
            try:
                source = site.documents.source(post, language)
            except BodyGone:
                doubts[f"{post.post.path} cannot be read"] = None
                continue
            if source is None:
                continue
            needed |= _of_result(site, pipeline, post, source.document, language, candidates)
            try:
                needed |= _keys(pipeline, source.document, language, candidates)
            except NoPathError as error:
                doubts[str(error)] = None
    stale = candidates - needed
    for doubt in _of_translators(site, pipeline):
        doubts[doubt] = None
    if len(stale) > _MOST * len(candidates):
        doubts[f"{len(stale)} of {len(candidates)} sentences would go"] = None
    return Unneeded(candidates=candidates, unneeded=stale, doubts=tuple(doubts))


def _of_result(
    site: Site,
    pipeline: DocumentPipeline,
    post: SitePost,
    document: Document,
    language: str,
    candidates: Collection[str],
) -> set[str]:
    """What the published translation was made of, whichever packages are there now."""
    result = site.standing(post, language)
    if result is None or result.state is not State.READY:
        return set()
    stored = site.results.load(post.key, language)
    hops = stored.translation.hops if stored else ()
    if not hops or hops[0].pair.source != document.language:
        return set()
    made = DocumentPipeline(_Made(hops), pipeline.memory, pipeline.glossary)
    return _keys(made, document, language, candidates)


def _keys(
    pipeline: DocumentPipeline, document: Document, language: str, candidates: Collection[str]
) -> set[str]:
    """The keys of the document's sentences; those of earlier rules where there are no others."""
    keys = pipeline.keys(document, language)
    return {key if key in candidates else earlier for key, earlier in keys.items()} | set(keys)


def _of_translators(site: Site, pipeline: DocumentPipeline) -> Iterator[str]:
    """Running translators that would translate a pair otherwise than this process."""
    settings = site.settings
    for translator in site.translators.alive(time.time()):
        for pair, made_with in sorted(translator.fingerprints.items()):
            served = {pair.source, pair.target} <= {settings.language, *settings.languages}
            if served and pipeline.fingerprint(pair) != made_with:
                yield (
                    f"the translator on {translator.host} translates {pair.source} to "
                    f"{pair.target} otherwise ({made_with}): run this there, or restart it"
                )
                break
