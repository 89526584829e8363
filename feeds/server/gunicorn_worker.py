"""gunicorn's processes, waitress's connections: no client keeps a thread waiting.

gunicorn's own worker of threads gives one to a connection before its request is there, and
has it back when the client has taken the last byte: forty half heads, and nobody else was
answered within fifteen seconds. waitress takes requests in and hands answers out in one
loop; its threads see only what is there whole.

A worker that cannot start makes gunicorn end them all. Here it does so only where no other
serves: after an edit of settings or code that was none too good, the others go on.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from mmap import mmap
from typing import TYPE_CHECKING

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from feeds.setting_values import SettingsError
from feeds.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from feeds.web.middleware.fast_path import FastPath  # imports metrics, which only a worker may

HEAD_BYTES = 32_768
IDLE_SECONDS = 10  # without a byte from or to a client
STOP_SECONDS = 2.0  # that answers under way have when the service stops
RELOAD_SECONDS = 10.0  # the same when other workers take over
_LOOK = 0.5  # seconds; how late it is noticed that the worker is to stop
_ACCEPTED = 16  # clients at each turn of the loop; the other workers want some too
_PAUSE = 5.0  # seconds between two tries to start
# Seconds that a thread computes on while another one wants to. The loop asks for its turn after
# all that it reads or writes: with Python's 5 ms, polls beside new feeds took twice as long.
_SLICE = 0.0005
FIRST_WORD = 2.0  # seconds that a new connection has for its request at a reload
STOP_FIRST_WORD = 0.3  # the same when the service stops


class _Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Leaves the connection open after an answer that has no body, as 304 (RFC 9112, 9.3)."""

    def set_close_on_finish(self) -> None:
        # waitress takes it for a body of unknown length, which only the end of the connection
        # ends: each poll would cost its reader, or the proxy before us, a new connection.
        if self.has_body or self.version == "1.0" or self._client_closes():
            super().set_close_on_finish()

    def _client_closes(self) -> bool:
        return bool(self.request.headers.get("CONNECTION", "").lower() == "close")


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Closes the connection after a request whose end two parsers may see in two places.

    A proxy that believes the other of Content-Length and Transfer-Encoding would take what
    follows for a request of its own: request smuggling (RFC 9112, 6.1).
    """

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        is_framed_twice = self.chunked and "CONTENT_LENGTH" in self.headers
        if is_framed_twice or "TRANSFER_ENCODING" in self.headers:  # left there in HTTP/1.0
            self.headers["CONNECTION"] = "close"
            self.connection_close = True


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A client's connection."""

    parser_class = _Parser
    waits = False  # with what was sent ahead, until the answer before it has been taken
    _prepared: _Task | None = None

    def received(self, data: bytes) -> bool:
        found = bool(super().received(data))
        self._answer()
        return found

    def writable(self) -> bool:
        return bool(super().writable() or self.waits)

    def handle_write(self) -> None:
        super().handle_write()
        if self.waits and self.connected and not self.total_outbufs_len:
            self.waits = False
            self.server.add_task(self)
            self._answer()

    def _answer(self) -> None:
        while self._prepared:  # what was sent ahead may be another one
            self.service()
            super().handle_write()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Nothing: here waitress lets a thread wait for a client, for ever if that likes."""

    def prepare(self, fast_path: FastPath) -> bool:
        """Whether the next request is a poll that the loop can answer."""
        request = self.requests[0]
        if request.error:
            return False
        if fast_path.is_known(request.path):
            task = _Task(self, request)
            if fast_path.prepare(task.get_environment()):
                self._prepared = task
        return self._prepared is not None

    def task_class(self, _: HTTPChannel, request: HTTPRequestParser) -> _Task:
        task, self._prepared = self._prepared, None
        return task or _Task(self, request)


class _Answering(BaseWSGIServer):  # type: ignore[misc]
    """Of a server: polls are answered in its loop, without a thread's being woken for each.

    That wait is most of what a poll takes, and where the translator has the other processors,
    one in a hundred took ten times as long for it.
    """

    channel_class = _Channel
    fast_path: FastPath | None = None
    loop = 0

    def add_task(self, channel: _Channel) -> None:
        # Threads call this too, for what a client has sent ahead: nobody would answer it then.
        in_loop = threading.get_ident() == self.loop
        if channel.total_outbufs_len:
            channel.waits = True
        elif not (self.fast_path and in_loop and channel.prepare(self.fast_path)):
            super().add_task(channel)

    def maintenance(self, now: float) -> None:
        super().maintenance(now)  # of those that wait for no answer
        for channel in self.active_channels.values():
            if channel.waits and channel.last_activity < now - IDLE_SECONDS:
                channel.will_close = True

    def handle_accept(self) -> None:
        # waitress takes one at each turn of the loop, which is longer the more there are.
        most = min(_ACCEPTED, self.adj.connection_limit - len(self._map))
        clients = -1
        while most > 0 and len(self.active_channels) != clients:
            most, clients = most - 1, len(self.active_channels)
            super().handle_accept()

    def pull_trigger(self) -> None:
        if threading.get_ident() != self.loop:  # which need not be woken by itself
            super().pull_trigger()


class _TcpServer(_Answering, TcpWSGIServer):  # type: ignore[misc]
    pass


class _UnixServer(_Answering, UnixWSGIServer):  # type: ignore[misc]
    pass


def open_server(
    app: WSGIApplication,
    listener: socket.socket,
    lines: dict[int, wasyncore.dispatcher],
    dispatcher: ThreadedTaskDispatcher,
    *,
    connections: int,
    fast_path: FastPath | None,
) -> BaseWSGIServer:
    """Adds a server to the loop of this thread, which is the one to run it."""
    kind = _UnixServer if listener.family == socket.AF_UNIX else _TcpServer
    adjustments = Adjustments(
        sockets=[listener],
        connection_limit=connections,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        max_request_header_size=HEAD_BYTES,
        max_request_body_size=HEAD_BYTES,  # nothing here reads a body
        clear_untrusted_proxy_headers=False,  # TrustedProxies decides, and must see them
        ident=None,
    )
    server = kind(
        app,
        lines,
        _sock=listener,
        dispatcher=dispatcher,
        adj=adjustments,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        bind_socket=False,
    )
    server.fast_path = fast_path
    server.loop = threading.get_ident()
    return server


class WaitressWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """As many threads as `threads` says, and `worker_connections` clients at once."""

    others_serve = False  # said before the fork
    stopping: mmap | None = None  # its first byte is 1 once the whole service stops

    @property
    def serves(self) -> bool:
        """Whether it has begun to, as another process sees it."""
        # gunicorn's sign of life is a file's time: the wall clock's until the first one.
        return bool(self.tmp.last_update() <= time.monotonic())

    def init_process(self) -> None:
        try:
            super().init_process()
        except Exception:
            if self.booted or not self.others_serve:
                raise
            self.log.exception(
                "this worker cannot start, others serve; tried again after %g s", _PAUSE
            )
            end = time.monotonic() + _PAUSE
            while self.alive and time.monotonic() < end:
                time.sleep(0.1)
            sys.exit(1)  # not the code of a worker that failed to boot

    def run(self) -> None:
        sys.setswitchinterval(_SLICE)
        lines: dict[int, wasyncore.dispatcher] = {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        servers = [
            open_server(
                self.wsgi,
                listener.sock,
                lines,
                dispatcher,
                connections=self.cfg.worker_connections,
                fast_path=self.wsgi.extensions.get("feedglot.fast_path"),
            )
            for listener in self.sockets
        ]
        while self.alive and self.ppid == os.getppid():
            self._look(lines)
        for line in lines.values():
            line.accepting = False
        stops = self.stopping is not None and self.stopping[0]
        deadline = time.monotonic() + (STOP_SECONDS if stops else RELOAD_SECONDS)
        first_word = STOP_FIRST_WORD if stops else FIRST_WORD
        while _hang_up(lines, first_word) and time.monotonic() < deadline:
            self._look(lines)
        for server in servers:
            server.close()

    def _look(self, lines: dict[int, wasyncore.dispatcher]) -> None:
        self.notify()
        wasyncore.loop(timeout=_LOOK, use_poll=True, map=lines, count=1)
        clients = _clients(lines)
        if len(lines) >= self.cfg.worker_connections:
            # Who comes gets the place of who has been silent longest.
            waiting = [client for client in clients if client.waits or not client.requests]
            for client in sorted(waiting, key=lambda client: client.last_activity)[:1]:
                client.will_close = True
        for client in clients:
            # waitress would wait for those that take no answer to take a little more of it.
            if client.will_close:
                client.handle_close()


def _clients(lines: dict[int, wasyncore.dispatcher]) -> list[HTTPChannel]:
    return [line for line in lines.values() if isinstance(line, HTTPChannel)]


def _hang_up(lines: dict[int, wasyncore.dispatcher], first_word: float) -> int:
    """Ends the connections that wait for nothing; how many there were.

    A new one has `first_word` seconds for its request, which may be on its way.
    """
    clients = _clients(lines)
    latest = time.time() - first_word
    for client in clients:
        has_spoken = client.last_activity > client.creation_time
        is_busy = client.requests or client.total_outbufs_len or client.request
        if not is_busy and (has_spoken or client.creation_time < latest):
            client.will_close = True
    return len(clients)


_settings: Settings | None = None


def settings_in_effect() -> Settings:
    """The settings as they are now, or, where these are wrong, as they were.

    Read by gunicorn's arbiter, which an error would end on a reload; the new workers read
    them too, and say what is wrong.
    """
    global _settings
    try:
        _settings = Settings.load()
    except SettingsError as error:
        if _settings is None:
            sys.exit(f"Error: {error}")  # without the traceback that gunicorn would print
    return _settings
