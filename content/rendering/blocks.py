"""Rules on parsed Markdown: ids of headings, task lists, several terms, names of code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.rendering.source.inline import Abbreviations
from content.rendering.source.tables import NO_HEAD

ABBREVIATIONS = "abbreviations"

_ID = re.compile(r"[ \t]*\{#([\w:-]+)\}[ \t]*$")
_NAMED_CODE = re.compile(r"([\w+#.-]*(?: diff)?):([^\s:][^:]*)")
_DEFINITION = re.compile(r"\n:[ \t]")
_BOX = re.compile(r"\[([ xX])\][ \t]+")


def blocks_plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.before("inline", "heading_ids", _heading_ids)
    parser.core.ruler.before("inline", "terms", _terms)
    parser.core.ruler.before("inline", "file_names", _file_names)
    parser.core.ruler.before("inline", "no_head", _no_head)
    parser.core.ruler.after("inline", "boxes", _boxes)
    parser.core.ruler.after("inline", "abbreviations", _abbreviations)
    # The plugin numbers a second reference 1:1, the first is 1.
    parser.add_render_rule("footnote_caption", _footnote_caption)


def _heading_ids(state: StateCore) -> None:
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and (found := _ID.search(inline.content)):
            opening.attrSet("id", found[1])
            inline.content = inline.content[: found.start()]


def _file_names(state: StateCore) -> None:
    """Shows the file name of ```js:name.js above the code."""
    out: list[Token] = []
    for token in state.tokens:
        found = _NAMED_CODE.fullmatch(token.info.strip()) if token.type == "fence" else None
        if found:
            token.info = found[1]
            name = Token("html_block", "", 0)
            name.content = f"<p><code>{escape(found[2])}</code></p>\n"
            out.append(name)
        out.append(token)
    state.tokens = out


def _terms(state: StateCore) -> None:
    """Makes a term of each line above a definition; markdown-it takes one line only."""
    out: list[Token] = []
    for token in state.tokens:
        paragraph = token.type == "paragraph_close" and out[-1].type == "inline"
        found = _DEFINITION.search(out[-1].content) if paragraph else None
        if found is None:
            out.append(token)
            continue
        text = out[-1].content
        *terms, last = text[: found.start()].split("\n")
        inner: list[Token] = []
        state.md.block.parse(f"{last}\n{text[found.start() + 1 :]}", state.md, state.env, inner)
        del out[-2:]
        for one in inner:
            out.append(one)
            if one.type == "dl_open":
                for term in terms:
                    out += _term(term.strip())
                terms = []
    state.tokens = out


def _term(text: str) -> tuple[Token, Token, Token]:
    inline = Token("inline", "", 0, block=True, content=text, children=[])
    return Token("dt_open", "dt", 1, block=True), inline, Token("dt_close", "dt", -1, block=True)


def _no_head(state: StateCore) -> None:
    """Removes head rows that `complete_tables` has added."""
    out: list[Token] = []
    skipping = False
    for number, token in enumerate(state.tokens):
        if token.type == "thead_open":
            ahead = state.tokens[number : number + 4]
            skipping = any(one.type == "inline" and one.content == NO_HEAD for one in ahead)
        if not skipping:
            out.append(token)
        elif token.type == "thead_close":
            skipping = False
    state.tokens = out


def _boxes(state: StateCore) -> None:
    """Replaces `[x]` by a sign: readers remove form fields, and translations change brackets."""
    tokens = state.tokens
    for number in range(2, len(tokens)):
        inline = tokens[number]
        if inline.type != "inline" or tokens[number - 2].type != "list_item_open":
            continue
        first = inline.children[0] if inline.children else None
        if first is None or first.type != "text" or not (box := _BOX.match(first.content)):
            continue
        sign = "☐" if box[1] == " " else "☑"
        shown = Token("html_inline", "", 0)
        shown.content = f'<span translate="no">{sign}</span> '
        first.content = first.content[box.end() :]
        assert inline.children is not None  # noqa: S101 - it has a first one
        inline.children.insert(0, shown)


def _abbreviations(state: StateCore) -> None:
    words = state.env.get(ABBREVIATIONS)
    if not words:
        return
    known = Abbreviations(words)
    for token in state.tokens:
        children: list[Token] = []
        for child in token.children or ():
            if child.type != "text":
                children.append(child)
                continue
            for text, opening in known.split(child.content):
                if opening:
                    children.append(_inline("html_inline", opening))
                if text:
                    children.append(_inline("text", text))
                if opening:
                    children.append(_inline("html_inline", "</abbr>"))
        if token.children:
            token.children = children


def _footnote_caption(renderer: object, tokens: Sequence[Token], at: int, *_: object) -> str:
    return f"[{tokens[at].meta['id'] + 1}]"


def _inline(kind: str, content: str) -> Token:
    token = Token(kind, "", 0)
    token.content = content
    return token
