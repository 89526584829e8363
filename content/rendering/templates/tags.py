"""Jekyll's tags, and replacements for plugin tags."""

from __future__ import annotations

import re
from html import escape
from pathlib import PurePosixPath
from typing import Any, TextIO

from liquid import Environment, RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import tokenize
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG, Token

from content.rendering.shortcodes import shown_instead
from content.rendering.templates.environment import as_context, parse, render_guarded
from content.rendering.templates.sources import TemplateError

_ARGUMENT = re.compile(
    r"""([\w-]+)\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|'([^'\\]*(?:\\.[^'\\]*)*)'|([\w.\[\]-]+))"""
    r"""|"([^"]*)"|'([^']*)'|([^\s"']+)"""
)
_VARIABLE = re.compile(r"[^{]*(?:\{\{.*?\}\}[^\s{}]*)+", re.S)
_FILE_NAME = re.compile(r"[\w/.\-()+~#@]+")
_ABOVE = re.compile(r"[./]{2,}")
_PAGES = frozenset({".md", ".markdown", ".html", ".htm", ".txt", ""})
_MAX_INCLUDES = 10  # nested
# Parts of blocks, never plugin tags.
_PARTS = frozenset({"else", "elsif", "when", ""})
_TICKS = re.compile("`++")


class _Words(Tag):
    """A tag that parses its markup at render time."""

    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        markup = ""
        if stream.peek.kind == TOKEN_EXPRESSION:
            next(stream)
            markup = stream.current.value
        return _WordsNode(token, markup, self)

    def run(self, node: _WordsNode, context: RenderContext, buffer: TextIO) -> int:
        raise NotImplementedError


class _WordsNode(Node):
    def __init__(self, token: Token, markup: str, tag: _Words) -> None:
        super().__init__(token)
        self.markup = markup
        self.tag = tag
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return render_guarded(self, context, lambda: self.tag.run(self, context, buffer))


class Include(_Words):
    """`{% include file.html key="value" other=variable %}`."""

    def run(self, node: _WordsNode, context: RenderContext, buffer: TextIO) -> int:
        ours = as_context(context)
        name, arguments = _split_name(node.markup)
        if "{{" in name:
            name = _expand(name, context)
        parameters = _parameters(arguments, context)
        text = None
        if _FILE_NAME.fullmatch(name) and not _ABOVE.search(name):
            text = self.read(context, name)
        if text is None:
            ours.remark(node.token, f"include {name}: there is no such file")
            return _stand_in(name, [], parameters, buffer)
        if len(ours.included) >= _MAX_INCLUDES:
            raise LiquidSyntaxError(f"include {name}: too many inside of one another", token=None)
        ours.included.append(ours.included[0] if ours.included else _line(node.token))
        try:
            template = parse(context.env, text)
            with context.extend({"include": parameters}, template=template):
                template.render_with_context(context, buffer, partial=True)
        except TemplateError as error:
            ours.remark(node.token, f"include {name}: {error.what}")
            return _stand_in(name, [], parameters, buffer)
        finally:
            ours.included.pop()
        return 1

    def read(self, context: RenderContext, name: str) -> str | None:
        return as_context(context).sources.include(name)


class IncludeRelative(Include):
    def read(self, context: RenderContext, name: str) -> str | None:
        return as_context(context).sources.include_relative(name)


class Link(_Words):
    """`{% link path/of/file %}`: the URL of a file or post."""

    def run(self, node: _WordsNode, context: RenderContext, buffer: TextIO) -> int:
        sources = as_context(context).sources
        name = node.markup.strip().strip("'\"")
        path = PurePosixPath(_expand(name, context) if "{{" in name else name)
        if path.suffix.lower() not in _PAGES:
            return buffer.write(f"{sources.baseurl}/{str(path).lstrip('/')}")
        return _write_link(sources.resolve(path.stem), f"link {path}", node, context, buffer)


class PostUrl(_Words):
    """`{% post_url 2026-01-31-name %}`: the URL of a post."""

    def run(self, node: _WordsNode, context: RenderContext, buffer: TextIO) -> int:
        name = node.markup.strip().strip("'\"")
        if "{{" in name:
            name = _expand(name, context)
        url = as_context(context).sources.resolve(PurePosixPath(name).name)
        return _write_link(url, f"post_url {name}", node, context, buffer)


class Highlight(Tag):
    """`{% highlight ruby %}`: written as a Markdown fence."""

    name = "highlight"
    end = "endhighlight"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        language = ""
        if stream.current.kind == TOKEN_EXPRESSION:
            found = re.match(r"[\w+#.-]+", stream.current.value)
            language = found[0].lower() if found else ""
            next(stream)
        block = get_parser(self.env).parse_block(stream, (self.end, TOKEN_EOF))
        if not stream.current.is_tag(self.end):
            raise LiquidSyntaxError("highlight is not closed", token=token)
        return _HighlightNode(token, language, block)


class _HighlightNode(Node):
    def __init__(self, token: Token, language: str, block: BlockNode) -> None:
        super().__init__(token)
        self.language = language
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.template._get_buffer()
        self.block.render(context, inner)
        code = inner.getvalue().strip("\n")
        before = buffer.getvalue().rpartition("\n")[2]  # type: ignore[attr-defined]
        if not as_context(context).sources.page.get("markdown", True):
            return buffer.write(
                f'<pre><code class="language-{self.language}">{escape(code)}\n</code></pre>'
            )
        indent = before if before.isspace() else ""
        longest = max(map(len, _TICKS.findall(code)), default=0)
        fence = "`" * max(3, longest + 1)
        lead = "" if before == indent else "\n\n"
        return buffer.write(f"{lead}{fence}{self.language}\n{code}\n{indent}{fence}\n")


class Unknown(_Words):
    """A plugin tag: replaced according to its name and arguments."""

    def run(self, node: _WordsNode, context: RenderContext, buffer: TextIO) -> int:
        positional, named = _arguments(node.markup, context)
        name = node.token.value
        if not name.startswith("end"):
            known = _stand_in(name, positional, named, buffer)
            if not known:
                as_context(context).remark(node.token, f"unknown tag {name}")
        return 1


class GuardedOutput(Output):
    """`{{ ... }}`; an expression that cannot be parsed is empty, with a remark."""

    def parse(self, stream: TokenStream) -> OutputNode:
        token = stream.eat(TOKEN_OUTPUT)
        markup = stream.expect(TOKEN_EXPRESSION)
        try:
            tokens = TokenStream(tokenize(markup.value, markup))
            return _GuardedOutputNode(token, FilteredExpression.parse(self.env, tokens))
        except LiquidError as error:
            return _NothingNode(token, str(error.args[0]))


class _GuardedOutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        run = super().render_to_output
        return render_guarded(self, context, lambda: run(context, buffer))


class _NothingNode(OutputNode):
    def __init__(self, token: Token, what: str) -> None:
        Node.__init__(self, token)
        self.what = what
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        as_context(context).remark(self.token, self.what)
        return 0


def unknown_tag(environment: Environment, name: str) -> Tag | None:
    """The tag for an unknown name; None for a part of a block."""
    known = dict.keys(environment.tags)
    if name in _PARTS or (name.startswith("end") and name[3:] in known):
        return None
    return Unknown(environment)


TAGS: dict[str, Any] = {
    "include": Include,
    "include_cached": Include,
    "include_relative": IncludeRelative,
    "link": Link,
    "post_url": PostUrl,
    "highlight": Highlight,
    TOKEN_OUTPUT: GuardedOutput,
}


def _line(token: Token) -> int:
    return token.source.count("\n", 0, token.start_index) + 1


def _write_link(
    url: str | None, what: str, node: Node, context: RenderContext, buffer: TextIO
) -> int:
    if url is None:
        as_context(context).remark(node.token, f"{what}: there is no such post")
    return buffer.write(url or "#")


def _split_name(markup: str) -> tuple[str, str]:
    markup = markup.strip()
    variable = _VARIABLE.match(markup)
    if variable:
        return variable[0].strip(), markup[variable.end() :]
    name, _, rest = markup.partition(" ") if " " in markup else markup.partition("\n")
    return name.strip("'\""), rest


def _expand(text: str, context: RenderContext) -> str:
    template = parse(context.env, text)
    buffer = template._get_buffer()
    template.render_with_context(context, buffer, partial=True)
    return buffer.getvalue().strip()


def _parameters(markup: str, context: RenderContext) -> dict[str, Any]:
    return _arguments(markup, context)[1]


def _arguments(markup: str, context: RenderContext) -> tuple[list[str], dict[str, Any]]:
    """Positional arguments as text, and named ones with variables resolved."""
    positional: list[str] = []
    named: dict[str, Any] = {}
    for found in _ARGUMENT.finditer(markup):
        key, double, single, variable, *words = found.groups()
        if key is None:
            positional.append(next(word for word in words if word is not None))
        elif double is not None:
            named[key] = double.replace('\\"', '"')
        elif single is not None:
            named[key] = single.replace("\\'", "'")
        else:
            named[key] = _value(variable, context)
    return positional, named


def _value(variable: str, context: RenderContext) -> Any:
    try:
        expression = FilteredExpression.parse(
            context.env,
            TokenStream(tokenize(variable, Token(TOKEN_EXPRESSION, variable, 0, variable))),
        )
    except LiquidError:
        return variable
    return expression.evaluate(context)


def _stand_in(name: str, positional: list[str], named: dict[str, Any], buffer: TextIO) -> int:
    """Writes the replacement of a plugin tag; returns 0 if its name is unknown."""
    words = {key: str(value) for key, value in named.items() if isinstance(value, (str, int))}
    shown = shown_instead(name, positional, words)
    buffer.write(shown.html)
    return int(shown.known)
