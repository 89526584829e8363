"""How much new translation one client may cause: a token bucket each, per web worker.

Only work that is new in line counts. Who has used up its share is served what is ready, as
always; reading costs nothing. Addresses are kept in memory only, and only while they count.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

HOUR = 3600.0
MOST_CLIENTS = 10_000  # whoever is forgotten begins with a full bucket

# The address that causes the work of this thread; empty: the service itself.
client: ContextVar[str] = ContextVar("client", default="")


def client_of(address: str) -> str:
    """The client's name: its IPv4 address, or the /64 network of its IPv6 address."""
    if not address:
        return ""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class JobRateLimit:
    """`hourly` jobs for each client, at once or over an hour; 0: without bound."""

    def __init__(self, hourly: int) -> None:
        self._hourly = hourly
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def left(self, name: str, now: float) -> int | None:
        """The number of jobs that the client may still queue; None: no limit."""
        if not self._hourly or not name:
            return None
        with self._lock:
            return int(self._bucket(name, now).left)

    def spend(self, name: str, jobs: int, now: float) -> None:
        if self._hourly and name and jobs:
            with self._lock:
                self._bucket(name, now).left -= jobs

    def _bucket(self, name: str, now: float) -> _Bucket:
        bucket = self._buckets.pop(name, None) or _Bucket(self._hourly, now)
        self._buckets[name] = bucket  # the last used is the last to be forgotten
        while len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        gained = max(0.0, now - bucket.at) * self._hourly / HOUR
        bucket.left = min(float(self._hourly), bucket.left + gained)
        bucket.at = now
        return bucket
