"""HTML pass before the sanitiser: replaces embeds by links, pictures or their words.

One pass over the tags. The sanitiser runs on its output.
"""

from __future__ import annotations

import re
import tomllib
from html import escape, unescape
from pathlib import Path

_PLAYERS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(one["address"]), one["link"])
    for one in tomllib.loads(Path(__file__).with_name("players.toml").read_text("utf-8"))["player"]
]
_TRIGGER = re.compile(
    r"<(?:iframe|object|embed|video|audio|svg|math|noscript|script|input|amp-|lite-)"
    r"|\bdata-|\bhidden\b|display\s*:|src\s*=\s*[\"']?data:",
    re.I,
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>")
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_VOID = frozenset({"img", "br", "hr", "input", "embed", "source", "param", "wbr", "col"})
_FLAT = frozenset({"iframe", "script", "noscript", "math"})  # these do not nest
_MAX_LOOKED_AT = 20_000
_STAND_IN = re.compile(r"^data:|blank|lazy|loading|placeholder|spacer|1x1|transparent", re.I)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-image")
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# A reading holds text only.
_READING = re.compile(r"(</rp>\s*)?(<rt\b[^<>]*>[^<]*</rt>)(?!\s*<rp)")
_TAGS = re.compile(r"<[^<>]*>?")
_TEX = re.compile(r"<annotation\b[^>]*tex[^>]*>(.*?)</annotation>", re.S | re.I)
_NAMED = re.compile(r"<(title|desc|text)\b[^>]*>(.*?)</\1>", re.S | re.I)
_LETTERS = re.compile(r"<(?:mi|mn|mo|mtext|ms)\b[^>]*>(.*?)</(?:mi|mn|mo|mtext|ms)>", re.S | re.I)


def show_embeds(html: str) -> str:
    """`html` with links for players, controls for media, and without hidden elements."""
    if not _TRIGGER.search(html):
        return html
    return _Pass(html).run()


def bracket_readings(html: str) -> str:
    """Sanitised `html` with <rp> around ruby readings, for readers without ruby."""
    return _READING.sub(_bracketed, html) if "<rt" in html else html


def _bracketed(match: re.Match[str]) -> str:
    before, reading = match.groups()
    return match[0] if before else f"<rp>(</rp>{reading}<rp>)</rp>"


def player_link(url: str) -> str:
    """The URL of the page for a player's URL; the player's own if it is unknown."""
    url = url.strip()
    if url.startswith("//"):
        url = f"https:{url}"
    for pattern, link in _PLAYERS:
        found = pattern.match(url)
        if found:
            return link.replace("{}", found[1])
    return url


class _Pass:
    def __init__(self, html: str) -> None:
        self._html = html
        self._out: list[str] = []
        self._position = 0
        self._in_paragraph = False
        self._objects: list[tuple[int, str]] = []  # length of the output before it, its URL
        self._lower = _lower(html)
        self._last: dict[str, int] = {}  # position of the last closing tag, by name
        self._looked_at = 0
        self._sources: set[str] = set()

    def run(self) -> str:
        while match := _TAG.search(self._html, self._position):
            self._out.append(self._html[self._position : match.start()])
            self._position = match.end()
            self._tag(match)
        self._out.append(self._html[self._position :])
        return "".join(self._out)

    def _tag(self, match: re.Match[str]) -> None:
        closes, name, written = bool(match[1]), match[2].lower(), match[3]
        if closes:
            self._close(match, name)
            return
        found = _attributes(written) if written.strip() else {}
        if _is_hidden(name, found):
            if name not in _VOID and not written.endswith("/"):
                self._inside(name)
            return
        handler = getattr(self, f"_on_{name.replace('-', '_')}", None)
        if handler is not None:
            handler(match, found)
            return
        if name == "p":
            self._in_paragraph = True
        self._out.append(match[0])

    def _close(self, match: re.Match[str], name: str) -> None:
        if name == "p":
            self._in_paragraph = False
        if name == "object":
            self._end_of_object()
            return
        self._out.append(match[0])

    # Elements by their names

    def _on_iframe(self, match: re.Match[str], found: dict[str, str]) -> None:
        self._inside("iframe")
        url = found.get("data-src") or found.get("src", "")
        self._link(url, found.get("title", ""))

    def _on_embed(self, match: re.Match[str], found: dict[str, str]) -> None:
        self._link(found.get("src", ""), found.get("title", ""))

    def _on_object(self, match: re.Match[str], found: dict[str, str]) -> None:
        self._objects.append((len(self._out), found.get("data", "")))

    def _on_param(self, match: re.Match[str], found: dict[str, str]) -> None:
        if self._objects and found.get("name", "").lower() in ("movie", "src"):
            at, url = self._objects[-1]
            self._objects[-1] = at, url or found.get("value", "")

    def _end_of_object(self) -> None:
        if not self._objects:
            return
        at, url = self._objects.pop()
        if not "".join(self._out[at:]).strip():
            self._link(url, "")

    def _on_video(self, match: re.Match[str], found: dict[str, str]) -> None:
        if "src" not in found and "data-src" in found:
            found["src"] = found["data-src"]
        found.pop("autoplay", None)
        found["controls"] = ""
        self._write(match[2].lower(), found)

    _on_audio = _on_video

    def _on_img(self, match: re.Match[str], found: dict[str, str]) -> None:
        source = found.get("src", "")
        lazy = next((found[name] for name in _LAZY if found.get(name)), "")
        if lazy and (not source or _STAND_IN.search(source)):
            found["src"] = source = lazy
            if found.get("data-srcset"):
                found["srcset"] = found["data-srcset"]
            self._write("img", found)
        else:
            self._out.append(match[0])
        self._sources.add(source)

    _on_amp_img = _on_img

    def _on_noscript(self, match: re.Match[str], found: dict[str, str]) -> None:
        inner = self._inside("noscript")
        image = re.search(r"<img\b[^>]*\ssrc\s*=\s*[\"']?([^\s\"'>]+)", inner, re.I)
        if image and unescape(image[1]) not in self._sources:
            self._out.append(show_embeds(inner))

    def _on_script(self, match: re.Match[str], found: dict[str, str]) -> None:
        self._inside("script")
        gist = re.match(r"(?:https:)?//gist\.github\.com/([\w./-]+?)\.js", found.get("src", ""))
        if gist:
            self._link(f"https://gist.github.com/{gist[1]}", "")

    def _on_svg(self, match: re.Match[str], found: dict[str, str]) -> None:
        inner = "" if match[3].endswith("/") else self._inside("svg")
        words = " ".join(_plain(one[1]) for one in _NAMED.findall(inner))
        self._out.append(escape(found.get("aria-label") or words, quote=False))

    def _on_math(self, match: re.Match[str], found: dict[str, str]) -> None:
        inner = self._inside("math")
        tex = _TEX.search(inner)
        formula = _plain(tex[1]) if tex else found.get("alttext", "")
        if formula:
            display = found.get("display") == "block"
            left, right = ("\\[", "\\]") if display else ("\\(", "\\)")
            formula = f"{left}{formula}{right}"
        else:
            formula = "".join(_plain(one) for one in _LETTERS.findall(inner))
        if formula:
            shown = escape(formula, quote=False)
            self._out.append(f'<span translate="no">{shown}</span>')

    def _on_input(self, match: re.Match[str], found: dict[str, str]) -> None:
        if found.get("type", "").lower() == "checkbox":
            sign = "☑" if "checked" in found else "☐"
            self._out.append(f'<span translate="no">{sign}</span> ')

    def _on_figure(self, match: re.Match[str], found: dict[str, str]) -> None:
        """note.com exports a card as an empty element with its URL in `data-src`."""
        url = found.get("data-src", "")
        name = match[2].lower()
        if url.startswith("http") and self._lower.startswith(f"</{name}>", self._position):
            self._position += len(name) + 3
            self._link(url, found.get("title", ""))
        else:
            self._out.append(match[0])

    _on_div = _on_figure

    def _on_lite_youtube(self, match: re.Match[str], found: dict[str, str]) -> None:
        name = match[2].lower()
        video = found.get("videoid") or found.get("data-videoid", "")
        self._inside(name)
        self._link(f"https://www.youtube.com/watch?v={video}" if video else "", "")

    _on_amp_youtube = _on_lite_youtube

    # Helpers

    def _inside(self, name: str) -> str:
        """Skips an element whose start tag was just read; returns what was in it."""
        start = self._position
        last = self._last.get(name)
        if last is None:
            last = self._last[name] = self._lower.rfind(f"</{name}")
        if last < start:
            return ""  # not closed: left to the sanitiser
        depth = 1
        pattern = re.compile(rf"<(/?){re.escape(name)}(?=[\s/>])[^>]*>")
        for match in pattern.finditer(self._lower, start):
            self._looked_at += 1
            depth += -1 if match[1] else 0 if match[0].endswith("/>") or name in _FLAT else 1
            if depth == 0 or self._looked_at > _MAX_LOOKED_AT:
                self._position = match.end()
                return self._html[start : match.start()]
        return ""

    def _link(self, url: str, title: str) -> None:
        url = player_link(unescape(url))
        if not url or url.startswith(("about:", "javascript:", "data:")):
            return
        link = f'<a href="{escape(url)}">{escape(title.strip() or url)}</a>'
        self._out.append(link if self._in_paragraph else f"<p>{link}</p>\n")

    def _write(self, name: str, found: dict[str, str]) -> None:
        name = "img" if name == "amp-img" else name
        written = "".join(f' {key}="{escape(value)}"' for key, value in found.items())
        self._out.append(f"<{name}{written}>")


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def _lower(text: str) -> str:
    """`text` in ASCII lower case, of the same length ("İ".lower() has two characters)."""
    return text.translate(_SMALL)


def _is_hidden(name: str, found: dict[str, str]) -> bool:
    if name in ("svg", "math", "script", "iframe", "input"):
        return "hidden" in found and name not in ("input", "script")
    return "hidden" in found or _INVISIBLE.search(found.get("style", "")) is not None


def _plain(html: str) -> str:
    return unescape(_TAGS.sub("", html)).strip()
