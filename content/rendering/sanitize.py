"""Sanitiser: nh3's only home.

nh3 builds a tree the way browsers do and writes it anew, so its output is balanced, its
attributes are in double quotes, and every `<` in text is escaped; the passes below rely on it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from html import escape, unescape

import nh3

from content.rendering.embeds import bracket_readings, show_embeds
from content.rendering.links import absolute_srcset, absolute_url
from content.text import clean, one_line, remove_illegal


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_TAGS = _words(
    "a abbr aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q "
    "rp rt ruby s samp section small source span strong sub summary sup table tbody td tfoot th "
    "thead time tr u ul var video wbr"
)
_ATTRIBUTES = {
    "*": {"id", "lang", "dir", "translate", "title"},
    "a": {"href", "name"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "h1": {"align"},
    "h2": {"align"},
    "h3": {"align"},
    "img": {"src", "srcset", "alt", "width", "height", "align"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "p": {"align"},
    "source": {"src", "srcset", "type", "media"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "controls", "poster", "width", "height"},
}
_DROPPED_WITH_CONTENT = _words(
    "script style iframe object embed noscript template svg math title textarea select "
    "button form applet frameset noframes xmp"
)
_URL_SCHEMES = {"http", "https", "mailto", "tel", "ftp"}
_URLS = frozenset({"href", "src", "poster", "cite"})
_VALUES: dict[str, re.Pattern[str]] = {
    "align": re.compile(r"left|right|center|justify", re.I),
    "class": re.compile(r"language-[\w+#.-]{1,40}"),
    "colspan": re.compile(r"\d{1,4}"),
    "dir": re.compile(r"ltr|rtl|auto", re.I),
    "height": re.compile(r"\d{1,5}%?"),
    "id": re.compile(r"[^\s\"'<>&]{1,200}"),
    "lang": re.compile(r"[A-Za-z0-9-]{1,35}"),
    "name": re.compile(r"[^\s\"'<>&]{1,200}"),
    "rowspan": re.compile(r"\d{1,4}"),
    "start": re.compile(r"-?\d{1,9}"),
    "translate": re.compile(r"yes|no", re.I),
    "width": re.compile(r"\d{1,5}%?"),
}

_SOLIDUS = "\u0338"

# html5ever searches the open elements at each tag, and libxml2 stops at a depth of 256.
MAX_DEPTH = 64
_MAX_OUTPUT_DEPTH = 200
# html5ever copies a text at each reference in it: a million of them take ten seconds.
_MAX_REFERENCES = 300_000

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*+)[^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*+>")
# Ignores quotes, so that hostile text takes linear time.
_RAW_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)[^<>]*+>?")
_VOID = _words("area base br col embed hr img input link meta source track wbr")
# An open one closes the one before it, so they add no depth.
_SELF_LIMITING = _words("p li dt dd tr td th thead tbody tfoot colgroup option rt rp")
_BLOCKS = _words(
    "aside audio blockquote br caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr "
    "li ol p pre section summary table tbody td tfoot th thead tr ul video"
)
_BOXES = frozenset({"div", "section"})
_FOOTNOTE_MARK = re.compile(r"<sup><a href=\"#fn[^\"]*\"[^>]*>\[[^<]*\]</a></sup>")


def sanitize(html: str) -> str:
    """`html` without scripts, trackers and styles: balanced, NFC (see `nfc`), legal in XML."""
    return bracket_readings(_clean(show_embeds(html), _filter))


def absolute_links(
    html: str,
    base_url: str,
    page_url: str | None = None,
    relink: Callable[[str], str] | None = None,
) -> str:
    """Sanitised `html` with absolute links, images and sources, resolved against `base_url`.

    Links within the text, such as those of footnotes, lead to `page_url`, which is another
    one where the text is a translation. `relink` may replace where an absolute link leads.
    """

    def filter_attribute(tag: str, name: str, value: str) -> str | None:
        if name in _URLS and _filter(tag, name, value) is not None:
            within = value.lstrip().startswith("#")
            url = absolute_url(value, page_url if within and page_url else base_url)
            return relink(url) if url and relink and tag == "a" and not within else url
        if name == "srcset":
            return absolute_srcset(value, base_url)
        return _filter(tag, name, value)

    return _clean(html, filter_attribute)


def plain_text(html: str) -> str:
    """The text of sanitised `html` on one line, without ruby readings and footnote marks."""
    parts: list[str] = []
    for text, _ in _texts(html):
        parts.append(text)
    return one_line("".join(parts))


def paragraphs(html: str) -> Iterator[str]:
    """The text of each paragraph of sanitised `html` at the top or in <div> and <section>."""
    parts: list[str] = []
    for text, path in _texts(html):
        if path[-1:] == ("p",) and _BOXES.issuperset(path[:-1]):
            parts.append(text)
        elif parts:
            yield one_line("".join(parts))
            parts = []
    if parts:
        yield one_line("".join(parts))


def _clean(html: str, attribute_filter: Callable[[str, str, str], str | None]) -> str:
    if html.count("&") > _MAX_REFERENCES:
        html = html.replace("&", "")
    cleaned = nh3.clean(
        _shallow(_normal(html)),
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        url_schemes=_URL_SCHEMES,
        link_rel=None,
    )
    cleaned = _normal(cleaned)  # again: entities may decode to removed characters
    if _depth(cleaned) > _MAX_OUTPUT_DEPTH:
        return f"<p>{escape(plain_text(cleaned), quote=False)}</p>"
    return cleaned


def _normal(html: str) -> str:
    """`html` in NFC and legal in XML, with intact tags.

    In NFC, a combining solidus behind a tag makes one character (U+226F) of the tag's ">".
    """
    if _SOLIDUS in html:
        first, *rest = remove_illegal(html).split(">")
        html = ">".join([first, *map(_without_leading_solidus, rest)])
    return clean(html)


def _without_leading_solidus(text: str) -> str:
    marks = 0
    while marks < len(text) and unicodedata.combining(text[marks]):
        marks += 1
    return text[:marks].replace(_SOLIDUS, "") + text[marks:]


def _filter(tag: str, name: str, value: str) -> str | None:
    if name in _URLS:
        # nh3 checks schemes, but takes `javascript&#6;:` for a path. Drop such a value here:
        # `_normal` would remove the illegal character and leave the scheme.
        return value if remove_illegal(value) == value else None
    if name == "srcset":
        return value if absolute_srcset(value, "https://example.invalid/") else None
    pattern = _VALUES.get(name)
    if name == "class":
        # Keep the language of code only.
        return next((word for word in value.split() if _VALUES[name].fullmatch(word)), None)
    return value if pattern is None or pattern.fullmatch(value) else None


def _shallow(html: str) -> str:
    """`html` without tags nested deeper than `MAX_DEPTH`."""
    if html.count("<") <= MAX_DEPTH:
        return html
    open_tags: Counter[str] = Counter()
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        name = match[2].lower()
        if name in _VOID or name in _SELF_LIMITING:
            return match[0]
        if match[1]:
            if open_tags[name]:
                open_tags[name] -= 1
                depth -= 1
                return match[0] if depth < MAX_DEPTH else ""
            return ""
        open_tags[name] += 1
        depth += 1
        return match[0] if depth <= MAX_DEPTH else ""

    return _RAW_TAG.sub(keep, html)


def _depth(html: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match[1]:
            depth -= 1
        elif match[2] not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _texts(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The text pieces of sanitised `html`, each with its enclosing block elements."""
    html = _FOOTNOTE_MARK.sub("", html)
    path: tuple[str, ...] = ()
    readings = 0  # open <rt> and <rp>
    position = 0
    for match in _TAG.finditer(html):
        if not readings and position < match.start():
            yield unescape(html[position : match.start()]), path
        position = match.end()
        name, closes = match[2], bool(match[1])
        if name in ("rt", "rp"):
            readings += -1 if closes else 1
        elif name in _BLOCKS:
            if name not in _VOID:
                path = path[:-1] if closes else (*path, name)
            # Blocks are separated by a space.
            yield " ", path
    if position < len(html):
        yield unescape(html[position:]), path
