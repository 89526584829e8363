"""Packages, which way imports run, and that documents name what exists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from feeds.cli.models import content, feeds, memory, models, translate
from feeds.cli.service import COMMANDS
from feeds.settings import setting_fields

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# Package or module -> what it may import besides itself. A room's modules count by package.
_VALUES = {"content.post", "content.taxonomy", "content.text"}
_SOURCE = {"content.rendering.source", *_VALUES}
_RENDERING = {"content.rendering", "content.rendering.templates", *_SOURCE}
_PARSING = {"content.parsing", *_RENDERING}
_CONTENT = {"content.library", *_PARSING}
_TEXT = {
    "translate.text",
    "translate.options",
    "translate.sentence_result",
    "translate.types",
}
_PACKAGES = {"translate.packages", *_TEXT}
_JOBS = {"translate.jobs", "infra", *_PACKAGES}
_MEMORY = {"translate.memory", *_JOBS}
_QUALITY = {"translate.quality", *_MEMORY}
_HTML = {"translate.html", *_QUALITY}
_PIPELINE = {"translate.pipeline", *_HTML}
_ENGINES = {"translate.engines", *_PIPELINE}
_TRANSLATE = {"translate.worker", *_ENGINES}
_VALUES_OF_SETTINGS = {
    "feeds.language_codes",
    "feeds.localized_settings",
    "feeds.locations",
    "feeds.setting_values",
}
_SETTINGS = {
    "feeds.folders",
    "feeds.settings",
    "feeds.settings_report",
    "feeds.translation_setup",
    "feeds.version",
    *_VALUES_OF_SETTINGS,
}
_MODEL = {"feeds.model", "infra", *_SETTINGS, *_CONTENT, *_TRANSLATE}
_STORE = {"feeds.store", *_MODEL}
_FORMATS = {"feeds.formats", *_STORE}
_BUILDER = {"feeds.builder", *_FORMATS}
_MONITORING = {"feeds.monitoring", *_BUILDER}
_CACHE = {"feeds.cache", *_MONITORING}
_BACKGROUND = {"feeds.background", *_CACHE}
_SERVICES = {"feeds.services", *_BACKGROUND}
_WEB = {
    "feeds.web",
    "feeds.web.api",
    "feeds.web.discovery",
    "feeds.web.edit",
    "feeds.web.middleware",
    *_SERVICES,
}
_SERVER = {"feeds.server", *_WEB}
_APP = {"feeds.app", *_SERVER}
_OPS = {"feeds.ops", "infra.migrations", *_APP}
LAYERS: dict[str, set[str]] = {
    "infra": {"infra.migrations"},
    "infra.migrations": set(),
    "content.text": set(),
    "content.taxonomy": {"content.text"},
    "content.post": {"content.taxonomy"},
    "content.rendering.source": _VALUES,
    "content.rendering": _SOURCE,
    "content.rendering.templates": {"content.rendering", *_SOURCE},
    "content.parsing": _RENDERING,
    "content.library": _PARSING,
    "translate.types": {"infra"},
    "translate.sentence_result": {"translate.types"},
    "translate.options": set(),
    "translate.text": _TEXT,
    "translate.packages": _TEXT | {"infra"},
    "translate.jobs": _PACKAGES | {"infra"},
    "translate.memory": _JOBS,
    "translate.quality": _MEMORY,
    "translate.html": _QUALITY,
    "translate.pipeline": _HTML,
    "translate.engines": _PIPELINE,
    "translate.worker": _ENGINES,
    "translate.__main__": _TRANSLATE,
    "feeds.version": set(),
    "feeds.locations": {"infra"},
    "feeds.language_codes": set(),
    "feeds.setting_values": {"feeds.language_codes", *_TRANSLATE},
    "feeds.localized_settings": {"feeds.setting_values"},
    "feeds.settings": {"infra", *_CONTENT, *_TRANSLATE, *_VALUES_OF_SETTINGS},
    "feeds.folders": {"feeds.settings", "infra", *_VALUES_OF_SETTINGS},
    "feeds.settings_report": {"feeds.settings", "infra", *_CONTENT, *_VALUES_OF_SETTINGS},
    "feeds.translation_setup": {"feeds.settings", *_TRANSLATE},
    "feeds.model": _MODEL,
    "feeds.store": _MODEL,
    "feeds.formats": _STORE,
    "feeds.builder": _FORMATS,
    "feeds.monitoring": _BUILDER,
    "feeds.cache": _MONITORING,
    "feeds.background": _CACHE,
    "feeds.services": _BACKGROUND,
    "feeds.web": _SERVICES,
    "feeds.web.api": {"feeds.web", *_SERVICES},
    "feeds.web.discovery": {"feeds.web", *_SERVICES},
    "feeds.web.edit": {"feeds.web", *_SERVICES},
    "feeds.web.middleware": _SERVICES,
    "feeds.server": _WEB,
    "feeds.app": _SERVER,
    "feeds.ops": _OPS,
    "feeds.ops.doctor": _OPS,
    "feeds.ops.export": _OPS,
    "feeds.cli": {"feeds.ops.doctor", "feeds.ops.export", *_OPS},
}
ROOMS = ("infra", "content", "translate", "feeds")
# Words of names that say nothing to a reader who does not know the code already.
VAGUE_WORDS = {
    *("anew", "bell", "bench", "beside", "disguise", "errand", "intake", "look", "mend", "owe"),
    *("owed", "pulse", "ration", "ring", "said", "spare", "surroundings", "told", "trial"),
}
HOMES = {
    "alembic": {"infra.migrations"},
    "argostranslate": {"translate.engines"},
    "ctranslate2": {"translate.engines", "translate.packages"},
    "feedgen": {"feeds.formats"},
    "fxtranslate": {"translate.engines"},
    "gunicorn": {"feeds.server"},
    "huey": {"translate.jobs"},
    "liquid": {"content.rendering.templates"},
    "markdown_it": {"content.rendering"},
    "nh3": {"content.rendering"},
    "waitress": {"feeds.server"},
}


@cache
def sources() -> dict[str, Path]:
    """The modules of every room by their dotted names."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if (ROOT / "content" / "posts") not in path.parents
    }


def package(module: str) -> str:
    """The package that a module counts to: itself, where it lies in its room's own folder."""
    room, *inner = module.removesuffix(".__init__").split(".")
    if room == "infra":
        return "infra.migrations" if inner[:1] == ["migrations"] else "infra"
    if len(inner) < 2 and not (ROOT / room / "/".join(inner)).is_dir():
        return ".".join([room, *inner])
    folder = (ROOT / room).joinpath(*inner).is_dir()
    return ".".join([room, *(inner if folder else inner[:-1])])


@cache
def imported(module: str) -> frozenset[str]:
    """Every module that a module imports, wherever in it: of this project and of libraries."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(sources()[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            inside = {name for name in full if name in sources() or f"{name}.__init__" in sources()}
            found |= inside or {node.module}
    return frozenset(found)


def test_imports_run_one_way() -> None:
    for module in sources():
        here = package(module)
        if module.endswith("__init__") and not imported(module):
            continue
        allowed = LAYERS[here] | {here}
        for other in imported(module):
            if other.split(".")[0] in ROOMS:
                assert package(other) in allowed, f"{module} imports {other}"


def test_no_imports_run_in_a_circle() -> None:
    graph = {
        module: {other for other in imported(module) if other in sources()} for module in sources()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_no_layer_allows_a_circle() -> None:
    TopologicalSorter({name: below - {name} for name, below in LAYERS.items()}).prepare()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_has_one_home(library: str) -> None:
    users = {
        package(module)
        for module in sources()
        if library in {name.partition(".")[0] for name in imported(module)}
    }
    assert users <= HOMES[library], users


def test_content_and_translate_know_no_flask() -> None:
    for module in sources():
        if not module.startswith("feeds."):
            assert "flask" not in {name.partition(".")[0] for name in imported(module)}, module


def test_packages_are_small_and_their_init_files_empty() -> None:
    folders: dict[Path, int] = {}
    for module, path in sources().items():
        if path.name == "__init__.py":
            assert module == "infra.migrations.__init__" or not path.read_bytes(), path
        else:
            folders[path.parent] = folders.get(path.parent, 0) + 1
            lines = path.read_text("utf-8").count("\n")
            assert lines <= 400, f"{path.relative_to(ROOT)}: {lines} lines"
    for folder, count in folders.items():
        assert count <= 14, f"{folder.relative_to(ROOT)}: {count} modules"


def test_names_of_modules_classes_and_public_functions_have_no_vague_word() -> None:
    for module, path in sources().items():
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        defined = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        names = [module.rpartition(".")[2], *(n for n in defined if not n.startswith("_"))]
        for name in names:
            words = re.findall(r"[A-Z]?[a-z]+", name.replace("look_up", "lookup"))
            assert VAGUE_WORDS.isdisjoint(map(str.lower, words)), f"{module}: {name}"


@pytest.mark.slow
def test_web_workers_never_import_a_model(tmp_path: Path) -> None:
    code = (
        "import sys, wsgi; "
        "heavy = {'ctranslate2', 'argostranslate', 'sentencepiece', 'numpy', 'onnxruntime'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"FEEDS_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_setting_is_in_its_document_and_the_other_way_round() -> None:
    known = {f"FEEDS_{field.name.upper()}" for field in setting_fields()}
    document = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(FEEDS_[A-Z_]*[A-Z])`", document, re.MULTILINE)) == known


def test_documents_name_only_settings_that_exist() -> None:
    known = {f"FEEDS_{field.name.upper()}" for field in setting_fields()} | {"FEEDS_NAME"}
    for path in DOCUMENTS:
        named = set(re.findall(r"FEEDS_[A-Z_]*[A-Z]", path.read_text("utf-8")))
        assert named <= known, path.name


def test_every_command_is_in_a_document_and_the_other_way_round() -> None:
    groups = (content, models, translate, memory, feeds)
    known = {f"{group.name} {name}" for group in groups for name in group.commands}
    names = "|".join(group.name for group in groups)
    text = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    named = {match[1] for match in re.finditer(rf"flask ((?:{names}) [a-z]+)", text)}
    assert named == known


def test_every_package_is_in_the_architecture_document() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for name in LAYERS:
        if (ROOT / name.replace(".", "/")).is_dir() and name != "infra.migrations":
            inner = name.partition(".")[2]
            assert f"`{name}`" in text or f"`{inner}`" in text, name


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) < 700


def test_links_between_documents_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_command_has_help_and_can_be_read_by_programs() -> None:
    groups = (content, models, translate, memory, feeds)
    for command in (*COMMANDS, *(one for group in groups for one in group.commands.values())):
        assert command.help, command.name
        if command.name != "serve":  # it says nothing but its log
            assert "as_json" in {option.name for option in command.params}, command.name
