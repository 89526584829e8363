"""What a template reads, and what comes of it.

Apart from `engine`: python-liquid takes 4 MB, and is imported for a blog of Jekyll alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from content.rendering.liquid import Resolve


class Moment(datetime):
    """A datetime that prints like Ruby's Time."""

    def __str__(self) -> str:
        return self.strftime("%Y-%m-%d %H:%M:%S %z")

    @classmethod
    def of(cls, moment: datetime) -> Moment:
        return cls.fromtimestamp(moment.timestamp(), moment.tzinfo)


class TemplateError(ValueError):
    """A template that cannot be parsed or exceeds a limit."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Remark:
    """A place in a text that was not rendered as written."""

    line: int  # 1-based, of the text
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateSources:
    """The values and files that a template may read. The caller records reads."""

    page: Mapping[str, Any]
    site: Mapping[str, Any]
    include: Callable[[str], str | None]  # content of a file in _includes
    include_relative: Callable[[str], str | None]  # content of a file relative to the post
    resolve: Resolve
    baseurl: str  # "" or a path without trailing slash
    url: str  # the blog's address without `baseurl`
    now: datetime  # the post's own date: the same input gives the same bytes
    markdown: Callable[[str], str]  # to HTML


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    remarks: tuple[Remark, ...]
