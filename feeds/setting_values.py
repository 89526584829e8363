"""Values of settings: from text or TOML to typed ones. Errors name the setting as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds.language_codes import SHAPE, is_language, suggest
from translate.packages.installed import Packages

PREFIX = "FEEDS_"

TranslatorMode = Literal["embedded", "external", "off"]
EntryIds = Literal["tag", "jekyll-feed", "permalink"]
LogStyle = Literal["text", "json"]
Switch = Literal["off", "on"]
DisclosurePlace = Literal["end", "start", "none"]
_WORDS: Mapping[str, tuple[str, ...]] = {  # of settings that take one of some words
    "TranslatorMode": get_args(TranslatorMode),
    "EntryIds": get_args(EntryIds),
    "LogStyle": get_args(LogStyle),
    "Switch": get_args(Switch),
    "DisclosurePlace": get_args(DisclosurePlace),
}

# Those of CTranslate2 that run on a processor.
COMPUTE_TYPES = ("auto", "default", "int8", "int8_float32", "int16", "float32")


class SettingsError(ValueError):
    """A setting that is unknown or has no usable value; the message names it."""


def variable(name: str) -> str:
    """The environment variable of a setting: FEEDS_POSTS_DIR for posts_dir."""
    return PREFIX + name.upper()


def parse(name: str, kind: Any, raw: Any) -> Any:
    """`raw` as the type that the field's annotation names (a string, or TOML's own types)."""
    try:
        match kind:
            case "int":
                return _number(raw, int, "a whole number")
            case "float":
                return _number(raw, float, "a number")
            case "Path" | "Path | None":
                return Path(_text(raw, "a path")).expanduser()
            case "tzinfo":
                return _zone(raw)
            case "tuple[str, ...]":
                return _texts(raw)
            case str() if kind in _WORDS:
                if raw not in _WORDS[kind]:
                    raise ValueError(f"not one of {', '.join(_WORDS[kind])}")
                return raw
            case _:
                return _text(raw, "a text")
    except ValueError as error:
        raise SettingsError(f"{variable(name)}: {raw!r}: {error}") from error


def _number(raw: Any, kind: type[int] | type[float], wanted: str) -> int | float:
    if isinstance(raw, str | int) or (isinstance(raw, float) and kind is float):
        try:
            if not isinstance(raw, bool):
                return kind(raw)
        except ValueError:
            pass
    raise ValueError(f"not {wanted}")


def _text(raw: Any, wanted: str) -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError(f"not {wanted}: put it in quotes")


def _texts(raw: Any) -> tuple[str, ...]:
    """Of `a,b` or of a list; TOML's [1, 2] and true are refused."""
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError('not a list of texts: write it as ["a", "b"]')
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _zone(raw: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(raw, "a time zone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone: write it as Asia/Tokyo") from None


def check_within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError(f"{variable(name)}: {value:g} is not within {low:g} to {high:g}")


def check_languages(language: str, languages: Iterable[str], packages: Path) -> None:
    """Every code must be of ISO 639-1, or one that an installed package translates."""
    for name, code in [("language", language), *(("languages", each) for each in languages)]:
        if is_language(code) or (SHAPE.fullmatch(code) and code in _packaged(packages)):
            continue
        meant = suggest(code)
        hint = f"did you mean {meant}?" if meant else "write it as ja, or as pt-BR"
        raise SettingsError(f"{variable(name)}: not a language code: {code!r}: {hint}")


def _packaged(folder: Path) -> set[str]:
    installed = Packages(folder, unpack=folder / ".starter").installed()
    return {code for one in installed for code in (one.pair.source, one.pair.target)}


def check_preference(preference: str) -> None:
    code, _, words = preference.partition("=")
    if not SHAPE.fullmatch(code) or not words:
        raise SettingsError(
            f"{PREFIX}TRANSLATE_WITH: {preference!r} is not language=words: "
            "write it as ko=en, or as ko=translate-ja_ko-2_0"
        )


def check_proxy(proxy: str) -> None:
    try:
        ip_network(proxy, strict=False)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}TRUSTED_PROXIES: {error}") from error


def check_hub(url: str) -> None:
    """Kept as written, with its query and its last slash: it is the hub's own name."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isascii() or parts.fragment or parts.username or " " in url:
        raise SettingsError(
            f"{PREFIX}HUBS: {url!r} is not the address of a hub: write it as https://hub.example/"
        )


def checked_url(name: str, url: str) -> str:
    """The address without its last slash."""
    if not url:
        return url
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"{variable(name)}: {url!r} is not a plain http(s) address: "
            "write it as https://blog.example or https://blog.example/prefix"
        )
    if is_wildcard(parts.hostname or ""):
        raise SettingsError(
            f"{variable(name)}: {url!r} means every address of this machine, and readers can use "
            "none of it: write it as https://blog.example"
        )
    return url.rstrip("/")


def is_wildcard(host: str) -> bool:
    """Whether a host means every address of the machine: 0.0.0.0, ::."""
    try:
        return ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return host == "*"


def listen_address(environ: Mapping[str, str]) -> tuple[str, int]:
    """HOST and PORT, where the service listens. Raises `SettingsError`."""
    host = environ.get("HOST", "").strip("[]") or "127.0.0.1"
    port = environ.get("PORT") or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SettingsError(f"PORT: {port!r} is not a port: write a number from 1 to 65535")
    return host, int(port)
