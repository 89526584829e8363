"""Jekyll's filters, as documented and in version 4.3.

https://jekyllrb.com/docs/liquid/filters/
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from liquid import RenderContext
from liquid.exceptions import FilterArgumentError, ResourceLimitError

from content.rendering.templates.date_filters import DATE_FILTERS
from content.rendering.templates.environment import MAX_OUTPUT, as_context
from content.rendering.templates.list_filters import LIST_FILTERS
from content.rendering.templates.values import as_text, is_nil, with_context

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u1100-\u11ff"
_CJK_LETTER = re.compile(f"[{_CJK}]")
_OTHER_WORD = re.compile(rf"[^{_CJK}\s]+")
_SLUG_MODES = {
    "raw": re.compile(r"\s+"),
    "default": re.compile(r"(?:[^\w]|_)+"),
    "pretty": re.compile(r"[^\w._~!$&'()+,;=@-]+|(?<=)[^\w.~!$&'()+,;=@_-]"),
    "ascii": re.compile(r"[^A-Za-z0-9]+"),
    "latin": re.compile(r"(?:[^\w]|_)+"),
}


# Addresses


@with_context
def relative_url(value: object, *, context: RenderContext) -> object:
    if is_nil(value):
        return None
    text = as_text(_address(value))
    if urlsplit(text).scheme:
        return text
    sources = as_context(context).sources
    return quote(_slashed(sources.baseurl) + _slashed(text), safe="/:?#[]@!$&'()*+,;=~%")


@with_context
def absolute_url(value: object, *, context: RenderContext) -> object:
    if is_nil(value):
        return None
    text = as_text(_address(value))
    if urlsplit(text).scheme:
        return text
    return f"{as_context(context).sources.url}{relative_url(text, context=context)}"


def strip_index(value: object) -> object:
    return re.sub(r"/index\.html?$", "/", as_text(value))


def _address(value: object) -> object:
    return value.get("url", "") if isinstance(value, Mapping) else value


def _slashed(text: str) -> str:
    return text if not text or text.startswith("/") else f"/{text}"


# Text


@with_context
def markdownify(value: object, *, context: RenderContext) -> str:
    return as_context(context).sources.markdown(as_text(value))


def smartify(value: object) -> str:
    text = as_text(value).replace("...", "…").replace("---", "—").replace("--", "–")
    text = re.sub(r'(^|[\s(\[])"', r"\1“", text)
    text = re.sub(r"(^|[\s(\[])'", r"\1‘", text)
    return text.replace('"', "”").replace("'", "’")


def slugify(value: object, mode: object = "default") -> object:
    if is_nil(value):
        return None
    text = as_text(value)
    pattern = _SLUG_MODES.get(str(mode or "default"))
    if pattern is None:
        return text.lower()
    if mode == "latin":
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in plain if not unicodedata.combining(c))
    return pattern.sub("-", text).strip("-").lower()


def xml_escape(value: object) -> str:
    text = as_text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")


def cgi_escape(value: object) -> str:
    return quote_plus(as_text(value))


def uri_escape(value: object) -> str:
    return quote(as_text(value), safe="/:?#[]@!$&'()*+,;=-._~%")


def normalize_whitespace(value: object) -> str:
    return re.sub(r"\s+", " ", as_text(value)).strip()


def number_of_words(value: object, mode: object = None) -> int:
    text = as_text(value)
    letters = len(_CJK_LETTER.findall(text)) if mode in ("cjk", "auto") else 0
    if mode == "cjk" or letters:
        return letters + len(_OTHER_WORD.findall(text))
    return len(text.split())


def jsonify(value: object) -> str:
    plain = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    if len(plain) > MAX_OUTPUT:
        raise ResourceLimitError("jsonify: too much", token=None)
    return plain


def inspect(value: object) -> str:
    return xml_escape(json.dumps(_plain(value), ensure_ascii=False))


def to_integer(value: object) -> int:
    if isinstance(value, (int, float)):
        return int(value)
    found = re.match(r"\s*(-?\d{1,300})", as_text(value))
    return int(found[1]) if found else 0


def replace(value: object, old: object, new: object = "") -> str:
    text, before, after = as_text(value), as_text(old), as_text(new)
    if len(text) + max(1, text.count(before)) * len(after) > MAX_OUTPUT:
        raise ResourceLimitError("replace: too much", token=None)
    return text.replace(before, after)


def _plain(value: object, depth: int = 0) -> object:
    if depth > 30:
        raise FilterArgumentError("nested too deep", token=None)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if is_nil(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        relative_url, absolute_url, strip_index, markdownify, smartify, slugify, xml_escape,
        cgi_escape, uri_escape, number_of_words, normalize_whitespace, jsonify, inspect,
        to_integer, replace,
    )
}  # fmt: skip
FILTERS |= DATE_FILTERS | LIST_FILTERS
