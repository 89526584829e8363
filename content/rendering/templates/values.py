"""Template values, converted as in Ruby's Liquid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from liquid.exceptions import LiquidSyntaxError
from liquid.undefined import Undefined

_F = TypeVar("_F", bound=Callable[..., Any])


def with_context(function: _F) -> _F:
    """Decorator: passes the render context to a filter."""
    function.with_context = True  # type: ignore[attr-defined]
    return function


def is_nil(value: object) -> bool:
    return value is None or isinstance(value, Undefined)


def as_text(value: object) -> str:
    if is_nil(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "".join(map(as_text, value))
    return str(value)


def whole_number(value: object) -> int:
    if not isinstance(value, int):
        raise LiquidSyntaxError("not a number", token=None)
    return max(0, value)
