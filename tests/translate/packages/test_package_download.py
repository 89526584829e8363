"""Fetching packages from an index on this machine: resumed, retried, bounded, refused."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.archives import make_archive
from translate.packages import http_fetch, package_index
from translate.packages.archive import PackageError
from translate.packages.http_fetch import DownloadError, RetryPolicy
from translate.packages.installed import Packages
from translate.packages.package_download import install_from_index
from translate.packages.package_index import choose_packages, fetch_index
from translate.types import Pair

QUICK = RetryPolicy(timeout=2, tries=3, pause=0.01)
ONCE = RetryPolicy(timeout=2, tries=1)
PAIRS = ("ja_en", "en_ja", "en_ko", "ko_en", "en_de")


@dataclass
class Mirror:
    """A web server with files, which can be told to misbehave."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)  # per answer: hang up after so many bytes
    fail: list[int] = field(default_factory=list)  # per answer: this status instead
    etag: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # (path, Range)
    address: str = ""

    def add_index(self, *rows: dict[str, object]) -> str:
        self.files["/index.json"] = json.dumps(rows).encode()
        return f"{self.address}/index.json"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    state = Mirror()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append((self.path, wanted))
            content = state.files.get(self.path)
            package = self.path != "/index.json"
            status = state.fail.pop(0) if state.fail and package else 200 if content else 404
            if content is None or status >= 400:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            start = 0
            if wanted and self.headers.get("If-Range") == etag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                status = 206 if start < len(content) else 416
            body = content[start:]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if state.etag:
                self.send_header("ETag", etag)
            if status == 206:
                end = f"{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", f"bytes {start}-{end}")
            self.end_headers()
            length = state.cut.pop(0) if state.cut and package else len(body)
            self.wfile.write(body[:length])
            self.close_connection = length < len(body)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: object) -> None:
            pass  # a client that has seen enough hangs up

    server = Server(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages", tmp_path / "starter", unpack=tmp_path / "unpacked")


def row(pair: str, version: str = "1.0", *links: str, **more: object) -> dict[str, object]:
    source, target = pair.split("_")
    links = links or (f"translate-{pair}.argosmodel",)
    return {
        "from_code": source,
        "to_code": target,
        "package_version": version,
        "links": list(links),
        **more,
    }


def offer(mirror: Mirror, tmp_path: Path, *pairs: str, size: int = 300_000) -> str:
    """An index with these packages, as large as `size`; its address."""
    for pair in pairs:
        source, target = pair.split("_")
        content = {"model/model.bin": os.urandom(size)}
        path = make_archive(tmp_path / "offered", Pair(source, target), changes=content)
        mirror.files[f"/translate-{pair}.argosmodel"] = path.read_bytes()
        path.unlink()
    return mirror.add_index(*(row(pair) for pair in pairs))


def test_packages_that_connect_the_languages_are_installed(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, *PAIRS)
    seen: list[tuple[str, int, int | None]] = []
    installed = install_from_index(
        packages, address, ("ja", "en", "ko"), progress=lambda *report: seen.append(report)
    )
    assert {p.name for p in installed} == {f"translate-{pair}-1_0" for pair in PAIRS[:4]}
    for package in installed:
        size = len(mirror.files[f"/{package.name.rpartition('-')[0]}.argosmodel"])
        assert [report for report in seen if report[0] == package.name][-1][1:] == (size, size)
    assert [checked.problem for checked in packages.verify()] == [None] * 4
    assert not any((packages.folder / ".downloads").iterdir())


def test_what_is_there_is_left_alone(mirror: Mirror, packages: Packages, tmp_path: Path) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    assert len(install_from_index(packages, address, ("ja", "en"))) == 2
    mirror.asked.clear()
    assert install_from_index(packages, address, ("ja", "en")) == ()
    assert mirror.asked == [("/index.json", None)]


def test_the_newest_package_of_a_pair_is_chosen(mirror: Mirror) -> None:
    address = mirror.add_index(
        row("ja_en", "1.9"), row("ja_en", "1.10"), row("ja_en", "1.2"), row("en_ja")
    )
    chosen = choose_packages(fetch_index(address), ("ja", "en"))
    assert {entry.metadata.version for entry in chosen} == {"1.10", "1.0"}


def test_a_direct_package_and_the_way_round() -> None:
    def pairs(*names: str) -> set[str]:
        rows = [package_index._parse_entry(row(name), "http://mirror/") for name in names]
        chosen = choose_packages([entry for entry in rows if entry], ("ja", "ko"))
        return {"_".join(entry.metadata.pair) for entry in chosen}

    assert pairs(*PAIRS) == set(PAIRS[:4])
    assert pairs(*PAIRS, "ja_ko") == {"ja_ko", "ko_en", "en_ja"}
    with pytest.raises(DownloadError, match="no route from ja to ko"):
        pairs("ja_en")


def test_a_cut_connection_is_gone_on_with(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.cut = [100_000, 50_000]
    install_from_index(packages, address, ("ja", "en"), policy=QUICK)
    ranges = [wanted for path, wanted in mirror.asked if path.endswith("argosmodel")]
    assert ranges == [None, "bytes=100000-", "bytes=150000-", None]


def test_a_stopped_download_is_gone_on_with_the_next_time(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.cut = [100_000]
    with pytest.raises(DownloadError, match=r"cut off after 100,000 of 30\d,\d+ bytes"):
        install_from_index(packages, address, ("ja", "en"), policy=ONCE)
    assert packages.installed() == ()
    install_from_index(packages, address, ("ja", "en"), policy=ONCE)
    assert mirror.asked[-2][1] == "bytes=100000-"


def test_a_file_that_changed_meanwhile_is_downloaded_from_the_start(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.cut = [100_000]
    with pytest.raises(DownloadError):
        install_from_index(packages, address, ("ja", "en"), policy=ONCE)
    offer(mirror, tmp_path, "ja_en", "en_ja")
    install_from_index(packages, address, ("ja", "en"), policy=QUICK)
    for package in packages.installed():
        now = mirror.files[f"/{package.name.rpartition('-')[0]}.argosmodel"]
        assert package.checksum == hashlib.sha256(now).hexdigest()


def test_a_server_without_etags_is_asked_for_the_whole(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.etag = False
    mirror.cut = [100_000]
    install_from_index(packages, address, ("ja", "en"), policy=QUICK)
    assert all(wanted is None for _, wanted in mirror.asked)


def test_a_download_that_was_complete_already(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    content = mirror.files["/translate-ja_en.argosmodel"]
    downloads = packages.folder / ".downloads"
    downloads.mkdir(parents=True)
    (downloads / "translate-ja_en-1_0.part").write_bytes(content)
    origin = {
        "url": f"{mirror.address}/translate-ja_en.argosmodel",
        "etag": f'"{hashlib.sha256(content).hexdigest()}"',
    }
    (downloads / "translate-ja_en-1_0.json").write_text(json.dumps(origin))
    assert len(install_from_index(packages, address, ("ja", "en"), policy=QUICK)) == 2


def test_a_server_error_is_retried(mirror: Mirror, packages: Packages, tmp_path: Path) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.fail = [503, 429]
    assert len(install_from_index(packages, address, ("ja", "en"), policy=QUICK)) == 2


def test_a_missing_file_is_not(mirror: Mirror, packages: Packages, tmp_path: Path) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    del mirror.files["/translate-ja_en.argosmodel"]
    with pytest.raises(DownloadError, match=r"ja_en.argosmodel: HTTP 404 Not Found"):
        install_from_index(packages, address, ("ja", "en"), policy=QUICK)
    assert len(mirror.asked) == 2


def test_another_link_is_tried_when_one_is_bad(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    offer(mirror, tmp_path, "ja_en", "en_ja")
    mirror.files["/bad.argosmodel"] = b"<html>Moved</html>"
    good = "translate-ja_en.argosmodel"
    links = ("ipfs://hash", "gone.argosmodel", "bad.argosmodel", good)
    address = mirror.add_index(row("ja_en", "1.0", *links), row("en_ja"))
    assert len(install_from_index(packages, address, ("ja", "en"), policy=QUICK)) == 2


def test_a_package_of_another_pair_is_refused(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    offer(mirror, tmp_path, "ja_en", "en_ja", "en_ko")
    address = mirror.add_index(row("ja_en", "1.0", "translate-en_ko.argosmodel"), row("en_ja"))
    with pytest.raises(PackageError, match="wrong pair: the package inside is en to ko"):
        install_from_index(packages, address, ("ja", "en"), policy=QUICK)
    assert packages.installed() == ()


def test_the_checksum_of_the_index_is_compared(
    mirror: Mirror, packages: Packages, tmp_path: Path
) -> None:
    offer(mirror, tmp_path, "ja_en", "en_ja")
    address = mirror.add_index(row("ja_en", sha256="0" * 64), row("en_ja"))
    with pytest.raises(PackageError, match="sha256 differs"):
        install_from_index(packages, address, ("ja", "en"), policy=QUICK)


def test_too_large_a_package_is_refused(
    mirror: Mirror, packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = offer(mirror, tmp_path, "ja_en", "en_ja")
    monkeypatch.setattr(http_fetch, "_MAX_DOWNLOAD", 200_000)
    with pytest.raises(DownloadError, match="too large for a package"):
        install_from_index(packages, address, ("ja", "en"), policy=QUICK)


def test_without_a_network_it_fails_soon_and_says_what_to_do(
    packages: Packages, tmp_path: Path
) -> None:
    good = packages.install_file(make_archive(tmp_path / "good.argosmodel"))
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/index.json"
        started = time.monotonic()
        with pytest.raises(DownloadError, match=f"{address}: cannot be fetched .*refused.*FILE"):
            install_from_index(packages, address, ("ja", "en"))
    assert time.monotonic() - started < 5
    assert packages.installed() == (good,)


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/index.json"
        started = time.monotonic()
        with pytest.raises(DownloadError, match="timeout"):
            fetch_index(address, policy=RetryPolicy(timeout=0.2, tries=2, pause=0.1))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>", "not JSON"),
        (b"{}", "not a list"),
        (b" " * (9 << 20), "larger than"),
    ],
)
def test_an_invalid_index_is_an_error(mirror: Mirror, content: bytes, reason: str) -> None:
    mirror.files["/index.json"] = content
    with pytest.raises(DownloadError, match=reason):
        fetch_index(f"{mirror.address}/index.json")


def test_rows_that_are_no_use_are_left_out(mirror: Mirror) -> None:
    address = mirror.add_index(
        row("ja_en"),
        row("en_ja", "1.0", "ipfs://hash"),
        row("en_ja", "1.0", "file:///etc/passwd"),
        row("en_ja", "1.0", "http://[bad"),
        row("en_ja", type="sbd"),
        row("en_ja", links="http://mirror/a.argosmodel"),
        {"code": "translate-fewshot"},
    )
    [entry] = fetch_index(address)
    assert entry.links == (f"{mirror.address}/translate-ja_en.argosmodel",)


def test_only_http_and_files_are_sources() -> None:
    with pytest.raises(DownloadError, match="ftp is not supported"):
        fetch_index("ftp://mirror/index.json")


def test_a_folder_is_a_mirror_too(packages: Packages, tmp_path: Path) -> None:
    folder = tmp_path / "my mirror"
    folder.mkdir()
    for pair in ("ja_en", "en_ja"):
        source, target = pair.split("_")
        make_archive(folder / f"translate-{pair}.argosmodel", Pair(source, target))
    (folder / "index.json").write_text(json.dumps([row("ja_en"), row("en_ja")]))
    assert len(install_from_index(packages, str(folder), ("ja", "en"))) == 2
    with pytest.raises(DownloadError, match="No such file"):
        fetch_index(str(tmp_path / "nowhere.json"))
