"""Who may correct sentences: whoever knows the admin token, and then a signed cookie.

An address of this machine is no right to write: any page that is open in a browser here can
send a form to it. So a form counts only from a page of this service, at its own host, with
the cookie; and the cookie is not sent along from other sites (SameSite=Strict).
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from functools import cached_property
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app
from itsdangerous import BadSignature, Signer

from feeds.builder.rate_limit import HOUR, JobRateLimit
from feeds.settings import Settings

LOGIN = "feedglot.login"  # its name among the app's extensions

MAX_AGE = 12 * 3600  # seconds that a login lasts
_SKEW = 60  # seconds that the clock of another node may be ahead
TRIES = 10  # wrong tokens in an hour from one client; each web worker counts for itself
ALL_TRIES = 100  # the same from all clients together
_EVERYBODY = "everybody"
_PORTS = {"http": 80, "https": 443}

_Origin = tuple[str, str, int | None]


class TooManyTriesError(Exception):
    """Too many wrong tokens."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds  # until the next try
        super().__init__(f"too many wrong tokens: try again in {seconds} s")


class Login:
    """The login of one service."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.admin_token.strip()
        self._origin = _origin(settings.site_url)
        self._path = f"{urlsplit(settings.site_url).path}/"
        self._is_secure = urlsplit(settings.site_url).scheme == "https"
        self._tries = JobRateLimit(TRIES)
        self._all_tries = JobRateLimit(ALL_TRIES)
        self._lock = threading.Lock()

    @property
    def is_enabled(self) -> bool:
        return bool(self._token)

    @property
    def cookie(self) -> str:
        """The cookie's name. With its prefix it can only be set over https (RFC 6265bis)."""
        return "__Secure-feedglot" if self._is_secure else "feedglot"

    def is_host(self, request: Request) -> bool:
        """Whether the request is for the host of this service.

        The port is left out: proxies drop it. A name that somebody points at this address (DNS
        rebinding) would make a page of theirs one of the same origin.
        """
        host = _origin(f"//{request.environ.get('HTTP_HOST', '')}")
        return host is not None and self._origin is not None and host[1] == self._origin[1]

    def is_own_form(self, request: Request) -> bool:
        """Whether a browser sent the form from a page of this service.

        Browsers name the origin of each POST; where one leaves it out, `Sec-Fetch-Site` or
        the referring page must say it.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site not in (None, "same-origin"):
            return False
        origin = request.headers.get("Origin", request.headers.get("Referer"))
        if origin is None:
            return site is not None
        return self._origin is not None and _origin(origin) == self._origin

    def check(self, token: str, client: str, now: float) -> bool:
        """Whether this is the token; raises `TooManyTriesError`. Only wrong ones are counted."""
        counted = (
            (self._tries, client or "unknown", TRIES),
            (self._all_tries, _EVERYBODY, ALL_TRIES),
        )
        with self._lock:
            for limit, name, hourly in counted:
                if not limit.left(name, now):
                    raise TooManyTriesError(round(HOUR / hourly))
            is_right = hmac.compare_digest(token.strip().encode(), self._token.encode())
            if not is_right:
                for limit, name, _ in counted:
                    limit.spend(name, 1, now)
        return is_right

    def begin(self, response: Response, now: float) -> None:
        """Gives the browser the cookie."""
        response.set_cookie(
            self.cookie,
            self.issue(now),
            max_age=MAX_AGE,
            path=self._path,
            secure=self._is_secure,
            httponly=True,
            samesite="Strict",
        )

    def end(self, response: Response) -> None:
        """Takes the cookie from the browser."""
        response.delete_cookie(
            self.cookie,
            path=self._path,
            secure=self._is_secure,
            httponly=True,
            samesite="Strict",
        )

    def issue(self, now: float) -> str:
        """The cookie of a login at this time (epoch seconds)."""
        return self._signer.sign(str(int(now))).decode()

    def is_valid(self, request: Request, now: float) -> bool:
        """Whether the request has the cookie of a login that has not ended."""
        if not self.is_enabled:
            return False
        try:
            issued = int(self._signer.unsign(request.cookies.get(self.cookie, "")))
        except (BadSignature, ValueError):
            return False
        return -_SKEW <= now - issued <= MAX_AGE

    @cached_property
    def _signer(self) -> Signer:
        # Slow on purpose: whoever gets hold of a cookie cannot try out tokens by it. Without a
        # state of its own, so that a login holds on every node; another token ends them all.
        key = hashlib.scrypt(
            self._token.encode(), salt=b"feedglot login", n=2**14, r=8, p=1, dklen=32
        )
        return Signer(key, salt="feedglot login", digest_method=hashlib.sha256)


def login(app: Flask | None = None) -> Login:
    """The login of `app`, by default of the current one."""
    found = (app or current_app).extensions[LOGIN]
    assert isinstance(found, Login)  # noqa: S101 - narrows the type
    return found


def _origin(url: str) -> _Origin | None:
    """Scheme, host (as browsers write it) and port; None: no address."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode()
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, host, port) if host else None
