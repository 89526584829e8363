"""gunicorn's worker of threads, behind a doorkeeper: no client keeps a thread waiting.

gunicorn's own gives a thread to a connection before its request is there, and takes it back
when the client has taken the whole answer: as many clients as there are threads, each with
a line that stalls, and nobody else is served (32 connections that sent half a head did it,
for as long as they liked). Here the worker's one loop takes requests in and hands the rest
of answers out, and threads see only what is there whole: they compute, and wait for nobody.

What a client holds is a place among the connections. Whoever comes when all are taken gets
the place of whoever has waited longest.

It stands on what gunicorn 27 has inside (`gunicorn/workers/gthread.py`), hence the bound in
pyproject.toml.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.util import write_error
from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10.0  # for a request's head, from its first byte to its last
HEAD_BYTES = 32_768
TAKE_SECONDS = 30.0  # without any of its answer taken by the client
LEAVE_SECONDS = 2.0  # for the client to close too
STOP_SECONDS = 2.0  # for heads that are under way when the worker is to stop
ANSWER_BYTES = 64_000_000  # of answers that clients have not taken yet
LOOK_SECONDS = 0.5  # how late it is noticed that a time is up


_PAUSE = 0.02  # seconds; when there is no handle for a connection, and no place to free
_OUT_OF_HANDLES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

# Connections that wait for their clients, and until when; who came first is first.
Waiting = dict[TConn, float]


class Line(socket.socket):
    """A connection that never waits, whatever gunicorn asks of it.

    What is written stays in `rest` until `flush` finds the client ready for it.
    """

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(fileno=accepted.detach())
        super().setblocking(False)
        self.head = bytearray()  # of the request that comes next
        self.has_ended = False  # the client sends no more
        self.rest: deque[memoryview] = deque()

    def setblocking(self, flag: bool) -> None:
        pass

    def settimeout(self, value: float | None) -> None:
        pass

    def recv(self, *arguments: Any) -> bytes:
        """What is there; nothing more is the end, for the parser: the head was whole."""
        try:
            return super().recv(*arguments)
        except BlockingIOError:
            return b""

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.rest.append(memoryview(data))

    def take_in(self) -> None:
        """Adds to the head what has come."""
        try:
            data = super().recv(HEAD_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.head += data
        self.has_ended = not data

    @property
    def is_whole(self) -> bool:
        return b"\r\n\r\n" in self.head

    @property
    def is_too_much(self) -> bool:
        return len(self.head) >= HEAD_BYTES

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to wait for: the head is whole, or never will be."""
        return self.is_whole or self.has_ended or self.is_too_much

    def flush(self) -> None:
        """Sends what the client takes now."""
        while self.rest:
            try:
                sent = self.sendmsg(list(self.rest)[:16])
            except BlockingIOError:
                return
            while self.rest and sent >= len(self.rest[0]):
                sent -= len(self.rest.popleft())
            if sent:
                self.rest[0] = self.rest[0][sent:]


class Doorkeeper(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._heads: Waiting = {}
        self._answers: Waiting = {}
        self._leaving: Waiting = {}
        self._is_short = False  # of handles
        self._looked = 0.0  # monotonic

    # The loop: all but `handle`, `handle_request` and `handle_error` runs in its thread

    def accept(self, listener: Any) -> None:
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in _OUT_OF_HANDLES:
                raise
            self._is_short = True

    def enqueue_req(self, conn: TConn) -> None:
        """Gives the connection's request to a thread, once its head is there."""
        if self.cfg.is_ssl:  # its bytes are not ours to read
            super().enqueue_req(conn)
            return
        if not isinstance(conn.sock, Line):
            conn.sock = Line(conn.sock)
        conn.sock.take_in()
        if conn.sock.is_settled:
            self._admit(conn)
        else:
            self._wait(conn, self._heads, HEAD_SECONDS, EVENT_READ, self._on_head)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """After the thread: first the answer's rest, then the next request or the end."""
        if self.cfg.is_ssl:
            super().finish_request(conn, fs)
        elif fs.cancelled() or fs.exception() or conn.sock.fileno() < 0:
            self._drop(conn)
        elif conn.sock.rest:
            ready = partial(self._on_taken, fs=fs)
            self._wait(conn, self._answers, TAKE_SECONDS, EVENT_WRITE, ready)
        elif not fs.result():
            self._say_goodbye(conn)
        elif early := conn.parser.unreader.take_buffered():
            conn.sock.head += early
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)  # kept alive

    def murder_pending(self) -> None:
        """Ends what has waited too long, and what others need the place of.

        Called after all that a look at the connections has found is done: before, it may
        have found something for the connection that is ended.
        """
        super().murder_pending()
        if self._is_short and not self._make_room():
            time.sleep(_PAUSE)  # all are at work: one will end
        self._is_short = False
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        slack = 0.0 if self.alive else HEAD_SECONDS - STOP_SECONDS
        for waiting, early in ((self._heads, slack), (self._answers, 0.0), (self._leaving, 0.0)):
            for conn in [conn for conn, until in waiting.items() if until - early <= now]:
                self._end(conn, waiting)
        while self._answers and self._held() > ANSWER_BYTES:
            self._end(next(iter(self._answers)), self._answers)

    def _on_head(self, conn: TConn, line: Line) -> None:
        line.take_in()
        if line.is_settled:
            self._come(conn, self._heads)
            self._admit(conn)

    def _admit(self, conn: TConn) -> None:
        line = conn.sock
        if line.is_whole:
            conn.init()
            conn.parser.unreader.unread(bytes(line.head))
            line.head.clear()
            super().enqueue_req(conn)
        elif line.is_too_much:
            write_error(line, 431, "Request Header Fields Too Large", "")
            with suppress(OSError):
                line.flush()
            self._say_goodbye(conn)
        else:
            self._drop(conn)

    def _on_taken(self, conn: TConn, line: Line, fs: Future[bool]) -> None:
        self._come(conn, self._answers)
        try:
            line.flush()
        except OSError:
            self._drop(conn)
        else:
            self.finish_request(conn, fs)  # with a new time, if this was not all

    def _on_leave(self, conn: TConn, line: Line) -> None:
        line.take_in()
        if line.has_ended or line.is_too_much:
            self._end(conn, self._leaving)

    def _say_goodbye(self, conn: TConn) -> None:
        """Closes once the client has: with something unread, the kernel would reset the
        connection, and the client lose the end of its answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            conn.sock.head.clear()
            self._wait(conn, self._leaving, LEAVE_SECONDS, EVENT_READ, self._on_leave)

    def _wait(self, conn: TConn, queue: Waiting, seconds: float, events: int, ready: Any) -> None:
        queue[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, events, partial(ready, conn))

    def _come(self, conn: TConn, queue: Waiting) -> None:
        del queue[conn]
        self.poller.unregister(conn.sock)

    def _end(self, conn: TConn, queue: Waiting) -> None:
        self._come(conn, queue)
        self._drop(conn)

    def _drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _held(self) -> int:
        """Bytes of answers that clients have not taken."""
        return sum(len(part) for conn in self._answers for part in conn.sock.rest)

    def _make_room(self) -> bool:
        """Ends the connection that is missed least; False: all are at work."""
        if self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
            self.poller.unregister(conn.sock)
            self._drop(conn)
            return True
        for queue in (self._leaving, self._heads, self._answers):
            if queue:
                self._end(next(iter(queue)), queue)
                return True
        return False

    # The threads

    def handle(self, conn: Any) -> Any:
        result = super().handle(conn)
        if isinstance(conn.sock, Line):
            conn.sock.flush()  # the usual client takes it in one
        return result

    def handle_request(self, req: Any, conn: Any) -> Any:
        # Nothing here reads a body, and nobody waits for its end to find the next request.
        if any(name in ("CONTENT-LENGTH", "TRANSFER-ENCODING") for name, _ in req.headers):
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        super().handle_error(req, client, None, exc)  # the log tells no address
