"""Reads and writes TMX 1.4b, the exchange format of translation tools.

Follows the specification (https://www.gala-global.org/tmx-14b); home of the options with
which lxml reads untrusted files safely. One unit is one sentence of one pair. A machine
translation carries a digest of its text, so a unit that a person changed in an editor counts
as human, whatever the editor does to other fields.
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
MAX_TEXT = 20_000  # characters of one segment; longer texts are not sentences
MAX_VARIANTS = 64  # languages of one unit

_TOOL = "feedglot"
_MACHINE = "x-feedglot-machine"  # digest of the machine translation
_DATE = "%Y%m%dT%H%M%SZ"  # of TMX: ISO 8601, basic, UTC
_XML = "{http://www.w3.org/XML/1998/namespace}"
# Characters that XML 1.0 cannot hold: most control characters, surrogates, U+FFFE, U+FFFF.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Elements of a segment that hold an editor's codes, not text.
_CODES = {"bpt", "ept", "it", "ph", "ut"}


class TmxError(ValueError):
    """A file that is not TMX, or not safe. The message: file, line, reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One sentence in two languages, as a TMX file holds it."""

    pair: Pair  # languages as the file writes them, such as "ja-JP"
    source: str
    target: str
    machine: bool = False  # an unchanged machine translation
    at: float | None = None  # epoch seconds of its last change; None: not stated


def write_tmx(out: IO[bytes], units: Iterable[Unit], *, language: str, tool_version: str) -> int:
    """Writes the units, without those that XML cannot hold; returns how many it wrote.

    `language` is the source language of most units. The same units give the same bytes.
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
    """Yields the units of a file, one per pair; may raise `TmxError` after some units.

    Fetches nothing and expands no entity; a file that declares entities raises. Units without
    a text in two languages are left out.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TmxError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
    try:
        with path.open("rb") as file:
            yield from _read(file, path.name)
    except etree.XMLSyntaxError as error:
        raise TmxError(f"{path.name}:{error.lineno}: not XML: {error.msg}") from error


def _read(file: IO[bytes], name: str) -> Iterator[Unit]:
    # `huge_tree` off: libxml2 limits depth, names, texts and the size of expanded entities.
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
            # Free the element and its earlier siblings, or memory grows.
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
    texts: dict[str, str] = {}
    dates: dict[str, float | None] = {}
    machine = ""
    for child in unit:
        if child.tag == "prop" and child.get("type") == _MACHINE:
            machine = child.text or ""
        elif child.tag == "tuv":
            # TMX 1.1 called it "lang".
            language = child.get(f"{_XML}lang") or child.get("lang") or ""
            segment = child.find("seg")
            if language and segment is not None:
                texts.setdefault(language, _text(segment, name))
                dates.setdefault(language, _changed(child))
    for one, text in texts.items():
        if source.lower() != "*all*" and one.lower() != source.lower():
            continue
        for other, target in texts.items():
            if other != one and text and target:
                is_machine = machine == _digest(target)
                at = dates[other] if dates[other] is not None else _changed(unit)
                yield Unit(
                    pair=Pair(one, other), source=text, target=target, machine=is_machine, at=at
                )


def _changed(element: Any) -> float | None:
    """When a unit or its variant was changed, or else created; None: not stated."""
    text = element.get("changedate") or element.get("creationdate") or ""
    try:
        # TMX has whole seconds: take the end of the second, so that a correction exported
        # within it does not count as older than itself.
        return datetime.strptime(text, _DATE).replace(tzinfo=UTC).timestamp() + 1 - 1e-3
    except (ValueError, OverflowError):
        return None


def _text(segment: Any, name: str) -> str:
    """The text of a segment without its codes."""
    parts: list[str] = []
    _gather(segment, parts, name)
    text = "".join(parts)
    if len(text) > MAX_TEXT:
        raise TmxError(f"{name}:{segment.sourceline}: longer than {MAX_TEXT:,} characters")
    return text


def _gather(element: Any, parts: list[str], name: str) -> None:
    parts.append(element.text or "")
    for child in element:
        if child.tag is etree.Entity:
            raise TmxError(f"{name}:{child.sourceline}: an entity, {child.text}: write it out")
        if child.tag not in _CODES:
            _gather(child, parts, name)
        parts.append(child.tail or "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
