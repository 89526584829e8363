"""Fallback for Liquid outside Jekyll blogs, and for templates that cannot be parsed.

Text and links are kept, logic goes. `{% raw %}` is content, and so is whatever stands in code:
Jekyll would run it there too, but who shows `{{ x }}` in code wants it seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import PurePosixPath

from content.rendering.shortcodes import shown_instead
from content.rendering.source.code_blocks import fence
from content.rendering.source.code_spans import START, CodeFinder, Finder
from content.rendering.source.notations import split_arguments

Resolve = Callable[[str], str | None]  # the stem of a post's file name -> its URL

_TOKEN = re.compile(rf"{START}|\{{%|\{{\{{", re.MULTILINE)
_TOKEN_IN_HTML = re.compile(r"(?P<marks>(?!))(?P<ticks>(?!))|\{%|\{\{")
_RAW_MARK = re.compile(r"\{%-?\s*+(?:end)?raw\s*+-?%\}")
_NAME = re.compile(r"-?\s*+(\w*+)\s*+")

# Blocks whose content is meaningless without their data.
_DROPPED = frozenset({"for", "tablerow", "capture", "case", "schema", "javascript", "stylesheet"})
_KEPT_BRANCH = frozenset({"if", "unless", "ifchanged"})
_QUOTES = frozenset({"blockquote", "quote"})  # blocks of Hexo
_ASSIGNED = re.compile(r"([\w-]+)\s*=\s*([\"'])([^\"'{}]*)\2")
_MAX_SAID = 500_000
_HUGO = re.compile(r"[<%][ \t]*(/?[\w/.-]+)([^<>]*?)/?[ \t]*[>%]")
_BLOCKS = _DROPPED | _KEPT_BRANCH | {"else", "elsif", "when", "assign", "increment", ""}
_PAGES = frozenset({".md", ".markdown", ".html", ".htm", ".txt", ""})


def without_liquid(
    text: str, *, resolve: Resolve, title: str = "", markdown: bool = True, baseurl: str = ""
) -> str:
    """`text` with its template code replaced by links and text, or removed.

    `baseurl` is the path of the blog's address, "" or as /blog. Takes time linear in the
    length of `text`, whatever it holds.
    """
    if "{%" not in text and "{{" not in text:
        return text
    return _Run(text, resolve, title, markdown, baseurl).run()


class _Run:
    def __init__(
        self, text: str, resolve: Resolve, title: str, markdown: bool, baseurl: str
    ) -> None:
        self._baseurl = baseurl
        self._text = text
        self._resolve = resolve
        self._title = title
        self._markdown = markdown
        self._out: list[str] = []
        self._open: list[tuple[str, bool]] = []  # blocks: their name, and whether they show
        self._code = CodeFinder(text)
        self._finders: dict[str, Finder] = {}
        self._captured: dict[str, str] = {}
        self._said = 0  # characters of captured texts emitted so far

    def run(self) -> str:
        text, position = self._text, 0
        token = _TOKEN if self._markdown else _TOKEN_IN_HTML
        while match := token.search(text, position):
            self._emit(text[position : match.start()])
            position = match.start()
            if match[0] == "{{":
                position = self._output(position)
            elif match[0] == "{%":
                position = self._tag(position)
            else:
                end = self._code.end(match) or match.end()
                self._emit(_RAW_MARK.sub("", text[position:end]))
                position = end
        self._emit(text[position:])
        return "".join(self._out)

    def _emit(self, text: str) -> None:
        if text and all(shows for _, shows in self._open[-1:]):
            self._out.append(text)

    def _after(self, pattern: str, position: int) -> re.Match[str] | None:
        finder = self._finders.get(pattern)
        if finder is None:
            finder = self._finders[pattern] = Finder(re.compile(pattern), self._text)
        return finder.after(position)

    def _end_of(self, block: str, position: int) -> re.Match[str] | None:
        return self._after(rf"\{{%-?\s*+end{block}\s*+-?%\}}", position)

    def _output(self, position: int) -> int:
        close = self._after(r"\}\}", position + 2)
        if close is None:
            self._emit("{")
            return position + 1
        if position and self._text[position - 1] == "$":  # GitHub workflow syntax
            self._emit(self._text[position : close.end()])
            return close.end()
        hugo = _HUGO.fullmatch(self._text, position + 2, close.start())
        if hugo:
            self._emit(self._instead(hugo[1], hugo[2]))
            return self._resume(close.end())
        self._emit(self._value(self._text[position + 2 : close.start()]))
        return self._resume(close.end())

    def _resume(self, position: int) -> int:
        """Continues at `position`; joins no brace before removed code with one after it."""
        follower = self._text[position : position + 1]
        if follower in ("{", "%") and self._out and self._out[-1].endswith("{"):
            self._out[-1] = self._out[-1].rstrip("{")
        return position

    def _value(self, expression: str) -> str:
        expression = expression.strip("- \t\n")
        if expression[:1] in ("'", '"'):
            text, _, filters = expression[1:].partition(expression[0])
            if re.search(r"\|\s*(?:relative|absolute)_url\b|site\.baseurl", filters):
                return f"{self._baseurl}/{text.lstrip('/')}"
            return text
        name, _, filters = expression.partition("|")
        captured = self._captured.get(name.strip())
        if captured is not None:
            self._said += len(captured)
            if self._said > _MAX_SAID:
                return ""
            text = _Run(captured, self._resolve, self._title, self._markdown, self._baseurl).run()
            return f"\n\n{text.strip()}\n\n" if "markdownify" in filters else text
        # site.url is empty: the rest is a path from the root.
        known = {"page.title": self._title, "site.baseurl": self._baseurl}
        return known.get(name.strip(), "")

    def _tag(self, position: int) -> int:
        close = self._after(r"%\}", position + 2)
        if close is None:
            self._emit("{")
            return position + 1
        inner = self._text[position + 2 : close.start()]
        named = _NAME.match(inner)
        name = named[1] if named else ""
        arguments = inner[named.end() :].rstrip("- \t\n") if named else ""
        end = close.end()
        if name in ("raw", "comment", "highlight") and (closing := self._end_of(name, end)):
            if name == "raw":
                self._emit(self._text[end : closing.start()])
            elif name == "highlight":
                self._highlight(arguments, self._text[end : closing.start()], closing.end())
            return self._resume(closing.end())
        if name in ("link", "post_url"):
            self._emit(self._link(name, arguments))
        elif name == "gist" and arguments:
            self._emit(f"<https://gist.github.com/{arguments.split()[0]}>")
        elif name == "capture" and (closing := self._end_of(name, end)):
            self._captured[arguments.strip("'\" ")] = self._text[end : closing.start()]
            return self._resume(closing.end())
        elif name == "assign" and (given := _ASSIGNED.fullmatch(arguments)):
            self._captured[given[1]] = given[3]
        elif name.removeprefix("end") in _QUOTES and (name[:3] == "end" or self._end_of(name, end)):
            self._emit("\n\n</blockquote>\n" if name[:3] == "end" else "\n<blockquote>\n\n")
        elif name in _BLOCKS or name.removeprefix("end") in _BLOCKS:
            self._block(name, end)
        else:
            self._emit(self._instead(name, arguments))
        return self._resume(end)

    def _block(self, name: str, position: int) -> None:
        """Enters or leaves a block. An unclosed block hides nothing."""
        shows = not self._open or self._open[-1][1]
        if name in _DROPPED and self._end_of(name, position):
            self._open.append((name, False))
        elif name in _KEPT_BRANCH and self._end_of(name, position):
            self._open.append((name, shows))
        elif name in ("else", "elsif") and self._open:
            self._open[-1] = (self._open[-1][0], False)
        elif name.startswith("end") and self._open and self._open[-1][0] == name[3:]:
            self._open.pop()

    def _instead(self, name: str, arguments: str) -> str:
        """The link, picture or words that replace a plugin's tag or an include."""
        positional, named = split_arguments(arguments)
        if name.startswith("include") and positional:
            name, *positional = positional
        return "" if name.startswith(("end", "/")) else shown_instead(name, positional, named).html

    def _link(self, tag: str, arguments: str) -> str:
        path = PurePosixPath(arguments.strip("'\" "))
        if tag == "link" and path.suffix.lower() not in _PAGES:
            return (
                f"{self._baseurl}/{str(path).lstrip('/')}"  # a file of the blog, such as an image
            )
        stem = path.name if tag == "post_url" else path.stem
        return self._resolve(stem) or "#"

    def _highlight(self, arguments: str, code: str, end: int) -> None:
        language = "".join(re.findall(r"^[\w+#.-]+", arguments))
        code = _RAW_MARK.sub("", code).removeprefix("\n").rstrip()
        if not self._markdown:
            self._emit(f'<pre><code class="language-{language}">{escape(code)}\n</code></pre>')
            return
        before = "".join(self._out[-1:]).rpartition("\n")[2]
        indent = before if before.isspace() or not before else ""
        lead = "" if before == indent else "\n\n"
        follow = "" if self._text.startswith("\n", end) else "\n"
        self._emit(f"{lead}{fence(code, language, indent)}{follow}")
