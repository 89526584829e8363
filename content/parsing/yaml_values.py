"""Parses data files of a blog (YAML, JSON, CSV, TSV), within limits."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from content.parsing.front_matter import PostError, Scalar, Value, parse_value

MAX_VALUES = 100_000

_RESOLVER: Any = yaml.SafeLoader("")
_TAGS = {
    f"tag:yaml.org,2002:{name}": getattr(_RESOLVER, f"construct_yaml_{name}")
    for name in ("bool", "float", "int", "null", "timestamp")
}


class DataError(ValueError):
    """A data file that cannot be parsed. The message quotes nothing of the file."""


def plain_value(value: Value | None) -> Any:
    """`value` with the YAML 1.1 types of unquoted scalars."""
    if isinstance(value, Scalar):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    return [plain_value(item) for item in value] if isinstance(value, list) else None


def _scalar(scalar: Scalar) -> Any:
    if not scalar.plain:
        return scalar.text
    tag = _RESOLVER.resolve(yaml.ScalarNode, scalar.text, (True, False))
    construct = _TAGS.get(tag)
    if construct is None or len(scalar.text) > 100:
        return scalar.text
    try:
        found = construct(yaml.ScalarNode(tag, scalar.text))
    except (ValueError, OverflowError, KeyError):
        return scalar.text
    return str(found) if type(found) is date else found


def parse_data(text: str, extension: str) -> Any:
    """The value of a file of `_data`. Raises `DataError`."""
    try:
        if extension == ".json":
            return json.loads(text)
        if extension in (".csv", ".tsv"):
            delimiter = "\t" if extension == ".tsv" else ","
            return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
        return plain_value(parse_value(text, max_values=MAX_VALUES))
    except PostError as error:
        raise DataError(f"line {error.line}: it is not YAML, or too much of it") from error
    except (ValueError, csv.Error, RecursionError) as error:
        raise DataError("it cannot be read") from error
