"""Clients that hold connections and give nothing for them: each kind that a service meets."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_GET = "GET {path} HTTP/1.1\r\nHost: slow.example\r\n"
_PACE = 0.5  # seconds between two drops of those that trickle


class Crowd:
    """So many connections of one kind, held open, and opened again when the service ends them.

    `path` is what those ask for that get as far as asking, `source` the address they have.
    """

    def __init__(
        self, kind: str, port: int, number: int, path: str, source: str = "127.0.0.1"
    ) -> None:
        self._kind, self._port, self._number, self._path = kind, port, number, path
        self._source = source
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.opened = 0
        self._rounds = 0

    def __enter__(self) -> Crowd:
        for _ in range(self._number):
            self._open()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _open(self) -> None:
        client = socket.socket()
        # What it does not read stays with the service.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # As over a network: on the loopback the kernel would take megabytes for it.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        client.bind((self._source, 0))
        client.settimeout(5)
        client.connect(("127.0.0.1", self._port))
        client.setblocking(False)
        self.opened += 1
        first, self._more = KINDS[self._kind]
        _send(client, first(self._path))
        reads = "not read" not in self._kind and self._kind != "no end after the last answer"
        # Its own end of a connection that nobody reads from says nothing when it is closed.
        self._selector.register(client, selectors.EVENT_READ if reads else selectors.EVENT_WRITE)

    def _run(self) -> None:
        while not self._stop.is_set():
            for key, events in self._selector.select(0):
                client = key.fileobj
                assert isinstance(client, socket.socket)
                if events & selectors.EVENT_READ and _has_ended(client):
                    self._selector.unregister(client)
                    client.close()
                    self._open()
            more = self._more(self._rounds)
            for key in list(self._selector.get_map().values()) if more else ():
                _send(key.fileobj, more)  # type: ignore[arg-type]
            self._rounds += 1
            self._stop.wait(_PACE)

    def goes_on(self) -> None:
        """Waits until each has done more than begin."""
        end = self._rounds + 3
        while self._rounds < end:
            assert self._thread.is_alive()
            time.sleep(0.05)


def _send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # full, or ended: seen at the next look
        client.send(data)


def _has_ended(client: socket.socket) -> bool:
    try:
        while data := client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return not data


def _nothing(_: int) -> bytes:
    return b""


def _get(path: str) -> bytes:
    return _GET.format(path=path).encode()


# What a connection begins with, and what it sends from time to time.
KINDS: dict[str, tuple[Callable[[str], bytes], Callable[[int], bytes]]] = {
    "silence": (lambda _: b"", _nothing),
    "headers that do not end": (_get, lambda n: b"X-%d: a\r\n" % n),
    "a flood of headers": (_get, lambda n: b"".join(b"X-%d: a\r\n" % i for i in range(5000))),
    "a header without end": (lambda path: _get(path) + b"X: ", lambda _: b"a" * 60000),
    "a body that does not end": (
        lambda path: _get(path) + b"Content-Length: 1000000\r\n\r\n",
        lambda _: b"a",
    ),
    "no end after the last answer": (
        lambda path: _get(path) + b"Connection: close\r\n\r\n",
        _nothing,
    ),
    "idle after an answer": (lambda path: _get(path) + b"\r\n", _nothing),
    "answers that are not read": (lambda path: _get(path) + b"\r\n", _nothing),
    "more answers that are not read": (lambda path: (_get(path) + b"\r\n") * 100, _nothing),
}
