"""SiteFacts: what the first start of a service decides for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

from feeds.settings import Settings
from feeds.store.ledger import Ledger
from feeds.version import __version__

_AUTHORITY, _BIRTHDAY, _SHAPE = "id_authority", "birthday", "shape"


class SiteFacts:
    """The facts on record, or those that `record` would put there.

    `authority`: the host in entry ids. `birthday`: the day of the first start, in the ids of
    feeds. `config_changed_at`: when settings that shape the bytes of feeds last changed. A
    command that only looks records none of it: it may run with other settings than the service.
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        now = datetime.now(UTC)
        host = urlsplit(settings.site_url).hostname or "localhost"
        self._ledger = ledger
        self._given = settings.id_authority
        self._shape = _shape(settings)
        self._recorded = False
        self.authority = self._given or ledger.known_fact(_AUTHORITY) or host
        self.birthday = ledger.known_fact(_BIRTHDAY) or now.date().isoformat()
        self.config_changed_at = ledger.since(_SHAPE, self._shape, now, record=False)

    def reshape(self, settings: Settings) -> None:
        """Takes in other settings."""
        self._shape = _shape(settings)
        self.config_changed_at = self._ledger.since(
            _SHAPE, self._shape, datetime.now(UTC), record=self._recorded
        )

    def record(self) -> None:
        """Records them, once."""
        if self._recorded:
            return
        if not self._given:
            self.authority = self._ledger.fact(_AUTHORITY, self.authority)
        self.birthday = self._ledger.fact(_BIRTHDAY, self.birthday)
        self.config_changed_at = self._ledger.since(_SHAPE, self._shape, datetime.now(UTC))
        self._recorded = True


def _shape(settings: Settings) -> str:
    shape = [__version__, settings.site_title, settings.site_url, settings.blog_url]
    localized = (settings.site_titles, settings.site_descriptions, settings.author_names)
    shape += [settings.site_description, json.dumps(localized, sort_keys=True, default=dict)]
    pictures = [f"{name}={url}" for name in ("icon", "logo") if (url := getattr(settings, name))]
    return "\n".join([*shape, settings.disclosure, *settings.hubs, *pictures])
