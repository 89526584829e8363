"""Settings with a text per language: the site's title and description, names of authors.

`FEEDS_SITE_TITLE_EN` is the title in English; in the file, `site_title` may be a table of
languages in place of a text, and `author_names` is a table of such tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from feeds.setting_values import SettingsError, variable

Texts = Mapping[str, str]  # by language
LOCALIZED = {"site_title": "site_titles", "site_description": "site_descriptions"}
AUTHOR_NAMES = "author_names"


def is_localized(name: str) -> bool:
    """Whether a name that is no setting of its own states a text in one language."""
    return name == AUTHOR_NAMES or any(name.startswith(f"{base}_") for base in LOCALIZED)


def take_localized(given: dict[str, Any]) -> dict[str, Any]:
    """Takes the texts per language out of `given`; returns them by field of `Settings`."""
    found: dict[str, Any] = {}
    for base, field in LOCALIZED.items():
        texts: dict[str, str] = {}
        if isinstance(given.get(base), Mapping):
            texts |= _texts(base, given.pop(base))
        for name in [name for name in given if name.startswith(f"{base}_")]:
            code = name.removeprefix(f"{base}_").replace("_", "-")
            texts |= _texts(base, {code: given.pop(name)})
        if texts:
            found[field] = texts
    if AUTHOR_NAMES in given:
        authors = given.pop(AUTHOR_NAMES)
        if not isinstance(authors, Mapping):
            raise SettingsError(
                f"{AUTHOR_NAMES}: not a table: write [{AUTHOR_NAMES}] and below it "
                '"山田" = { en = "Yamada" }'
            )
        found[AUTHOR_NAMES] = {
            name: _texts(f'{AUTHOR_NAMES}."{name}"', texts) for name, texts in authors.items()
        }
    return found


def localized_name(base: str, code: str) -> str:
    """The name of a text in one language: site_title_en."""
    return f"{base}_{code.lower().replace('-', '_')}"


def check_localized(name: str, texts: Texts, languages: Iterable[str]) -> None:
    """Raises `SettingsError` for a language that is not served."""
    known = tuple(languages)
    for code in texts:
        if code not in known:
            written = localized_name(name, code)
            shown = variable(written) if name in LOCALIZED else f"{name}: {code}"
            raise SettingsError(
                f"{shown}: {code!r} is not served: add it to {variable('languages')}"
                f"={','.join(known)}, or remove the line"
            )


def _texts(name: str, texts: Any) -> Texts:
    if not isinstance(texts, Mapping):
        raise SettingsError(f'{name}: not a table of languages: write {{ en = "Yamada" }}')
    for code, text in texts.items():
        if not isinstance(text, str):
            raise SettingsError(f"{name}: {code}: not a text: put it in quotes")
    return {str(code).lower(): text for code, text in texts.items() if text.strip()}
