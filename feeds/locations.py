"""Where state, configuration and sample posts lie in a checkout, and where outside one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.command_name import VARIABLE

FILE = "feedglot.toml"
_ROOT = Path(__file__).resolve().parents[1]  # of the checkout, or of the rooms in a wheel


def in_checkout(environ: Mapping[str, str], folder: Path) -> bool:
    """Whether the defaults are the checkout's own folders.

    They are for `flask` and gunicorn; the command `feedglot` runs in any folder, and means
    the checkout only where it runs in it.
    """
    if not (_ROOT / "pyproject.toml").is_file():
        return False
    return folder.resolve() == _ROOT or not environ.get(VARIABLE)


def config_file(environ: Mapping[str, str], folder: Path) -> Path:
    """The settings file: that of the folder, else outside a checkout that of the user."""
    here = folder / FILE
    if here.is_file() or in_checkout(environ, folder):
        return here
    users = _base(environ, "XDG_CONFIG_HOME", ".config") / "feedglot" / FILE
    return users if users.is_file() else here


def default_folders(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The settings that have another default outside a checkout."""
    if in_checkout(environ, folder):
        return {}
    return {
        "posts_dir": str(_ROOT / "content" / "posts"),
        "state_dir": str(_base(environ, "XDG_STATE_HOME", ".local/state") / "feedglot"),
    }


def _base(environ: Mapping[str, str], name: str, default: str) -> Path:
    """A base directory of the XDG specification, which leaves relative paths aside."""
    given = Path(environ.get(name, ""))
    if given.is_absolute():
        return given
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / default
