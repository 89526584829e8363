"""Documents: what the machine is to translate of each post, made again when the post changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from content.library.library import BodyGone, Library
from content.post import Post
from feeds.model.catalog import SitePost
from translate.jobs.results import Result
from translate.types import Document

MAX_SOURCES = 500  # documents kept for comparing; about 20 kB each
MAX_DIGESTS = 50_000  # about 0.3 kB each


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The document to translate by machine, for one post and language."""

    document: Document
    digest: str  # changes whenever the document does


_MadeOf = tuple[Post, tuple[str | None, ...]]  # a post, and where those are that it leads to


class Documents:
    def __init__(
        self,
        library: Library,
        language: str,
        standing: Callable[[SitePost, str], Result | None],
    ) -> None:
        """`language`: of the blog, and so of its tags. `standing`: how a translation ended."""
        self._library = library
        self._language = language
        self._standing = standing
        self._digests: dict[tuple[str, str], tuple[_MadeOf, str | None]] = {}
        self._sources: dict[tuple[str, str], tuple[_MadeOf, Source | None]] = {}

    def source(self, post: SitePost, language: str) -> Source | None:
        """The document that the machine translates; None: nothing. May raise `BodyGone`."""
        made_of = post.post, self._library.links(post.post)
        kept = self._sources.get((post.key, language))
        if kept and kept[0] == made_of:
            return kept[1]
        document = self._document(post.post, language)
        source = _source(document) if document else None
        if len(self._sources) >= MAX_SOURCES:
            self._sources.clear()
        self._sources[post.key, language] = (made_of, source)
        return source

    def digest(self, post: SitePost, language: str) -> str | None:
        """That of what the machine is to translate; None: nothing, or it cannot be read now."""
        kept = self._digests.get((post.key, language))
        try:
            made_of = post.post, self._library.links(post.post)
            if kept and kept[0] == made_of:
                return kept[1]
            source = self.source(post, language)
        except BodyGone:
            # The file is being rewritten, and a scan will soon know it. Until then the
            # translation there is stands for what it was made of.
            result = self._standing(post, language)
            return result.source_digest if result else None
        digest = source.digest if source else None
        if len(self._digests) >= MAX_DIGESTS:
            self._digests.clear()
        self._digests[post.key, language] = (made_of, digest)
        return digest

    def _document(self, post: Post, language: str) -> Document | None:
        """The fields of the post that nobody wrote in the language."""
        labels = tuple(dict.fromkeys((*post.tags, *post.categories)))
        spoken = self._language  # of tags, whatever the post is written in
        if post.language == language:
            if language == spoken or not labels:
                return None
            return Document(language=spoken, title="", summary="", html="", labels=labels)
        version = post.version(language)
        body = self._library.body(post)
        return Document(
            language=post.language,
            title="" if version and version.title else post.title,
            summary="" if version and (version.excerpt or version.has_body) else body.excerpt,
            html="" if version and version.has_body else body.html,
            labels=labels,
            labels_language="" if post.language == spoken else spoken,
        )


def _source(document: Document) -> Source:
    text = json.dumps(asdict(document), ensure_ascii=True)
    return Source(document=document, digest=hashlib.sha256(text.encode()).hexdigest())
