"""Code in short codes of Hugo and tags of Hexo, as fences."""

from __future__ import annotations

import re
from bisect import bisect_right

from content.rendering.source.code_spans import Finder, split_code

_TICKS = re.compile("`++")
_OPENING = re.compile(
    r"\{\{<[ \t]*(?P<hugo>highlight)\b(?P<options>[^<>\n]*)>\}\}"
    r"|\{%-?[ \t]*(?P<hexo>codeblock|code)\b(?P<arguments>[^%\n]*)%\}"
)
_CLOSING = {
    "highlight": r"\{\{<[ \t]*/[ \t]*highlight[ \t]*>\}\}",
    "codeblock": r"\{%-?[ \t]*endcodeblock[ \t]*-?%\}",
    "code": r"\{%-?[ \t]*endcode[ \t]*-?%\}",
}
_LANGUAGE = re.compile(r"[ \t]*[\"']?([A-Za-z][\w+#.-]*)[\"']?(?=[ \t]|$)")
_HEXO_LANGUAGE = re.compile(r"lang:([\w+#.-]+)")


def fence(code: str, language: str, indent: str = "") -> str:
    """Code between fences that it cannot close."""
    longest = max(map(len, _TICKS.findall(code)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{code}\n{indent}{marks}"


def fence_code(text: str) -> str:
    """Markdown with the code of `{{< highlight go >}}` and `{% codeblock %}` between fences."""
    if _OPENING.search(text) is None:
        return text
    starts, ends = _fences(text)
    finders: dict[str, Finder] = {}
    out: list[str] = []
    done = 0
    for opening in _OPENING.finditer(text):
        start = opening.start()
        before = bisect_right(starts, start) - 1
        if start < done or (before >= 0 and start < ends[before]):
            continue
        name = opening["hugo"] or opening["hexo"]
        if name not in finders:
            finders[name] = Finder(re.compile(_CLOSING[name]), text)
        closing = finders[name].after(opening.end())
        if closing is None:
            continue
        if opening["hugo"]:
            language = _LANGUAGE.match(opening["options"])
        else:
            language = _HEXO_LANGUAGE.search(opening["arguments"])
        code = text[opening.end() : closing.start()].strip("\n").rstrip()
        out += [text[done:start], "\n\n", fence(code, language[1] if language else ""), "\n\n"]
        done = closing.end()
    return "".join([*out, text[done:]])


def _fences(text: str) -> tuple[list[int], list[int]]:
    """Where code of several lines starts and ends."""
    starts, ends = [], []
    at = 0
    for piece, is_code in split_code(text):
        if is_code and "\n" in piece:
            starts.append(at)
            ends.append(at + len(piece))
        at += len(piece)
    return starts, ends
