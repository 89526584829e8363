"""The parts of the build that pyproject.toml cannot say.

A wheel has one package, `feedglot`, and the rooms below it: names such as `translate` and
`content` belong to others on PyPI. In a checkout (`pip install -e .`) the rooms are where
they are, and `flask` has commands of its own.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

ROOMS = ("content", "feeds", "infra", "translate")
FILES = ("wsgi.py", "gunicorn.conf.py")

# Found without loading the app, which would not start where they are needed.
FLASK_COMMANDS = [
    "backup = feeds.cli.service:make_backup",
    "doctor = feeds.cli.service:run_doctor",
    "restore = feeds.cli.service:restore_backup",
]


class BuildRooms(build_py):
    """Puts the rooms of a wheel into feedglot/rooms."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        built = Path(self.build_lib)
        rooms = built / "feedglot" / "rooms"
        shutil.rmtree(rooms, ignore_errors=True)
        rooms.mkdir(parents=True)
        for name in ROOMS:
            (built / name).rename(rooms / name)
        for name in FILES:
            shutil.copyfile(name, rooms / name)


class EditableRooms(editable_wheel):
    """Writes the entry points into the checkout's own metadata too, which `python -m` finds."""

    def run(self) -> None:
        super().run()
        metadata = self.reinitialize_command("egg_info")
        metadata.ensure_finalized()
        metadata.run()


setup(
    cmdclass={"build_py": BuildRooms, "editable_wheel": EditableRooms},
    entry_points={
        "console_scripts": ["feedglot = feedglot.command:main"],
        # An environment of somebody else's Flask application gets none of them.
        "flask.commands": FLASK_COMMANDS if "editable_wheel" in sys.argv else [],
    },
)
