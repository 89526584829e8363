"""Exports the site as static files, byte for byte equal to the service's responses.

The export requests each address from the service. It writes files whose bytes have changed,
with compressed copies, and deletes files whose address is gone. It deletes only files in the
manifest of an earlier export.
"""

from __future__ import annotations

import fcntl
import hashlib
import html
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from flask import Flask, render_template
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feeds.app import create_app
from feeds.builder.site import Site
from feeds.ops.export import host_config
from feeds.ops.export.host_config import Redirect
from feeds.ops.export.urls import export_urls, redirect_sources
from feeds.services import register, services, start
from feeds.settings import Settings
from feeds.store.posts_folder import PostsFolderError
from feeds.store.traffic import Traffic
from feeds.web.post import MEDIA
from infra.compression import Coding, compress
from infra.locks import is_served

MANIFEST = ".feedglot-export.json"
TEMPORARY = ".feedglot-temporary-"
LONGEST_NAME = 255 - len(".zst")  # bytes of one name, for nearly every file system
SMALL = 500  # bytes; compressing smaller files does not pay

# Slower and stronger compression than that of responses: each file is compressed once.
TWINS: dict[str, tuple[Coding, int]] = {
    ".gz": ("gzip", 9),
    ".br": ("br", 9),
    ".zst": ("zstd", 15),
}

_SOURCE = re.compile(rb'\bsrc="([^"]+)"')


class ExportError(Exception):
    """A failed export; the message says why."""


@dataclass(kw_only=True)
class ExportReport:
    """Counts of addresses by the result of their export."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    redirects: int = 0
    partial: int = 0  # feeds with missing translations
    failed: dict[str, int] = field(default_factory=dict)  # path: status


Progress = Callable[[int, int], None]


def export(
    settings: Settings,
    folder: Path,
    progress: Progress = lambda done, total: None,
    *,
    force: bool = False,
) -> ExportReport:
    """Writes the site into the folder; `progress` gets the number of paths done and known.

    Starts no translation and is not counted as a reader. Raises `ExportError`, without
    `force` also when most posts are gone or come from another folder.
    """
    folder = folder.absolute()
    app = _export_app(settings, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        return _Export(app, folder, progress).run()


def _export_app(settings: Settings, *, force: bool) -> Flask:
    app = create_app(replace(settings, translator="off"))
    parts = services(app)
    export_services = replace(
        parts, settings=settings, traffic=_UncountedTraffic(parts.site.engine)
    )
    register(app, export_services)
    # Scan the posts once, without the watcher's thread: they must not change meanwhile.
    app.before_request_funcs[None].remove(start)
    _load_posts(export_services.site, force=force)
    return app


def _load_posts(site: Site, *, force: bool) -> None:
    """Loads the posts; records them if no web worker runs."""
    if force:
        site.removals.wait = 0.0
    try:
        record = force or not is_served(site.settings.state_dir)
        site.check_folder(record=record, strict=True, force=force)
    except PostsFolderError as error:
        raise ExportError(str(error)) from error
    site.load(datetime.now(UTC), record=True)
    pending = site.removals.pending
    if pending:
        raise ExportError(
            f"{site.settings.posts_dir}: {pending.missing} of {pending.on_record} recorded posts "
            "are missing: nothing is exported; --force exports the others"
        )
    if site.library.snapshot.unseen and not force:
        raise ExportError(f"{site.library.snapshot.problems[0]}; nothing is exported")


class _UncountedTraffic(Traffic):
    def saw(self, feed: str, status: int, user_agent: str, now: float) -> None:
        pass


class _Export:
    def __init__(self, app: Flask, folder: Path, progress: Progress) -> None:
        self._app = app
        self._parts = services(app)
        self._client: FlaskClient = app.test_client()
        self._folder = folder
        self._progress = progress
        self._prefix = urlsplit(self._parts.settings.site_url).path
        self._before = _load_manifest(folder)
        self._files: dict[str, str] = {}  # file: digest, of this export
        self._used_names: set[str] = set()  # names, as a file system that ignores case sees them
        self._redirect_list: list[Redirect] = []
        self._report = ExportReport()

    def run(self) -> ExportReport:
        for left in self._folder.glob(f"{TEMPORARY}*"):  # of an export that was killed
            left.unlink()
        files = self._assign_files(export_urls(self._parts))
        media: dict[str, None] = {}
        for path, name in files.items():
            self._progress(len(self._files), len(files))
            answer = self._document(path, name)
            if answer is not None and "/posts/" in path:
                media.update(dict.fromkeys(self._media(path, answer)))
        for path, name in self._assign_files(media).items():
            self._progress(len(self._files), len(files) + len(media))
            self._document(path, name)
        self._redirects()
        self._progress(len(files) + len(media), len(files) + len(media))
        self._prune()
        return self._report

    def _document(self, path: str, name: str) -> TestResponse | None:
        separator = "&" if "?" in path else "?"
        answer = self._client.get(path + (f"{separator}wait=0" if "/feed." in path else ""))
        if answer.status_code != 200:
            self._report.failed[path] = answer.status_code
            # Keep the file of an earlier export: the post may just be being rewritten.
            if self._before[name]:
                self._files[name] = self._before[name]
            return None
        if answer.headers.get("X-Translation-State", "complete") != "complete":
            self._report.partial += 1
        self._write(name, answer.get_data(), answer.last_modified)
        return answer

    def _media(self, path: str, page: TestResponse) -> Iterator[str]:
        """Pictures and recordings of the post's own that its page shows."""
        for match in _SOURCE.finditer(page.get_data()):
            url = html.unescape(match[1].decode())
            for base in (self._parts.settings.site_url, self._prefix):
                local = urlsplit(url.removeprefix(base)).path
                if local.startswith(path) and local != path and _is_plain(local):
                    yield local
                    break

    def _redirects(self) -> None:
        taken = {redirect.source for redirect in self._redirect_list}
        for path in dict.fromkeys(redirect_sources(self._parts)):
            answer = self._client.get(path)
            if answer.status_code in (301, 302) and self._prefix + path not in taken:
                target = answer.headers["Location"]
                self._redirect_list.append(
                    Redirect(self._prefix + path, target, answer.status_code)
                )
                self._report.redirects += 1
        self._redirect_list.append(
            Redirect(f"{self._prefix}/favicon.ico", f"{self._prefix}/static/icon.png", 200)
        )
        texts = {
            "/404.html": self._missing_page(),
            "/_nginx.conf": host_config.nginx(self._prefix, self._redirect_list),
            "/_redirects": host_config.redirects(self._prefix, self._redirect_list),
            "/_headers": host_config.headers(self._prefix),
        }
        for path, name in self._assign_files(texts).items():
            self._write(name, texts[path].encode(), None)

    def _missing_page(self) -> str:
        """The page for unknown addresses and for those that only the service can answer."""
        with self._app.test_request_context("/404.html"):
            return render_template("error.html", status=404, copied=True)

    def _assign_files(self, paths: Iterable[str]) -> dict[str, str]:
        """The file of each address; adds them to the manifest before the first is written.

        So the next export finds the files of an interrupted one. Raises if a file exists that
        no export has written.
        """
        names = {path: self._file_name(path) for path in dict.fromkeys(paths)}
        for name in names.values():
            if name not in self._before:
                if os.path.lexists(self._folder / name):
                    raise ExportError(
                        f"{self._folder / name} was not written by an export: "
                        "use an empty folder, or move the file"
                    )
                self._before[name] = ""
        _save_manifest(self._folder, self._before)
        return names

    def _file_name(self, path: str) -> str:
        """The file of an address; a hash where the address is no valid file name."""
        path = _without_query(path)
        name = _name(path)
        if not self._fits(name):
            suffix = PurePosixPath(name).suffix
            name = f"named/{hashlib.sha256(path.encode()).hexdigest()[:32]}{suffix}"
            self._redirect_list.append(Redirect(self._prefix + path, f"{self._prefix}/{name}", 200))
        folded = _folded(name)
        self._used_names.update(folded + twin for twin in ("", *TWINS))
        # A file cannot be named like a folder, nor a folder like a file.
        self._used_names.update(f"{parent}/" for parent in PurePosixPath(folded).parents)
        return name

    def _fits(self, name: str) -> bool:
        folded = _folded(name)
        names = [folded + twin for twin in ("", *TWINS)]
        return (
            all(len(part.encode()) <= LONGEST_NAME for part in name.split("/"))
            and self._used_names.isdisjoint(names)
            and self._used_names.isdisjoint(f"{each}/" for each in names)
            and self._used_names.isdisjoint(map(str, PurePosixPath(folded).parents))
        )

    def _write(self, name: str, body: bytes, changed: datetime | None) -> None:
        path = self._folder / name
        is_private = f"/{name}" in host_config.PRIVATE
        for_host = name.startswith("_")
        packed = for_host or path.suffix.lower() in MEDIA or len(body) < SMALL
        twins = [] if packed else list(TWINS)
        self._files[name] = hashlib.sha256(body).hexdigest()
        if self._before[name] == self._files[name] and all(
            Path(f"{path}{twin}").is_file() for twin in ("", *twins)
        ):
            self._report.unchanged += 1
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, body, changed, self._folder, mode=0o600 if is_private else 0o644)
        for twin, (coding, level) in TWINS.items():
            if twin in twins:
                small = compress(coding, body, level)
                _replace(Path(f"{path}{twin}"), small, changed, self._folder)
            else:
                Path(f"{path}{twin}").unlink(missing_ok=True)
        self._report.written += 1

    def _prune(self) -> None:
        for name in sorted(self._before.keys() - self._files.keys()):
            path = self._folder / name
            for twin in ("", *TWINS):
                Path(f"{path}{twin}").unlink(missing_ok=True)
            self._report.removed += 1
            for parent in path.parents:
                if parent == self._folder:
                    break
                with suppress(OSError):  # not empty
                    parent.rmdir()
        _save_manifest(self._folder, self._files)


def _without_query(path: str) -> str:
    """/ja/page/2/ for /ja/?page=2: exported addresses have no other query."""
    path, _, query = path.partition("?")
    folder, _, leaf = path.rpartition("/")
    return f"{folder}/{query.replace('=', '/')}/{leaf}" if query else path


def _name(path: str) -> str:
    name = unquote(path).removeprefix("/")
    return name + "index.html" if name.endswith("/") or not name else name


def _is_plain(path: str) -> bool:
    """Whether an address names a file of its own folder, however its dots are encoded."""
    name = unquote(path)
    parts = name.removeprefix("/").split("/")
    return "\0" not in name and not any(part in ("", ".", "..") for part in parts)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _load_manifest(folder: Path) -> dict[str, str]:
    try:
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(f"{folder / MANIFEST}: cannot be read: {error}") from error
    for name, digest in list(files.items()):
        if name.startswith("/") or ".." in name.split("/"):
            if not digest:  # an address in a post that an older export listed and never wrote
                del files[name]
                continue
            raise ExportError(f"{folder / MANIFEST}: names a file elsewhere: {name!r}")
    return dict(files)


def _save_manifest(folder: Path, files: dict[str, str]) -> None:
    text = json.dumps({"files": files}, ensure_ascii=False, indent=0, sort_keys=True)
    _replace(folder / MANIFEST, text.encode(), None, folder, mode=0o600)


def _replace(
    path: Path, body: bytes, changed: datetime | None, folder: Path, *, mode: int = 0o644
) -> None:
    """Writes the file in one step; its date is the response's Last-Modified."""
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        Path(temporary).chmod(mode)
        if changed is not None:
            os.utime(temporary, (changed.timestamp(),) * 2)
        os.replace(temporary, path)  # noqa: PTH105 - atomic on POSIX
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Locks the folder for one export at a time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ExportError(f"{folder}: another export is writing here") from error
    finally:
        os.close(descriptor)
