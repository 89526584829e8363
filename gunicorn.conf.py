"""Configuration of gunicorn: `gunicorn` in the checkout starts the whole service.

The translator is a separate process that this file starts. gunicorn reads this file again on
HUP and drops all its variables, so handles are attributes of the arbiter (`server`).
"""

import functools
import gc
import mmap
import os
import resource
import signal
import sys
import time
from pathlib import Path

from gunicorn.glogging import Logger

from feeds.folders import check_folders
from feeds.server import addresses, libraries, masters
from feeds.server.gunicorn_worker import RELOAD_SECONDS, settings_in_effect
from feeds.setting_values import SettingsError, listen_address
from infra import log_format
from translate.worker.launcher import start_supervisor

ROOMS = {"content", "feeds", "infra", "translate"}  # the packages of this project
settings = settings_in_effect()


class logger_class(Logger):  # noqa: N801 - the setting's name
    def access(self, resp, req, environ, request_time):
        """Does nothing: the app logs one line per request, with an id and without an address."""


_host, _port = listen_address(os.environ)

wsgi_app = "wsgi:app"
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "feeds.server.gunicorn_worker.WaitressWorker"
threads = settings.threads
# A client that hangs occupies a connection, not a thread. Files and the database need handles too.
worker_connections = min(500, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
# The translator needs processors too; with two workers, one serves while the other is replaced.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, max(2, os.cpu_count() or 1)))
timeout = 60
graceful_timeout = 4  # of a stop: the workers end after gunicorn_worker.STOP_SECONDS
RELOAD_TIMEOUT_SECONDS = 60  # for new workers to start
logconfig_dict = log_format.config("web", settings.log)
control_socket_disable = True  # it would add an unused thread and socket


def on_starting(server):
    """Called once before the addresses are bound: exits with one line if it cannot serve."""
    if server.cfg.is_ssl:
        sys.exit("Error: certfile, keyfile: the workers do not support TLS: put nginx in front")
    inherits = "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ  # USR2, systemd
    if not inherits and not server.cfg.reuse_port:
        conflict = addresses.conflict(server.cfg.address, settings.state_dir)
        if conflict:
            sys.exit(f"Error: {conflict}")
    try:
        check_folders(settings)
    except SettingsError as error:
        sys.exit(f"Error: {error}")


def child_exit(server, worker):
    """Called after a worker has ended: adds its counts to those of earlier workers."""
    from feeds.server.dead_workers import fold

    try:
        fold(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), worker.pid)
    except (OSError, ValueError) as error:  # a full disk must not stop the server
        server.log.error("the counts of worker %d are lost: %s", worker.pid, error)


def when_ready(server):
    """Called after the addresses are bound: registers the master, starts the translator."""
    for master in masters.living(settings.state_dir):
        server.log.info(
            "process %d serves the same state (%s) at %s: both serve it, and the translator of "
            "the one that started first works for both",
            *(master.pid, settings.state_dir, ", ".join(master.addresses)),
        )
    server.feedglot_master = masters.register(
        settings.state_dir, tuple(str(listener) for listener in server.LISTENERS)
    )
    # prometheus_client reads the variable when it is imported.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(server.feedglot_master.folder)
    server.feedglot_translator = None
    server.feedglot_stopping = mmap.mmap(-1, 1)  # shared with every worker
    server.stop = functools.partial(_stop, server)
    if settings.translator == "embedded":
        server.feedglot_translator = start_supervisor(settings.translator_options())
    libraries.share()
    for language in settings.languages:
        feeds = "  ".join(
            f"{settings.site_url}/{language}/feed.{extension}"
            for extension in ("atom", "rss", "json")
        )
        server.log.info("Feeds (%s): %s", language, feeds)


def _stop(server, graceful=True):
    """gunicorn's `stop`; the translator ends at the same time as the workers."""
    server.feedglot_stopping[0] = 1
    if server.feedglot_translator is not None:
        server.feedglot_translator.begin_stop()
    type(server).stop(server, graceful)


def _renew_translator(server):
    """Restarts the translator with the current settings."""
    running = server.feedglot_translator
    if settings.translator == "embedded":
        if running is None:
            server.feedglot_translator = start_supervisor(settings.translator_options())
        else:
            running.reload(settings.translator_options())
    elif running is not None:
        server.feedglot_translator = None
        running.stop()


def on_reload(server):
    """Called on HUP: the old workers serve until the new ones do, or stay if those cannot start.

    gunicorn stops the old workers (`manage_workers`) right after it has forked the new ones,
    which then need seconds to import and load everything.
    """
    last = server.worker_age

    def replace_workers():
        del server.manage_workers  # back to the method of the class
        new = {pid: worker for pid, worker in server.WORKERS.items() if worker.age > last}
        deadline = time.monotonic() + RELOAD_TIMEOUT_SECONDS
        while not all(worker.serves for worker in new.values()):
            if time.monotonic() > deadline or any(map(_has_ended, new)):
                server.log.error("Reload refused: the new workers do not start, the old ones stay")
                _end(server, new)
                return
            time.sleep(0.05)
        server.manage_workers()
        _renew_translator(server)

    server.manage_workers = replace_workers


def _has_ended(pid):
    """Whether the child has ended; leaves its exit status to gunicorn."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(server, new):
    """Stops the new workers; gunicorn itself would stop the oldest ones."""
    killed_at = time.monotonic() + RELOAD_SECONDS
    for pid in new:
        server.kill_worker(pid, signal.SIGTERM)
    while new.keys() & server.WORKERS.keys():
        if time.monotonic() > killed_at:
            for pid in new.keys() & server.WORKERS.keys():
                server.kill_worker(pid, signal.SIGKILL)
        server.reap_workers()
        time.sleep(0.05)


def pre_fork(server, worker):
    """Called before a fork: sets attributes that the worker cannot read after it."""
    worker.stopping = server.feedglot_stopping
    worker.others_serve = any(other.serves for other in server.WORKERS.values())


def post_fork(server, worker):
    """Called in the new worker: closes the translator's pipe and the master's lock."""
    server.feedglot_master.abandon()
    # The master imported these at its start; after a reload their files may be new. Its log
    # handlers read the request id from `infra.log_format`, so that module stays.
    for name in [name for name in sys.modules if name.partition(".")[0] in ROOMS]:
        if name != "infra.log_format":
            del sys.modules[name]
    if server.feedglot_translator is not None:
        server.feedglot_translator.abandon()


def on_exit(server):
    """Called at the end: waits for the translator, deletes the metrics."""
    running = getattr(server, "feedglot_translator", None)
    if running is not None:
        running.stop()
    server.feedglot_master.remove()


def post_worker_init(worker):
    """Called in the new worker: loads posts and templates before the first request."""
    # Not by `services`: benchmarks serve another app with this configuration.
    worker.wsgi.extensions["feedglot"].start()
    # An upgrade replaces files while the service runs: load the templates that fit the code.
    templates = worker.wsgi.jinja_env
    for name in templates.list_templates():
        templates.get_template(name)
    # Exclude all loaded objects from collections: one among 2,000 posts blocked every request
    # for 80 ms.
    gc.collect()
    gc.freeze()
