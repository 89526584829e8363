"""SiteFacts: what the first start of a service decides for good."""

from __future__ import annotations

from datetime import UTC, datetime

from feeds.store.ledger import Ledger

_AUTHORITY, _BIRTHDAY, _SHAPE = "id_authority", "birthday", "shape"


class SiteFacts:
    """The facts on record, or those that `record` would put there.

    `authority`: of entry ids, an empty one for that on record, else `host`. `shape`: the
    settings that shape the bytes of feeds. A command that only looks records none of it: it
    may run with other settings than the service.
    """

    def __init__(self, ledger: Ledger, *, authority: str, host: str, shape: str) -> None:
        now = datetime.now(UTC)
        self._ledger = ledger
        self._given = authority
        self._shape = shape
        self._recorded = False
        self.authority = authority or ledger.known_fact(_AUTHORITY) or host
        self.birthday = ledger.known_fact(_BIRTHDAY) or now.date().isoformat()
        self.changed_at = ledger.since(_SHAPE, shape, now, record=False)

    def reshape(self, shape: str) -> None:
        """Takes in other settings."""
        self._shape = shape
        self.changed_at = self._ledger.since(
            _SHAPE, shape, datetime.now(UTC), record=self._recorded
        )

    def record(self) -> None:
        """Records them, once."""
        if self._recorded:
            return
        if not self._given:
            self.authority = self._ledger.fact(_AUTHORITY, self.authority)
        self.birthday = self._ledger.fact(_BIRTHDAY, self.birthday)
        self.changed_at = self._ledger.since(_SHAPE, self._shape, datetime.now(UTC))
        self._recorded = True
