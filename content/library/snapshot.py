"""The posts of a folder at one moment, put together from what each of its files says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from content.library.pairing import pair_up
from content.parsing.post_parser import EXTENSIONS, stem
from content.post import HumanTranslation, Post, Problem, Withheld

# Of one file; None: its author holds it back.
ParseResult = Post | HumanTranslation | Problem | Withheld | None


@dataclass(frozen=True)
class Snapshot:
    """The posts of a folder at one moment, future ones included."""

    posts: tuple[Post, ...]  # newest first; what has not changed is the object that it was
    problems: tuple[Problem, ...]  # by path and line
    version: int  # grows with every change; 0: before the first scan
    notices: tuple[Problem, ...] = ()  # posts that authors exclude, and smaller problems
    own: Mapping[str, Post] = field(default_factory=dict)  # translations that are posts, by path
    unseen: tuple[str, ...] = ()  # prefixes of unreadable folders

    @cached_property
    def stems(self) -> Mapping[str, Post]:
        """Posts by file name without extension, as `{% post_url %}` names them."""
        found = {stem(post.path): post for post in reversed(self.posts)}
        if self.own:
            for post in self.posts:
                for version in post.versions:
                    found.setdefault(stem(version.path), post)
        return found


def assemble(
    outcomes: Mapping[str, ParseResult],
    gone: Collection[str],
    before: Snapshot,
    version_language: Callable[[str], str | None],
    language: str,
    languages: Mapping[str, str],
) -> tuple[tuple[Post, ...], list[Problem], Mapping[str, Post]]:
    """The posts with their translations, what is wrong among the files, and which translations
    are posts in files of their own, by path.

    `language` is the blog's, `languages` those that are served, by their casefolded codes.

    `gone`: files that do not exist now. Renamed ones are left out immediately: otherwise there
    would be two posts for a moment, and the new one would stay a second entry. The others come
    last, because they may have been renamed and edited.
    """
    posts: dict[tuple[object, ...], Post] = {}
    versions: dict[str, dict[str, HumanTranslation]] = {}  # base name -> language -> version
    problems: list[Problem] = []

    def take(post: Post) -> None:
        day_and_slug = post.day, post.slug
        if post.path in gone:
            # It may have moved to another address: a file of the same name is the same post.
            if day_and_slug not in named:
                posts[(*day_and_slug, post.permalink, post.language)] = post
            return
        named.add(day_and_slug)
        first = posts.setdefault((*day_and_slug, post.permalink, post.language), post)
        if first is not post:
            what = f"same day, slug and address as {first.path}"
            remedy = "give one of them another slug: or date:"
            problems.append(Problem(path=post.path, line=1, what=what, remedy=remedy))

    named: set[tuple[object, str]] = set()
    order = sorted(outcomes)
    if gone:
        order = [path for path in order if path not in gone]
        digests = {post.digest for path in order if isinstance(post := outcomes[path], Post)}
        order += [path for path in sorted(gone) if not _is_in(digests, outcomes[path])]
    for path in order:
        outcome = outcomes[path]
        if type(outcome) is Post:  # most are, and there may be a hundred thousand
            take(outcome)
        elif isinstance(outcome, HumanTranslation):
            one = versions.setdefault(_base(_base(path)), {}).setdefault(outcome.language, outcome)
            if one is not outcome and path not in gone:
                problems.append(_same(outcome, one))
        elif isinstance(outcome, Problem):
            problems.append(outcome)
    alone = [
        base
        for base in versions
        if version_language(base + EXTENSIONS[0])  # NAME.en.ko.md does not belong to NAME.en.md
        or not any(base + ext in outcomes for ext in EXTENSIONS)
    ]
    promoted: dict[str, str] = {}  # base names of posts that are one of their own languages
    if alone:  # or their posts end on .MD
        bases = {_base(path) for path in outcomes if version_language(path) is None}
        for base in alone:
            if base not in bases:
                original = _original(versions[base], language)
                if original is None:
                    problems += [_orphan(version, base) for version in versions[base].values()]
                else:
                    promoted[original.path] = base
                    del versions[base][_language_of(original, versions[base])]
                    take(original)
    pairs = pair_up(sorted(posts.values(), key=_path), language, languages)
    problems += pairs.problems
    found: Iterable[Post] = pairs.posts
    if versions or pairs.translations:
        known = {post.path: post for post in before.posts if post.versions}
        for post in pairs.posts:
            for version in pairs.translations.get(post.path, ()):
                base = promoted.get(post.path) or _base(post.path)
                one = versions.setdefault(base, {}).setdefault(version.language, version)
                if one is not version:
                    problems.append(_same(version, one))
        found = [_with_versions(post, versions, promoted, known, problems) for post in found]
    found = _with_own_guids(found, problems)
    newest_first = sorted(found, key=_order, reverse=True)
    return tuple(newest_first), problems, pairs.own


def notices_of(outcomes: Mapping[str, ParseResult]) -> tuple[Problem, ...]:
    """What an author should know of posts that are good."""
    found: list[Problem] = []
    for outcome in outcomes.values():
        if isinstance(outcome, Withheld):
            found.append(outcome.reason)
        elif type(outcome) is Post and outcome.remarks:
            found += outcome.remarks
    return tuple(sorted(found, key=lambda it: (it.path, it.line)))


def _is_in(digests: Collection[str], outcome: ParseResult) -> bool:
    return isinstance(outcome, Post) and outcome.digest in digests


def _order(post: Post) -> tuple[object, str]:
    return post.published, post.path


def _base(path: str) -> str:
    """The path without its extension, which is what a post and its translations share."""
    return path.rpartition(".")[0]


def _with_own_guids(posts: Iterable[Post], problems: list[Problem]) -> list[Post]:
    """The posts without those whose `guid` an earlier one has, by path."""
    kept = list(posts)
    stating = sorted((post for post in kept if post.guid), key=_path)
    first: dict[str | None, Post] = {}
    refused: set[str] = set()
    for post in stating:
        if first.setdefault(post.guid, post) is not post:
            what = f"the same guid as {first[post.guid].path}: {post.guid}"
            remedy = "give it another, or remove the line"
            problems.append(Problem(path=post.path, line=1, what=what, remedy=remedy))
            refused.add(post.path)
    return [post for post in kept if post.path not in refused] if refused else kept


def _path(post: Post) -> str:
    return post.path


def _original(versions: Mapping[str, HumanTranslation], language: str) -> Post | None:
    """Of x.ja.md and x.en.md without x.md the one that is the post."""
    by_language = sorted(versions, key=lambda code: (code != language, code))
    if len(versions) < 2 and language not in versions:
        return None  # a lone translation has lost its post
    return next((post for code in by_language if (post := versions[code].alone)), None)


def _language_of(post: Post, versions: Mapping[str, HumanTranslation]) -> str:
    return next(code for code, version in versions.items() if version.path == post.path)


def _same(version: HumanTranslation, other: HumanTranslation) -> Problem:
    what = f"the same translation as {other.path}"
    return Problem(path=version.path, line=1, what=what, remedy="remove one of them")


def _orphan(version: HumanTranslation, base: str) -> Problem:
    return Problem(
        path=version.path,
        line=1,
        what=f"a translation of no post: there is no {base.rpartition('/')[2]}.md",
        remedy="name it after its post, as in NAME.md and NAME.ko.md",
    )


def _with_versions(
    post: Post,
    versions: Mapping[str, Mapping[str, HumanTranslation]],
    promoted: Mapping[str, str],
    known: Mapping[str, Post],
    problems: list[Problem],
) -> Post:
    own = versions.get(promoted.get(post.path) or _base(post.path))
    if not own:
        return post
    if post.language in own:
        path = own[post.language].path
        what = f"a translation into the post's own language, {post.language}"
        remedy = f"remove it, or write its text into {post.path.rpartition('/')[2]}"
        problems.append(Problem(path=path, line=1, what=what, remedy=remedy))
    kept = (version for language, version in sorted(own.items()) if language != post.language)
    whole = replace(post, versions=tuple(kept))
    before = known.get(post.path)
    return before if before == whole else whole
