"""Renders the body of a post file: Liquid, Markdown, excerpt, reading time."""

from __future__ import annotations

import re
from collections.abc import Callable

from content.parsing.front_matter import FrontMatter, parse
from content.parsing.post_parser import (
    EXCERPTS,
    MEDIA_SUBPATH,
    Source,
    is_markdown,
    read_source,
)
from content.post import Body
from content.rendering.liquid import Resolve, without_liquid
from content.rendering.markdown import strip_markup, to_html
from content.rendering.media_subpath import place_media
from content.rendering.sanitize import paragraphs, plain_text, sanitize
from content.rendering.source.code_blocks import fence_code
from content.rendering.source.kramdown import without_attributes
from content.rendering.source.math import protect_formulas
from content.rendering.source.references import rewrite_references
from content.rendering.templates.sources import Remark, TemplateError, TemplateSources
from content.taxonomy import term_slug
from content.text import clean, count, one_line, shorten

UNSPACED_A_MINUTE = 500  # characters of Japanese
WORDS_A_MINUTE = 220
MOST_STATED = 1000  # characters of a summary whose end its author has marked

_END_MARK = re.compile(r"-{3,}[ \t]*END[ \t]*-{3,}", re.IGNORECASE)
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-+)[ \t]*")
_FIRST_ELEMENT = re.compile(r"\s*<(h[1-6]|p|div)\b[^>]*>(.{0,1000}?)</\1>", re.S | re.I)
_ID = re.compile(r"\{#[\w:-]+\}$")
_MINUTES = re.compile(r"\s*(\d{1,3})(?:\.\d+)?\b", re.ASCII)


Sources = Callable[[FrontMatter], TemplateSources]


def render_body(
    data: bytes,
    path: str,
    *,
    title: str | None,
    resolve: Resolve,
    sources: Sources | None = None,
    engine: str | None = None,
    baseurl: str = "",
    separator: str | None = None,
) -> Body:
    """The body of the post file `data`. Raises `PostError` where parsing the post would.

    The body does not repeat `title` at its beginning. `resolve` gives the URL of another
    post by the stem of its file name, for `{% post_url %}` and `{% link %}`. `sources`: what
    the post's Liquid reads, where it is to be run as Jekyll does. `engine`: what the blog is
    built with, where that is known. `baseurl`: the path of the blog's address, "" or as /blog.
    `separator`: the text that ends a summary, as `excerpt_separator` of `_config.yml` says.
    """
    source = read_source(data)
    front = parse(source.front or "")
    markdown = is_markdown(path)
    text = _without_end_mark(clean(source.body))
    remarks: tuple[Remark, ...] = ()
    ran = None
    if markdown and engine != "jekyll":
        text = fence_code(rewrite_references(text, resolve))
    if sources is not None:
        ran, remarks = _run(text, sources(front))
    if ran is None and engine != "hugo":  # Hugo: braces are short codes or text
        text = without_liquid(
            text, resolve=resolve, title=title or "", markdown=markdown, baseurl=baseurl
        )
    elif ran is not None:
        text = ran
    if markdown:
        html = to_html(
            _without_title(text, title),
            kramdown=engine == "jekyll",
            bare_links=engine != "jekyll",
        )
    else:
        html = protect_formulas(sanitize(_without_title_element(text, title)))
    subpath = front.text(*MEDIA_SUBPATH)
    if subpath:
        html = place_media(html, subpath, baseurl)
    words = plain_text(html)
    stated = front.text(*EXCERPTS)
    if stated is not None:
        stated = strip_markup(without_liquid(stated, resolve=resolve, title=title or ""))
    ends = front.text("excerpt_separator") or separator
    if stated is None and ends and ends in text:
        head = text.partition(ends)[0]
        beginning = plain_text(to_html(_without_title(head, title)) if markdown else sanitize(head))
        stated = shorten(one_line(beginning), least=MOST_STATED // 2, most=MOST_STATED)
    return Body(
        html=html,
        excerpt=stated or _excerpt(html, words),
        reading_time=_stated_minutes(front.text("reading_time")) or _minutes(words),
        remarks=tuple(
            (remark.line + _lines_before(data, source), remark.what) for remark in remarks
        ),
    )


def read_template(data: bytes, sources: Sources) -> None:
    """Runs the Liquid of a post file; `sources` records the reads."""
    source = read_source(data)
    _run(_without_end_mark(clean(source.body)), sources(parse(source.front or "")))


def _run(text: str, sources: TemplateSources) -> tuple[str | None, tuple[Remark, ...]]:
    """The text with its Liquid run, and remarks; None if the template cannot be run."""
    if sources.page.get("render_with_liquid") is False:
        return text, ()
    from content.rendering.templates.engine import run_template  # see `PostTemplates.adapt`

    try:
        rendered = run_template(text, sources)
    except TemplateError as error:
        what = f"Liquid cannot be run, its tags are left out: {error.what}"
        return None, (Remark(error.line, what),)
    return rendered.text, rendered.remarks


def _lines_before(data: bytes, source: Source) -> int:
    """The number of lines above the body."""
    return data.count(b"\n") - source.body.count("\n") if source.front is not None else 0


def _without_end_mark(text: str) -> str:
    """`text` without the final `---END---` of generated posts."""
    head, _, last = text.rstrip().rpartition("\n")
    return head if _END_MARK.fullmatch(last.strip(" \t*_")) else text


def _without_title(text: str, title: str | None) -> str:
    """Markdown without its title (plain, bold or a heading) as first line."""
    if title is None:
        return text
    stripped = text.lstrip("\n \t")
    line, _, rest = stripped.partition("\n")
    heading = without_attributes(f"{line.strip()}\n").strip()
    heading = _ID.sub("", heading).strip("#").strip()
    if not _same(heading, title) and not _same(strip_markup(heading), title):
        return text
    underline, _, behind = rest.partition("\n")
    return behind if underline and _UNDERLINE.fullmatch(underline) else rest


def _without_title_element(html: str, title: str | None) -> str:
    match = _FIRST_ELEMENT.match(html)
    if title is None or match is None or not _same(plain_text(sanitize(match[2])), title):
        return html
    return html[match.end() :]


def _same(line: str, title: str) -> bool:
    """Whether two lines are equal but for width, case and spaces."""
    return bool(line) and _letters(line) == _letters(title)


def _letters(line: str) -> str:
    return term_slug(re.sub(r"\s+", "", line))


def _excerpt(html: str, words: str) -> str:
    first = next((paragraph for paragraph in paragraphs(html) if paragraph), words)
    return shorten(first)


def _stated_minutes(text: str | None) -> int | None:
    match = _MINUTES.match(text) if text else None
    return int(match[1]) or None if match else None


def _minutes(words: str) -> int:
    unspaced, spaced = count(words)
    return max(1, round(unspaced / UNSPACED_A_MINUTE + spaced / WORDS_A_MINUTE))
