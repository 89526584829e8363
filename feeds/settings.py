"""Settings: read once from the environment and `feedglot.toml`, typed, frozen.

A setting is a field of `Settings`; its variable is `FEEDS_` and the field's name in
capitals, its key in the file the field's name. What is unknown or wrong is refused by name.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import UTC, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from content.library.blog_folder import BlogFolder
from content.parsing.blog_config import BlogConfig
from content.rendering.links import picture_url
from feeds.localized_settings import Texts, check_localized, is_localized, take_localized
from feeds.locations import config_file, default_folders
from feeds.setting_values import (
    COMPUTE_TYPES,
    PREFIX,
    DisclosurePlace,
    EntryIds,
    LogStyle,
    SettingsError,
    Switch,
    TranslatorMode,
    check_hub,
    check_languages,
    check_preference,
    check_proxy,
    check_within,
    checked_url,
    is_wildcard,
    listen_address,
    parse,
    variable,
)
from infra.urls import ServerError, database_kind, queue_kind
from translate.options import BATCH_TOKENS, TranslatorOptions
from translate.packages.firefox_index import FIREFOX_INDEX
from translate.packages.package_index import INDEX

_LIMITS: Mapping[str, tuple[float, float]] = {
    "wait": (0, 4),
    "limit": (1, 100),
    "threads": (1, 1000),
    "prewarm": (0, 10_000),
    "client_jobs": (0, 1_000_000),
    "queue_jobs": (1, 1_000_000),
    "translate_threads": (0, 1024),
    "translate_memory": (0, 1_000_000),
    "translate_batch": (64, 1_000_000),
}


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    posts_dir: Path = _setting(Path("content/posts"), "folder of posts")
    posts_moved_from: Path | None = _setting(
        None, "former posts_dir, for posts that have moved and changed at once"
    )
    linked_folders: tuple[str, ...] = _setting(
        (), "folders outside posts_dir that symbolic links may lead to"
    )
    state_dir: Path = _setting(Path("var"), "folder for databases, packages and locks")
    site_url: str = _setting("", "public address of this service, prefix included")
    blog_url: str = _setting("", "address of the blog the posts come from (site_url)")
    site_title: str = _setting("feedglot", "title of the site's feeds")
    site_description: str = _setting("", "one sentence about the blog")
    icon: str = _setting("", "square picture of the blog: an address, or a path on the blog")
    logo: str = _setting("", "wider picture of the blog: an address, or a path on the blog")
    id_authority: str = _setting("", "host in entry ids (that of the first site_url)")
    timezone: tzinfo = _setting(UTC, "zone of dates that state none")
    language: str = _setting("ja", "language the posts are written in")
    languages: tuple[str, ...] = _setting(("ja", "en", "ko"), "languages served")
    feed_menu: Switch = _setting("off", "publish /.well-known/feed-menu.json: off or on")
    hubs: tuple[str, ...] = _setting((), "WebSub hubs that are notified of changed feeds")
    admin_token: str = _setting(
        "",
        "token for the edit page, /metrics and the private part of /status",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "addresses or networks of proxies whose X-Forwarded-For is trusted"
    )
    packages_dir: Path | None = _setting(None, "installed Argos packages (state_dir/packages)")
    package_index: str = _setting(INDEX, "index of `models install`")
    firefox_index: str = _setting(FIREFOX_INDEX, "index of `models install --from firefox`")
    glossary: Path | None = _setting(None, "glossary file (the one that ships with feedglot)")
    database_url: str = _setting("", "sqlite:///path or postgresql://... (SQLite in state_dir)")
    queue_url: str = _setting("", "sqlite, redis or postgresql URL (SQLite in state_dir)")
    translator: TranslatorMode = _setting("embedded", "embedded, external or off")
    engine: str = _setting("argos", "argos, or fake for tests without models")
    translate_with: tuple[str, ...] = _setting(
        (), "packages to use for a language, or languages to translate through: ko=en"
    )
    translate_threads: int = _setting(0, "threads of the translator (0: one per processor)")
    translate_batch: int = _setting(BATCH_TOKENS, "tokens decoded at once; more take more memory")
    translate_memory: int = _setting(0, "megabytes that the translator may use (0: no limit)")
    translate_compute: str = _setting(
        "auto", "number format of the computation: auto, int8, float32, ..."
    )
    permalink: str = _setting(
        "/:categories/:year/:month/:day/:title.html", "how the blog builds its posts' paths"
    )
    ids: EntryIds = _setting(
        "tag", "ids of new posts: tag, or those of the former feed: jekyll-feed, permalink"
    )
    threads: int = _setting(16, "requests that a web worker serves in parallel")
    wait: float = _setting(3.0, "seconds a request waits for translations, at most 4")
    limit: int = _setting(20, "entries in a feed, 1 to 100")
    disclosure: DisclosurePlace = _setting(
        "end", "where an entry discloses a machine translation: end, start or none"
    )
    prewarm: int = _setting(20, "newest posts per language translated before they are requested")
    client_jobs: int = _setting(600, "new translation jobs per client and hour")
    queue_jobs: int = _setting(10_000, "maximum length of the queue of translations")
    log: LogStyle = _setting("text", "text for a terminal, or json, one object per line")
    # Of languages, stated by variables like FEEDS_SITE_TITLE_EN or by tables in the file.
    site_titles: Texts = field(default_factory=dict, hash=False)
    site_descriptions: Texts = field(default_factory=dict, hash=False)
    author_names: Mapping[str, Texts] = field(default_factory=dict, hash=False)  # as in posts
    # Names set by the environment or the file, which the blog's own settings do not override.
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
            object.__setattr__(self, name, checked_url(name, getattr(self, name)))
        for hub in self.hubs:
            check_hub(hub)
        if not self.blog_url:
            object.__setattr__(self, "blog_url", self.site_url)
        for name in ("icon", "logo"):
            written = getattr(self, name)
            if written and self.picture(written) is None:
                raise SettingsError(
                    f"{variable(name)}: {written!r} is not the address of a picture: write it as "
                    "https://blog.example/picture.png, or as /picture.png, a path on the blog"
                )
        if self.packages_dir is None:
            object.__setattr__(self, "packages_dir", self.state_dir / "packages")
        check_languages(self.language, self.languages, self.packages)
        if self.language not in self.languages:
            object.__setattr__(self, "languages", (self.language, *self.languages))
        check_localized("site_title", self.site_titles, self.languages)
        check_localized("site_description", self.site_descriptions, self.languages)
        for author, names in self.author_names.items():
            check_localized(f'author_names."{author}"', names, self.languages)
        for name, (low, high) in _LIMITS.items():
            check_within(name, getattr(self, name), low, high)
        if self.translate_compute not in COMPUTE_TYPES:
            known = ", ".join(COMPUTE_TYPES)
            raise SettingsError(
                f"{PREFIX}TRANSLATE_COMPUTE: {self.translate_compute!r} is not one of {known}"
            )
        for preference in self.translate_with:
            check_preference(preference)
        for proxy in self.trusted_proxies:
            check_proxy(proxy)
        for name, kind, file in (
            ("database_url", database_kind, "feedglot.sqlite3"),
            ("queue_url", queue_kind, "queue.sqlite3"),
        ):
            default = f"sqlite:///{self.state_dir / file}"
            url = getattr(self, name) or default
            try:
                if url != default:  # the check loads SQLAlchemy, which gunicorn's master spares
                    kind(url)
            except ServerError as error:
                raise SettingsError(f"{variable(name)}: {error}") from error
            object.__setattr__(self, name, url)

    @property
    def packages(self) -> Path:
        assert self.packages_dir is not None  # noqa: S101 - set in __post_init__
        return self.packages_dir

    def picture(self, written: str) -> str | None:
        """The address of a picture that `icon` or `logo` names."""
        return picture_url(written, self.blog_url, f"{self.blog_url}/") if written else None

    def translator_options(self) -> TranslatorOptions:
        """The options of a translator with these settings."""
        return TranslatorOptions(
            state=self.state_dir,
            packages=self.packages,
            database=self.database_url,
            queue=self.queue_url,
            language=self.language,
            languages=self.languages,
            glossary=self.glossary,
            engine=self.engine,
            preferences=self.preferences,
            threads=self.translate_threads,
            batch_tokens=self.translate_batch,
            compute=self.translate_compute,
            memory=self.translate_memory,
            log=self.log,
        )

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
        folder = folder or Path()
        in_file = _from_file(config_file(environ, folder))
        in_environment = _from_environment(environ)
        localized = _merged(take_localized(in_file), take_localized(in_environment))
        given = in_file | in_environment
        decided = frozenset(given)
        given = default_folders(environ, folder) | given
        if "site_url" not in given:
            given["site_url"] = _listening_url(environ)
        known = {f.name: f for f in setting_fields()}
        values = {name: parse(name, known[name].type, raw) for name, raw in given.items()}
        return cls(**values, **localized, given=decided).with_blog_of_posts()

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
                known[name].default if value is None else parse(name, known[name].type, value)
            )
        return replace(self, **changes)


def setting_fields() -> list[Field[Any]]:
    """The fields that are settings, in the order of the README."""
    return [f for f in fields(Settings) if "help" in f.metadata]


# What the blog's own settings decide where nothing else does.
BLOG_SETTINGS = frozenset(
    {"site_title", "site_description", "blog_url", "permalink", "timezone", "language", "logo"}
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
        "logo": config.logo,
    }
    return {name: value for name, value in said.items() if value}


def _listening_url(environ: Mapping[str, str]) -> str:
    """The address of the service if no setting names a public one."""
    host, port = listen_address(environ)
    if is_wildcard(host):
        raise SettingsError(
            f"HOST={host} means every address of this machine, and readers can use none of it: "
            f"set {PREFIX}SITE_URL=https://feeds.example, the public address, and "
            f"{PREFIX}ID_AUTHORITY=feeds.example, the name in the ids of entries"
        )
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
    for written, value in environ.items():
        if written.startswith(PREFIX):
            name = written.removeprefix(PREFIX).lower()
            _check_known(name, written)
            if value:  # FEEDS_X= means "not set", as in env files with blanks to fill in
                given[name] = value
    return given


def _merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Both, language by language; the upper one wins."""
    return {name: {**lower.get(name, {}), **upper.get(name, {})} for name in {**lower, **upper}}


def _check_known(name: str, written: str) -> None:
    names = {f.name for f in setting_fields()}
    if name not in names and not is_localized(name):
        shown = variable if written.startswith(PREFIX) else str
        near = get_close_matches(name, names, n=1)
        known = ", ".join(map(shown, sorted(names)))
        hint = f"did you mean {shown(near[0])}" if near else f"known are {known}"
        raise SettingsError(f"{written}: unknown setting: {hint}")
