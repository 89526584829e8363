"""Whose word counts for the client's address: only that of the proxies that we trust."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from feeds.monitoring.status_report import FORWARDED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """WSGI middleware: sets REMOTE_ADDR to the client's address that trusted proxies name.

    X-Forwarded-For is read from the right, the end that our own proxy wrote; the first
    address that is not a trusted proxy's is the client. From anybody else the header stays
    where it is and means nothing. Host and scheme are never taken from a header: the site's
    address is a setting.
    """

    def __init__(self, app: WSGIApplication, proxies: Iterable[str]) -> None:
        self._app = app
        self._networks = [ip_network(proxy, strict=False) for proxy in proxies]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._networks and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            chain = environ.pop("HTTP_X_FORWARDED_FOR", "").split(",")
            addresses = [part.strip() for part in chain if part.strip()]
            if addresses:
                environ[FORWARDED] = True
            for address in reversed(addresses):
                environ["REMOTE_ADDR"] = address
                if not self._is_trusted(address):
                    break
        return self._app(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
