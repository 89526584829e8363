"""Firefox' models from a mirror and from a service like Firefox' own, on this machine."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.firefox_models import write_model
from translate.packages.archive import PackageError
from translate.packages.firefox_index import choose_files, install_from_firefox, unpack_file
from translate.packages.http_fetch import DownloadError, RetryPolicy, fetch_file
from translate.packages.installed import Package, Packages
from translate.types import Pair

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ONCE = RetryPolicy(timeout=5, tries=1)
Record = dict[str, Any]


class Mirror:
    """A folder of records and attachments, served over http."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.records: list[Record] = []

    def add(self, pair: str, *, version: str = "3.0", split: bool = False) -> None:
        source, target = pair.split("_")
        name = f"{source}{target}"
        model = write_model(self.folder / "made" / f"{name}{version}", pair=name, split=split)
        for file in sorted(model.iterdir()):
            location = f"files/{file.name}-{version}.zst"
            packed = self.folder / location
            packed.parent.mkdir(exist_ok=True)
            packed.write_bytes(zstd.compress(file.read_bytes()))
            self.records.append(
                {
                    "name": file.name,
                    "fileType": file.name.split(".")[0],
                    "sourceLanguage": source,
                    "targetLanguage": target,
                    "version": version,
                    "architecture": "base",
                    "decompressedHash": hashlib.sha256(file.read_bytes()).hexdigest(),
                    "attachment": {"location": location, "hash": "", "size": 1, "filename": "f"},
                }
            )

    def write(self, name: str = "records.json") -> str:
        """The address of the list of records."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"data": self.records}), encoding="utf-8")
        return f"{self.address}/{name}"


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield Mirror(folder, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")


def install(packages: Packages, index: str, *languages: str) -> tuple[Package, ...]:
    def unseen(name: str, done: int, total: int | None) -> None:
        pass

    return install_from_firefox(packages, index, languages, progress=unseen, policy=ONCE)


def test_models_that_connect_the_languages_are_installed_once(
    packages: Packages, mirror: Mirror
) -> None:
    for pair in ("ja_en", "en_ja", "en_ko", "ko_en"):
        mirror.add(pair, split=pair == "en_ja")
    index = mirror.write()
    made = install(packages, index, "ja", "en")
    assert [package.name for package in made] == ["translate-ja_en-3_0", "translate-en_ja-3_0"]
    over_english = install(packages, index, "ja", "ko")
    assert {package.pair for package in over_english} == {Pair("en", "ko"), Pair("ko", "en")}
    assert install(packages, index, "ja", "en", "ko") == ()
    assert all(one.problem is None for one in packages.verify())
    assert list((packages.folder / ".downloads").iterdir()) == []


def test_a_newer_model_takes_the_place_of_an_older_one(packages: Packages, mirror: Mirror) -> None:
    for pair in ("ja_en", "en_ja"):
        mirror.add(pair)
    install(packages, mirror.write(), "ja", "en")
    mirror.add("ja_en", version="3.1")
    mirror.add("en_ja", version="3.2a1")  # tried out, no release
    [newer] = install(packages, mirror.write(), "ja", "en")
    assert (newer.pair, newer.version) == (Pair("ja", "en"), "3.1")


def test_the_service_names_the_address_of_attachments(packages: Packages, mirror: Mirror) -> None:
    for pair in ("ja_en", "en_ja"):
        mirror.add(pair)
    index = mirror.write("v1/buckets/main/collections/models/records")
    (mirror.folder / "v1" / "index.html").write_text(
        json.dumps({"capabilities": {"attachments": {"base_url": f"{mirror.address}/"}}}),
        encoding="utf-8",
    )
    assert len(install(packages, index, "ja", "en")) == 2
    (mirror.folder / "v1" / "index.html").write_text("{}", encoding="utf-8")
    with pytest.raises(DownloadError, match="names no address of attachments"):
        install(packages, index, "ja", "en")


def test_a_mirror_may_be_a_folder(packages: Packages, mirror: Mirror) -> None:
    for pair in ("ja_en", "en_ja"):
        mirror.add(pair)
    mirror.write()
    assert len(install(packages, str(mirror.folder), "ja", "en")) == 2
    assert install(packages, str(mirror.folder / "records.json"), "ja", "en") == ()


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("decompressedHash", "0" * 64, "sha256 differs from the index"),
        ("decompressedHash", None, "sha256 differs from the index"),
        ("attachment", {"location": "http://127.0.0.1:9/x"}, "leads out of"),
        ("attachment", {"location": "../x"}, "leads out of"),
        ("attachment", {"location": "files/none.zst"}, "404"),
        ("attachment", {"location": "records.json"}, "not a zstd file"),
    ],
)
def test_what_the_index_gets_wrong_is_refused(
    packages: Packages, mirror: Mirror, field: str, value: Any, reason: str
) -> None:
    for pair in ("ja_en", "en_ja"):
        mirror.add(pair)
    for record in mirror.records:
        record[field] = value
    index = mirror.write("more/records.json" if "../" in str(value) else "records.json")
    with pytest.raises(PackageError, match=reason):
        install(packages, index, "ja", "en")
    assert packages.installed() == ()


def test_a_full_disk_is_no_matter_of_the_network(mirror: Mirror, tmp_path: Path) -> None:
    def write(name: str, done: int, total: int | None) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mirror.add("ja_en")
    location = str(mirror.records[0]["attachment"]["location"])
    part = tmp_path / "model.part"
    part.touch()
    with pytest.raises(DownloadError, match=r"model.part: cannot be written .*FEEDS_PACKAGES_DIR"):
        fetch_file(f"{mirror.address}/{location}", part, "model", write, ONCE)
    with pytest.raises(PackageError, match=r"model.part: cannot be written"):
        unpack_file(mirror.folder / location, part / "model.part", "0")


def test_languages_that_it_does_not_connect_are_named(packages: Packages, mirror: Mirror) -> None:
    mirror.add("ja_en")
    with pytest.raises(DownloadError, match=r"no models for these languages .*ja-de"):
        install(packages, mirror.write(), "ja", "de")
    (mirror.folder / "records.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DownloadError, match="no models for these languages"):
        install(packages, f"{mirror.address}/records.json", "ja", "en")


def record(kind: str, version: str, architecture: str | None = "base") -> Record:
    return {
        "fileType": kind,
        "sourceLanguage": "ja",
        "targetLanguage": "en",
        "version": version,
        "architecture": architecture,
        "name": f"{kind} {version} {architecture}",
    }


def test_the_newest_release_of_the_largest_kind_is_chosen() -> None:
    records = [
        record(kind, version, architecture)
        for version, architecture in (
            ("2.9", "base"),
            ("3.0", "tiny"),
            ("3.0", "base-memory"),
            ("3.0", "unheard-of"),
            ("3.1a1", "base"),
            ("4.0", "base"),
            ("?", "base"),
        )
        for kind in ("model", "vocab", "lex")
    ]
    chosen = choose_files(records, Pair("ja", "en"))
    assert {one["name"] for one in chosen.values()} == {
        "model 3.0 base-memory",
        "vocab 3.0 base-memory",
    }
    with pytest.raises(DownloadError, match="ja_en: the index has no model with a vocabulary"):
        choose_files([record("model", "3.0")], Pair("ja", "en"))
