"""`media_subpath` of a post's front matter (`img_path` in older themes): where its pictures are."""

from __future__ import annotations

import re

_SOURCE = re.compile(r'(<(?:img|video|audio|source)\b[^>]*?\b(?:src|poster)=")([^":]+)(?=")')


def place_media(html: str, subpath: str, baseurl: str) -> str:
    """`html` with each picture and recording, but those with a full address, below `subpath`."""
    return _SOURCE.sub(lambda match: match[1] + media_path(match[2], subpath, baseurl), html)


def media_path(path: str, subpath: str, baseurl: str = "") -> str:
    """The path from the host's root of a file that the post names."""
    if ":" in path:
        return path
    if ":" in subpath:
        return f"{subpath.rstrip('/')}/{path.lstrip('/')}"
    return re.sub("/{2,}", "/", f"{baseurl}/{subpath}/{path}")
