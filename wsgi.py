"""The door: `gunicorn` and `flask` find the app here."""

from __future__ import annotations

from feeds import operate
from feeds.app import create_app
from feeds.cli import register
from feeds.settings import Settings

app = create_app(Settings.load())
register(app)
operate.register(app)
