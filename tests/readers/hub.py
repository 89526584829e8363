"""A WebSub hub on loopback: Flask-WebSub's, with threads where it would have Celery.

python hub.py PORT DATABASE
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage


class Task:
    """As much of a Celery task as the hub uses."""

    request = type("Request", (), {"retries": 0})

    def __init__(self, run: Callable[..., Any], bind: bool) -> None:
        self._run = run
        self._bind = bind

    def delay(self, *arguments: Any) -> None:
        bound = (self, *arguments) if self._bind else arguments
        threading.Thread(target=self._run, args=bound, daemon=True).start()

    def retry(self, countdown: float) -> None:
        raise RuntimeError("the subscriber did not take the content")


class Threads:
    """As much of Celery."""

    def task(self, bind: bool = False, **_: Any) -> Callable[[Callable[..., Any]], Task]:
        return lambda run: Task(run, bind)


def main(port: int, database: str) -> None:
    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True
    hub = Hub(SQLite3HubStorage(database), Threads(), **app.config)
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
    app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
