"""Makes entries: a post in a language, from the original, a human translation or the machine's.

A person's version has the last word, field by field; the machine does the rest.
"""

from __future__ import annotations

import posixpath
import sys
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from content.library.library import Library
from content.parsing.permalinks import escape_path
from content.post import Body, Post
from content.rendering.links import absolute_url, picture_url
from content.rendering.markdown import absolute_links
from content.taxonomy import term_slug
from feeds.builder.post_links import is_candidate, post_url
from feeds.model.catalog import SitePost
from feeds.model.feed import Category, Entry, PostLinks
from feeds.model.selection import PLURALS, encode
from feeds.model.site_names import author_name
from feeds.settings import Settings
from infra.lru_cache import LRUCache
from translate.text.sentences import speaks, split
from translate.types import Hop, Translation


@dataclass(frozen=True, slots=True)
class _Linked:
    """A text with absolute links, and those of them that may lead to posts."""

    html: str
    links: PostLinks


# Texts with absolute links. A post is in the feeds of the site, its tags, categories and
# authors, each in three formats, and to clean it takes a third of what a feed takes.
TEXTS_KEPT = 512
TEXTS_KEPT_BYTES = 16_000_000


class Localizer:
    """Makes entries. Pure but for reading bodies from the library."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        authority: str,
        find_post: Callable[[str], SitePost | None] = lambda url: None,
    ) -> None:
        """`find_post` gives the post that an absolute URL leads to."""
        self.settings = settings
        self._library = library
        self.authority = authority
        self._find_post = find_post
        self._texts: LRUCache[tuple[str, str, str], _Linked] = LRUCache(
            most=TEXTS_KEPT,
            most_bytes=TEXTS_KEPT_BYTES,
            weight=lambda linked: 2 * sys.getsizeof(linked.html),  # its key is as long
        )

    def is_complete_without_machine(self, post: Post, language: str) -> bool:
        """Whether a person wrote it in that language: the post itself, or a whole version."""
        version = post.version(language)
        return post.language == language or bool(version and version.title and version.has_body)

    def is_shown_until_translated(self, site_post: SitePost, language: str) -> bool:
        """Whether the original is shown in that language as long as there is no translation."""
        # What was served once stays: a human translation that is gone, and a post in the
        # language that it states, until somebody corrects the line.
        stated = site_post.post.stated_language
        return language in site_post.record.once_by_hand or language == stated

    def original(
        self,
        site_post: SitePost,
        language: str,
        translation: Translation | None = None,
        *,
        failed_at: datetime | None = None,
    ) -> Entry:
        """The post as it was written, for the feeds of `language`.

        `translation` has the labels, where the blog's language is another one. `failed_at`:
        the entry stands in for a translation that was given up at that time.
        """
        post, record = site_post.post, site_post.record
        body = self._library.body(post)
        return self._entry(
            site_post,
            language,
            text_language=post.language,
            title=post.title,
            body=body,
            labels=_labels(post, translation),
            updated=max(record.edited, failed_at or record.edited),
            untranslated=post.language != language,
        )

    def translated(
        self,
        site_post: SitePost,
        language: str,
        translation: Translation | None,
        completed_at: datetime | None,
    ) -> Entry:
        """The post in `language`: a person's version first, the translation for the rest.

        `updated` is `completed_at`: for the first translation the date of the text that it is
        of, for a later one when it was finished. The post's own edit does not count beside it:
        while a newer text waits for its translation the entry stays as it was, and what has
        moved `updated` once may never take it back.
        """
        post, record = site_post.post, site_post.record
        version = post.version(language)
        own = self._library.version_body(version) if version else None
        made = own if own and version and version.has_body else None
        body = self._library.body(post)
        title = (version and version.title) or (translation and translation.title) or post.title
        summary = (
            (version and version.excerpt)
            or (made and made.excerpt)
            or (translation and translation.summary)
            or body.excerpt
        )
        html = made.html if made else translation.html if translation else body.html
        whole_by_hand = self.is_complete_without_machine(post, language)
        times = [record.published, record.version_changes.get(language)]
        if not whole_by_hand:
            times.append(completed_at)
        # Text without a word of the post's language is published unchanged: it is no translation.
        as_it_was = not version and translation is not None and _is_untouched(translation)
        foreign = as_it_was and not speaks(f"{title} {summary}", language)
        return self._entry(
            site_post,
            language,
            text_language=post.language if foreign else language,
            untranslated=foreign,
            title=title,
            body=Body(html=html, excerpt=summary, reading_time=body.reading_time),
            labels=_labels(post, translation),
            updated=max(time for time in times if time is not None),
            translation=None if whole_by_hand or as_it_was else translation,
        )

    def post_url(self, site_post: SitePost, language: str) -> str:
        """The address of the post's page on this service."""
        return post_url(site_post, language, self.settings)

    def is_linked_as_before(self, links: PostLinks) -> bool:
        """Whether links that may lead to posts lead where they did."""
        return all(self._slug(url) == slug for url, slug in links)

    def original_url(self, site_post: SitePost) -> str:
        """Where the post lives: on its blog, which may be this service."""
        if self.settings.blog_url == self.settings.site_url:
            return self.post_url(site_post, site_post.post.language)
        permalink = site_post.post.permalink
        if not permalink.startswith("/"):  # it lives elsewhere
            return absolute_url(permalink, self.settings.blog_url) or self.settings.blog_url
        return self.settings.blog_url + escape_path(permalink)

    def addresses(self, site_post: SitePost) -> tuple[str | None, ...]:
        """Where the post is, and the posts that its text leads to. May raise `BodyGone`."""
        return self.original_url(site_post), *self._library.links(site_post.post)

    def former_id(self, post: Post) -> str | None:
        """The id that the original had in the blog's former feed; None: it gets a tag URI."""
        settings = self.settings
        if post.guid or settings.ids == "tag" or settings.blog_url == settings.site_url:
            return post.guid
        if not post.permalink.startswith("/"):
            return None  # it lives elsewhere
        if settings.ids == "permalink":
            return settings.blog_url + escape_path(post.permalink)
        # Document#id: the folder of the address, and the slug as it was written; made absolute
        # by Addressable, to which # begins a fragment, and which normalizes to NFKC.
        folder = posixpath.dirname(post.permalink.rstrip("/"))
        parts = unquote(post.written_slug or post.slug).split("/")
        parts = [unicodedata.normalize("NFKC", part) for part in parts]
        slug = "/".join(quote(part, safe=":@!$&'()*+,;=~#?") for part in parts)
        return f"{settings.blog_url}{escape_path(folder).rstrip('/')}/{slug}".rstrip("?")

    def entry_id(self, site_post: SitePost, language: str) -> str:
        """The entry's id, one per post and language, for ever.

        A tag URI (RFC 4151), or for the original what it had in the blog's former feed.
        """
        former = site_post.record.former_id
        if former and language == site_post.post.language:
            return former
        day, _, slug = site_post.key.partition(":")
        return f"tag:{self.authority},{day}:{encode(slug)}/{language}"

    def _entry(
        self,
        site_post: SitePost,
        language: str,
        *,
        text_language: str,
        title: str,
        body: Body,
        labels: dict[str, str],
        updated: datetime,
        untranslated: bool = False,
        translation: Translation | None = None,
    ) -> Entry:
        """`translation`: the machine's, where something of the entry is its work."""
        post = site_post.post
        hops = translation.hops if translation else ()
        kept = {each.source for each in translation.sentences if each.kept} if translation else ()
        here = self.original_url(site_post)
        is_original = language == post.language
        url = here if is_original else self.post_url(site_post, language)
        linked = self._absolute(body.html, here, url, None if is_original else language)
        return Entry(
            id=self.entry_id(site_post, language),
            url=url,
            language=text_language,
            title=title,
            summary=body.excerpt,
            html=linked.html,
            links=linked.links,
            published=site_post.record.published,
            updated=updated,
            authors=tuple(author_name(self.settings, name, language) for name in post.authors),
            categories=self._categories(post, labels),
            reading_time=body.reading_time,
            image=picture_url(post.image, self.settings.blog_url, here) if post.image else None,
            original_url=None if is_original else here,
            original_language=None if is_original else post.language,
            untranslated=untranslated,
            machine=describe(hops) or None,
            starter=any(hop.starter for hop in hops),
            title_language=_kept_language(post, title, kept),
            summary_language=_kept_language(post, body.excerpt, kept),
        )

    def _absolute(self, html: str, here: str, url: str, language: str | None) -> _Linked:
        """The text with absolute links; those to posts lead to their pages in `language`."""
        kept = self._texts.get((html, here, url))
        if kept and self.is_linked_as_before(kept.links):
            return kept
        found: dict[str, str | None] = {}

        def relink(link: str) -> str:
            if language is None or not is_candidate(link, self.settings):
                return link
            post = self._find_post(link)
            found[link] = post.record.slug if post else None
            _, sign, fragment = link.partition("#")
            return f"{self.post_url(post, language)}{sign}{fragment}" if post else link

        text = absolute_links(html, here, page_url=url, relink=relink)
        linked = _Linked(text, tuple(found.items()))
        self._texts.put((html, here, url), linked)
        return linked

    def _slug(self, url: str) -> str | None:
        post = self._find_post(url)
        return post.record.slug if post else None

    def _categories(self, post: Post, labels: dict[str, str]) -> tuple[Category, ...]:
        site = f"{self.settings.site_url}/{self.settings.language}"
        named: list[tuple[str, Sequence[str]]] = [
            (PLURALS["category"], post.categories),
            (PLURALS["tag"], post.tags),
        ]
        return tuple(
            Category(term=name, label=labels.get(name, name), scheme=f"{site}/{plural}/")
            for plural, names in named
            for name in names
            if term_slug(name)
        )


def describe(hops: Sequence[Hop]) -> str:
    """The packages of a translation, for its disclosure."""
    return ", ".join(
        f"{hop.pair.source}→{hop.pair.target} {hop.version}" + (" (starter)" if hop.starter else "")
        for hop in hops
    )


def _labels(post: Post, translation: Translation | None) -> dict[str, str]:
    """Labels of tags and categories, by the term as written."""
    asked = dict.fromkeys((*post.tags, *post.categories))
    if translation is None or len(asked) != len(translation.labels):
        return {}
    return dict(zip(asked, translation.labels, strict=True))


def _is_untouched(translation: Translation) -> bool:
    """Whether no sentence of the translation is anybody's work."""
    return not any(each.by_hand or each.source != each.target for each in translation.sentences)


def _kept_language(post: Post, text: str, kept: Collection[str]) -> str | None:
    """The post's language for a plain text that its translation left in the original.

    Such a text is translated whole or not at all: one sentence that stays keeps the others.
    """
    if not kept or not any(sentence in kept for sentence in split(text, post.language)):
        return None
    return post.language
