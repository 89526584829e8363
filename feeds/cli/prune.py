"""Sentences that `flask memory prune` may delete, and reasons not to."""

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

_LARGEST_SHARE = 1 / 3  # of the memory; deleting more is taken for a mistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Unneeded:
    """Keys of the memory that no post needs, among all keys."""

    candidates: frozenset[str]  # all keys, corrections aside
    unneeded: frozenset[str]
    doubts: tuple[str, ...]  # reasons to delete nothing


@dataclass(frozen=True, slots=True)
class _StoredRoute:
    """Router that returns the packages of a stored translation."""

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
            needed |= _keys_of_result(site, pipeline, post, source.document, language, candidates)
            try:
                needed |= _keys(pipeline, source.document, language, candidates)
            except NoPathError as error:
                doubts[str(error)] = None
    unneeded = candidates - needed
    for doubt in _differing_translators(site, pipeline):
        doubts[doubt] = None
    if len(unneeded) > _LARGEST_SHARE * len(candidates):
        doubts[f"{len(unneeded)} of {len(candidates)} sentences would be deleted"] = None
    return Unneeded(candidates=candidates, unneeded=unneeded, doubts=tuple(doubts))


def _keys_of_result(
    site: Site,
    pipeline: DocumentPipeline,
    post: SitePost,
    document: Document,
    language: str,
    candidates: Collection[str],
) -> set[str]:
    """Keys of the published translation's sentences, with the packages that made it."""
    result = site.standing(post, language)
    if result is None or result.state is not State.READY:
        return set()
    stored = site.results.load(post.key, language)
    hops = stored.translation.hops if stored else ()
    if not hops or hops[0].pair.source != document.language:
        return set()
    stored_pipeline = DocumentPipeline(_StoredRoute(hops), pipeline.memory, pipeline.glossary)
    return _keys(stored_pipeline, document, language, candidates)


def _keys(
    pipeline: DocumentPipeline, document: Document, language: str, candidates: Collection[str]
) -> set[str]:
    """Keys of the document's sentences; of earlier rules where the memory has no current one."""
    keys = pipeline.keys(document, language)
    needed = set(keys)
    for key, earlier in keys.items():
        needed.update([one for one in (key, *earlier) if one in candidates][:1])
    return needed


def _differing_translators(site: Site, pipeline: DocumentPipeline) -> Iterator[str]:
    """Messages on running translators whose fingerprint of a pair differs from ours."""
    settings = site.settings
    for translator in site.translators.alive(time.time()):
        for pair, made_with in sorted(translator.fingerprints.items()):
            served = {pair.source, pair.target} <= {settings.language, *settings.languages}
            if served and pipeline.fingerprint(pair) != made_with:
                yield (
                    f"the translator on {translator.host} translates {pair.source} to "
                    f"{pair.target} with other packages or rules ({made_with}): "
                    "run this there, or restart it"
                )
                break
