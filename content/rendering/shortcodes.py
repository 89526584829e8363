"""Replacements for short codes, plugin tags and missing includes; the table is shortcodes.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_LINKS: dict[str, str] = _TABLE["links"]
_ALIASES: dict[str, str] = _TABLE["aliases"]
_TARGETS: list[str] = _TABLE["arguments"]["target"]
_CAPTIONS: list[str] = _TABLE["arguments"]["caption"]
_PICTURES, _MEDIA = frozenset(_TABLE["pictures"]["names"]), frozenset(_TABLE["media"]["names"])
_WORDS, _NOTHING = frozenset(_TABLE["words"]["names"]), frozenset(_TABLE["nothing"]["names"])
_STYLES = frozenset(_TABLE["styles"]["names"])

_ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>]+")
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)(?:[?#].*)?$", re.I)
_IDENTIFIER = re.compile(r"[\w./@=?&%:+-]+")
_ITEM = re.compile(r"\s*\(https?://")


@dataclass(frozen=True, slots=True)
class Shown:
    html: str
    known: bool  # whether its name is in the table


def shown_instead(name: str, positional: Sequence[str], named: Mapping[str, str]) -> Shown:
    """The link, picture or words of a short code; "" where it has none."""
    key = PurePosixPath(name.lower().replace("_", "-")).stem
    key = _ALIASES.get(key, key)
    if key in _NOTHING:
        return Shown("", True)
    arguments = {str(n): word for n, word in enumerate(positional)} | dict(named)
    target = next((arguments[one] for one in _TARGETS if arguments.get(one)), "")
    caption = next((arguments[one] for one in _CAPTIONS if arguments.get(one)), "")
    if key in _MEDIA and target:
        return Shown(_media(key, target, caption), True)
    if key in _LINKS and target:
        return Shown(_link(_LINKS[key], target, caption), True)
    if key in _PICTURES or (target and _PICTURE.search(target)):
        return Shown(_picture(target, caption, arguments.get("alt", "")), key in _PICTURES)
    if key in _WORDS:
        words = caption or " ".join(one for one in positional if one.lower() not in _STYLES)
        return Shown(escape(words), True)
    if _ADDRESS.fullmatch(target):
        return Shown(_link("{}", target, caption), False)
    return Shown(escape(caption), False)


def shortcode(name: str, positional: Sequence[str], named: Mapping[str, str]) -> str | None:
    """The HTML of a short code; None if its name is unknown and it has no link or picture."""
    shown = shown_instead(name, positional, named)
    return shown.html if shown.known or shown.html else None


def _link(template: str, target: str, caption: str) -> str:
    if _ADDRESS.match(target) or target.startswith("/"):
        url = target
    elif _IDENTIFIER.fullmatch(target):
        url = template.replace("{}", target)
    else:
        return escape(caption or target)
    if not _ADDRESS.match(url) and not url.startswith("/"):
        return escape(caption or target)
    return f'<a href="{escape(url)}">{escape(caption or url)}</a>'


def _picture(target: str, caption: str, alt: str) -> str:
    if not target:
        return escape(caption)
    image = f'<img src="{escape(target)}" alt="{escape(alt or caption)}">'
    if not caption or caption == alt:
        return image
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _media(kind: str, target: str, caption: str) -> str:
    label = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><{kind} src="{escape(target)}" controls></{kind}>{label}</figure>'
