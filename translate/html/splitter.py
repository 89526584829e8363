"""A page: a post's HTML taken apart into sentences, and what stands between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from translate.html.blocks import Block, Hole, Markup, Run, Segment
from translate.html.tokenizer import Tag, Token, escape_text, find_attributes, parse_html
from translate.text import japanese_punctuation, sentences

_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|"
    "dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|html|legend|li|main|"
    "menu|nav|ol|optgroup|option|p|pre|search|section|summary|table|tbody|td|tfoot|th|thead|"
    "title|tr|ul"
)
# Never translated: shown to the engine as the text that they are, or not at all.
_VERBATIM = re.compile("code|kbd|samp|tt|var")
_SILENT = re.compile(
    "applet|area|audio|base|button|canvas|embed|iframe|img|input|link|map|math|meta|meter|"
    "noscript|object|param|picture|pre|progress|rp|rt|rtc|script|select|source|style|svg|"
    "template|textarea|track|video|wbr"
)
_TRANSLATED = ("alt", "title")
_NOTE = re.compile(r"[\[(（［]?\s*(?:\d+|[*†‡§¶※^]+\d*|[a-z])\s*[\])）］]?(?::\d+)?")
_PLUS = re.compile(r"\s*[+＋-]\s*")
_FORMULA = re.compile(r"\\\((.*)\\\)|\\\[(.*)\\\]|\$+(.*?)\$+", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\S+\.\w+/\S*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segmented:
    """A post's HTML taken apart. Sentences of attributes stand among the others."""

    language: str
    sentences: tuple[Segment, ...]
    parts: tuple[Markup | Block, ...]


def split(html: str, language: str) -> Segmented:
    """The sentences of sanitised HTML that is written in `language`."""
    return _Splitter(parse_html(html), language).split()


class _Splitter:
    def __init__(self, tokens: list[Token], language: str) -> None:
        self.tokens = tokens
        self.language = language
        self.sentences: list[Segment] = []
        self.parts: list[Markup | Block] = []
        self.blocks, self.worded = self._survey()

    def split(self) -> Segmented:
        index = start = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            after = token.end + 1 if token.tag and self._is_opaque(token.tag) else index + 1
            if token.tag and self._is_block(index):
                self._add_run(start, index)
                self._add_tag(index, after)
                start = after
            index = after
        self._add_run(start, len(self.tokens))
        return Segmented(self.language, tuple(self.sentences), tuple(self.parts))

    def _survey(self) -> tuple[set[int], set[int]]:
        """The inline tags around blocks, and the start tags around words to be translated."""
        blocks: set[int] = set()
        worded: set[int] = set()
        around: list[int] = []
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            after = index + 1
            if token.tag is None:
                if token.text.strip():
                    _mark(around, worded)
            elif token.tag.name.startswith("/"):
                around.pop()
            else:
                if _BLOCKS.fullmatch(token.tag.name):
                    _mark(around, blocks)
                if self._is_opaque(token.tag) or self._is_reference(index):
                    after = token.end + 1
                elif token.end > index:
                    around.append(index)
            index = after
        return blocks | {self.tokens[index].end for index in blocks}, worded

    def _is_block(self, index: int) -> bool:
        tag = self.tokens[index].tag
        name = tag.name.removeprefix("/") if tag else ""
        return index in self.blocks or _BLOCKS.fullmatch(name) is not None

    def _is_opaque(self, tag: Tag) -> bool:
        """Whether an element is left as it is, with all that is in it."""
        is_verbatim = _VERBATIM.fullmatch(tag.name) or _SILENT.fullmatch(tag.name)
        return bool(is_verbatim) or self._is_foreign(tag)

    def _is_foreign(self, tag: Tag) -> bool:
        """Whether an element is in another language, or not to be translated by its own word."""
        language = _primary(tag.attributes.get("lang", ""))
        is_other = language not in ("", _primary(self.language))
        return is_other or tag.attributes.get("translate", "").lower() == "no"

    def _is_reference(self, index: int) -> bool:
        """Whether an element is a footnote's number or an address that shows itself."""
        text = self._link_text(index)
        return self._is_note(index) or _ADDRESS.fullmatch(text) is not None

    def _is_note(self, index: int) -> bool:
        tag = self.tokens[index].tag
        if not tag or not tag.attributes.get("href", "").startswith("#"):
            return False
        return _NOTE.fullmatch(self._link_text(index)) is not None

    def _link_text(self, index: int) -> str:
        tag, _, end = self.tokens[index]
        if not tag or tag.name != "a" or end - index > 8:
            return ""
        inside = self.tokens[index:end]
        if any(token.tag and _BLOCKS.fullmatch(token.tag.name) for token in inside):
            return ""
        return "".join(token.text for token in inside).strip()

    def _add_tag(self, start: int, end: int) -> None:
        self.parts.append(self._markup(start, end))

    def _add_run(self, start: int, end: int) -> None:
        if start == end:
            return
        texts = [token.text for token in self.tokens[start:end] if token.tag is None]
        if not any(text.strip() for text in texts):  # no words, but perhaps an image
            self.parts.append(self._markup(start, end))
            return
        is_alone = start > 0 and self.tokens[start - 1].end == end
        host = len(self.parts) - 1 if is_alone else None
        before, after = self._margins(start, end)
        run = Run()
        index = start
        while index < end:
            token = self.tokens[index]
            last = index
            if token.tag is None:
                text = token.text
                if index == start:
                    text = text[len(before) :]
                if index == end - 1:
                    text = text[: len(text) - len(after)]
                run.add_text(text)
            elif token.tag.name.startswith("/"):
                run.close(token.tag.raw)
            elif token.tag.name == "br":
                run.add_line_break(self._markup(index, index + 1))
            elif index in self.worded and not self._is_opaque(token.tag):
                run.open(self._markup(index, index + 1))
            else:
                last = self._end_of_keys(index, end)
                run.add_atom(self._markup(index, last + 1), self._shown(index, last))
            index = last + 1
        block, segments = run.block(self.language, len(self.sentences), host=host)
        self.sentences += segments
        self.parts += [(escape_text(before),), block, (escape_text(after),)]

    def _end_of_keys(self, index: int, end: int) -> int:
        """The end of an element, or of the last of the keys that it is pressed with: Ctrl+C."""
        last = self.tokens[index].end
        while self._is_key(index) and last + 2 < end and self._is_key(last + 2):
            if not _PLUS.fullmatch(self.tokens[last + 1].text):
                break
            index = last + 2
            last = self.tokens[index].end
        return last

    def _is_key(self, index: int) -> bool:
        tag = self.tokens[index].tag
        return tag is not None and tag.name == "kbd"

    def _margins(self, start: int, end: int) -> tuple[str, str]:
        """The white space at the two ends of a run, which is kept as it is."""
        first, last = self.tokens[start].text, self.tokens[end - 1].text
        before = first[: len(first) - len(first.lstrip())]
        after = last[len(last.rstrip()) :]
        return before, after

    def _shown(self, start: int, end: int) -> str:
        """What the engine sees of an atom."""
        shown = []
        index = start
        while index <= end:
            token = self.tokens[index]
            if token.tag is None:
                shown.append(token.text)
            elif _SILENT.fullmatch(token.tag.name) or self._is_note(index):
                index = token.end
            index += 1
        text = "".join(shown)
        if _is_formula(text.strip()):
            return "x"  # models copy a letter, and garble a formula
        return text if any(character.isalnum() for character in text) else ""

    def _markup(self, start: int, end: int) -> Markup:
        """Tokens as written, but for the attributes that are translated."""
        found: list[str | Hole] = []
        fixed = start  # up to here nothing is translated
        for index in range(start, end):
            token = self.tokens[index]
            if token.tag is None:
                found.append(escape_text(token.text))
            elif index < fixed or self._is_foreign(token.tag):
                fixed = max(fixed, token.end)
                found.append(token.tag.raw)
            else:
                found.extend(self._tag(token.tag))
        return tuple(found)

    def _tag(self, tag: Tag) -> list[str | Hole]:
        found: list[str | Hole] = []
        done = 0
        for name, where in find_attributes(tag.raw).items():
            if name in ("lang", "xml:lang") and tag.attributes[name]:
                found.append(tag.raw[done : where.start])
                done = where.end
            elif name in _TRANSLATED:
                hole = self._hole(tag.attributes[name], tag.raw[where.value : where.end])
                if hole:
                    found += [tag.raw[done : where.value], hole]
                    done = where.end
        return [*found, tag.raw[done:]]

    def _hole(self, value: str, raw: str) -> Hole | None:
        value = " ".join(unicodedata.normalize("NFC", value).split())
        is_plain = not japanese_punctuation.has_signs(value)
        if is_plain and not sentences.speaks(value, self.language):
            return None
        texts = sentences.split(value, self.language)
        first = len(self.sentences)
        self.sentences += [
            Segment(text, translatable=sentences.speaks(text, self.language)) for text in texts
        ]
        return Hole(raw, range(first, len(self.sentences)))


def _mark(around: Sequence[int], found: set[int]) -> None:
    """Adds the tags around something, from the inside out, up to one that is there already."""
    for index in reversed(around):
        if index in found:
            return
        found.add(index)


def _is_formula(text: str) -> bool:
    """Whether a text is a formula of more than a few characters; `$n$` is a letter already."""
    match = _FORMULA.fullmatch(text)
    inner = next((group for group in match.groups() if group), "") if match else ""
    return "\\" in inner or len(inner.strip()) > 5


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]
