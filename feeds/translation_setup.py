"""The glossary that the settings name."""

from __future__ import annotations

import click

from feeds.settings import Settings
from translate.quality.glossary import STARTER, GlossaryError
from translate.quality.glossary_files import GlossaryFiles


def glossary_files(settings: Settings) -> GlossaryFiles:
    try:
        return GlossaryFiles(*filter(None, (STARTER, settings.glossary)))
    except (GlossaryError, OSError) as error:
        raise click.ClickException(f"the glossary cannot be used: {error}") from error
