"""The libraries of the web workers: gunicorn's master imports them before it forks.

So the kernel keeps one copy of them for all workers, and no worker spends time on them: with 20
posts a worker takes 52 MB in place of 75, and two workers and their master start with 1.8 s of a
processor in place of 2.4. This project's own modules are not among them: after an upgrade HUP
starts workers that import the new ones.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

NAMES = (
    "backports.zstd",
    "brotli",
    "dateutil.parser",
    "feedgen.feed",
    "flask",
    "huey.storage",  # with the clients of Redis and PostgreSQL, if they are installed
    "inotify_simple",
    "liquid",
    "lxml.etree",
    "markdown_it",
    "mdit_py_plugins.deflist",
    "mdit_py_plugins.footnote",
    "mdit_py_plugins.gfm_autolink",
    "msgspec",
    "nh3",
    "packaging.version",
    "prometheus_client.core",
    "prometheus_client.multiprocess",
    "rapidfuzz.process",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "yaml",
)


def share() -> None:
    """Imports them. Call it before the first fork, and with PROMETHEUS_MULTIPROC_DIR set."""
    for name in NAMES:
        with suppress(ImportError):  # not on every system; what must be there fails in the worker
            import_module(name)
    # A collection writes to each object that it visits, and the kernel then copies the page.
    gc.collect()
    gc.freeze()
