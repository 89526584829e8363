"""The blog's own settings, as Jekyll, Hexo and Hugo read them from the blog's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from content.parsing.front_matter import FrontMatter, PostError, Scalar, Value, is_null, parse
from content.parsing.permalinks import collection_template, url_template
from content.rendering.links import picture_url

Engine = Literal["jekyll", "hexo", "hugo"]

MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn", ".mkdown")
_EXCLUDED = (".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
             "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/")  # fmt: skip
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """One entry of `defaults`: front matter for the files below a path."""

    path: str  # "" for all; may hold wildcards
    kind: str | None  # "posts" or a collection's name; None: any
    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class BlogConfig:
    """What the blog says of itself; None where it says nothing. Without a file: all defaults."""

    engine: Engine | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None  # with baseurl, an http(s) address
    permalink: str | None = None  # the template of posts; None: it cannot be known
    timezone: str | None = None
    language: str | None = None
    logo: str | None = None  # an http(s) address, or a path of the blog
    author: str | None = None
    authors: Mapping[str, str] = field(default_factory=dict)  # names by their short ones
    defaults: tuple[Scope, ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    collections: Mapping[str, str] = field(default_factory=dict)  # templates by collection
    collections_dir: str = ""  # "" or ending on a slash
    markdown: tuple[str, ...] = MARKDOWN  # extensions
    future: bool = False  # whether posts dated in the future are shown at once
    limit_posts: int = 0  # the newest alone; 0: all
    excerpt_separator: str | None = None
    digest: str = ""  # of the files that it was read from

    def defaults_of(self, path: str, kind: str) -> dict[str, Value]:
        """The front matter that `defaults` give the file `path`, below the blog's folder.

        A longer path wins; of equal ones the later, one that names a kind before one that
        does not.
        """
        path = path.removeprefix(self.collections_dir)
        found: dict[str, Value] = {}
        best: Scope | None = None
        for scope in self.defaults:
            if scope.kind not in (None, kind) or not self._is_below(path, scope.path):
                continue
            if best is None or _rank(scope) >= _rank(best):
                best = scope
                found = _over(found, scope.values)
            else:
                found = _over(scope.values, found)
        return found

    def excludes(self, path: str) -> bool:
        """Whether the blog's engine ignores the file (path below the blog's folder)."""
        if not self.exclude:
            return False
        parts = path.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        return any(
            path.startswith(pattern) or any(fnmatchcase(head, pattern) for head in heads)
            for pattern in self.exclude
        )

    def template(self, collection: str) -> str | None:
        """The permalink of a collection's documents; "posts" are one."""
        if collection == "posts":
            return self.permalink
        return self.collections.get(collection)

    def _is_below(self, path: str, scope: str) -> bool:
        scope = scope.removeprefix("/").removeprefix(self.collections_dir)
        if "*" not in scope:
            return path.startswith(scope)
        # As Dir.glob: a star stands for one name, two for folders.
        parts = re.split(r"(\*\*/|\*)", scope.rstrip("/"))
        stands = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
        return bool(re.match("".join(stands.get(p) or re.escape(p) for p in parts), path))


def parse_jekyll(text: str) -> BlogConfig:
    """`_config.yml` of Jekyll. Raises `PostError`."""
    front = parse(text, name="it", first_line=1)
    permalink = front.text("permalink") or "date"
    collections = _collections(front, permalink)
    return BlogConfig(
        engine="jekyll",
        title=front.text("title", "name"),
        description=front.text("description", "tagline"),
        url=_url(front.text("url"), front.text("baseurl")),
        permalink=collections.pop("posts", None) or url_template(permalink),
        timezone=_timezone(front, "timezone"),
        language=_language(front.text("lang", "locale", "default_lang", "language")),
        logo=_picture(front.text("logo")),
        author=_name(front.fields.get("author")),
        defaults=tuple(_scopes(front)),
        exclude=(*_EXCLUDED, *_patterns(front, "exclude")),
        include=tuple(_patterns(front, "include")),
        collections=collections,
        collections_dir=_folder(front.text("collections_dir")),
        markdown=_extensions(front.text("markdown_ext")),
        future=front.flag("future", False),
        limit_posts=_number(front, "limit_posts"),
        excerpt_separator=_separator(front.scalar("excerpt_separator")),
    )


def parse_hexo(text: str) -> BlogConfig:
    """`_config.yml` of Hexo. Raises `PostError`."""
    front = parse(text, name="it", first_line=1)
    return BlogConfig(
        engine="hexo",
        title=front.text("title"),
        description=front.text("description", "subtitle"),
        url=_url(front.text("url"), None),
        permalink=_hexo_template(front.text("permalink") or ":year/:month/:day/:title/"),
        timezone=_timezone(front, "timezone"),
        language=_language(next(iter(front.words("lang", "language")), None)),
        author=_name(front.fields.get("author")),
        future=front.flag("future", True),
    )


def parse_hugo(fields: Mapping[str, Any]) -> BlogConfig:
    """`hugo.toml`. Its permalinks hang on more than a post's file: they cannot be known."""

    def text(*names: str) -> str | None:
        return next((fields[name] for name in names if isinstance(fields.get(name), str)), None)

    return BlogConfig(
        engine="hugo",
        title=text("title"),
        url=_url(text("baseURL", "baseurl", "baseUrl"), None),
        timezone=text("timeZone"),
        language=_language(text("defaultContentLanguage", "languageCode", "locale")),
    )


def _hexo_template(permalink: str) -> str | None:
    """The same in Jekyll's placeholders; None: it names one that only Hexo can fill in.

    Hexo's title is the file's path below _posts, its name the last part of that.
    """
    template = permalink.replace(":post_title", ":hexo").replace(":title", ":path")
    template = template.replace(":name", ":stem")
    known = {"year", "month", "day", "i_month", "i_day", "hour", "minute", "second"}
    known |= {"path", "stem"}
    names = re.findall(r":([a-z_]+)", template)
    return f"/{template.lstrip('/')}" if set(names) <= known else None


def with_authors(config: BlogConfig, text: str) -> BlogConfig:
    """The same with the names of `_data/authors.yml`. Raises `PostError`."""
    front = parse(text, name="it", first_line=1)
    names = {short: _name(value) for short, value in front.fields.items()}
    return replace(config, authors={short: name for short, name in names.items() if name})


def with_defaults(front: FrontMatter, defaults: Mapping[str, Value]) -> FrontMatter:
    """A post's front matter over the blog's, as Jekyll merges them: `categories` add up.

    Unlike Jekyll's, the blog's `author` is no author of a post that states its `authors`.
    """
    fields = _over(defaults, front.fields)
    if "author" not in front.fields and front.people():
        fields.pop("author", None)
    if "categories" in defaults and "categories" in front.fields:
        both = _as_list(defaults["categories"]), _as_list(front.fields["categories"])
        fields["categories"] = [*both[0], *both[1]]
    return FrontMatter(fields, front.lines)


def _over(below: Mapping[str, Value], above: Mapping[str, Value]) -> dict[str, Value]:
    found = dict(below)
    for name, value in above.items():
        before = found.get(name)
        if before is not None and isinstance(value, Scalar) and is_null(value):
            continue
        is_part = isinstance(before, dict) and isinstance(value, dict)
        found[name] = _over(before, value) if is_part else value  # type: ignore[arg-type]
    return found


def _as_list(value: Value) -> list[Value]:
    if isinstance(value, Scalar):
        return [Scalar(word, value.line, value.plain) for word in value.text.split()]
    return value if isinstance(value, list) else []


def _rank(scope: Scope) -> tuple[int, bool]:
    return len(scope.path), scope.kind is not None


def _scopes(front: FrontMatter) -> Iterator[Scope]:
    entries = front.fields.get("defaults")
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or not isinstance(values := entry.get("values"), dict):
            continue
        scope = entry.get("scope")
        scope_front = FrontMatter(scope if isinstance(scope, dict) else {}, {})
        kind = scope_front.text("type")
        kind = {"post": "posts", "page": "pages", "draft": "drafts"}.get(kind or "", kind)
        yield Scope(path=scope_front.text("path") or "", kind=kind, values=values)


def _collections(front: FrontMatter, permalink: str) -> dict[str, str]:
    """The templates of the collections, that of posts only where they have one of their own."""
    found: dict[str, str] = {}
    given = front.fields.get("collections")
    if isinstance(given, list):
        given = {
            item.text: Scalar("", item.line, True) for item in given if isinstance(item, Scalar)
        }
    for label, metadata in given.items() if isinstance(given, dict) else ():
        own = FrontMatter(metadata, {}).text("permalink") if isinstance(metadata, dict) else None
        if own:
            found[label] = url_template(own)
        elif label != "posts":
            found[label] = collection_template(permalink)
    return found


def _url(url: str | None, baseurl: str | None) -> str | None:
    if not url or not re.match(r"https?://", url):
        return None
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0 or parts.query or parts.fragment:
            return None
    except ValueError:
        return None
    base = (baseurl or "").strip("/")
    return f"{url.rstrip('/')}/{base}".rstrip("/")


def _picture(text: str | None) -> str | None:
    """One that has a web address; not one in the text itself (`data:`)."""
    return text if text and picture_url(text, "", "https://blog.example") else None


def _timezone(front: FrontMatter, name: str) -> str | None:
    zone = front.text(name)
    if zone:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError) as error:
            what = f"{name}: not a time zone: {zone!r}"
            raise PostError(front.line(name), what, "write it as Asia/Tokyo") from error
    return zone


def _language(text: str | None) -> str | None:
    match = _LANGUAGE.fullmatch(text or "")
    return match[1].lower() if match else None


def _name(value: Value | None) -> str | None:
    """An author's name: the value itself, or the name in it."""
    if isinstance(value, dict):
        return FrontMatter(value, {}).text("name", "display_name", "title")
    return FrontMatter({"author": value}, {}).text("author") if value else None


def _patterns(front: FrontMatter, name: str) -> Sequence[str]:
    value = front.fields.get(name)
    items = value if isinstance(value, list) else [value] if value else []
    return [item.text.removeprefix("/") for item in items if isinstance(item, Scalar) and item.text]


def _folder(text: str | None) -> str:
    return f"{text.strip('/')}/" if text and text.strip("/") else ""


def _extensions(text: str | None) -> tuple[str, ...]:
    names = [name.strip().lower() for name in (text or "").split(",") if name.strip()]
    return tuple(f".{name.removeprefix('.')}" for name in names) or MARKDOWN


def _number(front: FrontMatter, name: str) -> int:
    text = front.text(name) or "0"
    if not text.isascii() or not text.isdigit():
        what = f"{name}: not a number: {text!r}"
        raise PostError(front.line(name), what, "write a number, or remove the line")
    return int(text)


def _separator(scalar: Scalar | None) -> str | None:
    """The text that ends an excerpt; None: the first paragraph is one, as by default."""
    return scalar.text if scalar and scalar.text.strip() else None
