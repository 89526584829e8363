"""The heading that a text begins with: the title of a post that states none."""

from __future__ import annotations

import re

from content.rendering.markdown import strip_markup
from content.rendering.sanitize import plain_text, sanitize

_ATX = re.compile(r"#{1,6}[ \t]+(\S.*?)(?:[ \t]+#+)?")
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-{2,})[ \t]*")
_ATTRIBUTES = re.compile(r"[ \t]*\{:?[ \t]*[#.][^{}]*\}[ \t]*$")
_ELEMENT = re.compile(r"\s*<(h[1-6])\b[^>]*>(.{0,1000}?)</\1>", re.S | re.I)


def leading_heading(body: str, *, markdown: bool) -> str | None:
    """What it says, in plain text; None: the text begins with something else."""
    element = _ELEMENT.match(body)
    if element:
        return plain_text(sanitize(element[2])) or None
    if not markdown:
        return None
    line, _, rest = body.lstrip("\n \t").partition("\n")
    line = _ATTRIBUTES.sub("", line.strip())
    atx = _ATX.fullmatch(line)
    if atx:
        return strip_markup(atx[1]) or None
    underline = rest.partition("\n")[0]
    # Not a list, a quote, a table or code above a line of hyphens.
    if line and not re.match(r"[-*+>|`~<{]|\d+[.)]", line) and _UNDERLINE.fullmatch(underline):
        return strip_markup(line) or None
    return None
