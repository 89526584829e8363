"""Front matter: the YAML or TOML at the head of a post, with every scalar kept as it was written.

YAML 1.1 would read the tags `NO`, `1:30` and `007` as False, 90 and 7. So no value is resolved
here: a caller asks for a text, a flag or a list of words, and gets what the author typed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from content.text import clean, one_line

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 16
MAX_VALUES = 10_000

_OPEN = re.compile(r"(---|\+\+\+)[ \t]*\n")
_CLOSE_TOML = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_TOML = "+++\n"  # before what `split` gives of front matter in TOML
_KEY = re.compile(r"^([\w-]+)[ \t]*=", re.MULTILINE)
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n"})


class PostError(ValueError):
    """What is wrong in a post, on which line of its file, and what to do about it."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(f"{line}: {what}: {remedy}")
        self.line = line
        self.what = what
        self.remedy = remedy


class Scalar(NamedTuple):
    text: str
    line: int
    plain: bool  # written without quotes, so that `null` may mean nothing


Value = Scalar | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a post's front matter, and the line each begins on."""

    fields: dict[str, Value]
    lines: dict[str, int]

    def line(self, *names: str) -> int:
        return next((self.lines[name] for name in names if name in self.lines), 1)

    def scalar(self, *names: str) -> Scalar | None:
        """The first of the named fields that holds one value, neither empty nor null."""
        fields = self.fields
        for name in names:
            # By exact type: an index of many posts asks thirty times for each.
            if type(value := fields.get(name)) is Scalar and not is_null(value):
                return value
        return None

    def text(self, *names: str) -> str | None:
        scalar = self.scalar(*names)
        return one_line(scalar.text) or None if scalar else None

    def flag(self, name: str, default: bool) -> bool:
        scalar = self.scalar(name)
        word = scalar.text.strip().lower() if scalar else ""
        return True if word in _TRUE else False if word in _FALSE else default

    def words(self, singular: str, plural: str) -> list[str]:
        """Both fields of a Jekyll pair: `tag` is one word, `tags` a list or a string of words.

        A string splits at white space, as in Jekyll; at its commas when it has any, for
        Jekyll would leave those hanging on the words.
        """
        words: list[str] = []
        # Jekyll puts the one category behind the others.
        order = (plural, singular) if plural == "categories" else (singular, plural)
        for name in order:
            value = self.fields.get(name)
            if isinstance(value, Scalar):
                if is_null(value):
                    continue
                if name == singular:
                    words.append(value.text)
                elif re.search("[,、，]", value.text):
                    words += re.split("[,、，]", value.text)
                else:
                    words += value.text.split()
            elif isinstance(value, list):
                words += _scalars(value)
        return _lines(words)

    def people(self) -> list[str]:
        """`author` and `authors`: a name, a mapping with one, or a list of either."""
        names: list[str] = []
        for field in ("author", "authors"):
            names += _names(self.fields.get(field))
        return _lines(names)


def split(text: str) -> tuple[str | None, str]:
    """A post's text as front matter and body; None: it has no front matter.

    Raises `PostError` when front matter begins and does not end, which is also how a file
    looks while somebody writes it.
    """
    opening = _OPEN.match(text)
    if opening is None:
        if text.rstrip() in ("---", "+++"):
            raise _unclosed(text.rstrip())
        return None, text
    is_toml = opening[1] == "+++"
    closing = (_CLOSE_TOML if is_toml else _CLOSE).search(text, opening.end())
    if closing is None:
        raise _unclosed(opening[1])
    if closing.start() - opening.end() > MAX_CHARACTERS:
        raise PostError(
            1, "front matter is larger than 64 KiB", "move the text below the closing ---"
        )
    front = text[opening.end() : closing.start()]
    return _TOML + front if is_toml else front, text[closing.end() :].removeprefix("\n")


def parse(front: str, *, name: str = "front matter", first_line: int = 2) -> FrontMatter:
    """The fields of front matter that starts on line 2 of its file. Raises `PostError`.

    Other YAML files of a blog are read the same way: `name` is what errors call them.
    """
    if front.startswith(_TOML):
        return _parse_toml(clean(front.removeprefix(_TOML)))
    try:
        value, lines = _Builder(clean(front), name, first_line).build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + first_line
        what = f"{name} is not YAML: {error.problem or error.context}"
        raise PostError(line, what, "check the quotes, colons and indentation here") from error
    except yaml.YAMLError as error:
        what = f"{name} is not YAML: {one_line(str(error))}"
        raise PostError(1, what, "check its quotes, colons and indentation") from error
    if value is None:
        return FrontMatter({}, {})
    if not isinstance(value, dict):
        what = f"{name} is not a list of fields"
        raise PostError(first_line, what, "write lines such as title: ...")
    return FrontMatter(value, lines)


def _parse_toml(front: str) -> FrontMatter:
    """The fields of Hugo's front matter between two lines of `+++`. Raises `PostError`."""
    try:
        fields = tomllib.loads(front)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        what = f"front matter is not TOML: {one_line(str(error))}"
        remedy = "check the quotes and brackets here"
        raise PostError(int(found[1]) + 1 if found else 1, what, remedy) from error
    lines = {match[1]: front.count("\n", 0, match.start()) + 2 for match in _KEY.finditer(front)}
    values = {name: _toml_value(value, lines.get(name, 1)) for name, value in fields.items()}
    return FrontMatter(values, lines)


def _toml_value(value: object, line: int) -> Value:
    if isinstance(value, dict):
        return {name: _toml_value(item, line) for name, item in value.items()}
    if isinstance(value, list):
        return [_toml_value(item, line) for item in value]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(text, line, not isinstance(value, str))


def parse_value(text: str, *, max_values: int) -> Value | None:
    """The value of a whole YAML document, of any kind. Raises `PostError`."""
    try:
        builder = _Builder(clean(text), "it", 1)
        builder.max_values = max_values
        return builder.build()[0]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PostError(1 if mark is None else mark.line + 1, "not YAML", "") from error
    except yaml.YAMLError as error:
        raise PostError(1, "not YAML", "") from error


class _Builder:
    """Builds a document from libyaml's events, within bounds.

    Not with `yaml.load` or `yaml.compose`: both recurse in C and end the process on some
    thousands of open brackets, and they build what aliases multiply before anyone can count it.
    Events come one by one, so the first bound that breaks stops the parser.
    """

    def __init__(self, text: str, name: str, first_line: int) -> None:
        self._name = name
        self._first_line = first_line
        # Any: by their types events have no attributes, and parsers may return none.
        self._next: Callable[[], Any] = yaml.CBaseLoader(text).get_event
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._lines: dict[str, int] = {}
        self._depth = 0
        self._values = 0  # so far, aliases expanded
        self.max_values = MAX_VALUES

    def build(self) -> tuple[Value | None, dict[str, int]]:
        self._next(), self._next()  # the beginning of the stream and, if any, of its document
        event = self._next()
        if not isinstance(event, yaml.NodeEvent):
            return None, {}
        value = self._value(event)
        self._next()  # the document's end, where leftovers are noticed
        if isinstance(value, Scalar) and is_null(value):
            return None, {}
        return value, self._lines

    def _value(self, event: Any) -> Value:
        """The value that begins with `event`."""
        before = self._values
        self._values += 1
        line = event.start_mark.line + self._first_line
        value: Value
        # By exact type, and most frequent first: an index of many posts spends its time here.
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = Scalar(event.value, line, event.implicit[0])
        elif kind is yaml.AliasEvent:
            if event.anchor not in self._anchors:
                raise PostError(line, f"unknown alias *{event.anchor}", "write the value itself")
            value, size = self._anchors[event.anchor]
            self._values += size
        else:
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise PostError(line, f"{self._name} is nested too deep", "flatten this value")
            value = self._sequence() if kind is yaml.SequenceStartEvent else self._mapping()
            self._depth -= 1
        if self._values > self.max_values:
            what = f"{self._name} holds too many values"
            raise PostError(line, what, "remove its YAML aliases")
        if event.anchor is not None and kind is not yaml.AliasEvent:
            self._anchors[event.anchor] = value, self._values - before
        return value

    def _sequence(self) -> list[Value]:
        values: list[Value] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            values.append(self._value(event))
        return values

    def _mapping(self) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key, value = self._value(event), self._value(self._next())
            if isinstance(key, Scalar):
                fields[key.text] = value
                if self._depth == 1:
                    self._lines[key.text] = key.line
        return fields


def _unclosed(mark: str) -> PostError:
    return PostError(1, "front matter is not closed", f"end it with a line that says {mark}")


def is_null(scalar: Scalar) -> bool:
    return scalar.plain and scalar.text in _NULL


def _scalars(values: list[Value]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Scalar):
            # In a list `null` is a word like any other; some blogs write about pointers.
            if not (value.plain and value.text == "~"):
                yield value.text
        elif isinstance(value, list):
            yield from _scalars(value)


def _names(value: Value | None) -> Iterator[str]:
    if isinstance(value, Scalar):
        if not is_null(value):
            yield value.text
    elif isinstance(value, dict):
        yield from _names(value.get("name") or value.get("display_name"))
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _lines(words: list[str]) -> list[str]:
    return [line for word in words if (line := one_line(word))]
