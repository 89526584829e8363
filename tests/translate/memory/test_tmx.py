"""TMX out and in: nothing is lost, the DTD's rules are kept, strangers' files do no harm."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from infra.database import open_database
from translate.jobs.queue import BACKGROUND, Job, TranslationQueue
from translate.memory.corrections import Correction, add_corrections, load_corrections
from translate.memory.memory import Memory
from translate.memory.tmx import TmxError, Unit, read_tmx, write_tmx
from translate.memory.tmx_exchange import exported_units, import_tmx
from translate.types import Document, Hop, Pair, Sentence, Translation

LANGUAGES = ("ja", "en", "ko")

# What TMX 1.4's DTD says of the elements we write: children in order, attributes.
CHILDREN = {
    "tmx": ["header", "body"],
    "header": [],
    "body": ["tu*"],
    "tu": ["prop*", "tuv*"],
    "tuv": ["seg"],
    "prop": [],
    "seg": [],
}
REQUIRED = {
    "tmx": {"version"},
    "header": {
        *("creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang"),
        *("srclang", "datatype"),
    },
    "tuv": {"{http://www.w3.org/XML/1998/namespace}lang"},
    "prop": {"type"},
}
ALLOWED = {"tu": {"srclang"}}


def write(*units: Unit) -> bytes:
    out = io.BytesIO()
    write_tmx(out, units, language="ja", tool_version="1")
    return out.getvalue()


def read(folder: Path, data: bytes) -> list[Unit]:
    path = folder / "file.tmx"
    path.write_bytes(data)
    return list(read_tmx(path))


def tmx(body: str, *, srclang: str = "ja", head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<tmx version="1.4"><header srclang="{srclang}" '
        'creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" '
        f'adminlang="en" datatype="plaintext"/><body>{body}</body></tmx>'
    ).encode()


def unit(*said: tuple[str, str]) -> str:
    return (
        "<tu>"
        + "".join(f'<tuv xml:lang="{code}"><seg>{text}</seg></tuv>' for code, text in said)
        + "</tu>"
    )


def check_dtd(element: etree._Element) -> None:
    names = [str(child.tag) for child in element]
    place = 0
    for wanted in CHILDREN[str(element.tag)]:
        if wanted.endswith("*"):
            while place < len(names) and names[place] == wanted[:-1]:
                place += 1
        else:
            assert names[place] == wanted
            place += 1
    assert place == len(names), names
    required = REQUIRED.get(str(element.tag), set())
    assert required <= set(map(str, element.attrib))
    assert set(map(str, element.attrib)) <= required | ALLOWED.get(str(element.tag), set())
    for child in element:
        check_dtd(child)


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("<>&\"'\r\n\t  が🐍]]>"),
    min_size=1,
    max_size=40,
).filter(lambda text: all(c in "\t\n\r" or c >= " " for c in text))
PAIR = st.permutations(LANGUAGES).map(lambda some: Pair(*some[:2]))
UNIT = st.builds(Unit, pair=PAIR, source=TEXT, target=TEXT, machine=st.booleans())


@given(st.lists(UNIT, max_size=5))
def test_written_units_are_read_back(units: list[Unit]) -> None:
    data = write(*units)
    parser = etree.XMLParser(resolve_entities=False)
    check_dtd(etree.fromstring(data, parser))
    path = Path(f"/tmp/{id(units)}.tmx")
    try:
        path.write_bytes(data)
        assert list(read_tmx(path)) == units
    finally:
        path.unlink()


def test_what_xml_cannot_hold_is_left_out_and_counted() -> None:
    units = [
        Unit(pair=Pair("ja", "en"), source=text, target="x")
        for text in ("good", "a\x0bb", "\ud800", "\uffff")
    ]
    out = io.BytesIO()
    assert write_tmx(out, units, language="ja", tool_version="1") == 1
    assert b"good" in out.getvalue()


def test_a_machines_sentence_that_somebody_changed_is_their_own(tmp_path: Path) -> None:
    data = write(Unit(pair=Pair("ja", "en"), source="甲", target="Poor.", machine=True))
    assert [one.machine for one in read(tmp_path, data)] == [True]
    edited = data.replace(b"Poor.", b"Better.")
    assert [(one.target, one.machine) for one in read(tmp_path, edited)] == [("Better.", False)]


class TestOtherTools:
    def test_codes_are_dropped_and_words_kept(self, tmp_path: Path) -> None:
        body = unit(("ja", '甲<bpt i="1">&lt;b></bpt>乙<hi>丙</hi><ept i="1"/>丁'), ("en", "A"))
        assert [one.source for one in read(tmp_path, tmx(body))] == ["甲乙丙丁"]

    def test_each_other_language_of_a_unit_is_a_pair(self, tmp_path: Path) -> None:
        body = unit(("EN-us", "A"), ("ja-JP", "甲"), ("ko", "가"))
        found = read(tmp_path, tmx(body, srclang="ja-jp"))
        assert [(one.pair, one.target) for one in found] == [
            (("ja-JP", "EN-us"), "A"),
            (("ja-JP", "ko"), "가"),
        ]

    def test_all_as_the_source_means_every_direction(self, tmp_path: Path) -> None:
        found = read(tmp_path, tmx(unit(("en", "A"), ("ja", "甲")), srclang="*all*"))
        assert {one.pair for one in found} == {("en", "ja"), ("ja", "en")}

    def test_a_unit_says_its_own_source(self, tmp_path: Path) -> None:
        body = unit(("en", "A"), ("ja", "甲")).replace("<tu>", '<tu srclang="en">')
        assert [one.pair for one in read(tmp_path, tmx(body))] == [("en", "ja")]

    def test_a_doctype_is_not_fetched(self, tmp_path: Path) -> None:
        head = '<!DOCTYPE tmx SYSTEM "http://192.0.2.1/tmx14.dtd">'
        started = time.perf_counter()
        assert len(read(tmp_path, tmx(unit(("ja", "甲"), ("en", "A")), head=head))) == 1
        assert time.perf_counter() - started < 1

    def test_utf_16_is_read(self, tmp_path: Path) -> None:
        text = tmx(unit(("ja", "甲"), ("en", "A"))).decode()
        data = text.replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16")
        assert [one.source for one in read(tmp_path, data)] == ["甲"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "not XML"),
            (b"\x00\x01\x02", "not XML"),
            (tmx(unit(("ja", "甲"), ("en", "A")))[:-20], "not XML"),
            (b"<html/>", "not a TMX file: its root is <html>"),
            (b'<tmx version="2.0"/>', "version '2.0' of TMX"),
            (tmx(unit(("ja", "&l9;"), ("en", "A")), head=f"<!DOCTYPE tmx [{LAUGHS}]>"), "entit"),
            (
                tmx(
                    unit(("ja", "&x;"), ("en", "A")),
                    head='<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
                ),
                "entit",
            ),
            (
                tmx(
                    '<tu><tuv xml:lang="&x;"><seg>A</seg></tuv></tu>',
                    head='<!DOCTYPE tmx [<!ENTITY x "en">]>',
                ),
                "declares entities",
            ),
            (tmx(unit(("ja", "甲" * 20_001), ("en", "A"))), "longer than 20,000 characters"),
            (tmx(unit(*((f"x{n}", "A") for n in range(100)))), "more than 64 parts"),
            (tmx("<tu>" + "<hi>" * 5_000 + "</hi>" * 5_000 + "</tu>"), "not XML"),
        ],
    )
    def test_is_refused_with_a_reason(self, tmp_path: Path, data: bytes, said: str) -> None:
        with pytest.raises(TmxError, match=r"file\.tmx") as caught:
            read(tmp_path, data)
        assert said in str(caught.value)
        assert "root:" not in str(caught.value)

    @pytest.mark.slow
    def test_a_long_file_is_read_in_little_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "long.tmx"
        path.write_bytes(tmx(unit(("ja", "甲" * 50), ("en", "A" * 50)) * 100_000))
        # Of the process: the tree is libxml2's, which Python does not count.
        Path("/proc/self/clear_refs").write_text("5")
        before = peak()
        assert sum(1 for _ in read_tmx(path)) == 100_000
        assert peak() - before < 10_000


def peak() -> int:
    """The most memory this process has had since `clear_refs`, in kB."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


class TestMemory:
    @pytest.fixture
    def memory(self, tmp_path: Path) -> Memory:
        return Memory(open_database(f"sqlite:///{tmp_path}/one.db"))

    def test_a_round_trip_loses_nothing(self, memory: Memory, tmp_path: Path) -> None:
        mine = [
            Correction(pair=Pair("ja", "en"), source="甲 <b> & 乙", target="A"),
            Correction(pair=Pair("ja", "ko"), source="甲", target="가"),
            Correction(pair=Pair("en", "ja"), source="A", target="甲"),
        ]
        add_corrections(memory, mine)
        path = tmp_path / "file.tmx"
        path.write_bytes(write(*exported_units(memory._engine, LANGUAGES, machine=True)))
        other = Memory(open_database(f"sqlite:///{tmp_path}/other.db"))
        found = import_tmx(other, path, LANGUAGES)
        assert (found.taken, found.known, found.foreign) == (3, 0, 0)
        assert list(load_corrections(other)) == list(load_corrections(memory))
        assert import_tmx(other, path, LANGUAGES).known == 3
        again = write(*exported_units(other._engine, LANGUAGES, machine=True))
        assert again == path.read_bytes()

    def test_machine_sentences_are_exported_once_and_imported_only_on_request(
        self, memory: Memory, tmp_path: Path
    ) -> None:
        publish(memory, "a", ("甲です。", "A."), ("乙です。", "B."))
        publish(memory, "b", ("甲です。", "A."))
        add_corrections(memory, [Correction(pair=EN, source="乙です。", target="My B.")])
        path = tmp_path / "file.tmx"
        path.write_bytes(write(*exported_units(memory._engine, LANGUAGES, machine=True)))
        assert [(one.source, one.target, one.machine) for one in read_tmx(path)] == [
            ("乙です。", "My B.", False),
            ("甲です。", "A.", True),
        ]
        other = Memory(open_database(f"sqlite:///{tmp_path}/other.db"))
        assert import_tmx(other, path, LANGUAGES).machine == 1
        assert import_tmx(other, path, LANGUAGES, machine=True).taken == 1

    def test_languages_are_those_that_are_served(self, memory: Memory, tmp_path: Path) -> None:
        path = tmp_path / "file.tmx"
        path.write_bytes(tmx(unit(("ja-JP", "甲"), ("EN_us", "A"), ("fr", "Un"))))
        path.write_bytes(path.read_bytes().replace(b'srclang="ja"', b'srclang="ja-JP"'))
        found = import_tmx(memory, path, LANGUAGES)
        assert (found.taken, found.foreign) == (1, 1)
        assert [one.pair for one in load_corrections(memory)] == [EN]

    def test_a_file_that_is_broken_at_its_end_leaves_nothing(
        self, memory: Memory, tmp_path: Path
    ) -> None:
        path = tmp_path / "file.tmx"
        said = "".join(unit(("ja", f"甲{n}"), ("en", "A")) for n in range(6_000))
        path.write_bytes(tmx(said)[:-10])
        with pytest.raises(TmxError):
            import_tmx(memory, path, LANGUAGES)
        assert list(memory.items()) == []


EN = Pair("ja", "en")


def publish(memory: Memory, post: str, *said: tuple[str, str]) -> None:

    queue = TranslationQueue(memory._engine)
    document = Document(language="ja", title="", summary="", html="")
    job = Job(post_key=post, language="en", source_digest="1", document=document)
    queue.request([job], urgency=BACKGROUND, now=0)
    claim = queue.claim("me", lease_seconds=90, now=0)
    assert claim
    kept = Sentence(source="丙です。", target="丙です。", kept=True, score=0.0)
    translation = Translation(
        language="en",
        title="",
        summary="",
        html="",
        labels=(),
        sentences=(
            *(Sentence(source=a, target=b, kept=False, score=0.9) for a, b in said),
            kept,
        ),
        hops=(Hop(pair=EN, name="ja_en", version="1", starter=False),),
        score=1.0,
        publishable=True,
    )
    assert queue.finish(claim, translation, now=0)
