"""Posts of a blog that keeps a file for each language: one post and its human translations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from content.parsing.post_parser import stem
from content.post import HumanTranslation, Post, Problem


class Pairs(NamedTuple):
    """What became of posts in several languages."""

    posts: list[Post]  # the originals, and what is no translation
    translations: Mapping[str, list[HumanTranslation]]  # by the path of the original
    own: Mapping[str, Post]  # each translation as the post that its file holds, by path
    problems: list[Problem]


def pair_up(posts: Sequence[Post], language: str, languages: Mapping[str, str]) -> Pairs:
    """Joins what is the same post: by what both state (`pair`), else by slug and day.

    The original is the post in the blog's `language`, else the first by path. A translation
    into a language that is not among those served is no post either.
    """
    if len({post.language for post in posts}) < 2:
        return Pairs(list(posts), {}, {}, [])
    pairing = _Pairing(language, languages)
    stated = [post for post in posts if post.pair]
    pairing.join(stated, lambda post: post.pair)
    left = [post for post in posts if post.path not in pairing.paired]
    pairing.join(left, lambda post: (post.day, _base_slug(post, languages)))
    kept = [post for post in posts if post.path not in pairing.own]
    return Pairs(kept, pairing.translations, pairing.own, pairing.problems)


def translation_of(post: Post) -> HumanTranslation:
    """The post in a file as the translation of another."""
    return HumanTranslation(
        path=post.path,
        language=post.language,
        title=post.title,
        excerpt=None,  # its own summary is made of its text
        has_body=True,
        digest=post.digest,
        reads=post.reads,
    )


class _Pairing:
    def __init__(self, language: str, languages: Mapping[str, str]) -> None:
        self._language = language
        self._served = frozenset(languages.values())
        self.paired: set[str] = set()  # paths, of originals too
        self.own: dict[str, Post] = {}
        self.translations: dict[str, list[HumanTranslation]] = {}
        self.problems: list[Problem] = []

    def join(self, posts: Iterable[Post], key: Callable[[Post], object]) -> None:
        groups: dict[object, list[Post]] = {}
        for post in posts:
            groups.setdefault(key(post), []).append(post)
        for group in groups.values():
            if len(group) > 1 and len({post.language for post in group}) > 1:
                self._join(sorted(group, key=lambda post: post.path))

    def _join(self, group: Sequence[Post]) -> None:
        first = next((post for post in group if post.language == self._language), group[0])
        self.paired.add(first.path)
        into: dict[str, Post] = {}
        for post in group:
            if post.language == first.language:
                continue
            self.paired.add(post.path)
            self.own[post.path] = post
            before = into.setdefault(post.language, post)
            if before is not post:
                what = f"the same translation as {before.path}"
                remedy = "remove one of them, or give it another slug"
                self.problems.append(Problem(path=post.path, line=1, what=what, remedy=remedy))
            elif post.language in self._served:
                self.translations.setdefault(first.path, []).append(translation_of(post))


def _base_slug(post: Post, languages: Mapping[str, str]) -> str:
    """The slug without the language that the file's name ends on: x-ja, x-en."""
    before, hyphen, code = post.slug.rpartition("-")
    is_named = hyphen and code.casefold() in languages and stem(post.path).endswith(f"-{code}")
    return before if is_named and before else post.slug
