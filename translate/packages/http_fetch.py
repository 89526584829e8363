"""Transfer: bytes fetched over http(s) or from a file, with patience and with bounds."""

from __future__ import annotations

import errno
import fcntl
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import unquote, urlsplit

from infra.command_name import command_line
from translate.packages.archive import PackageError

Report = Callable[[str, int, int | None], None]  # (name, bytes done, bytes in all if known)

REMEDY = (
    "check the network and the address, or install from a file, a folder or a mirror: "
    f"`{command_line('models install FILE')}`"
)
_MAX_DOWNLOAD = 1 << 30
_CHUNK = 1 << 16
# Of this machine's making: another try changes nothing.
_FINAL = {errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOSPC, errno.EROFS, errno.EDQUOT}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How long to try. `timeout` is seconds without a byte, `pause` seconds, doubled each time."""

    timeout: float
    tries: int
    pause: float = 0.5


class DownloadError(PackageError):
    """What could not be fetched; says from where, why, and what to do instead."""


def read_address(address: str, bound: int, patience: RetryPolicy) -> bytes:
    """What is at an address, if it is no longer than `bound` bytes; else `DownloadError`."""
    return _retry(lambda: _read(address, bound, patience.timeout), address, patience)


def fetch_file(url: str, part: Path, name: str, report: Report, patience: RetryPolicy) -> None:
    """Fetches to `part`, which `hold` made, going on from what is there.

    A try that brings bytes costs none. Raises `DownloadError`; what came stays, for the
    next time.
    """
    tries = 0
    furthest = part.stat().st_size
    while True:
        try:
            return _fetch_rest(url, part, name, report, patience.timeout)
        except (OSError, HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code == 416:
                # All of it was there already, or more than there is now.
                _origin(part).unlink(missing_ok=True)
            size = part.stat().st_size
            tries = 1 if size > furthest else tries + 1
            furthest = max(size, furthest)
            if tries >= patience.tries or _is_final(error):
                raise DownloadError(url, _reason(error), REMEDY) from error
        time.sleep(patience.pause * 2 ** (tries - 1))


def _fetch_rest(url: str, part: Path, name: str, report: Report, timeout: float) -> None:
    done = part.stat().st_size
    headers = {}
    # What lies there is gone on with only if the server says that it is the same file:
    # without an ETag from then, or with another one now, it starts again.
    origin = _read_origin(part)
    if done and origin.get("url") == url and origin.get("etag"):
        headers = {"Range": f"bytes={done}-", "If-Range": str(origin["etag"])}
    with _open(url, timeout, headers) as answer:
        if answer.status != 206 or not _starts_at(answer, done):
            done = 0
        total = _length(answer, done)
        if total is not None and total > _MAX_DOWNLOAD:
            raise DownloadError(url, f"{total:,} bytes: too large for a package")
        etag = answer.headers.get("ETag", "")
        fields = {"url": url, "etag": "" if etag.startswith("W/") else etag}
        _origin(part).write_text(json.dumps(fields), encoding="utf-8")
        with part.open("r+b") as file:
            file.truncate(done)
            file.seek(done)
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if done > _MAX_DOWNLOAD:
                    raise DownloadError(url, "too large for a package")
                report(name, done, total)
    if total is not None and done < total:
        raise ConnectionError(f"cut off after {done:,} of {total:,} bytes")


@contextmanager
def hold(part: Path) -> Iterator[None]:
    """The unfinished download, made if need be, for this process alone."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise DownloadError(part, "another process is downloading this package") from error
    except OSError as error:
        raise DownloadError(part, f"cannot be written ({error.strerror})") from error


def discard(part: Path) -> None:
    """Takes a download away, and what was noted of it."""
    part.unlink(missing_ok=True)
    _origin(part).unlink(missing_ok=True)


def local_path(address: str) -> Path:
    """The file that a file: address means."""
    return Path(unquote(urlsplit(address).path))


def _retry(action: Callable[[], T], url: str, patience: RetryPolicy) -> T:
    for attempt in range(patience.tries):
        try:
            return action()
        except (OSError, HTTPException) as error:
            if attempt + 1 == patience.tries or _is_final(error):
                raise DownloadError(url, _reason(error), REMEDY) from error
        time.sleep(patience.pause * 2**attempt)
    raise AssertionError("unreachable")


def _is_final(error: Exception) -> bool:
    """Would asking again bring the same answer?"""
    if isinstance(error, urllib.error.HTTPError):
        return error.code < 500 and error.code not in (408, 416, 429)
    return isinstance(error, OSError) and error.errno in _FINAL


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "cannot be reached (no answer in time)"
    return f"cannot be fetched ({cause})"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, from https to https only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise DownloadError(req.full_url, "redirects from https to http", REMEDY)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, timeout: float, headers: dict[str, str]) -> Any:
    # Not the default opener: that one follows a redirect to ftp, and knows data: and file:.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        _Redirects,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    headers = {"User-Agent": "feedglot", **headers}
    return opener.open(urllib.request.Request(url, headers=headers), timeout=timeout)  # noqa: S310


def _read(address: str, bound: int, timeout: float) -> bytes:
    if address.startswith("file:"):
        with local_path(address).open("rb") as file:
            return _bounded(file, address, bound)
    with _open(address, timeout, {}) as answer:
        return _bounded(answer, address, bound)


def _bounded(file: IO[bytes], address: str, bound: int) -> bytes:
    text = file.read(bound + 1)
    if len(text) > bound:
        raise DownloadError(address, f"larger than {bound:,} bytes")
    return text


def _origin(part: Path) -> Path:
    return part.with_suffix(".json")


def _read_origin(part: Path) -> dict[str, Any]:
    try:
        origin = json.loads(_origin(part).read_bytes())
    except (OSError, ValueError):
        return {}
    return origin if isinstance(origin, dict) else {}


def _starts_at(answer: Any, done: int) -> bool:
    return bool(answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"))


def _length(answer: Any, done: int) -> int | None:
    length = answer.headers.get("Content-Length", "")
    return done + int(length) if length.isdigit() else None
