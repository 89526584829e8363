"""The posts of a folder at one moment, put together from what each of its files says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from content.parsing.post_parser import EXTENSIONS, stem
from content.post import HumanTranslation, Post, Problem, Withheld

# Of one file; None: its author holds it back.
ParseResult = Post | HumanTranslation | Problem | Withheld | None


@dataclass(frozen=True)
class Snapshot:
    """The posts of a folder at one moment, future ones included."""

    posts: tuple[Post, ...]  # newest first; what has not changed is the object that it was
    problems: tuple[Problem, ...]  # by path and line
    version: int  # grows with every change; 0: nothing was looked at yet
    notices: tuple[Problem, ...] = ()  # posts kept out by their authors, and what costs no post
    unseen: tuple[str, ...] = ()  # prefixes of paths that could not be looked at

    @cached_property
    def stems(self) -> Mapping[str, Post]:
        """Posts by file name without extension, as `{% post_url %}` names them."""
        return {stem(post.path): post for post in reversed(self.posts)}


def assemble(
    outcomes: Mapping[str, ParseResult],
    gone: Collection[str],
    before: Snapshot,
    version_language: Callable[[str], str | None],
) -> tuple[tuple[Post, ...], list[Problem]]:
    """The posts with their translations, and what is wrong among the files.

    `gone`: files that are not there now. Those that were renamed are left out at once, or
    theirs would be two posts for a moment, and the new one another entry for ever; the others
    come last, for they may have been renamed and edited.
    """
    posts: dict[tuple[object, str], Post] = {}
    versions: dict[str, dict[str, HumanTranslation]] = {}  # base name -> language -> version
    problems: list[Problem] = []
    order = sorted(outcomes)
    if gone:
        order = [path for path in order if path not in gone]
        digests = {post.digest for path in order if isinstance(post := outcomes[path], Post)}
        order += [path for path in sorted(gone) if not _is_in(digests, outcomes[path])]
    for path in order:
        outcome = outcomes[path]
        if type(outcome) is Post:  # most are, and there may be a hundred thousand
            first = posts.setdefault((outcome.day, outcome.slug), outcome)
            if first is not outcome and path not in gone:
                what = f"same day and slug as {first.path}"
                remedy = "give one of them another slug: or date:"
                problems.append(Problem(path=path, line=1, what=what, remedy=remedy))
        elif isinstance(outcome, HumanTranslation):
            one = versions.setdefault(_base(_base(path)), {}).setdefault(outcome.language, outcome)
            if one is not outcome and path not in gone:
                what = f"the same translation as {one.path}"
                remedy = "remove one of them"
                problems.append(Problem(path=path, line=1, what=what, remedy=remedy))
        elif isinstance(outcome, Problem):
            problems.append(outcome)
    alone = [
        base
        for base in versions
        if version_language(base + EXTENSIONS[0])  # NAME.en.ko.md is none of NAME.en.md
        or not any(base + ext in outcomes for ext in EXTENSIONS)
    ]
    if alone:  # or their posts end on .MD
        bases = {_base(path) for path in outcomes if version_language(path) is None}
        for base in alone:
            if base not in bases:
                problems += [_orphan(version, base) for version in versions[base].values()]
    found: Iterable[Post] = posts.values()
    if versions:
        known = {post.path: post for post in before.posts if post.versions}
        found = [_with_versions(post, versions, known, problems) for post in found]
    newest_first = sorted(found, key=_order, reverse=True)
    return tuple(newest_first), problems


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
    known: Mapping[str, Post],
    problems: list[Problem],
) -> Post:
    own = versions.get(_base(post.path))
    if own is None:
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
