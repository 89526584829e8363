"""Downloads over http(s), and reads of file: addresses, with retries and size limits."""

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
from translate.packages.archive import DISK_REMEDY, PackageError

# (name, bytes done, total bytes if known)
ProgressCallback = Callable[[str, int, int | None], None]

REMEDY = (
    "check the network and the address, or install from a file, a folder or a mirror: "
    f"`{command_line('models install FILE')}`"
)
_MAX_DOWNLOAD = 1 << 30
_CHUNK = 1 << 16
# Errors of this machine's files and disk: a retry does not help.
_DISK = {errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.EIO}
_FINAL = {errno.ENOENT, errno.EISDIR, *_DISK}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """Limits of retries. `timeout`: seconds without a byte; `pause`: seconds, doubled each time."""

    timeout: float
    tries: int
    pause: float = 0.5


class DownloadError(PackageError):
    """A failed download. The message: the address, why, what to do instead."""


def read_address(address: str, max_bytes: int, policy: RetryPolicy) -> bytes:
    """The content of an address; raises `DownloadError`, also when longer than `max_bytes`."""
    return _retry(lambda: _read(address, max_bytes, policy.timeout), address, policy)


def fetch_file(
    url: str, part: Path, name: str, report: ProgressCallback, policy: RetryPolicy
) -> None:
    """Downloads to `part`, which `lock_part_file` created, and resumes where it ends.

    A try that receives bytes resets the count of tries. Raises `DownloadError`; `part` keeps
    the received bytes for the next call.
    """
    tries = 0
    most_bytes = part.stat().st_size
    while True:
        try:
            return _fetch_rest(url, part, name, report, policy.timeout)
        except (OSError, HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code == 416:
                # The part file is complete already, or longer than the file is now.
                _origin(part).unlink(missing_ok=True)
            size = part.stat().st_size
            tries = 1 if size > most_bytes else tries + 1
            most_bytes = max(size, most_bytes)
            if isinstance(error, OSError) and error.errno in _DISK:
                raise DownloadError(
                    part, f"cannot be written ({error.strerror})", DISK_REMEDY
                ) from error
            if tries >= policy.tries or _is_final(error):
                raise DownloadError(url, _reason(error), REMEDY) from error
        time.sleep(policy.pause * 2 ** (tries - 1))


def _fetch_rest(url: str, part: Path, name: str, report: ProgressCallback, timeout: float) -> None:
    done = part.stat().st_size
    headers = {}
    # Resume only if the server confirms that the file is the same: without an ETag of the
    # earlier download, or with another one now, start again.
    origin = _read_origin(part)
    if done and origin.get("url") == url and origin.get("etag"):
        headers = {"Range": f"bytes={done}-", "If-Range": str(origin["etag"])}
    with _open(url, timeout, headers) as response:
        if response.status != 206 or not _starts_at(response, done):
            done = 0
        total = _total_length(response, done)
        if total is not None and total > _MAX_DOWNLOAD:
            raise DownloadError(url, f"{total:,} bytes: too large for a package")
        etag = response.headers.get("ETag", "")
        fields = {"url": url, "etag": "" if etag.startswith("W/") else etag}
        _origin(part).write_text(json.dumps(fields), encoding="utf-8")
        with part.open("r+b") as file:
            file.truncate(done)
            file.seek(done)
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if done > _MAX_DOWNLOAD:
                    raise DownloadError(url, "too large for a package")
                report(name, done, total)
    if total is not None and done < total:
        raise ConnectionError(f"cut off after {done:,} of {total:,} bytes")


@contextmanager
def lock_part_file(part: Path) -> Iterator[None]:
    """Creates the part file if needed and locks it for this process."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise DownloadError(part, "another process is downloading this package") from error
    except OSError as error:
        raise DownloadError(part, f"cannot be written ({error.strerror})", DISK_REMEDY) from error


def delete_part_file(part: Path) -> None:
    """Deletes a part file and its notes."""
    part.unlink(missing_ok=True)
    _origin(part).unlink(missing_ok=True)


def local_path(address: str) -> Path:
    """The path of a file: address."""
    return Path(unquote(urlsplit(address).path))


def _retry(action: Callable[[], T], url: str, policy: RetryPolicy) -> T:
    for attempt in range(policy.tries):
        try:
            return action()
        except (OSError, HTTPException) as error:
            if attempt + 1 == policy.tries or _is_final(error):
                raise DownloadError(url, _reason(error), REMEDY) from error
        time.sleep(policy.pause * 2**attempt)
    raise AssertionError("unreachable")


def _is_final(error: Exception) -> bool:
    """Whether a retry would fail in the same way."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code < 500 and error.code not in (408, 416, 429)
    return isinstance(error, OSError) and error.errno in _FINAL


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "cannot be reached (timeout)"
    return f"cannot be fetched ({cause})"


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
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
    # Not the default opener: it follows redirects to ftp, and opens data: and file: addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        _RedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    headers = {"User-Agent": "feedglot", **headers}
    return opener.open(urllib.request.Request(url, headers=headers), timeout=timeout)  # noqa: S310


def _read(address: str, max_bytes: int, timeout: float) -> bytes:
    if address.startswith("file:"):
        with local_path(address).open("rb") as file:
            return _read_bounded(file, address, max_bytes)
    with _open(address, timeout, {}) as response:
        return _read_bounded(response, address, max_bytes)


def _read_bounded(file: IO[bytes], address: str, max_bytes: int) -> bytes:
    text = file.read(max_bytes + 1)
    if len(text) > max_bytes:
        raise DownloadError(address, f"larger than {max_bytes:,} bytes")
    return text


def _origin(part: Path) -> Path:
    return part.with_suffix(".json")


def _read_origin(part: Path) -> dict[str, Any]:
    try:
        origin = json.loads(_origin(part).read_bytes())
    except (OSError, ValueError):
        return {}
    return origin if isinstance(origin, dict) else {}


def _starts_at(response: Any, done: int) -> bool:
    return bool(response.headers.get("Content-Range", "").startswith(f"bytes {done}-"))


def _total_length(response: Any, done: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return done + int(length) if length.isdigit() else None
