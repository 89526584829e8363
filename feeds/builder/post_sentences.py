"""The sentences of a post in another language: who made each, and corrections of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from content.text import remove_illegal
from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.translation_setup import glossary_files
from translate.engines.factory import open_router
from translate.memory.corrections import (
    Changes,
    Correction,
    add_corrections,
    find_corrections,
    withdraw_correction,
)
from translate.memory.memory import Memory
from translate.pipeline.document import ENDLESS, DocumentPipeline
from translate.pipeline.sentence_marks import LostMarks, lost_marks
from translate.text.sentences import speaks
from translate.types import Document, Pair, Sentence

Maker = Literal["machine", "person", "original", "nobody"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PostSentence:
    """One sentence of a post and its translation as it is on record now."""

    source: str
    target: str  # "": none
    maker: Maker  # "original": nothing was fit to publish; "nobody": not translated yet
    reasons: tuple[str, ...] = ()  # why it stayed in the original
    is_corrected: bool = False  # there is a correction to take back
    is_served: bool = True  # readers have it so

    @property
    def key(self) -> str:
        """Its name in forms and addresses."""
        return hashlib.sha256(self.source.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PostSentences:
    """Everything of a post that is translated sentence by sentence, in its order."""

    document: Document
    pair: Pair
    sentences: tuple[PostSentence, ...]

    def find(self, key: str) -> PostSentence | None:
        return next((one for one in self.sentences if one.key == key), None)

    def lost_marks(self, source: str, target: str) -> LostMarks | None:
        """What the markup of a sentence would lose with this translation; None: nothing."""
        return lost_marks(self.document, self.pair.target, source, target)


def pipeline_of(site: Site) -> DocumentPipeline:
    """The pipeline that looks up the site's posts in the memory as its translator does."""
    ways = open_router(site.settings.translator_options())
    return DocumentPipeline(ways, Memory(site.engine), glossary_files(site.settings).current())


def load_sentences(site: Site, post: SitePost, language: str) -> PostSentences | None:
    """The sentences of the post that a correction can change; None: a person wrote it all.

    Of the published translation, which needs no packages here; of the memory where there is
    none of the present text. Raises `NoPathError` or `BodyGone`.
    """
    source = site.documents.source(post, language)
    if source is None or post.post.language == language:
        return None
    document = source.document
    pair = Pair(document.language, language)
    stored = site.results.load(post.key, language)
    if stored and stored.result.source_digest == source.digest:
        translated = stored.translation.sentences
    else:
        translated = pipeline_of(site).recall(document, language).sentences
        stored = None
    listed = [
        one for one in translated if speaks(one.source, pair.source) and len(one.source) <= ENDLESS
    ]
    found = find_corrections(Memory(site.engine), [one.source for one in listed], [pair])
    sentences = tuple(
        _sentence(one, found.get(one.source, {}), pair, is_published=stored is not None)
        for one in listed
    )
    return PostSentences(document, pair, sentences) if sentences else None


def correct(site: Site, one: Correction) -> Changes:
    """Stores the correction of a sentence, without characters that no feed can carry."""
    given = Correction(pair=one.pair, source=one.source, target=remove_illegal(one.target))
    return add_corrections(Memory(site.engine), [given], now=time.time())


def withdraw(site: Site, pair: Pair, source: str, *, previous: bool) -> str:
    """Withdraws a correction (see `withdraw_correction`)."""
    return withdraw_correction(Memory(site.engine), pair, source, previous=previous)


def _sentence(
    one: Sentence, corrected: Mapping[Pair, str], pair: Pair, *, is_published: bool
) -> PostSentence:
    mine = corrected.get(pair)
    if mine is not None:
        is_served = is_published and one.by_hand and one.target == mine
        return PostSentence(
            source=one.source, target=mine, maker="person", is_corrected=True, is_served=is_served
        )
    if one.by_hand:  # it was taken back, and readers have it until the machine is done
        return PostSentence(source=one.source, target="", maker="nobody", is_served=False)
    if one.reasons == ("pending",):
        return PostSentence(source=one.source, target="", maker="nobody")
    if one.kept:
        return PostSentence(source=one.source, target="", maker="original", reasons=one.reasons)
    return PostSentence(source=one.source, target=one.target, maker="machine")
