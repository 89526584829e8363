"""The command `feedglot`: puts the rooms on the path, then runs gunicorn or a Flask command.

In the wheel the rooms (`content`, `feeds`, `infra`, `translate`) lie in `feedglot/rooms`, so
that none of them overwrites another distribution's package of the same name. The path is
handed on in the environment: gunicorn, the supervisor and the translator are processes of
their own.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

NAME = "feedglot"
_HERE = Path(__file__).resolve().parent
# Of an installed wheel; in a checkout the rooms lie beside this package.
ROOMS = _HERE / "rooms" if (_HERE / "rooms").is_dir() else _HERE.parent


def main() -> None:
    """Runs the command line of this process."""
    set_path()
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"feedglot {version(NAME)}\n")
        return
    run_command()


def set_path() -> None:
    """Puts the rooms before everything else on the path, for this process and its children.

    The working folder goes last: a blog may have a folder `content` or a file `feeds.py`.
    """
    sys.path.insert(0, str(ROOMS))
    inherited = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    # gunicorn puts the working folder first, unless it is there already.
    path = dict.fromkeys([str(ROOMS), *inherited, str(Path.cwd())])
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.environ["PYTHONSAFEPATH"] = "1"  # `python -m` does not put it first either
    os.environ["FEEDGLOT_COMMAND"] = NAME  # what messages call the command


def run_command() -> None:
    """Runs `serve`, or one of the commands that a checkout has under `flask`."""
    import click
    from flask import Flask
    from flask.cli import FlaskGroup

    from feeds.cli.service import make_backup, restore_backup, run_doctor

    def create_app() -> Flask:
        from wsgi import app

        return app

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("options", nargs=-1, metavar="[OPTION]...", type=click.UNPROCESSED)
    def serve(options: tuple[str, ...]) -> None:
        """Serve the feeds, and translate, until stopped.

        HOST and PORT (127.0.0.1, 8000) are the address, WEB_CONCURRENCY the number of
        workers, FEEDS_... the settings (`feedglot config`). OPTIONs are those of gunicorn.
        """
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOMS / "gunicorn.conf.py")]
        os.execv(command[0], [*command, *options])  # noqa: S606

    group = FlaskGroup(
        name=NAME,
        create_app=create_app,
        add_default_commands=False,
        add_version_option=False,
        help="Feeds of a blog in several languages, translated on this machine.",
    )
    group.params.clear()  # --app, --env-file and --debug are the checkout's
    # These run where the app does not start: the group finds them without loading it.
    for command in (serve, run_doctor, make_backup, restore_backup):
        group.add_command(command)
    group.main(prog_name=NAME)
