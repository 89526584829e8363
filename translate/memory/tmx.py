"""TMX 1.4b: sentences in two languages, to and from the tools that people translate with.

Written by hand after the specification (https://www.gala-global.org/tmx-14b); home of what
lxml needs to read untrusted files safely. One unit is one sentence of one pair. A machine's
unit carries a digest of its words: a unit whose words were changed in an editor counts as
human, whatever the editor does to the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from lxml import etree

from translate.types import Pair

VERSION = "1.4"
MAX_BYTES = 512_000_000
MAX_TEXT = 20_000  # characters of one segment; beyond, it is no sentence
MAX_VARIANTS = 64  # languages of one unit

_TOOL = "feedglot"
_MACHINE = "x-feedglot-machine"  # a digest of what the machine said
_DATE = "%Y%m%dT%H%M%SZ"  # of TMX: ISO 8601, basic, UTC
_XML = "{http://www.w3.org/XML/1998/namespace}"
# What XML 1.0 has no way to write: most control characters, surrogates, two of the last.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Elements of a segment that hold an editor's codes, not its words.
_CODES = {"bpt", "ept", "it", "ph", "ut"}


class TmxError(ValueError):
    """A file that is not TMX, or not safe; the message says where and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A sentence in two languages, as it stands in a file."""

    pair: Pair  # languages as the file writes them, such as "ja-JP"
    source: str
    target: str
    machine: bool = False  # a machine's words, which nobody has changed
    at: float | None = None  # epoch seconds of its last change; None: the file does not say


def write_tmx(out: IO[bytes], units: Iterable[Unit], *, language: str, tool_version: str) -> int:
    """Writes the units; returns how many, without those that XML cannot hold.

    `language` is what most of them are translated from. The same units give the same bytes.
    """
    header = {
        "creationtool": _TOOL,
        "creationtoolversion": tool_version,
        "segtype": "sentence",
        "o-tmf": _TOOL,
        "adminlang": "en",
        "srclang": language,
        "datatype": "plaintext",
    }
    written = 0
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("tmx", version=VERSION):
            file.write("\n")
            file.write(etree.Element("header", header))
            file.write("\n")
            with file.element("body"):
                for unit in units:
                    if _UNWRITABLE.search(unit.source + unit.target):
                        continue
                    file.write("\n")
                    file.write(_unit(unit))
                    written += 1
                file.write("\n")
    out.write(b"\n")
    return written


def _unit(unit: Unit) -> Any:
    element = etree.Element("tu", srclang=unit.pair.source)
    if unit.machine:
        prop = etree.SubElement(element, "prop", type=_MACHINE)
        prop.text = _digest(unit.target)
    if unit.at is not None:
        element.set("changedate", f"{datetime.fromtimestamp(unit.at, UTC):{_DATE}}")
    for language, text in zip(unit.pair, (unit.source, unit.target), strict=True):
        variant = etree.SubElement(element, "tuv", {f"{_XML}lang": language})
        segment = etree.SubElement(variant, "seg")
        segment.text = text
    return element


def read_tmx(path: Path) -> Iterator[Unit]:
    """The units of a file, one pair each; raises `TmxError`, also in the middle of it.

    Nothing is fetched and no entity is expanded; a file that declares some is refused.
    Units without a text in two languages are left out.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TmxError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
    try:
        with path.open("rb") as file:
            yield from _read(file, path.name)
    except etree.XMLSyntaxError as error:
        raise TmxError(f"{path.name}:{error.lineno}: not XML: {error.msg}") from error


def _read(file: IO[bytes], name: str) -> Iterator[Unit]:
    # `huge_tree` off: libxml2 bounds depth, names, texts and what entities grow to.
    parsing = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    language = ""
    root: Any = None
    for event, element in parsing:
        if root is None:
            root = element
            _check_root(root, name)
        if event == "start":
            unit = element.getparent() if element.tag == "tuv" else None
            if unit is not None and len(unit) > MAX_VARIANTS:
                raise TmxError(f"{name}:{element.sourceline}: more than {MAX_VARIANTS} parts")
            continue
        if element.tag == "header":
            language = element.get("srclang", "")
        elif element.tag == "tu":
            yield from _pairs(element, element.get("srclang") or language, name)
            # What is done is let go of, here and from its parent, or memory grows.
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]


def _check_root(root: Any, name: str) -> None:
    if root.tag != "tmx":
        raise TmxError(f"{name}: not a TMX file: its root is <{root.tag}>")
    document = root.getroottree().docinfo.internalDTD
    if document is not None and any(True for _ in document.iterentities()):
        raise TmxError(f"{name}: declares entities: save it without them")
    if not root.get("version", "").startswith("1."):
        raise TmxError(f"{name}: version {root.get('version')!r} of TMX: save it as 1.4")


def _pairs(unit: Any, source: str, name: str) -> Iterator[Unit]:
    said: dict[str, str] = {}
    dates: dict[str, float | None] = {}
    machine = ""
    for child in unit:
        if child.tag == "prop" and child.get("type") == _MACHINE:
            machine = child.text or ""
        elif child.tag == "tuv":
            # "lang" is what TMX 1.1 called it.
            language = child.get(f"{_XML}lang") or child.get("lang") or ""
            segment = child.find("seg")
            if language and segment is not None:
                said.setdefault(language, _text(segment, name))
                dates.setdefault(language, _changed(child))
    for one, text in said.items():
        if source.lower() != "*all*" and one.lower() != source.lower():
            continue
        for other, target in said.items():
            if other != one and text and target:
                machine_said = machine == _digest(target)
                at = dates[other] if dates[other] is not None else _changed(unit)
                yield Unit(
                    pair=Pair(one, other), source=text, target=target, machine=machine_said, at=at
                )


def _changed(element: Any) -> float | None:
    """When a unit or its variant was changed, else made; None: it does not say."""
    text = element.get("changedate") or element.get("creationdate") or ""
    try:
        # Whole seconds: what was made within one is not older than itself.
        return datetime.strptime(text, _DATE).replace(tzinfo=UTC).timestamp() + 1 - 1e-3
    except (ValueError, OverflowError):
        return None


def _text(segment: Any, name: str) -> str:
    """The words of a segment, without the codes in it."""
    found: list[str] = []
    _gather(segment, found, name)
    text = "".join(found)
    if len(text) > MAX_TEXT:
        raise TmxError(f"{name}:{segment.sourceline}: longer than {MAX_TEXT:,} characters")
    return text


def _gather(element: Any, found: list[str], name: str) -> None:
    found.append(element.text or "")
    for child in element:
        if child.tag is etree.Entity:
            raise TmxError(f"{name}:{child.sourceline}: an entity, {child.text}: write it out")
        if child.tag not in _CODES:
            _gather(child, found, name)
        found.append(child.tail or "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
