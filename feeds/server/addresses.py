"""Addresses that the service listens at: who holds one already.

gunicorn tries to bind five times within five seconds, logs three errors for each, and names
no holder; it deletes the file of a Unix socket even if another server listens at it.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from feeds.server.masters import living
from infra.error_text import cause

Address = tuple[str, int] | str  # host and port, or the path of a Unix socket

BIND_SECONDS = 3.0  # a stopping service may hold its address this long
_UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared


def conflict(addresses: Sequence[Address], state: Path) -> str | None:
    """One line that says who holds an address; None: all of them are free. Binds none.

    Waits a moment for an address, unless its holder serves the same state.
    """
    masters = {at: master for master in living(state) for at in master.addresses}
    deadline = time.monotonic() + BIND_SECONDS
    for address in addresses:
        shown = show(address)
        while error := _bind_error(address):
            master = masters.get(shown)
            if master:
                return (
                    f"{shown} is in use: process {master.pid}, a feedglot on the same state "
                    f"({state}), listens there: stop it first, or choose another PORT and "
                    "FEEDS_STATE_DIR"
                )
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            if isinstance(address, tuple) and is_feedglot(*address):
                return (
                    f"{shown} is in use: a feedglot on another state listens there: stop it "
                    "first, or choose another PORT"
                )
            return f"{shown}: {cause(error)}: choose another HOST or PORT"
    return None


def show(address: Address) -> str:
    """The address as gunicorn writes that of a listener."""
    if isinstance(address, str):
        return f"unix:{address}"
    host, port = address
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind_error(address: Address) -> OSError | None:
    if isinstance(address, str):
        if not Path(address).is_socket():
            return None  # gunicorn says what is wrong with another file
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(address)
            except OSError:
                return None  # left behind by a server that has ended
            return OSError("another server listens there")
    try:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # Linux lets a second socket bind, before anyone listens, if both say REUSEADDR.
            probe.listen(1)
    except OSError as error:
        return error
    return None


def is_feedglot(host: str, port: int) -> bool:
    """Whether a feedglot answers at the address."""
    connection = http.client.HTTPConnection(_UNSPECIFIED.get(host, host), port, timeout=5)
    try:
        connection.request("GET", "/api/status")
        report = json.loads(connection.getresponse().read(2**20))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(report, dict) and {"posts", "languages", "translators"} <= report.keys()
