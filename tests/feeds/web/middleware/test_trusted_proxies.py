from __future__ import annotations

from typing import Any

import pytest

from feeds.web.middleware.trusted_proxies import TrustedProxies

PROXIES = ("127.0.0.1", "10.0.0.0/8")


def client_seen(remote: str, forwarded: str | None) -> str:
    seen: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    TrustedProxies(app, PROXIES)(environ, None)  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("192.0.2.9", "127.0.0.1", "192.0.2.9"),
    ],
)
def test_only_trusted_proxies_are_believed(remote: str, forwarded: str | None, client: str) -> None:
    assert client_seen(remote, forwarded) == client
