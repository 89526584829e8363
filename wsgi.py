"""The WSGI app, for gunicorn and flask."""

from __future__ import annotations

import atexit
import sys

import click

from feeds.app import create_app
from feeds.folders import check_folders
from feeds.services import services
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from feeds.store.ledger_connection import DatabaseAwayError
from feeds.store.posts_folder import PostsFolderError
from infra.locks import WorkersLock
from infra.migrations import NewerDatabaseError
from translate.worker.launcher import start_supervisor

_command = click.get_current_context(silent=True)
_serves = _command is None or _command.info_name == "run"
try:
    settings = Settings.load()
    check_folders(settings)
    if _serves:
        # Before the database is opened: a restore keeps its place until it is done.
        workers_lock = WorkersLock(settings.state_dir)
        workers_lock.share()
    # The service waits for its database; a command fails, because it may be a nightly one.
    app = create_app(settings, wait=_serves)
    if _serves:
        services(app).site.check_folder(record=True)
except (
    SettingsError,
    DatabaseAwayError,
    NewerDatabaseError,
    PostsFolderError,
    OSError,
) as error:
    if _command is None:
        raise
    sys.exit(f"Error: {error}")  # `flask --help` shows a ClickException with its traceback
if _command:  # a web worker has no use for the commands, nor for what they import
    from feeds.cli import models, service

    models.register(app)
    service.register(app)

if _command and _serves:
    # gunicorn.conf.py does this for gunicorn.
    if settings.translator == "embedded":
        atexit.register(start_supervisor(settings.translator_options()).stop)
    services(app).start()
