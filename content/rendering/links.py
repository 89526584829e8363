"""Links: URLs as authors write them, made absolute and ASCII for a feed."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = frozenset({"http", "https"})
_KEPT = frozenset({"mailto", "tel", "ftp"})
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_REMOVED = re.compile(r"[\t\r\n]")  # as browsers do (WHATWG URL, 4.4)


def absolute_url(url: str, base: str) -> str | None:
    """`url` seen from `base`, in ASCII: paths percent-encoded, hosts in punycode.

    mailto:, tel: and ftp: stay as they are. None: it is no URL that a reader could follow.
    """
    url = _REMOVED.sub("", url.strip(" \t\r\n\f\v\u3000"))
    scheme = _SCHEME.match(url)
    if scheme:
        name = scheme[0][:-1].lower()
        if name in _KEPT:
            return quote(_STRAY_PERCENT.sub("%25", url), safe="%/:?#[]@!$&'()*+,;=~")
        if name not in _WEB:
            return None
    try:
        return _ascii(urljoin(base, url) if url else base)
    except ValueError:  # an invalid port or host
        return None


def picture_url(written: str, blog: str, base: str) -> str | None:
    """A picture's web address; a path from the root is one of the blog's, as in Jekyll.

    It may begin with the blog's own path. Others are seen from `base`.
    """
    if written.startswith("/") and not written.startswith("//"):
        prefix = urlsplit(blog).path
        written = blog + (
            written.removeprefix(prefix) if written.startswith(f"{prefix}/") else written
        )
    url = absolute_url(written, base)
    return url if url and url.startswith(("https://", "http://")) else None


def absolute_srcset(srcset: str, base: str) -> str | None:
    """A `srcset` with absolute candidates; invalid ones are left out."""
    kept = []
    # URLs hold commas: a separator is followed by white space.
    for candidate in re.split(r",\s+|,$", srcset.strip()):
        url, _, descriptor = candidate.strip().partition(" ")
        absolute = absolute_url(url, base) if url else None
        if absolute:
            kept.append(f"{absolute} {descriptor.strip()}".strip())
    return ", ".join(kept) or None


def _ascii(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(
        (
            parts.scheme,
            _host(parts.netloc),
            _quoted(parts.path, "/:@!$&'()*+,;=~"),
            _quoted(parts.query, "/:@!$&'()*+,;=~?"),
            _quoted(parts.fragment, "/:@!$&'()*+,;=~?"),
        )
    )


def _quoted(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=f"%{safe}")


def _host(netloc: str) -> str:
    if netloc.isascii():
        if re.search(r"[\s<>\"\\^`{|}]", netloc):
            raise ValueError(f"not a host: {netloc!r}")
        return netloc
    user, at, host = netloc.rpartition("@")
    name, colon, port = host.partition(":")
    return f"{_quoted(user, ':')}{at}{name.encode('idna').decode()}{colon}{port}"
