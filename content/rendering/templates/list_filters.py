"""Jekyll's filters for lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from liquid import RenderContext, TokenStream
from liquid.builtin.expressions import BooleanExpression, tokenize
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.token import TOKEN_EXPRESSION, Token

from content.rendering.templates.values import as_text, is_nil, whole_number, with_context

_INTEGER = re.compile(r"\s*-?\d+\s*")
_FLOAT = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)\s*")


def where(value: object, key: object = None, target: object = None) -> object:
    if not key or isinstance(target, (list, dict)) or not _is_list(value):
        return value
    return [item for item in _items(value) if _is_target(_property(item, key), target)]


def find(value: object, key: object = None, target: object = None) -> object:
    found = where(value, key, target)
    return next(iter(found), None) if isinstance(found, list) else found


@with_context
def where_exp(value: object, name: object, expression: object, *, context: RenderContext) -> object:
    if not _is_list(value):
        return value
    test = BooleanExpression.parse(context.env, _tokens(expression))
    found = []
    for item in _items(value):
        with context.extend({str(name): item}):
            if test.evaluate(context):
                found.append(item)
    return found


@with_context
def find_exp(value: object, name: object, expression: object, *, context: RenderContext) -> object:
    found = where_exp(value, name, expression, context=context)
    return next(iter(found), None) if isinstance(found, list) else found


def group_by(value: object, key: object = None) -> object:
    if not _is_list(value):
        return value
    return _groups((as_text(_property(item, key)), item) for item in _items(value))


@with_context
def group_by_exp(
    value: object, name: object, expression: object, *, context: RenderContext
) -> object:
    if not _is_list(value):
        return value
    key = FilteredExpression.parse(context.env, _tokens(expression))
    pairs = []
    for item in _items(value):
        with context.extend({str(name): item}):
            pairs.append((key.evaluate(context), item))
    return _groups(pairs)


def sort(value: object, key: object = None, nils: object = "first") -> object:
    if not _is_list(value):
        return value
    pairs = [(_property(item, key) if key else item, item) for item in _items(value)]
    present = [pair for pair in pairs if not is_nil(pair[0])]
    absent = [item for found, item in pairs if is_nil(found)]
    try:
        present.sort(key=lambda pair: pair[0])  # type: ignore[return-value,arg-type]
    except TypeError:
        present.sort(key=lambda pair: as_text(pair[0]))
    found = [item for _, item in present]
    return [*found, *absent] if nils == "last" else [*absent, *found]


def pop(value: object, number: object = 1) -> object:
    return value[: max(0, len(value) - whole_number(number))] if isinstance(value, list) else value


def push(value: object, item: object) -> object:
    return [*value, item] if isinstance(value, list) else value


def shift(value: object, number: object = 1) -> object:
    return value[whole_number(number) :] if isinstance(value, list) else value


def unshift(value: object, item: object) -> object:
    return [item, *value] if isinstance(value, list) else value


def sample(value: object, number: object = 1) -> object:
    """The first items: random ones would change the text at each rendering."""
    if not isinstance(value, list):
        return value
    return (value[0] if value else None) if number == 1 else value[: whole_number(number)]


def array_to_sentence_string(value: object, connector: object = "and") -> object:
    if not isinstance(value, list):
        return value
    words = [as_text(item) for item in value]
    if len(words) < 3:
        return f" {connector} ".join(words)
    return f"{', '.join(words[:-1])}, {connector} {words[-1]}"


def _groups(pairs: Iterable[tuple[object, object]]) -> list[dict[str, object]]:
    groups: dict[str, tuple[object, list[object]]] = {}
    for key, item in pairs:
        groups.setdefault(as_text(key), (key, []))[1].append(item)
    return [{"name": key, "items": items, "size": len(items)} for key, items in groups.values()]


def _is_target(found: object, target: object) -> bool:
    if is_nil(target):
        return is_nil(found)
    if isinstance(found, list):
        return any(as_text(item) == as_text(target) for item in found)
    return not is_nil(found) and as_text(found) == as_text(target)


def _property(item: object, key: object) -> object:
    found: object = item
    for part in str(key).split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    if isinstance(found, str):
        if _INTEGER.fullmatch(found):
            return int(found[:300])
        if _FLOAT.fullmatch(found):
            return float(found)
    return found


def _is_list(value: object) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str)


def _items(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, Sequence) else []


def _tokens(expression: object) -> TokenStream:
    text = str(expression)
    return TokenStream(tokenize(text, Token(TOKEN_EXPRESSION, text, 0, text)))


LIST_FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        where, where_exp, find, find_exp, group_by, group_by_exp, sort, pop, push, shift,
        unshift, sample, array_to_sentence_string,
    )
}  # fmt: skip
