"""Ruby annotations: readings beside Japanese words, which other languages have no use for."""

from __future__ import annotations

import re

from translate.html.tokenizer import escape_text, parse_html

_READING = re.compile("rt|rtc|rp")
_WRAPPER = re.compile("/?(?:ruby|rb)")


def without_readings(html: str) -> str:
    """The HTML with each ruby element as its base text, so that a sentence stays whole."""
    if "<ruby" not in html.lower():
        return html
    tokens = parse_html(html)
    parts = []
    index = 0
    while index < len(tokens):
        tag, text, end = tokens[index]
        if tag is None:
            parts.append(escape_text(text))
        elif _READING.fullmatch(tag.name):
            index = end
        elif not _WRAPPER.fullmatch(tag.name):
            parts.append(tag.raw)
        index += 1
    return "".join(parts)
