"""Effective settings: value and origin of each, with secrets masked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.library.blog_folder import BlogFolder
from feeds.localized_settings import LOCALIZED, localized_name
from feeds.locations import FILE, config_file
from feeds.setting_values import variable
from feeds.settings import Settings, blog_settings, setting_fields
from infra.error_text import MASK, mask

_SECRETS = frozenset({"admin_token"})


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectiveSetting:
    """One setting with the value that the service uses."""

    name: str
    value: Any  # text, number or list of texts
    origin: str  # default, the blog's settings, feedglot.toml, or the environment variable
    help: str

    @property
    def text(self) -> str:
        return ",".join(self.value) if isinstance(self.value, list) else str(self.value)


def explain(settings: Settings, environ: Mapping[str, str], folder: Path) -> list[EffectiveSetting]:
    """Every setting in the order of docs/settings.md.

    `environ` and `folder` are those that `settings` was loaded from.
    """
    try:
        in_file = set(tomllib.loads(config_file(environ, folder).read_text("utf-8")))
    except FileNotFoundError:
        in_file = set()
    blog = BlogFolder(settings.posts_dir)
    blog.refresh()
    in_blog = dict.fromkeys(blog_settings(blog.config), str(blog.path))
    localized = {
        localized_name(base, code): text
        for base, name in LOCALIZED.items()
        for code, text in sorted(getattr(settings, name).items())
    }
    stated = [
        EffectiveSetting(
            name=field.name,
            value=_shown(field.name, getattr(settings, field.name)),
            origin=_origin(field.name, environ, in_file, in_blog),
            help=field.metadata["help"],
        )
        for field in setting_fields()
    ]
    return stated + [
        EffectiveSetting(
            name=name,
            value=mask(text),
            origin=variable(name) if environ.get(variable(name)) else FILE,
            help="the same in one language",
        )
        for name, text in localized.items()
    ]


def _origin(
    name: str, environ: Mapping[str, str], in_file: set[str], in_blog: Mapping[str, str]
) -> str:
    if environ.get(variable(name)):  # empty means "not set"
        return variable(name)
    if name in in_file:
        return FILE
    if name in in_blog:
        return in_blog[name]
    if name == "site_url":
        variables = [word for word in ("HOST", "PORT") if word in environ]
        return " and ".join(variables) or "default"
    return "default"


def _shown(name: str, value: Any) -> Any:
    if name in _SECRETS:
        return MASK if value else ""
    if isinstance(value, tuple):
        return [mask(each) for each in value]
    if isinstance(value, int | float):
        return value
    return "" if value is None else mask(str(value))
