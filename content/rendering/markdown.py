"""Markdown as blogs write it, to sanitised HTML: markdown-it-py's only home.

CommonMark with GitHub's tables, strikethrough and task lists, footnotes, definition lists,
abbreviations and formulas, and kramdown's habits where CommonMark would show raw marks. Two
rules for Japanese and Korean: a line break inside a Japanese sentence is no space, and
`**「…」**は` and `**"…"**은` are bold, which CommonMark denies because of the bracket (kramdown,
which Jekyll uses, does not).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape, unescape

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_inline
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from content.rendering.blocks import ABBREVIATIONS as _ABBREVIATIONS
from content.rendering.blocks import blocks_plugin
from content.rendering.html_blocks import html_blocks_plugin
from content.rendering.sanitize import absolute_links, plain_text, sanitize
from content.rendering.shortcodes import shortcode
from content.rendering.source.code_spans import split_code
from content.rendering.source.inline import rewrite_marks, take_abbreviations
from content.rendering.source.kramdown import end_footnotes, without_attributes
from content.rendering.source.lists import nest_lists
from content.rendering.source.math import Formulas
from content.rendering.source.notations import Notations
from content.rendering.source.tables import complete_tables
from content.text import clean, is_unspaced, joins_without_space, one_line

__all__ = ["absolute_links", "plain_text", "plain_title", "strip_markup", "to_html"]

# markdown-it's inline rules take quadratic time on some hostile paragraphs. A paragraph that
# is longer or has more brackets is rendered as plain text.
MAX_PARAGRAPH = 20_000
MAX_BRACKETS = 300
# Each of these may begin a block and costs up to 50 microseconds. Half a megabyte of prose
# has a few thousand; a text with more is rendered as <pre>.
MAX_MARKS = 50_000
_MARKS = ("\n", "-", "+", "*", ">", "|", "[", ". ", ") ")
MAX_NESTING = 60

_MARKUP = re.compile(r"[*_`~\[\]<&\\!]")
# HTML elements of titles. Other tags are words in angle brackets: `List<String>`.
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|big|br|cite|code|del|em|font|i|img|ins|kbd|mark|q|rp|rt|ruby|s|small|span"
    r"|strike|strong|sub|sup|tt|u|var|wbr)(?=[\s/>])",
    re.I,
)
_WHOLE_TAG = re.compile(rf"(?:{_INLINE_TAG.pattern})[^<>]*>|<!--.*?-->", re.I)
_FORMULAS, _IS_KRAMDOWN = "formulas", "kramdown"
_ALIGN = re.compile(r"text-align:\s*(left|right|center)")
_NOTE = re.compile(r"\^\[[^\]\n]*[^\x00-\x7f]")
_PUNCTUATION = re.compile(
    "[\u3000-\u3003\u3008-\u3011\u3014-\u301b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff3d\uff5b-\uff65]"
)
_NOT_IN_ID = re.compile(r"[^\w\- ]")


def to_html(markdown: str, *, kramdown: bool = False, bare_links: bool = False) -> str:
    """Sanitised HTML of Markdown, raw HTML allowed. Links stay as written.

    `kramdown`: where kramdown and CommonMark read a text differently, kramdown is right.
    `bare_links`: an address in the text is a link, as on GitHub.
    Takes seconds at most for a megabyte of anything.
    """
    text = clean(markdown)
    if sum(map(text.count, _MARKS)) > MAX_MARKS:
        return sanitize(f"<pre>{escape(text)}</pre>")
    formulas = Formulas()
    text = without_attributes(formulas.take_out(text))
    text = end_footnotes(text) if kramdown else text
    text = complete_tables(nest_lists(text), kramdown=kramdown)
    text, abbreviations = _rewrite(text, kramdown=kramdown)
    env = {_FORMULAS: formulas, _ABBREVIATIONS: abbreviations, _IS_KRAMDOWN: kramdown}
    parser = _KRAMDOWN if kramdown else _LINKING if bare_links else _PARSER
    html = parser.render(text, env)
    return formulas.put_back(sanitize(html))


def _rewrite(text: str, *, kramdown: bool) -> tuple[str, dict[str, str]]:
    """The text with small marks as CommonMark has them, and its abbreviations."""
    abbreviations: dict[str, str] = {}
    pieces: list[str] = []
    notations = Notations(shortcode)
    for piece, is_code in split_code(text):
        if not is_code:
            piece = piece if kramdown else notations.rewrite(piece)
            piece, found = take_abbreviations(rewrite_marks(piece))
            abbreviations |= found
        pieces.append(piece)
    return "".join([*pieces, notations.end()]), abbreviations


def strip_markup(markdown: str) -> str:
    """The plain text of one line of Markdown, such as an excerpt."""
    text = one_line(markdown)
    # Most lines have no markup, and an index reads many.
    if len(text) > MAX_PARAGRAPH or not _MARKUP.search(text):
        return text
    return one_line("".join(_words(_PARSER.parseInline(text))))


def plain_title(text: str) -> str:
    """The text of a title as Jekyll prints it: Markdown marks stay, HTML tags go."""
    text = one_line(text)
    if "<" in text:
        text = _WHOLE_TAG.sub("", text)
    return one_line(unescape(text)) if "&" in text else text.strip()


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("inline", "image"):
            yield from _words(token.children or ())
        elif token.type == "softbreak" or token.type == "hardbreak":
            yield " "
        elif token.type == "html_inline":
            if not _INLINE_TAG.match(token.content) and not token.content.startswith("<!--"):
                yield token.content
        else:
            yield token.content


class _Inline(StateInline):
    """Inline parser for scripts without spaces."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """Flanking rules of CommonMark, with exceptions for scripts without spaces.

        Their letters allow a mark next to punctuation, and their punctuation counts as letters.
        https://github.com/tats-u/markdown-cjk-friendly describes the rule.
        """
        source, marker, end = self.src, self.src[start], start
        while end < self.posMax and source[end] == marker:
            end += 1
        before = source[start - 1] if start else " "
        after = source[end] if end < self.posMax else " "
        space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        if canSplitWord and self.env.get(_IS_KRAMDOWN):
            return Scanned(not space_after, not space_before, end - start)
        if not (_runs_on(before) or _runs_on(after)):
            return super().scanDelims(start, canSplitWord)
        mark_before, mark_after = _is_mark(before), _is_mark(after)
        opens = not space_after and (
            not mark_after or space_before or mark_before or _runs_on(before)
        )
        closes = not space_before and (
            not mark_before or space_after or mark_after or _runs_on(after)
        )
        if canSplitWord:
            return Scanned(opens, closes, end - start)
        return Scanned(
            opens and (not closes or _is_punctuation(before)),
            closes and (not opens or _is_punctuation(after)),
            end - start,
        )


def _runs_on(character: str) -> bool:
    """Whether a character is of a script whose words or particles follow without a space."""
    return is_unspaced(character) or "\uac00" <= character <= "\ud7a3"


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_mark(character: str) -> bool:
    return _is_punctuation(character) and not is_unspaced(character)


def _inline(state: StateCore) -> None:
    """Parses inline content, up to the limits of length and brackets."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) > MAX_PARAGRAPH or token.content.count("[") > MAX_BRACKETS:
            text = Token("text", "", 0)
            text.content = token.content
            token.children.append(text)
        else:
            inline = _Inline(token.content, state.md, state.env, token.children)
            state.md.inline.tokenize(inline)
            for rule in state.md.inline.ruler2.getRules(""):
                rule(inline)


def _breaks(state: StateCore) -> None:
    """Removes line breaks inside Japanese sentences, which would become spaces."""
    for block in state.tokens:
        children = block.children
        if not children or all(child.type != "softbreak" for child in children):
            continue
        kept: list[Token] = []
        before = ""  # the last character of text seen
        pending: int | None = None  # where in `kept` an undecided break stands
        for child in children:
            if child.type == "softbreak":
                pending = len(kept)
            elif child.content or child.type == "image":
                shown = "x" if child.type in ("image", "html_inline") else child.content
                if pending is not None and before and joins_without_space(before, shown[0]):
                    del kept[pending]
                pending, before = None, shown[-1]
            kept.append(child)
        block.children = kept


def _attributes(state: StateCore) -> None:
    """Sets ids of headings, and table alignment as an attribute (the sanitiser removes styles)."""
    seen: Counter[str] = Counter()
    for index, token in enumerate(state.tokens):
        if token.type in ("td_open", "th_open"):
            align = _ALIGN.search(str(token.attrs.get("style", "")))
            if align:
                token.attrs = {"align": align[1]}
        elif token.type == "heading_open":
            if token.attrGet("id"):
                continue
            words = one_line("".join(_words(state.tokens[index + 1 : index + 2])))
            words = state.env[_FORMULAS].in_words(words) if _FORMULAS in state.env else words
            name = _NOT_IN_ID.sub("", words.lower()).replace(" ", "-")[:100] or "section"
            seen[name] += 1
            token.attrSet("id", name if seen[name] == 1 else f"{name}-{seen[name] - 1}")


class _Markdown(MarkdownIt):
    """markdown-it without its own check of URLs: the sanitiser checks them."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True


def _parser(*, kramdown: bool = False, bare_links: bool = False) -> MarkdownIt:
    parser = _Markdown("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=not kramdown).use(deflist_plugin)
    if not kramdown:
        parser.inline.ruler.at("footnote_inline", _footnote_inline)
    if bare_links:
        parser.use(gfm_autolink_plugin)
        for name in ("gfm_autolink_www", "gfm_autolink_protocol"):
            parser.inline.ruler.at(name, _up_to_punctuation(_rule(parser, name)))
    html_blocks_plugin(parser, kramdown=kramdown)
    blocks_plugin(parser)
    parser.core.ruler.at("inline", _inline)
    parser.core.ruler.after("inline", "breaks", _breaks)
    parser.core.ruler.push("attributes", _attributes)
    return parser


def _rule(parser: MarkdownIt, name: str) -> RuleFuncInlineType:
    rules = zip(
        parser.inline.ruler.get_active_rules(), parser.inline.ruler.getRules(""), strict=True
    )
    return next(rule for active, rule in rules if active == name)


def _footnote_inline(state: StateInline, silent: bool) -> bool:
    """Zenn's `text^[note]`, if the note has words of Japanese or the like, unlike `^[a-z]`."""
    if not _NOTE.match(state.src, state.pos) or not state.src[state.pos - 1 : state.pos].strip():
        return False
    return footnote_inline(state, silent)


def _up_to_punctuation(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """The rule for addresses that end at Japanese punctuation, which GitHub takes for a part."""

    def shortened(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] == ":" and not state.pending.endswith(("http", "https")):
            return rule(state, silent)
        end = state.posMax
        found = _PUNCTUATION.search(state.src, state.pos, end)
        state.posMax = found.start() if found else end
        try:
            return rule(state, silent)
        finally:
            state.posMax = end

    return shortened


_PARSER, _KRAMDOWN, _LINKING = _parser(), _parser(kramdown=True), _parser(bare_links=True)
