"""Configuration for static hosts: media types, caching, redirects, CORS and headers.

`_nginx.conf` is for nginx (`include` it in a `server` block), `_redirects` and `_headers`
for the hosts that read them (Netlify, Cloudflare Pages and others).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from feeds.model.feed import FORMATS
from feeds.model.selection import PARAMETERS
from feeds.web.middleware.cors import ORIGIN, PREFLIGHT
from feeds.web.page_context import CONTENT_POLICY, EVERYWHERE
from infra.command_name import command_line

HTML = "text/html"  # nginx adds the charset itself
TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": f"{HTML}; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "text/x-opml; charset=utf-8",
}
# Addresses whose extension does not give the type.
BARE = {"/api/feeds": "application/json", "/sitemap.xml": "application/xml; charset=utf-8"}
_FEEDS = tuple(f".{format}" for format in FORMATS)
_SHARED = rf"[^?]*\.(?:{'|'.join(FORMATS)})|(?:[^?]*/)?opml\.xml|api/feeds"  # as cors.is_shared
PRIVATE = ("/_nginx.conf", "/.feedglot-export.json")  # not for visitors
_HIDDEN = (*PRIVATE, "/_redirects", "/_headers")
_FILES = "$feedglot_files"
_PICTURES = "image/png png; image/jpeg jpg jpeg; image/gif gif; image/webp webp; image/avif avif;"
_RECORDINGS = "video/mp4 mp4; video/webm webm; audio/mpeg mp3; audio/ogg ogg;"


# An empty value is no header. In `if` nothing is inherited beside what stands there.
_SHARING = (
    f"add_header {ORIGIN[0][0]} $feedglot_shared always;",
    f"add_header {ORIGIN[1][0]} $feedglot_exposed always;",
)
_PREFLIGHT = (
    f'if ($feedglot_preflight = "OPTIONS {ORIGIN[0][1]}") {{',
    *(f'    add_header {name} "{value}";' for name, value in (ORIGIN[0], *PREFLIGHT)),
    "    return 204;",
    "}",
)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect. Paths are percent-encoded and include the prefix."""

    source: str
    target: str
    status: int  # 301 or 302; 200 serves the target under the source address


def nginx(prefix: str, redirect_list: Iterable[Redirect]) -> str:
    """Part of a `server` block that serves these files as the service would.

    It names no folder: the block sets `$feedglot_files`.
    """
    here, files = re.escape(unquote(prefix)), f"{_FILES}/"
    missing = f"error_page 404 {_quoted(prefix + '/404.html')};"
    texts = sorted({_plain(kind) for kind in TYPES.values()} - {HTML})
    parameters = "|".join(name for name in PARAMETERS if name != "page")
    shared = rf"^{re.escape(prefix)}/(?:{_SHARED})(?:\?|$)"
    pattern = rf"^{here}/[^?]*\?(.*&)?({parameters})=[^&]"
    lines = [
        f"# Written by `{command_line('export')}`, for a `server` block, with its folder:",
        "#     set $feedglot_files /srv/feeds;",
        "#     include /srv/feeds/_nginx.conf;",
        "absolute_redirect off;",
        "# Scripts of other sites may read feeds, and lists of them.",
        'set $feedglot_shared "";',
        'set $feedglot_exposed "";',
        f"if ($request_uri ~ {_quoted(shared)}) {{",
        f"    set $feedglot_shared {_quoted(ORIGIN[0][1])};",
        f"    set $feedglot_exposed {_quoted(ORIGIN[1][1])};",
        "}",
        'set $feedglot_preflight "$request_method $feedglot_shared";',
        "# Searches and combinations need the service; older pages are files.",
        'set $feedglot_asked "$uri?$args";',
        f"if ($feedglot_asked ~ {_quoted(pattern)}) {{",
        f"    rewrite ^ {_quoted(f'{prefix}{_HIDDEN[0]}?')} last;",
        "}",
        'if ($args ~ "(^|&)page=([2-9]|[1-9][0-9]+)(&|$)") {',
        f'    rewrite {_quoted(f"^({here}/(?:.*/)?)([^/]*)$")} "$1page/$arg_page/$2?" last;',
        "}",
        f"location {_quoted(prefix + '/')} {{",
        f"    alias {_quoted(files)};",
        f"    {missing}",
        "    index index.html;",
        "    gzip_static on;  # the .gz twins; with its module: brotli_static on;",
        "    types {",
        *(f'        "{_plain(kind)}" {extension};' for extension, kind in TYPES.items()),
        f"        {_PICTURES}",
        f"        {_RECORDINGS}",
        "    }",
        "    charset utf-8;",
        f"    charset_types {' '.join(texts)};",
        "    default_type application/octet-stream;",
        '    add_header Cache-Control "public, max-age=300";',
        *(f"    add_header {name} {_quoted(value)} always;" for name, value in EVERYWHERE),
        f"    add_header Content-Security-Policy {_quoted(CONTENT_POLICY)} always;",
        *(f"    {line}" for line in _SHARING),
        *(f"    {line}" for line in _PREFLIGHT),
        "}",
    ]
    for path in _HIDDEN:
        lines.append(f"location = {_quoted(prefix + path)} {{ {missing} return 404; }}")
    for path, kind in BARE.items():
        serves = f"alias {_quoted(files + path[1:])}; gzip_static on; types {{ }}"
        serves += f" default_type {_quoted(kind)}; {' '.join((*_SHARING, *_PREFLIGHT))}"
        lines.append(f"location = {_quoted(prefix + path)} {{ {serves} }}")
    for redirect in redirect_list:
        answer = (
            f"rewrite ^ {_quoted(unquote(redirect.target))} last;"
            if redirect.status == 200
            else f"return {redirect.status} {_quoted(redirect.target)};"
        )
        if redirect.status != 200 and redirect.target.endswith(_FEEDS):
            # A script that follows must be let through at each step.
            answer += f" add_header {ORIGIN[0][0]} {_quoted(ORIGIN[0][1])};"
        lines.append(f"location = {_quoted(unquote(redirect.source))} {{ {answer} }}")
    return "\n".join(lines) + "\n"


def redirects(prefix: str, redirect_list: Iterable[Redirect]) -> str:
    """Lines of `_redirects`; private files redirect to the 404 page."""
    hidden = (f"{prefix}{path} {prefix}/404.html 404!\n" for path in PRIVATE)
    lines = (
        f"{redirect.source} {redirect.target} {redirect.status}\n" for redirect in redirect_list
    )
    return "".join((*hidden, *lines))


def headers(prefix: str) -> str:
    """The rules of `_headers`. No two of them give one header: hosts join the values."""
    named = {"xml": "opml.xml"}
    types = {f"/*{named.get(end, f'.{end}')}": kind for end, kind in TYPES.items()} | BARE
    shared = {*(f"/*.{format}" for format in FORMATS), "/*opml.xml", "/api/feeds"}
    rules = []
    for path, kind in types.items():
        given = (("Content-Type", kind), *(ORIGIN if path in shared else ()))
        rules.append("\n".join([f"{prefix}{path}", *(f"  {n}: {value}" for n, value in given)]))
    everywhere = (*EVERYWHERE, ("Content-Security-Policy", CONTENT_POLICY))
    rules.append("\n".join([f"{prefix}/*", *(f"  {name}: {value}" for name, value in everywhere)]))
    return "\n".join([*rules, ""])


def _plain(kind: str) -> str:
    return kind.partition(";")[0]


def _quoted(text: str) -> str:
    """A quoted string of nginx's configuration; nginx has no escape for `$`."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
