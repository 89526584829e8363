"""Logs: one line per event, as text for a terminal or as JSON for a collector.

Web workers, supervisor and translator write the same way to stderr. A line of a request
carries its id, wherever in the code it was written.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Style = Literal["text", "json"]

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "process", "pid", "logger", "message", ...}` and an event's own fields.

    Those are given as `extra={"fields": {...}}`.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if known := request_id.get():
            line["request_id"] = known
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def config(process: str, style: Style) -> dict[str, Any]:
    """What `logging.config.dictConfig` and gunicorn's `logconfig_dict` take."""
    text = f"[%(asctime)s] [%(process)d] [%(levelname)s] {process}: %(message)s"
    formatter: dict[str, Any] = {"format": text, "datefmt": "%Y-%m-%d %H:%M:%S %z"}
    if style == "json":
        formatter = {"()": JsonFormatter, "process": process}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {
            # gunicorn keeps its lines from the root, and gives them handlers of its own.
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "alembic": {"level": "WARNING"},  # ten lines for one change of the schema
            "waitress.queue": {"level": "ERROR"},  # a line for each request that waits its turn
        },
    }


def configure(process: str, style: Style | None = None) -> None:
    """Logs of this process from now on. Without a style: that of `FEEDS_LOG`."""
    chosen = style or ("json" if os.environ.get("FEEDS_LOG") == "json" else "text")
    logging.config.dictConfig(config(process, chosen))
