"""References of Hugo to other posts, as their addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from content.rendering.source.code_spans import split_code

_REFERENCE = re.compile(
    r"\{\{[<%][ \t]*(?:rel)?ref[ \t]+(?:path=)?[\"`]?([^\s\"`<>%{}#]*)(#[^\s\"`<>%{}]*)?[\"`]?"
    r"[^<>%{}]*[>%]\}\}"
)


def rewrite_references(text: str, resolve: Callable[[str], str | None]) -> str:
    """Markdown with addresses for `{{< ref "post.md" >}}`; `#` where there is no such post.

    `resolve` gives the URL of a post by the stem of its file's name.
    """
    if "ref" not in text or "{{" not in text:
        return text

    def address(match: re.Match[str]) -> str:
        anchor = match[2] or ""
        url = resolve(PurePosixPath(match[1]).stem) if match[1] else ""
        return f"{url}{anchor}" if url is not None else anchor or "#"

    return "".join(
        piece if is_code else _REFERENCE.sub(address, piece) for piece, is_code in split_code(text)
    )
