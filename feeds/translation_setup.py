"""The engine's options and the glossary, as the settings ask for them."""

from __future__ import annotations

import click

from feeds.settings import Settings
from translate.engines.factory import EngineOptions
from translate.quality.glossary import STARTER, GlossaryError
from translate.quality.glossary_files import GlossaryFiles


def engine_options(settings: Settings) -> EngineOptions:
    return EngineOptions(
        engine=settings.engine,
        packages=settings.packages,
        preferences=settings.preferences,
        threads=settings.translate_threads,
        batch_tokens=settings.translate_batch,
        compute=settings.translate_compute,
    )


def glossary_files(settings: Settings) -> GlossaryFiles:
    try:
        return GlossaryFiles(*filter(None, (STARTER, settings.glossary)))
    except (GlossaryError, OSError) as error:
        raise click.ClickException(f"the glossary cannot be used: {error}") from error
