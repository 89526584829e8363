"""Installing, choosing, verifying and removing packages. No model is loaded."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.archives import make_archive
from translate.packages.archive import PackageError
from translate.packages.installed import Package, Packages
from translate.packages.routing import find_path
from translate.types import NoPathError, Pair

JA_EN, EN_JA, JA_KO, EN_KO = Pair("ja", "en"), Pair("en", "ja"), Pair("ja", "ko"), Pair("en", "ko")


def package(pair: str, version: str = "1.0", *, starter: bool = False) -> Package:
    source, target = pair.split("_")
    return Package(
        pair=Pair(source, target),
        name=f"translate-{pair}-{version.replace('.', '_')}" + ("-starter" if starter else ""),
        version=version,
        starter=starter,
        path=Path(),
        archive=None,
        checksum="",
    )


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    """An empty installation whose starter set is empty too."""
    return Packages(tmp_path / "packages", tmp_path / "starter", unpack=tmp_path / "unpacked")


# What is there


def test_nothing_installed_is_no_error(packages: Packages) -> None:
    assert packages.installed() == ()
    assert packages.verify() == ()


def test_an_installed_package_is_listed_with_its_origin(packages: Packages, tmp_path: Path) -> None:
    packages.install_file(make_archive(tmp_path / "given.argosmodel", JA_KO, "1.10"))
    [found] = packages.installed()
    assert (found.pair, found.version, found.starter) == (JA_KO, "1.10", False)
    assert found.name == found.path.name == "translate-ja_ko-1_10"
    assert len(found.checksum) == 64
    record = json.loads((found.path / "record.json").read_text())
    assert record["source"] == str(tmp_path / "given.argosmodel")


def test_starter_packages_are_unpacked_by_their_first_user(
    packages: Packages, tmp_path: Path
) -> None:
    packages.starter.mkdir()
    make_archive(packages.starter / "translate-ja_en-0_1.argosmodel", version="0.1")
    [starter] = packages.installed()
    assert starter.starter
    assert not starter.path.exists()
    assert (packages.unpacked(starter) / "model/model.bin").read_bytes() == b"weights"
    assert packages.unpacked(starter) == starter.path


def test_the_starter_set_that_ships_is_good(tmp_path: Path) -> None:
    packages = Packages(tmp_path / "none", unpack=tmp_path)
    assert packages.installed()
    assert all(package.starter for package in packages.installed())
    assert [checked.problem for checked in packages.verify() if checked.problem] == []


def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from translate.packages.installed import Packages\n"
        "packages = Packages(Path('none'), unpack=Path(sys.argv[1]))\n"
        "for package in packages.installed(): print(packages.unpacked(package))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "unpacked")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    outputs = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    [folders] = outputs
    assert all((Path(name) / "model/model.bin").is_file() for name in folders.decode().split())


def test_a_package_that_is_replaced_is_another(packages: Packages, tmp_path: Path) -> None:
    empty = packages.installed()
    packages.install_file(make_archive(tmp_path / "a.argosmodel"))
    one = packages.installed()
    packages.install_file(make_archive(tmp_path / "a.argosmodel", changes={"README.md": b"2"}))
    replaced = packages.installed()
    assert len({empty, one, replaced}) == 3
    assert packages.installed() == replaced
    packages.remove("translate-ja_en-1_0")
    assert packages.installed() == empty


def test_no_installed_package_has_the_name_of_a_starter_package(
    packages: Packages, tmp_path: Path
) -> None:
    """Translations are stored by name and version: those of the starter package would stay."""
    packages.starter.mkdir()
    make_archive(packages.starter / "translate-ja_en-1_0.argosmodel")
    own = packages.install_file(make_archive(tmp_path / "a.argosmodel"))
    assert (own.name, own.version) == ("translate-ja_en-1_0-own", "1.0")
    assert find_path(packages.installed(), JA_EN) == (own.hop,)
    assert packages.install_file(tmp_path / "a.argosmodel") == own
    packages.remove(own.name)
    assert [package.starter for package in packages.installed()] == [True]


def test_another_package_of_the_same_version_is_told(
    packages: Packages, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for changes in ({}, {}, {"README.md": b"2"}):
        assert "replaces a package of the same version" not in caplog.text
        packages.install_file(make_archive(tmp_path / "a.argosmodel", changes=changes))
    assert "translate-ja_en-1_0: replaces a package of the same version" in caplog.text


def test_a_full_disk_is_told_in_one_reason(
    packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(make_archive(tmp_path / "a.argosmodel")) as bundle:
        bundle.extractall(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")] * 3)

    monkeypatch.setattr(shutil, "copytree", fail)
    with pytest.raises(
        PackageError, match=r"cannot be written \([^\[]*\[Errno 28\].*FEEDS_"
    ) as raised:
        packages.install_folder(tmp_path / "top")
    assert str(raised.value).count("No space left") == 1


def test_a_folder_without_packages_leads_to_the_import(packages: Packages, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"no package .*models import"):
        packages.install_folder(tmp_path)


def test_a_copied_folder_is_used(packages: Packages, tmp_path: Path) -> None:
    with zipfile.ZipFile(make_archive(tmp_path / "a.argosmodel")) as bundle:
        bundle.extractall(packages.folder)
    [found] = packages.installed()
    assert (found.name, found.pair) == ("top", JA_EN)
    before = packages.installed()
    (found.path / "model/model.bin").write_bytes(b"others")
    assert packages.installed() != before


def test_web_workers_can_list_packages_without_an_engine() -> None:
    program = (
        "import sys; from pathlib import Path; from translate.packages.installed import Packages\n"
        "import translate.packages.package_download\n"
        "Packages(Path('none'), unpack=Path('none')).installed()\n"
        "print({'ctranslate2', 'argostranslate', 'sentencepiece'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"set()\n"


def test_a_state_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    packages = Packages(tmp_path / "none", unpack=blocked / "unpacked")
    with pytest.raises(PackageError, match=r"blocked.unpacked: cannot be written .*FEEDS_"):
        packages.unpacked(packages.installed()[0])


# Paths


def test_the_shortest_path_wins() -> None:
    there = [package("ja_en"), package("en_ko"), package("ja_ko", "0.1", starter=True)]
    assert [hop.pair for hop in find_path(there, JA_KO)] == [JA_KO]
    assert [hop.pair for hop in find_path(there[:2], JA_KO)] == [JA_EN, EN_KO]


def test_an_official_package_comes_before_a_starter_and_then_the_newest() -> None:
    there = [
        package("ja_en", "9.0", starter=True),
        package("ja_en", "1.9"),
        package("ja_en", "1.10"),
    ]
    [hop] = find_path(there, JA_EN)
    assert (hop.version, hop.starter) == ("1.10", False)


def test_of_two_equal_routes_the_one_with_fewer_starters_is_chosen() -> None:
    there = [
        package("ja_en", starter=True),
        package("en_ko", starter=True),
        package("ja_zh"),
        package("zh_ko"),
    ]
    assert [hop.pair.target for hop in find_path(there, JA_KO)] == ["zh", "ko"]


def test_a_preference_comes_before_everything() -> None:
    there = [
        package("ja_ko"),
        package("ja_en", "1.0"),
        package("ja_en", "2.0"),
        package("en_ko"),
    ]
    through_english = find_path(there, JA_KO, {"ko": "en"})
    assert [hop.pair for hop in through_english] == [JA_EN, EN_KO]
    [hop] = find_path(there, JA_EN, {"en": "translate-ja_en-1_0"})
    assert hop.version == "1.0"
    assert [hop.pair for hop in find_path(there, JA_KO, {"ko": "de"})] == [JA_KO]
    assert [hop.pair for hop in find_path(there, JA_KO, {"en": "ko"})] == [JA_KO]


def test_without_a_path_the_error_says_what_can_be_reached() -> None:
    with pytest.raises(NoPathError, match=r"ja to ko \(only to en\): run `flask models install"):
        find_path([package("ja_en"), package("ko_en")], JA_KO)


# Packages that can't be trusted


def refuse(packages: Packages, archive: Path, reason: str, pair: Pair | None = None) -> None:
    """The package is refused for that reason, and the good one before it stays."""
    packages.install_file(make_archive(archive.with_name("good.argosmodel")))
    before = packages.installed()
    with pytest.raises(PackageError, match=reason):
        packages.install_file(archive, pair=pair)
    assert packages.installed() == before
    assert [checked.problem for checked in packages.verify()] == [None]
    outside = {path.name for path in archive.parent.iterdir()}
    assert outside <= {archive.name, "good.argosmodel", "packages"}
    assert {path.name for path in packages.folder.iterdir()} <= {"translate-ja_en-1_0", ".lock"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "bad.argosmodel"


def test_a_file_that_is_no_zip(packages: Packages, archive: Path) -> None:
    archive.write_bytes(b"<html>Not found</html>")
    refuse(packages, archive, "bad.argosmodel: not a zip file")


def test_a_file_that_is_not_there(packages: Packages, archive: Path) -> None:
    refuse(packages, archive, "bad.argosmodel: No such file")


@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil", "top\\..\\evil", "C:evil"])
def test_names_that_lead_out(packages: Packages, archive: Path, name: str) -> None:
    with zipfile.ZipFile(make_archive(archive), "a") as bundle:
        bundle.writestr(name, b"evil")
    refuse(packages, archive, "leads out of the package")


def test_a_symbolic_link(packages: Packages, archive: Path) -> None:
    link = zipfile.ZipInfo("top/model/vocabulary.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(make_archive(archive), "a") as bundle:
        bundle.writestr(link, "/etc/passwd")
    refuse(packages, archive, "a link or a device")


def test_a_zip_bomb(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"model/model.bin": bytes(100_000_000)})
    assert archive.stat().st_size < 1_000_000
    refuse(packages, archive, "would unpack to 100,0.*a zip bomb")


def test_too_many_files(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={f"stanza/{number}": b"" for number in range(10_001)})
    refuse(packages, archive, "too many for a package")


def test_a_zip_of_a_version_that_nobody_knows(packages: Packages, archive: Path) -> None:
    make_archive(archive)
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 6 : at + 8] = (236).to_bytes(2, "little")  # needed to extract: 23.6
    archive.write_bytes(data)
    refuse(packages, archive, "not a zip file, or incomplete")


def test_a_name_that_is_not_what_it_claims(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"é": b""})  # which zipfile marks as UTF-8
    archive.write_bytes(archive.read_bytes().replace("é".encode(), b"\xb1\xb1"))
    refuse(packages, archive, "not a zip file, or incomplete")


def test_a_name_twice(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"METADATA.json": b"{}"})
    refuse(packages, archive, "twice in the package")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (b"{", "metadata.json: not JSON"),
        (b"[" * 100_000, "metadata.json: not JSON"),
        (b"\xff", "metadata.json: not JSON"),
        (b"[]", "metadata.json: not an object"),
        (b" " * 2_000_000, "metadata.json: too large"),
        (b'{"type": "sbd"}', "not a translation package but 'sbd'"),
        (b'{"from_code": "../x", "to_code": "en"}', "not a language: '../x'"),
        (b'{"from_code": "ja", "to_code": null}', "not a language: None"),
        (b'{"from_code": "ja", "to_code": "ja"}', "from ja to ja"),
        (b'{"from_code": "ja", "to_code": "en"}', "not a version: None"),
        (b'{"from_code": "ja", "to_code": "en", "package_version": "../1"}', "not a version"),
    ],
)
def test_bad_metadata(packages: Packages, archive: Path, metadata: bytes, reason: str) -> None:
    refuse(packages, make_archive(archive, changes={"metadata.json": metadata}), reason)


@pytest.mark.parametrize("name", ["metadata.json", "model/model.bin", "sentencepiece.model"])
def test_a_file_is_missing(packages: Packages, archive: Path, name: str) -> None:
    refuse(packages, make_archive(archive, changes={name: None}), f"{name}.*: missing")


def test_a_bpe_model_will_do(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"sentencepiece.model": None, "bpe.model": b"merges"})
    packages.install_file(archive)


def test_the_wrong_pair(packages: Packages, archive: Path) -> None:
    refuse(packages, make_archive(archive, JA_KO), "wrong pair: .* is ja to ko", pair=JA_EN)


def test_a_file_named_for_another_pair(packages: Packages, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "translate-en_ja-1_0.argosmodel", JA_KO)
    refuse(packages, archive, "wrong pair: .* is ja to ko")


def test_a_truncated_file(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"model/model.bin": os.urandom(50_000)})
    archive.write_bytes(archive.read_bytes()[:-20_000])
    refuse(packages, archive, "not a zip file, or incomplete")


def test_a_flipped_byte(packages: Packages, archive: Path) -> None:
    make_archive(archive, changes={"model/model.bin": os.urandom(50_000)})
    content = bytearray(archive.read_bytes())
    content[25_000] ^= 0xFF
    archive.write_bytes(content)
    refuse(packages, archive, r"top/model/model.bin: damaged .*: download it again")


# Changes


def test_a_newer_version_is_installed_next_to_the_old(packages: Packages, tmp_path: Path) -> None:
    packages.install_file(make_archive(tmp_path / "a.argosmodel", version="1.9"))
    packages.install_file(make_archive(tmp_path / "b.argosmodel", version="1.10"))
    assert len(packages.installed()) == 2
    [hop] = find_path(packages.installed(), JA_EN)
    assert hop.version == "1.10"


def test_a_folder_of_files_is_installed_for_the_languages_asked_for(
    packages: Packages, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for number, pair in enumerate((JA_EN, EN_KO, Pair("en", "de"))):
        make_archive(mirror / f"{number}.argosmodel", pair)
    installed = packages.install(mirror, ("ja", "en", "ko"))
    assert {package.pair for package in installed} == {JA_EN, EN_KO}
    with pytest.raises(PackageError, match="no package for fr, es"):
        packages.install(mirror, ("fr", "es"))


def test_an_unpacked_package_is_installed(packages: Packages, tmp_path: Path) -> None:
    with zipfile.ZipFile(make_archive(tmp_path / "a.argosmodel")) as bundle:
        bundle.extractall(tmp_path)
    [installed] = packages.install(tmp_path / "top")
    assert installed.name == "translate-ja_en-1_0"
    (tmp_path / "top/model/extra").symlink_to("/etc/passwd")
    with pytest.raises(PackageError, match=r"model/extra: a link"):
        packages.install(tmp_path / "top")


def test_verify_names_what_changed(packages: Packages, tmp_path: Path) -> None:
    installed = packages.install_file(make_archive(tmp_path / "a.argosmodel"))
    assert packages.verify() == (("translate-ja_en-1_0", False, None),)
    (installed.path / "model/model.bin").write_bytes(b"Weights")
    assert "model/model.bin: changed since" in str(packages.verify()[0].problem)
    (installed.path / "model/model.bin").unlink()
    assert "model/model.bin: missing" in str(packages.verify()[0].problem)


def test_verify_names_a_damaged_starter(packages: Packages) -> None:
    packages.starter.mkdir()
    archive = make_archive(packages.starter / "translate-ja_en-0_1.argosmodel")
    archive.write_bytes(archive.read_bytes()[:-30])
    [checked] = packages.verify()
    assert (checked.name, checked.starter) == ("translate-ja_en-0_1", True)
    assert "incomplete" in str(checked.problem)
    assert packages.installed() == ()


def test_remove(packages: Packages, tmp_path: Path) -> None:
    packages.install_file(make_archive(tmp_path / "a.argosmodel"))
    packages.remove("translate-ja_en-1_0")
    assert packages.installed() == ()
    with pytest.raises(PackageError, match="translate-ja_en-1_0: no such package"):
        packages.remove("translate-ja_en-1_0")


def test_starter_packages_stay(tmp_path: Path) -> None:
    packages = Packages(tmp_path / "none", unpack=tmp_path)
    with pytest.raises(PackageError, match="a starter package can't be removed"):
        packages.remove(packages.installed()[0].name)


def test_files_of_a_killed_install_are_deleted(packages: Packages, tmp_path: Path) -> None:
    (packages.folder / ".work/new/model").mkdir(parents=True)
    packages.install_file(make_archive(tmp_path / "a.argosmodel"))
    assert not (packages.folder / ".work").exists()
