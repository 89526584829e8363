"""gunicorn worker that hands its connections to waitress: no client ties up a thread.

gunicorn's gthread worker ties up a thread per connection, so 40 slow clients blocked all
others for 15 s. waitress reads requests and writes responses in one loop; threads see
complete requests only.

gunicorn ends the service when a worker cannot start. This worker does so only while no other
worker serves: if a reload fails, the old workers keep serving.
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
from infra.malloc import return_freed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from feeds.web.middleware.fast_path import FastPath  # imports metrics, which only a worker may

HEAD_BYTES = 32_768
IDLE_SECONDS = 10  # without a byte from or to a client
STOP_SECONDS = 2.0  # for responses in progress when the service stops
RELOAD_SECONDS = 10.0  # the same when new workers take over
_POLL_SECONDS = 0.5  # how late the loop notices that the worker has to stop
_ACCEPTED = 16  # connections accepted per iteration; the other workers need some too
_RETRY_SECONDS = 5.0  # between two attempts to start
# Python's switch interval. The loop takes the GIL after each read and write: with the default
# of 5 ms, polls during the builds of new feeds took twice as long.
_SWITCH_SECONDS = 0.0005
FIRST_REQUEST_SECONDS = 2.0  # for the first request of a new connection, at a reload
STOP_FIRST_REQUEST_SECONDS = 0.3  # the same when the service stops


class _Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """A request in work. Keeps the connection open after a 304 (RFC 9112, 9.3)."""

    def set_close_on_finish(self) -> None:
        # waitress takes a missing body for one of unknown length and closes the connection:
        # each poll would cost the client, or the proxy in front, a new connection.
        if self.has_body or self.version == "1.0" or self._client_closes():
            super().set_close_on_finish()

    def _client_closes(self) -> bool:
        return bool(self.request.headers.get("CONNECTION", "").lower() == "close")


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Request parser. Closes the connection after a request with two framings.

    If a proxy believes Content-Length where we believe Transfer-Encoding, the rest of the
    bytes becomes a request of its own: request smuggling (RFC 9112, 6.1).
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
    waits = False  # a pipelined request waits until the client has taken the response before
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
        while self._prepared:  # a pipelined request may be another poll
            self.service()
            super().handle_write()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Does nothing: waitress would let the thread wait for the client, without a limit."""

    def prepare(self, fast_path: FastPath) -> bool:
        """Whether the loop can answer the next request itself: a poll of a cached feed."""
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
    """Server that answers polls in its loop, without waking a thread.

    Waking one is most of what a poll costs: while the translator uses the other processors,
    one poll in a hundred took ten times as long.
    """

    channel_class = _Channel
    fast_path: FastPath | None = None
    loop = 0

    def add_task(self, channel: _Channel) -> None:
        # Threads call this too, for pipelined requests; only the loop answers polls itself.
        in_loop = threading.get_ident() == self.loop
        if channel.total_outbufs_len:
            channel.waits = True
        elif not (self.fast_path and in_loop and channel.prepare(self.fast_path)):
            super().add_task(channel)

    def maintenance(self, now: float) -> None:
        super().maintenance(now)  # closes idle connections without a request
        for channel in self.active_channels.values():
            if channel.waits and channel.last_activity < now - IDLE_SECONDS:
                channel.will_close = True

    def handle_accept(self) -> None:
        # waitress accepts one per iteration, and an iteration gets longer with every connection.
        most = min(_ACCEPTED, self.adj.connection_limit - len(self._map))
        clients = -1
        while most > 0 and len(self.active_channels) != clients:
            most, clients = most - 1, len(self.active_channels)
            super().handle_accept()

    def pull_trigger(self) -> None:
        if threading.get_ident() != self.loop:  # the loop need not wake itself
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
    """Adds a server to the loop of the calling thread; that thread must run the loop."""
    kind = _UnixServer if listener.family == socket.AF_UNIX else _TcpServer
    adjustments = Adjustments(
        sockets=[listener],
        connection_limit=connections,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        max_request_header_size=HEAD_BYTES,
        max_request_body_size=HEAD_BYTES,  # the only bodies are forms with one sentence
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
    """gunicorn worker with `threads` threads and up to `worker_connections` connections."""

    others_serve = False  # set before the fork
    stopping: mmap | None = None  # first byte 1: the whole service stops; set before the fork

    @property
    def serves(self) -> bool:
        """Whether the worker has started to serve, as another process sees it."""
        # gunicorn's heartbeat is the time of a file: wall clock until the first beat.
        return bool(self.tmp.last_update() <= time.monotonic())

    def init_process(self) -> None:
        return_freed()
        try:
            super().init_process()
        except Exception:
            if self.booted or not self.others_serve:
                raise
            self.log.exception(
                "this worker cannot start, others serve; retried in %g s", _RETRY_SECONDS
            )
            end = time.monotonic() + _RETRY_SECONDS
            while self.alive and time.monotonic() < end:
                time.sleep(0.1)
            sys.exit(1)  # not gunicorn's code for a worker that failed to boot

    def run(self) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
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
        patience = STOP_FIRST_REQUEST_SECONDS if stops else FIRST_REQUEST_SECONDS
        while _hang_up(lines, patience) and time.monotonic() < deadline:
            self._look(lines)
        for server in servers:
            server.close()

    def _look(self, lines: dict[int, wasyncore.dispatcher]) -> None:
        self.notify()
        wasyncore.loop(timeout=_POLL_SECONDS, use_poll=True, map=lines, count=1)
        clients = _clients(lines)
        if len(lines) >= self.cfg.worker_connections:
            # A new client gets the place of the one that has been silent longest.
            waiting = [client for client in clients if client.waits or not client.requests]
            for client in sorted(waiting, key=lambda client: client.last_activity)[:1]:
                client.will_close = True
        for client in clients:
            # waitress would wait until a client that reads nothing reads a little more.
            if client.will_close:
                client.handle_close()


def _clients(lines: dict[int, wasyncore.dispatcher]) -> list[HTTPChannel]:
    return [line for line in lines.values() if isinstance(line, HTTPChannel)]


def _hang_up(lines: dict[int, wasyncore.dispatcher], patience: float) -> int:
    """Closes idle connections; returns how many connections there were.

    A new connection has `patience` seconds: its first request may be in transit.
    """
    clients = _clients(lines)
    latest = time.time() - patience
    for client in clients:
        has_spoken = client.last_activity > client.creation_time
        is_busy = client.requests or client.total_outbufs_len or client.request
        if not is_busy and (has_spoken or client.creation_time < latest):
            client.will_close = True
    return len(clients)


_settings: Settings | None = None


def settings_in_effect() -> Settings:
    """The current settings; if they are wrong, the last good ones.

    An error here would end gunicorn's master at a reload. The new workers load the settings
    too, and log what is wrong.
    """
    global _settings
    try:
        _settings = Settings.load()
    except SettingsError as error:
        if _settings is None:
            sys.exit(f"Error: {error}")  # without the traceback that gunicorn would print
    return _settings
