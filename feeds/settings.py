"""Settings: read once from the environment and `feedglot.toml`, typed, frozen.

A setting is a field of `Settings`; its variable is `FEEDS_` and the field's name in
capitals, its key in the file the field's name. What is unknown or wrong is refused by name.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import UTC, tzinfo
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from content.library.blog_folder import BlogFolder
from content.parsing.blog_config import BlogConfig
from infra.urls import ServerError, database_kind, queue_kind
from translate.packages.package_index import INDEX

PREFIX = "FEEDS_"
FILE = "feedglot.toml"

TranslatorMode = Literal["embedded", "external", "off"]
LogStyle = Literal["text", "json"]
DisclosurePlace = Literal["end", "start", "none"]
_WORDS: Mapping[str, tuple[str, ...]] = {  # of settings that take one of some words
    "TranslatorMode": get_args(TranslatorMode),
    "LogStyle": get_args(LogStyle),
    "DisclosurePlace": get_args(DisclosurePlace),
}

# Those of CTranslate2 that run on a processor.
COMPUTE_TYPES = ("auto", "default", "int8", "int8_float32", "int16", "float32")

# The primary subtag of RFC 5646, with an optional script or region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class SettingsError(ValueError):
    """A setting that is unknown or has no usable value; the message names it."""


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    posts_dir: Path = _setting(Path("content/posts"), "folder of posts")
    posts_moved_from: Path | None = _setting(
        None, "former posts_dir, for posts that have moved and changed at once"
    )
    state_dir: Path = _setting(Path("var"), "folder for databases, packages and locks")
    site_url: str = _setting("", "public address of this service, prefix included")
    blog_url: str = _setting("", "address of the blog the posts come from (site_url)")
    site_title: str = _setting("feedglot", "title of the site's feeds")
    site_description: str = _setting("", "one sentence about the blog")
    id_authority: str = _setting("", "host in entry ids (that of the first site_url)")
    timezone: tzinfo = _setting(UTC, "zone of dates that state none")
    language: str = _setting("ja", "language the posts are written in")
    languages: tuple[str, ...] = _setting(("ja", "en", "ko"), "languages served")
    hubs: tuple[str, ...] = _setting((), "WebSub hubs that are told of changed feeds")
    admin_token: str = _setting("", "shows problems and paths on /status from elsewhere")
    trusted_proxies: tuple[str, ...] = _setting(
        (), "addresses or networks whose X-Forwarded-For counts"
    )
    packages_dir: Path | None = _setting(None, "installed Argos packages (state_dir/packages)")
    package_index: str = _setting(INDEX, "where `models install` looks packages up")
    glossary: Path | None = _setting(None, "glossary file (the one that ships with feedglot)")
    database_url: str = _setting("", "sqlite:///path or postgresql://... (SQLite in state_dir)")
    queue_url: str = _setting("", "sqlite, redis or postgresql URL (SQLite in state_dir)")
    translator: TranslatorMode = _setting("embedded", "embedded, external or off")
    engine: str = _setting("argos", "argos, or fake for a quick look without models")
    translate_with: tuple[str, ...] = _setting(
        (), "packages to use for a language, or languages to go through: ko=en"
    )
    translate_threads: int = _setting(0, "threads of the translator (0: one per processor)")
    translate_batch: int = _setting(512, "tokens decoded at once; more takes more memory")
    translate_memory: int = _setting(0, "megabytes that the translator may take (0: no limit)")
    translate_compute: str = _setting("auto", "how it computes: auto, int8, float32, ...")
    permalink: str = _setting(
        "/:categories/:year/:month/:day/:title.html", "how the blog builds its posts' paths"
    )
    threads: int = _setting(16, "requests that a web worker serves at once")
    wait: float = _setting(3.0, "seconds a request waits for translations, at most 4")
    limit: int = _setting(20, "entries in a feed, 1 to 100")
    disclosure: DisclosurePlace = _setting(
        "end", "where an entry says that a machine translated it: end, start or none"
    )
    prewarm: int = _setting(20, "newest posts per language translated before anybody asks")
    client_jobs: int = _setting(600, "new translations that one client may ask for in an hour")
    queue_jobs: int = _setting(10_000, "translations in line at most")
    log: LogStyle = _setting("text", "text for a terminal, or json, one object per line")
    # Names that the environment or the file decides, and the blog's own settings do not.
    given: frozenset[str] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.given is None:  # made by hand, as in tests
            given = {f.name for f in setting_fields() if getattr(self, f.name) != f.default}
            if self.blog_url == self.site_url:
                given.discard("blog_url")
            object.__setattr__(self, "given", frozenset(given))
        if not self.site_url:
            object.__setattr__(self, "site_url", "http://127.0.0.1:8000")
        for name in ("site_url", "blog_url"):
            object.__setattr__(self, name, _checked_url(name, getattr(self, name)))
        for hub in self.hubs:
            _check_hub(hub)
        if not self.blog_url:
            object.__setattr__(self, "blog_url", self.site_url)
        for code in (self.language, *self.languages):
            if not _LANGUAGE.fullmatch(code):
                raise SettingsError(f"languages: not a language code: {code!r}: write it as ja")
        if self.language not in self.languages:
            object.__setattr__(self, "languages", (self.language, *self.languages))
        _within("wait", self.wait, 0, 4)
        _within("limit", self.limit, 1, 100)
        _within("threads", self.threads, 1, 1000)
        _within("prewarm", self.prewarm, 0, 10_000)
        _within("client_jobs", self.client_jobs, 0, 1_000_000)
        _within("queue_jobs", self.queue_jobs, 1, 1_000_000)
        _within("translate_threads", self.translate_threads, 0, 1024)
        _within("translate_memory", self.translate_memory, 0, 1_000_000)
        _within("translate_batch", self.translate_batch, 64, 1_000_000)
        if self.translate_compute not in COMPUTE_TYPES:
            known = ", ".join(COMPUTE_TYPES)
            raise SettingsError(
                f"{PREFIX}TRANSLATE_COMPUTE: {self.translate_compute!r} is not one of {known}"
            )
        for preference in self.translate_with:
            code, _, words = preference.partition("=")
            if not _LANGUAGE.fullmatch(code) or not words:
                raise SettingsError(
                    f"{PREFIX}TRANSLATE_WITH: {preference!r} is not language=words: "
                    "write it as ko=en, or as ko=translate-ja_ko-2_0"
                )
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy, strict=False)
            except ValueError as error:
                raise SettingsError(f"{PREFIX}TRUSTED_PROXIES: {error}") from error
        for name, kind in (("database_url", database_kind), ("queue_url", queue_kind)):
            try:
                if getattr(self, name):
                    kind(getattr(self, name))
            except ServerError as error:
                raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from error
        if self.packages_dir is None:
            object.__setattr__(self, "packages_dir", self.state_dir / "packages")
        if not self.database_url:
            url = f"sqlite:///{self.state_dir / 'feedglot.sqlite3'}"
            object.__setattr__(self, "database_url", url)
        if not self.queue_url:
            object.__setattr__(self, "queue_url", f"sqlite:///{self.state_dir / 'queue.sqlite3'}")

    @property
    def packages(self) -> Path:
        assert self.packages_dir is not None  # noqa: S101 - set in __post_init__
        return self.packages_dir

    @property
    def preferences(self) -> dict[str, str]:
        """`translate_with` by language; several words for one are joined by + or given twice."""
        found: dict[str, str] = {}
        for preference in self.translate_with:
            code, _, words = preference.partition("=")
            found[code] = f"{found.get(code, '')} {words.replace('+', ' ')}".strip()
        return found

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Self:
        """Settings of this process: the environment over `feedglot.toml` over the defaults.

        Between file and defaults are the blog's own settings (`with_blog`). Raises
        `SettingsError` with the name of the setting that is wrong.
        """
        environ = os.environ if environ is None else environ
        given = _from_file((folder or Path()) / FILE) | _from_environment(environ)
        decided = frozenset(given)
        if "site_url" not in given:
            host, port = environ.get("HOST", "127.0.0.1"), environ.get("PORT", "8000")
            given["site_url"] = f"http://{host}:{port}"
        known = {f.name: f for f in setting_fields()}
        values = {name: _parse(name, known[name].type, raw) for name, raw in given.items()}
        return cls(**values, given=decided).with_blog_of_posts()

    def with_blog_of_posts(self) -> Self:
        """The same over the settings of the blog that the folder of posts belongs to."""
        blog = BlogFolder(self.posts_dir)
        blog.refresh()
        return self.with_blog(blog.config)

    def with_blog(self, config: BlogConfig) -> Self:
        """The same over the blog's own settings; what these do not say is the default again."""
        assert self.given is not None  # noqa: S101 - set in __post_init__
        known = {f.name: f for f in setting_fields()}
        said = blog_settings(config)
        changes: dict[str, Any] = {}
        for name in BLOG_SETTINGS - self.given:
            value = said.get(name)
            changes[name] = (
                known[name].default if value is None else _parse(name, known[name].type, value)
            )
        return replace(self, **changes)


def setting_fields() -> list[Field[Any]]:
    """The fields that are settings, in the order of the README."""
    return [f for f in fields(Settings) if "help" in f.metadata]


# What the blog's own settings decide where nothing else does.
BLOG_SETTINGS = frozenset(
    {"site_title", "site_description", "blog_url", "permalink", "timezone", "language"}
)


def blog_settings(config: BlogConfig) -> dict[str, str]:
    """The settings that the blog's own decide, as they would be written."""
    said = {
        "site_title": config.title,
        "site_description": config.description,
        "blog_url": config.url,
        "permalink": config.permalink,
        "timezone": config.timezone,
        "language": config.language,
    }
    return {name: value for name, value in said.items() if value}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    for name in given:
        _check_known(name, f"{path}: {name}")
    return given


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    given = {}
    for variable, value in environ.items():
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            _check_known(name, variable)
            if value:  # FEEDS_X= means "not set", as in env files with blanks to fill in
                given[name] = value
    return given


def _check_known(name: str, written: str) -> None:
    names = {f.name for f in setting_fields()}
    if name not in names:
        from difflib import get_close_matches

        near = get_close_matches(name, names, n=1)
        hint = f": did you mean {near[0]}" if near else f": known are {', '.join(sorted(names))}"
        raise SettingsError(f"{written}: unknown setting{hint}")


def _parse(name: str, kind: Any, raw: Any) -> Any:
    """`raw` as the type that the field's annotation names (a string, or TOML's own types)."""
    try:
        match kind:
            case "int":
                return int(raw)
            case "float":
                return float(raw)
            case "Path" | "Path | None":
                return Path(raw)
            case "tzinfo":
                return ZoneInfo(raw)
            case "tuple[str, ...]":
                parts = raw.split(",") if isinstance(raw, str) else raw
                return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part)))
            case str() if kind in _WORDS:
                if raw not in _WORDS[kind]:
                    raise ValueError(f"not one of {', '.join(_WORDS[kind])}")
                return raw
            case _:
                return str(raw)
    except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
        raise SettingsError(f"{PREFIX}{name.upper()}: {raw!r}: {error}") from error


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError(f"{PREFIX}{name.upper()}: {value:g} is not within {low:g} to {high:g}")


def _check_hub(url: str) -> None:
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


def _checked_url(name: str, url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"{PREFIX}{name.upper()}: {url!r} is not a plain http(s) address: "
            "write it as https://blog.example or https://blog.example/prefix"
        )
    return url.rstrip("/")
