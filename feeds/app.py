"""Where the parts meet: one Flask app for one set of settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from feeds.background.retranslation import Retranslation
from feeds.background.watcher import Watcher
from feeds.background.websub import Publisher
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.feed_directory import FeedDirectory
from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.cache.feed_cache import FeedCache
from feeds.cache.known_feeds import KnownFeeds
from feeds.monitoring import access_log
from feeds.monitoring.status_report import StatusReport
from feeds.services import Services, register, start
from feeds.settings import Settings
from feeds.store.traffic import Traffic
from feeds.web import errors, health, pages, post, status
from feeds.web import feeds as web
from feeds.web.api import endpoints
from feeds.web.discovery import crawlers, feed_menu, legacy_redirects, opml, sitemap
from feeds.web.edit import edit_page
from feeds.web.edit.login import LOGIN, Login
from feeds.web.middleware import cors
from feeds.web.middleware.fast_path import FAST_PATH, FastPath
from feeds.web.middleware.request_sanitizer import RequestSanitizer
from feeds.web.middleware.trusted_proxies import TrustedProxies
from feeds.web.page_context import CONTENT_POLICY, EVERYWHERE


def create_app(settings: Settings, *, wait: bool = True) -> Flask:
    """The Flask app. Background threads start with `start` or the first request.

    Waits for an unavailable database; without `wait` raises `DatabaseAwayError`.
    """
    settings = settings.with_blog_of_posts()
    app = Flask(
        __name__, static_folder=None, template_folder="web/templates"
    )  # `assets` serves them, to be kept for a year
    site = Site(settings, wait=wait)
    traffic = Traffic(site.engine)
    requests = TranslationRequests(site)
    builder = FeedBuilder(site)
    feeds = FeedCache(site, builder, requests)
    retranslation = Retranslation(site, requests)
    register(
        app,
        Services(
            settings=settings,
            site=site,
            builder=builder,
            feeds=feeds,
            translation_requests=requests,
            watcher=Watcher(site, requests, on_tick=retranslation.queue_outdated),
            traffic=traffic,
            board=StatusReport(site, traffic),
            directory=FeedDirectory(site, builder),
            retranslation=retranslation,
            publisher=Publisher(site, builder, feeds),
            known_feeds=KnownFeeds(),
        ),
    )
    fast_path = FastPath(app, (*EVERYWHERE, *cors.ORIGIN))
    app.extensions[FAST_PATH] = fast_path
    app.extensions[LOGIN] = Login(settings)
    # Slugs keep their slashes turned to dashes; `//` in a path is simply not found.
    app.url_map.merge_slashes = False
    # Werkzeug would lead one habit to another (/feed to /index.xml) before ours.
    app.url_map.redirect_defaults = False
    proxied = TrustedProxies(fast_path, settings.trusted_proxies)
    app.wsgi_app = RequestSanitizer(proxied)  # type: ignore[method-assign]
    access_log.register(app, settings)
    app.before_request(start)
    app.after_request(_finish)
    cors.register(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(web.blueprint)
    app.register_blueprint(endpoints.blueprint)
    app.register_blueprint(opml.blueprint)
    app.register_blueprint(feed_menu.blueprint)
    app.register_blueprint(crawlers.blueprint)
    app.register_blueprint(sitemap.blueprint)
    app.register_blueprint(legacy_redirects.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(post.blueprint)
    app.register_blueprint(edit_page.blueprint)
    app.register_blueprint(status.blueprint)
    errors.register(app)
    return app


def _finish(response: Response) -> Response:
    cors.allow(response)
    headers = response.headers
    headers.extend(EVERYWHERE)
    if (response.content_type or "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    # Werkzeug adds a missing slash by a 308 to the requested host. Readers save the new
    # address of a 301, and a client may send any Host header.
    if response.status_code == 308:
        if request.method in ("GET", "HEAD"):
            response.status_code = 301
        target = urlsplit(headers["Location"])
        headers["Location"] = target.path + (f"?{target.query}" if target.query else "")
    return response
