"""Checks that the folders which settings name can be used, before anything is written there."""

from __future__ import annotations

import os
from pathlib import Path

from feeds.setting_values import SettingsError, variable
from feeds.settings import Settings
from infra.private_files import private_folder


def check_folders(settings: Settings) -> None:
    """Makes the state directory. Raises `SettingsError` with one line that names the setting.

    Missing posts are refused on a new state only: a service that has posts on record serves
    them until the folder is back.
    """
    if trouble := state_trouble(settings):
        raise SettingsError(trouble)
    is_new = not any(settings.state_dir.glob("feedglot.sqlite3"))
    own_database = settings.database_url == f"sqlite:///{settings.state_dir / 'feedglot.sqlite3'}"
    if is_new and own_database and (trouble := posts_trouble(settings)):
        raise SettingsError(trouble)


def state_trouble(settings: Settings, *, make: bool = True) -> str | None:
    """Why the folders of state and databases cannot be used; None: they can.

    Without `make` nothing is made: the nearest folder that is there must be writable.
    """
    folders = {"state_dir": (str(settings.state_dir), settings.state_dir)}
    for name in ("database_url", "queue_url"):
        url = getattr(settings, name)
        if url.startswith("sqlite:///"):
            folders[name] = (url, Path(url.removeprefix("sqlite:///").partition("?")[0]).parent)
    for name, (written, folder) in folders.items():
        if trouble := _folder_trouble(folder, make=make):
            return f"{variable(name)}={written}: {trouble}"
    return None


def _folder_trouble(folder: Path, *, make: bool) -> str | None:
    remedy = "name a folder that the service may write"
    if folder.exists() and not folder.is_dir():
        return f"{folder} is a file, not a folder: {remedy}"
    try:
        if make:
            private_folder(folder)
    except OSError as error:
        return f"{folder} cannot be made: {error.strerror}: {remedy}"
    if not os.access(nearest(folder), os.W_OK | os.X_OK):
        return f"{nearest(folder)} is not writable: {remedy}"
    return None


def posts_trouble(settings: Settings) -> str | None:
    """Why no post can be read; None: the folder can be read."""
    folder = settings.posts_dir
    try:
        next(os.scandir(folder), None)
    except FileNotFoundError:
        trouble = "no such folder"
    except NotADirectoryError:
        trouble = "not a folder"
    except OSError as error:
        trouble = f"cannot be read: {error.strerror}"
    else:
        return None
    return f"{variable('posts_dir')}={folder}: {trouble}: name the folder of posts"


def nearest(path: Path) -> Path:
    """The path itself or the first folder above it that is there."""
    path = path.absolute()
    return next(one for one in (path, *path.parents) if one.is_dir())
