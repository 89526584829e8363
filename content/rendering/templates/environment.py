"""Jekyll's Liquid: python-liquid's only home.

python-liquid runs in strict mode: its lax mode drops the rest of a text behind an unclosed
`{% if %}`. What Jekyll lets pass is caught here instead, tag by tag, and remarked on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from liquid import BoundTemplate, Environment, Mode, RenderContext
from liquid.ast import Node
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.token import Token

from content.rendering.templates.sources import (
    Remark,
    Rendered,
    TemplateError,
    TemplateSources,
)

MAX_TAGS = 5_000
MAX_OUTPUT = 4_000_000  # bytes
MAX_VALUES = 2_000_000  # bytes of all variables
MAX_ITERATIONS = 20_000
MAX_SECONDS = 2.0  # of processor time
MAX_NESTING = 30

_OPEN = re.compile(r"\{\{|\{%")
_RAW = re.compile(r"\{%-?\s*(end)?raw\s*-?%\}")


class Context(RenderContext):
    """Render context with a time limit and remarks."""

    def __init__(self, template: BoundTemplate, sources: TemplateSources) -> None:
        super().__init__(template, globals={"page": sources.page, "site": sources.site})
        self.sources = sources
        self.remarks: list[Remark] = []
        self.included: list[int] = []  # line numbers of open includes
        self._ends = time.thread_time() + MAX_SECONDS

    def check_time(self) -> None:
        """Raises `ResourceLimitError` after `MAX_SECONDS`."""
        if time.thread_time() > self._ends:
            raise ResourceLimitError("takes too long", token=None)

    def remark(self, token: Token | None, what: str) -> None:
        self.remarks.append(Remark(self.included[0] if self.included else line_of(token), what))

    def get(self, path: list[object], **options: Any) -> object:
        self.check_time()
        return super().get(path, **options)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The filter; an unknown one returns its input, as in Jekyll."""
        self.check_time()
        if name not in self.env.filters:
            self.remark(token, f"unknown filter {name}")
            return lambda value, *_, **__: value
        return super().filter(name, token)

    @contextmanager
    def extend(
        self, namespace: Mapping[str, object], template: BoundTemplate | None = None
    ) -> Iterator[RenderContext]:
        self.check_time()
        with super().extend(namespace, template) as context:
            yield context


class _Tags(dict[str, Any]):
    """Tag register with a fallback for unknown names."""

    unknown: Callable[[str], Any]

    def get(self, name: str, default: Any = None) -> Any:
        found = super().get(name)
        return found if found is not None else self.unknown(name) or default


def line_of(token: Token | None) -> int:
    return 1 if token is None else token.source.count("\n", 0, max(0, token.start_index)) + 1


def make_environment(
    tags: Mapping[str, Any], filters: Mapping[str, Any], unknown: Callable[..., Any]
) -> Environment:
    """An environment with Jekyll's tags and filters. `unknown` gives the tag for other names."""
    environment = Environment(tolerance=Mode.STRICT, strict_filters=True)
    environment.output_stream_limit = MAX_OUTPUT  # type: ignore[misc]
    environment.local_namespace_limit = MAX_VALUES  # type: ignore[misc]
    environment.loop_iteration_limit = MAX_ITERATIONS  # type: ignore[misc]
    environment.block_nesting_limit = MAX_NESTING  # type: ignore[misc]
    known = _Tags(environment.tags)
    for name in ("render", "doc"):  # newer than Jekyll's Liquid
        del known[name]
    known.update({name: tag(environment) for name, tag in tags.items()})
    known.unknown = lambda name: unknown(environment, name)
    environment.tags = known
    environment.filters.update(filters)
    return environment


def parse(environment: Environment, text: str) -> BoundTemplate:
    """The parsed template, in linear time. Raises `TemplateError`."""
    _check_bounds(text)
    try:
        return environment.from_string(text)
    except LiquidError as error:
        raise _located(error) from error


def render(environment: Environment, text: str, sources: TemplateSources) -> Rendered:
    """`text` with its template code run. Raises `TemplateError`."""
    if "{%" not in text and "{{" not in text:
        return Rendered(text, ())
    template = parse(environment, text)
    context = Context(template, sources)
    buffer = template._get_buffer()
    try:
        template.render_with_context(context, buffer)
    except LiquidError as error:
        raise _located(error) from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise TemplateError(1, f"cannot be run: {type(error).__name__}") from error
    return Rendered(buffer.getvalue(), tuple(context.remarks))


def render_guarded(node: Node, context: RenderContext, run: Callable[[], int]) -> int:
    """Runs a node; an error other than a limit becomes a remark and skips the node."""
    try:
        return run()
    except ResourceLimitError:
        raise
    except LiquidError as error:
        message = error.args[0] if error.args else type(error).__name__
        as_context(context).remark(error.token or node.token, str(message))
        return 0


def as_context(context: RenderContext) -> Context:
    assert isinstance(context, Context)  # noqa: S101 - `render` makes no other
    return context


def _located(error: LiquidError) -> TemplateError:
    message = str(error.args[0]) if error.args else type(error).__name__
    return TemplateError(line_of(error.token), message)


def _check_bounds(text: str) -> None:
    """Rejects unclosed tags, for which python-liquid's lexer takes quadratic time."""
    opened = 0
    for found in _OPEN.finditer(text):
        opened += 1
        last = found
    if opened == 0:
        return
    if opened > MAX_TAGS:
        raise TemplateError(1, f"more than {MAX_TAGS} tags")
    if text.find("}}" if last[0] == "{{" else "%}", last.end()) < 0:
        raise TemplateError(text.count("\n", 0, last.start()) + 1, f"{last[0]} is not closed")
    raws = list(_RAW.finditer(text))
    if raws and not raws[-1][1]:
        raise TemplateError(text.count("\n", 0, raws[-1].start()) + 1, "raw is not closed")


__all__ = ["LiquidSyntaxError"]
