"""Rule for HTML blocks: where they end, and Markdown inside them.

CommonMark ends a block of HTML at a blank line, so that a heading below `<br>` or `</details>`
is none. kramdown ends it at the tag that closes it.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_OPEN = re.compile(r"<([A-Za-z][\w-]*)(?=[\s/>])")
_MARKDOWN = re.compile(r"""\smarkdown\s*=\s*["']?(1|block|span)["']?(?=[\s/>])""", re.I)
_VOID = _words(
    "area base br col command embed hr img input keygen link meta param source track wbr"
)
_SPAN = _words(
    "a abbr acronym b bdo big br button cite code del dfn em i img input ins kbd label mark "
    "q rb rp rt ruby s samp select small span strong sub sup tt u var"
)
# Their text is never Markdown.
_RAW = _words("pre script style textarea math svg")
_SPANS_ONLY = _words("p h1 h2 h3 h4 h5 h6 dt summary")
_MAX_DEPTH = 8
_DEPTH = "html_depth"
_MAX_LINES = 200_000  # searched for closing tags, per text
_LOOKED_AT = "html_lines"


def html_blocks_plugin(parser: MarkdownIt, *, kramdown: bool) -> None:
    """Installs the rule. `kramdown`: a block is HTML up to its closing tag, across blank lines."""

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return _rule(state, start, end, silent, kramdown)

    parser.block.ruler.at("html_block", rule, {"alt": ["paragraph", "reference", "blockquote"]})


def _rule(state: StateBlock, start: int, end: int, silent: bool, kramdown: bool) -> bool:
    line = _line(state, start)
    opening = _OPEN.match(line)
    closing = re.match(r"</([A-Za-z][\w-]*)\s*>", line)
    if state.is_code_block(start) or not (opening or closing):
        return html_block(state, start, end, silent)
    name = (opening or closing)[1].lower()  # type: ignore[index]
    if name in _RAW:
        return html_block(state, start, end, silent)
    tag = _TAG.match(line) if opening else None
    if tag is not None and name not in _VOID and _MARKDOWN.search(f"{tag[3]} "):
        return silent or _with_markdown(state, start, end, tag)
    return _until_closed(state, start, end, silent, name, kramdown)


def _until_closed(
    state: StateBlock, start: int, end: int, silent: bool, name: str, kramdown: bool
) -> bool:
    """Takes the block up to the line with its closing tag, else up to the blank line."""
    tokens = len(state.tokens)
    if not html_block(state, start, end, silent):
        return False
    if silent:
        return True
    last = state.line
    lines = [_line(state, number) for number in range(start, last)]
    depth = 0
    closed = None
    for number, line in enumerate(lines):
        depth = _depth(line, depth)
        if depth <= 0:
            closed = number + 1
            break
    if closed is None and kramdown and name not in _SPAN:
        found = _closing_line(state, last, end, depth)
        if found is not None:
            _shorten(state, tokens, start, found)
        return True
    rest = lines[closed:] if closed is not None else []
    if not any(line.strip() for line in rest):
        return True
    if name in _SPAN:
        # Inline tags on their own line begin a paragraph.
        if all(_is_only_tags(line) for line in lines):
            return True
        del state.tokens[tokens:]
        state.line = start
        return False
    assert closed is not None  # noqa: S101 - there is something behind it
    _shorten(state, tokens, start, start + closed)
    return True


def _shorten(state: StateBlock, tokens: int, start: int, end: int) -> None:
    """Moves the end of the last block to the line `end`."""
    token = state.tokens[tokens]
    token.map = [start, end]
    token.content = state.getLines(start, end, state.blkIndent, True)
    state.line = end


def _closing_line(state: StateBlock, start: int, end: int, depth: int) -> int | None:
    """The number of the line after the closing tag; None if there is none."""
    for number in range(start, end):
        looked_at = state.env[_LOOKED_AT] = int(state.env.get(_LOOKED_AT, 0)) + 1
        is_outside = not state.isEmpty(number) and state.sCount[number] < state.blkIndent
        if is_outside or looked_at > _MAX_LINES:
            return None
        depth = _depth(_line(state, number), depth)
        if depth <= 0:
            return number + 1
    return None


def _with_markdown(state: StateBlock, start: int, end: int, tag: re.Match[str]) -> bool:
    """Parses the text inside an element with markdown="1" as Markdown."""
    name, kind = tag[2].lower(), _MARKDOWN.search(f"{tag[3]} ")
    assert kind is not None  # noqa: S101 - `_rule` has found it
    depth = 0
    last = None
    for number in range(start, end):
        looked_at = state.env[_LOOKED_AT] = int(state.env.get(_LOOKED_AT, 0)) + 1
        is_outside = not state.isEmpty(number) and state.sCount[number] < state.blkIndent
        if is_outside or looked_at > _MAX_LINES:
            break
        depth += _depth_of(_line(state, number), name)
        if depth <= 0:
            last = number
            break
    stop = end if last is None else last + 1
    text = state.getLines(start, stop, state.blkIndent, False).lstrip()
    inner = text[len(tag[0]) :]
    close = list(re.finditer(rf"</{name}\s*>", inner, re.I))
    behind = inner[close[-1].end() :] if close and last is not None else ""
    inner = inner[: close[-1].start()] if close and last is not None else inner
    opening = f"<{tag[2]}{_MARKDOWN.sub('', f'{tag[3]} ').rstrip()}>"
    _push_html(state, opening, start, stop)
    if kind[1] == "span" or name in _SPANS_ONLY:
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = inner.strip(), [start, stop], []
    else:
        _parse_inside(state, inner)
    _push_html(state, f"</{name}>\n", start, stop)
    if behind.strip():
        _parse_inside(state, behind)
    state.line = stop
    return True


def _parse_inside(state: StateBlock, text: str) -> None:
    """Parses `text` as blocks, without the indentation common to its lines."""
    depth = int(state.env.get(_DEPTH, 0))
    lines = text.split("\n")
    least = min((len(one) - len(one.lstrip(" ")) for one in lines[1:] if one.strip()), default=0)
    text = "\n".join([lines[0].lstrip(), *(one[least:] for one in lines[1:])])
    if depth >= _MAX_DEPTH:
        _push_html(state, text, state.line, state.line)
        return
    state.env[_DEPTH] = depth + 1
    state.md.block.parse(text, state.md, state.env, state.tokens)
    state.env[_DEPTH] = depth


def _push_html(state: StateBlock, html: str, start: int, end: int) -> None:
    token = state.push("html_block", "", 0)
    token.content, token.map = html, [start, end]


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _depth(line: str, depth: int) -> int:
    """The number of open tags after `line`."""
    for match in _TAG.finditer(line):
        if match[2].lower() not in _VOID and not match[4]:
            depth += -1 if match[1] else 1
    return depth


def _depth_of(line: str, name: str) -> int:
    matches = (match for match in _TAG.finditer(line) if match[2].lower() == name)
    return sum(-1 if match[1] else 0 if match[4] else 1 for match in matches)


def _is_only_tags(line: str) -> bool:
    return not _TAG.sub("", line).strip()
