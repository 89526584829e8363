"""rss2email: every entry is a mail, so a duplicate is a mail too many."""

from __future__ import annotations

import mailbox
import subprocess
from collections.abc import Sequence
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from tests.readers.life import LifeOfAFeed, Reader
from tests.support.debian import program

pytestmark = pytest.mark.slow

CONFIG = """\
[DEFAULT]
from = feeds@blog.example
to = reader@mail.example
email-protocol = maildir
maildir-path = {folder}
maildir-mailbox = mail
"""


class Rss2email(Reader):
    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        config = folder / "config"
        config.write_text(CONFIG.format(folder=folder))
        self._command = [program("r2e", "rss2email"), "-c", str(config), "-d", f"{folder}/data"]
        self._mail = folder / "mail"
        for part in ("cur", "new", "tmp"):
            (self._mail / part).mkdir(parents=True)
        with config.open("a") as file:
            for n, url in enumerate(urls):
                file.write(f"\n[feed.f{n}]\nurl = {url}\n")

    def poll(self) -> None:
        done = subprocess.run(
            [*self._command, "run"], timeout=120, capture_output=True, text=True, check=True
        )
        assert "error" not in done.stderr.lower(), done.stderr

    def entries(self, url: str) -> list[tuple[str, str]]:
        mails = [mail for mail in mailbox.Maildir(self._mail) if mail["X-RSS-Feed"] == url]
        return [
            (mail["X-RSS-ID"], str(make_header(decode_header(mail["Subject"])))) for mail in mails
        ]


class TestRss2email(LifeOfAFeed):
    def subscribed(self, folder: Path, urls: Sequence[str]) -> Rss2email:
        return Rss2email(folder, urls)
