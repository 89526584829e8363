"""Where the parts meet: one Flask app for one set of settings."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from feeds import api, errors, pages, postpage, statuspage, telemetry, web
from feeds.contents import Contents
from feeds.directory import Directory
from feeds.legible import Legible
from feeds.polls import Polls
from feeds.proxies import TrustedProxies
from feeds.serve import FeedServer
from feeds.settings import Settings
from feeds.site import Site
from feeds.status import Board
from feeds.traffic import Traffic
from feeds.upkeep import Upkeep
from feeds.watcher import Watcher
from feeds.websub import Publisher

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src * data:; media-src *; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes and commands of one app work with."""

    settings: Settings
    site: Site
    contents: Contents
    feeds: FeedServer
    watcher: Watcher
    traffic: Traffic
    board: Board
    directory: Directory
    upkeep: Upkeep
    publisher: Publisher
    polls: Polls

    def start(self) -> None:
        """Loads the posts and begins to follow them, and to tell of them."""
        self.watcher.start()
        self.publisher.start()


def parts() -> Parts:
    """The current app's parts."""
    found = current_app.extensions["feedglot"]
    assert isinstance(found, Parts)  # noqa: S101 - narrows the type
    return found


def create_app(settings: Settings, *, wait: bool = True) -> Flask:
    """The service. Nothing runs beside requests until `start` is called, or the first comes.

    A database that is away is waited for; without `wait` it is a `DatabaseAwayError`.
    """
    app = Flask(__name__, static_folder=None)  # `assets` serves them, to be kept for a year
    site = Site(settings, wait=wait)
    traffic = Traffic(site.engine)
    contents = Contents(site)
    feeds = FeedServer(site, contents)
    upkeep = Upkeep(site)
    app.extensions["feedglot"] = Parts(
        settings=settings,
        site=site,
        contents=contents,
        feeds=feeds,
        watcher=Watcher(site, beside=upkeep.look),
        traffic=traffic,
        board=Board(site, traffic),
        directory=Directory(site, contents),
        upkeep=upkeep,
        publisher=Publisher(site, feeds),
        polls=(polls := Polls(app, _EVERYWHERE)),
    )
    # Slugs keep their slashes turned to dashes; `//` in a path is simply not found.
    app.url_map.merge_slashes = False
    # Werkzeug would lead one habit to another (/feed to /index.xml) before ours.
    app.url_map.redirect_defaults = False
    proxied = TrustedProxies(polls, settings.trusted_proxies)
    app.wsgi_app = Legible(proxied)  # type: ignore[method-assign]
    telemetry.register(app, settings)
    app.before_request(start)
    app.after_request(_finish)
    app.register_blueprint(web.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(postpage.blueprint)
    app.register_blueprint(statuspage.blueprint)
    errors.register(app)
    return app


def start() -> None:
    """Loads the posts and begins to follow them."""
    parts().start()


def _finish(response: Response) -> Response:
    headers = response.headers
    headers.extend(_EVERYWHERE)
    if (response.content_type or "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", _POLICY)
    # Werkzeug adds a missing slash by a 308 to the host that was asked. Readers save the
    # new address of a 301, and the Host header is anybody's.
    if response.status_code == 308:
        if request.method in ("GET", "HEAD"):
            response.status_code = 301
        target = urlsplit(headers["Location"])
        headers["Location"] = target.path + (f"?{target.query}" if target.query else "")
    return response
