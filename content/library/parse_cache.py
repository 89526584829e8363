"""The saved index of posts: the parse results of a folder's files.

A start with an index scans every file and parses only changed ones. The index holds no data
of its own: if it is truncated, damaged, of another version or of other settings, it is ignored
and every file is parsed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from content.library.snapshot import ParseResult
from content.parsing.post_parser import shared
from content.post import HumanTranslation, Post, Problem, Read, Withheld

log = logging.getLogger(__name__)

LINE = 500  # files to a line: neither all of them in memory as JSON, nor a call for each


class ParseCache:
    """What is in the file `path`. `shape`: what the outcomes depend on beside the files."""

    def __init__(self, path: Path, shape: Iterable[str]) -> None:
        self._path = path
        self._made_by = hashlib.sha256(json.dumps([parser(), *shape]).encode()).hexdigest()

    def load(self) -> tuple[dict[str, int], dict[str, ParseResult]]:
        """Signatures, in brief, and outcomes by path; empty when there is nothing to go by."""
        signatures: dict[str, int] = {}
        outcomes: dict[str, ParseResult] = {}
        checksum = 0
        try:
            with self._path.open("rb") as file:
                if json.loads(next(file)) != self._made_by:
                    return {}, {}
                for line in file:
                    found = json.loads(line)
                    if isinstance(found, int):
                        if found != checksum:
                            break
                        return signatures, outcomes
                    checksum = zlib.crc32(line, checksum)
                    for path, signature, outcome in found:
                        signatures[path] = signature
                        outcomes[path] = _outcome(path, outcome)
        except FileNotFoundError:
            return {}, {}
        except (OSError, ValueError, TypeError, StopIteration, RecursionError) as error:
            log.warning("%s cannot be used, every post is parsed: %s", self._path, error)
            return {}, {}
        log.warning("%s cannot be used, every post is parsed: it is cut short", self._path)
        return {}, {}

    def save(self, signatures: Mapping[str, int], outcomes: Mapping[str, ParseResult]) -> None:
        """Writes the file, whole or not at all; a failure is logged, and costs nothing else.

        Does nothing while another worker is just writing it.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._write(signatures, outcomes)
            finally:
                os.close(folder)
        except BlockingIOError:
            return
        except OSError as error:
            log.warning("%s cannot be written, the next start parses more: %s", self._path, error)

    def _write(self, signatures: Mapping[str, int], outcomes: Mapping[str, ParseResult]) -> None:
        unfinished = self._path.with_name(self._path.name + "~")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(self._made_by).encode() + b"\n")
            checksum = 0
            rows = ([p, signatures[p], _row(outcomes[p])] for p in sorted(signatures))
            while some := list(islice(rows, LINE)):
                line = json.dumps(some, separators=(",", ":")).encode() + b"\n"
                checksum = zlib.crc32(line, checksum)
                file.write(line)
            file.write(b"%d\n" % checksum)
        unfinished.replace(self._path)


def parser() -> str:
    """What parses: this room's code and what it stands on, so that no number is to be raised."""
    digest = hashlib.sha256(f"{yaml.__version__} {unicodedata.unidata_version}".encode())
    code = Path(__file__).parents[1]
    for path in sorted((*code.rglob("*.py"), *code.glob("rendering/*.toml"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


# Rows. A list with the name of its kind first, as short as JSON allows.


def _row(outcome: ParseResult) -> list[Any] | None:
    if isinstance(outcome, Post):
        return [
            "post",
            outcome.day.isoformat(),
            outcome.slug,
            outcome.language,
            outcome.title,
            outcome.published.isoformat(),
            outcome.edited and outcome.edited.isoformat(),
            outcome.categories,
            outcome.tags,
            outcome.authors,
            outcome.permalink,
            outcome.image,
            outcome.digest,
            outcome.text_digest.hex(),
            outcome.guid,
            outcome.written_slug,
            outcome.pair,
            [_problem_row(remark) for remark in outcome.remarks],
            outcome.reads,
            outcome.stated_language,
            outcome.in_sitemap,
            outcome.expires and outcome.expires.isoformat(),
        ]
    if isinstance(outcome, HumanTranslation):
        v = outcome
        alone = v.alone and _row(v.alone)
        return ["version", v.language, v.title, v.excerpt, v.has_body, v.digest, v.reads, alone]
    if isinstance(outcome, Withheld):
        return ["withheld", *_problem_row(outcome.reason)]
    return ["problem", *_problem_row(outcome)] if outcome else None


def _problem_row(problem: Problem) -> list[Any]:
    return [problem.line, problem.what, problem.remedy]


def _problem(path: str, row: list[Any]) -> Problem:
    line, what, remedy = row
    return Problem(path=path, line=line, what=what, remedy=remedy)


def _outcome(path: str, row: list[Any] | None) -> ParseResult:
    if row is None:
        return None
    kind, *fields = row
    if kind == "post":
        return _post(path, *fields)
    if kind == "version":
        language, title, excerpt, has_body, digest, reads, row = fields
        alone = _outcome(path, row)
        return HumanTranslation(
            path=path,
            language=language,
            title=title,
            excerpt=excerpt,
            has_body=has_body,
            digest=digest,
            reads=_reads(reads),
            alone=alone if isinstance(alone, Post) else None,
        )
    problem = _problem(path, fields)
    return Withheld(problem) if kind == "withheld" else problem


def _post(
    path: str,
    day: str,
    slug: str,
    language: str,
    title: str,
    published: str,
    edited: str | None,
    categories: list[str],
    tags: list[str],
    authors: list[str],
    permalink: str,
    image: str | None,
    digest: str,
    text_digest: str,
    guid: str | None,
    written_slug: str,
    pair: str | None,
    remarks: list[list[Any]],
    reads: list[list[str]],
    stated_language: str,
    in_sitemap: bool,
    expires: str | None,
) -> Post:
    return Post(
        path=path,
        day=_day(day),
        slug=slug,
        language=shared((language,))[0],
        title=title,
        published=datetime.fromisoformat(published),
        edited=datetime.fromisoformat(edited) if edited else None,
        categories=shared(tuple(categories)),
        tags=shared(tuple(tags)),
        authors=shared(tuple(authors)),
        permalink=permalink,
        image=image,
        versions=(),
        digest=digest,
        text_digest=bytes.fromhex(text_digest),
        guid=guid,
        written_slug=written_slug,
        pair=pair,
        stated_language=stated_language,
        in_sitemap=in_sitemap,
        expires=datetime.fromisoformat(expires) if expires else None,
        remarks=tuple(_problem(path, row) for row in remarks),
        reads=_reads(reads),
    )


@lru_cache(maxsize=16)
def _day(text: str) -> date:
    """Posts of one day lie side by side, and share it."""
    return date.fromisoformat(text)


def _reads(rows: list[list[str]]) -> tuple[Read, ...]:
    return tuple((kind, name, digest) for kind, name, digest in rows)
