"""Rewrites notations of Zenn, Qiita, Obsidian, Hugo and WordPress as Markdown and HTML.

Not for Jekyll blogs, where they are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

# Name, positional and named arguments -> HTML; None if the name is unknown.
ShortCode = Callable[[str, list[str], dict[str, str]], str | None]

_TRIGGER = re.compile(r":::|@\[|\[\[|\[!|==|%%|\[/?[a-z]|\{\{[<%]")
_CONTAINER = re.compile(
    r"^([ ]{0,3}):{3,}[ \t]*(?:\{?\.?([A-Za-z][\w-]*)\}?)?[ \t]*([^\n]*)$", re.M
)
_EMBED = re.compile(r"@\[([A-Za-z][\w-]*)\]\(([^()\s]+)\)")
_WIKI = re.compile(r"(!?)\[\[([^\[\]\n|#^]{1,200})(?:[#^][^\[\]\n|]*)?(?:\\?\|([^\[\]\n]*))?\]\]")
_ALERT = re.compile(r"^((?:[ ]{0,3}>[ \t]?)+)\[!([A-Za-z][\w-]*)\][-+]?[ \t]*([^\n]*)$", re.M)
_MARK = re.compile(r"(?<![=\w!<>])==(?![=\s])([^=\n]+?)(?<!\s)==(?![=])")
_COMMENT = re.compile(r"%%(?:(?!%%)[\s\S]){1,20000}?%%")
_PICTURE = re.compile(r"\.(?:avif|bmp|gif|jpe?g|png|svg|webp)$", re.I)
_ARGUMENT = re.compile(
    r"([\w-]+)=(?:\"([^\"]*)\"|'([^']*)'|([^\s\]]+))|\"([^\"]*)\"|'([^']*)'|([^\s\"'\]]+)"
)
_SHORTCODE = re.compile(
    r"\{\{([<%])[ \t]*(/?)[ \t]*([\w/.-]+)((?:[^<>{}%\"]|\"[^\"]*\")*?)/?[ \t]*[>%]\}\}"
)
_WORDPRESS = re.compile(
    r"\[(/?)(audio|caption|embed|gallery|playlist|soundcloud|twitter|video|vimeo|youtube)"
    r"(?![\w(])([^\[\]\n]*)\](?!\()"
)


class Notations:
    """Rewrites the pieces of one text in order, and keeps its open containers."""

    def __init__(self, shortcode: ShortCode) -> None:
        self._shortcode = shortcode
        self._opened: list[str] = []  # names of open containers

    def rewrite(self, text: str) -> str:
        """A piece of Markdown outside code, without these notations."""
        shortcode = self._shortcode
        if not _TRIGGER.search(text):
            return text
        if "%%" in text:
            text = _COMMENT.sub("", text)
        if ":::" in text:
            text = _CONTAINER.sub(self._container, text)
        if "@[" in text:
            text = _EMBED.sub(lambda match: shortcode(match[1], [match[2]], {}) or match[0], text)
        if "[[" in text:
            text = _WIKI.sub(_wiki, text)
        if "[!" in text:
            text = _ALERT.sub(_alert, text)
        if "==" in text:
            text = _MARK.sub(r"<mark>\1</mark>", text)
        if "{{" in text:
            text = _SHORTCODE.sub(lambda match: _hugo(match, shortcode), text)
        return _WORDPRESS.sub(lambda match: _wordpress(match, shortcode), text)

    def end(self) -> str:
        """The closing tags of open containers."""
        return "".join(f"\n\n</{name}>\n" for name in reversed(self._opened))

    def _container(self, match: re.Match[str]) -> str:
        """The tag for `:::message`, `:::details Title` or a closing `:::`."""
        indent, name, rest = match.groups()
        title = rest.strip().strip("{}")
        if name is None:
            if not self._opened or title:
                return match[0]
            return f"\n{indent}</{self._opened.pop()}>\n"
        if name == "details":
            self._opened.append("details")
            return f"{indent}<details><summary>{escape(title or name)}</summary>\n"
        self._opened.append("aside")
        # In `:::message alert` and `:::note warn` the word is a colour.
        shown = "" if title in ("", "alert", "warn", "info") else f"<p><b>{escape(title)}</b></p>"
        return f"{indent}<aside>{shown}\n"


def _wiki(match: re.Match[str]) -> str:
    embeds, target, label = match[1], match[2].strip(), (match[3] or "").strip()
    if embeds and _PICTURE.search(target):
        alt = "" if re.fullmatch(r"\d+(?:x\d+)?", label) else label
        return f"![{alt}](<{target}>)"
    return label or target.rpartition("/")[2]


def _alert(match: re.Match[str]) -> str:
    title = match[3].strip() or match[2].replace("-", " ").capitalize()
    return f"{match[1]}**{title}**\n{match[1].rstrip()}"


def _hugo(match: re.Match[str], shortcode: ShortCode) -> str:
    if match[2]:
        return ""
    positional, named = split_arguments(match[4])
    return shortcode(match[3], positional, named) or ""


def _wordpress(match: re.Match[str], shortcode: ShortCode) -> str:
    if match[1] or match[2] in ("caption", "embed", "gallery", "playlist"):
        return ""
    positional, named = split_arguments(match[3].removeprefix("="))
    return shortcode(match[2], positional, named) or ""


def split_arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """The positional and the named arguments of a short code."""
    positional: list[str] = []
    named: dict[str, str] = {}
    for key, *values in _ARGUMENT.findall(text):
        value = next((one for one in values if one), "")
        if key:
            named[key.lower()] = value
        else:
            positional.append(value)
    return positional, named
