"""The door: `gunicorn` and `flask` find the app here."""

from __future__ import annotations

import atexit

import click

from feeds import operate
from feeds.app import create_app
from feeds.cli import register
from feeds.settings import Settings
from translate.launch import start_supervisor

settings = Settings.load()
app = create_app(settings)
register(app)
operate.register(app)

_command = click.get_current_context(silent=True)
if _command and _command.info_name == "run":
    # gunicorn's configuration file does this for gunicorn; `flask run` has nobody else.
    if settings.translator == "embedded":
        atexit.register(start_supervisor(settings).stop)
    app.extensions["feedglot"].start()
