"""Offline: a while in which Python's ways to the network raise, for the proof by doctor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_WAYS = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.send")

_tried: list[list[str]] = []  # what was tried, one list for each `offline` that lasts
_listening: list[bool] = []


class SocketRefusedError(RuntimeError):
    """Something wanted the network while it was not to."""


@contextmanager
def offline() -> Iterator[list[str]]:
    """While it lasts, connecting and looking up a name raise; gives what was tried.

    Python's audit hooks see every connection that its socket module makes, in any thread.
    They cannot be taken away again, so ours is put in place once and told when to look.
    """
    if not _listening:
        sys.addaudithook(_refuse)
        _listening.append(True)
    told: list[str] = []
    _tried.append(told)
    try:
        yield told
    finally:
        _tried.pop()


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if _tried and event.startswith(_WAYS):
        what = f"{event} {arguments[-1] if event == 'socket.connect' else arguments[0]}"
        _tried[-1].append(what)
        raise SocketRefusedError(what)
