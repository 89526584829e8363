"""What the site and its authors are called in each language."""

from __future__ import annotations

from content.taxonomy import term_slug
from feeds.model.messages import native_name, say
from feeds.settings import Settings


def site_title(settings: Settings, language: str) -> str:
    """The title in `language`: as the settings have it, else the original with the language.

    A machine never translates it: "山田の技術ブログ (English)".
    """
    original = settings.site_titles.get(settings.language, settings.site_title)
    stated = settings.site_titles.get(language)
    if stated or language == settings.language:
        return stated or original
    return f"{original} ({native_name(language)})"


def site_description(settings: Settings, language: str) -> str:
    """The description in `language`; a general one where the settings have none."""
    stated = settings.site_descriptions.get(language)
    if not stated and language == settings.language:
        stated = settings.site_description
    return stated or say(language, "subtitle", title=site_title(settings, language))


def author_name(settings: Settings, name: str, language: str) -> str:
    """An author's name in `language`; as the posts write it where the settings have none."""
    for written, names in settings.author_names.items():
        if written == name or term_slug(written) == term_slug(name):
            return names.get(language, name)
    return name
