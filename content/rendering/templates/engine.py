"""Runs a post's Liquid as Jekyll would."""

from __future__ import annotations

from content.rendering.templates.environment import make_environment, render
from content.rendering.templates.filters import FILTERS
from content.rendering.templates.sources import Rendered, TemplateSources
from content.rendering.templates.tags import TAGS, unknown_tag

_ENVIRONMENT = make_environment(TAGS, FILTERS, unknown_tag)


def run_template(text: str, sources: TemplateSources) -> Rendered:
    """`text` with its template code run. Raises `TemplateError`."""
    return render(_ENVIRONMENT, text, sources)
