"""Debian's clients: libraries of other languages, and readers that one subscribes with."""

from __future__ import annotations

import json
import mailbox
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any, ClassVar

from tests.readers.lab.libraries import HERE, HOME, LabError, run

READ_FORMATS = ("rss", "atom")


def debian_version(package: str) -> str | None:
    """The version of an installed package; None where it is not installed."""
    command = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Version}", package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    status, _, version = done.stdout.partition(" ")
    return version.strip() or None if status.startswith("ii") else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A Debian package that reads a feed in one go."""

    name: str
    package: str
    needs: str  # the command that runs it
    formats: tuple[str, ...] = READ_FORMATS
    ask: Callable[[str, Sequence[str]], list[dict[str, Any]]]

    @property
    def label(self) -> str:
        return f"{self.name} (Debian)"

    @property
    def version(self) -> str | None:
        return debian_version(self.package)

    def read(self, urls: Sequence[str]) -> list[dict[str, Any]]:
        return self.ask(self.name, urls)


def _script(*command: str) -> Callable[[str, Sequence[str]], list[dict[str, Any]]]:
    def ask(name: str, urls: Sequence[str]) -> list[dict[str, Any]]:
        *start, script = command
        found: list[dict[str, Any]] = json.loads(run(*start, str(HERE / script), name, *urls))
        return found

    return ask


def _gofeed(_: str, urls: Sequence[str]) -> list[dict[str, Any]]:
    binary = HOME / "gofeed"
    if not binary.exists():
        env = ["env", "GOPATH=/usr/share/gocode", "GO111MODULE=off", f"GOCACHE={HOME}/go"]
        run(*env, "go", "build", "-o", str(binary), ".", folder=HERE / "read_go", timeout=600)
    found: list[dict[str, Any]] = json.loads(run(str(binary), *urls))
    return found


def _sfeed(_: str, urls: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for url in urls:
        lines = run("sh", "-c", 'curl -s "$1" | sfeed', "sh", url).splitlines()
        rows = [line.split("\t") for line in lines]
        found.append(
            {
                "entries": [
                    {
                        "date": _unix(row[0]),
                        "title": row[1],
                        "link": row[2],
                        "content": row[3],
                        "author": row[6],
                        "categories": [part for part in row[8].split("|") if part],
                    }
                    for row in rows
                ]
            }
        )
    return found


def _unix(seconds: str) -> str:
    return run("date", "-u", "-d", f"@{seconds}", "+%FT%T+00:00").strip()


def _rsstail(_: str, urls: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for url in urls:
        text = run("rsstail", "-1", "-n", "9", "-N", "-l", "-p", "-a", "-u", url)
        entries = []
        for block in text.strip().split("\n\n"):
            title, link, date, *author = (line.strip() for line in block.splitlines())
            entries.append({"title": title, "link": link, "date": date, "author": "".join(author)})
        found.append({"entries": entries})
    return found


_RUBY, _PERL = _script("ruby", "read_ruby.rb"), _script("perl", "read_perl.pl")

PROGRAMS = (
    Program(
        name="gofeed",
        package="golang-github-mmcdole-gofeed-dev",
        needs="go",
        formats=("rss", "atom", "json"),
        ask=_gofeed,
    ),
    Program(name="ruby-feedparser", package="ruby-feedparser", needs="ruby", ask=_RUBY),
    Program(name="ruby rss", package="libruby3.1", needs="ruby", ask=_RUBY),
    Program(name="XML::Feed", package="libxml-feed-perl", needs="perl", ask=_PERL),
    Program(name="XML::FeedPP", package="libxml-feedpp-perl", needs="perl", ask=_PERL),
    Program(name="sfeed", package="sfeed", needs="curl", ask=_sfeed),
    Program(name="rsstail (libmrss)", package="rsstail", needs="rsstail", ask=_rsstail),
)


class Subscriber(ABC):
    """A reader subscribed to one feed, which remembers between polls."""

    name: ClassVar[str]
    package: ClassVar[str] = ""
    formats: ClassVar[tuple[str, ...]] = READ_FORMATS

    @classmethod
    def version(cls) -> str | None:
        return debian_version(cls.package)

    @abstractmethod
    def __init__(self, folder: Path, url: str) -> None: ...

    @abstractmethod
    def poll(self) -> None:
        """Fetches the feed, as a person who reloads."""

    @abstractmethod
    def entries(self) -> list[tuple[str, str]]:
        """(title, text) of all entries that it shows."""


class Newsboat(Subscriber):
    name, package = "newsboat", "newsboat"

    def __init__(self, folder: Path, url: str) -> None:
        self._cache = folder / "cache.db"
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").touch()
        names = {"url": "urls", "cache": "cache.db", "config": "config"}
        options = [f"--{key}-file={folder / name}" for key, name in names.items()]
        self._command = ["newsboat", *options, "--execute", "reload"]

    def poll(self) -> None:
        run(*self._command)

    def entries(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._cache)) as db:
            rows = db.execute("SELECT title, content FROM rss_item WHERE deleted = 0")
            return rows.fetchall()


class Rss2email(Subscriber):
    name, package = "rss2email", "rss2email"

    def __init__(self, folder: Path, url: str) -> None:
        config = folder / "config"
        config.write_text(
            "[DEFAULT]\nfrom = feeds@blog.example\nto = reader@mail.example\n"
            f"email-protocol = maildir\nmaildir-path = {folder}\nmaildir-mailbox = mail\n"
            f"\n[feed.blog]\nurl = {url}\n"
        )
        self._mail = folder / "mail"
        for part in ("cur", "new", "tmp"):
            (self._mail / part).mkdir(parents=True)
        self._command = ["r2e", "-c", str(config), "-d", f"{folder}/data", "run"]

    def poll(self) -> None:
        run(*self._command)

    def entries(self) -> list[tuple[str, str]]:
        return _mails(self._mail)


class Feed2exec(Subscriber):
    name = "feed2exec"

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._ask("add", "blog", url, "--mailbox", str(folder / "mail"), "--folder", "blog")

    def _ask(self, *arguments: str) -> None:
        files = [f"--config={self._folder}/config", f"--database={self._folder}/db"]
        run("env", f"HOME={self._folder}", str(HOME / "python/bin/feed2exec"), *files, *arguments)

    @classmethod
    def version(cls) -> str | None:
        pin = re.search("^feed2exec==(.*)$", (HERE / "requirements.txt").read_text(), re.MULTILINE)
        return pin and pin[1]

    def poll(self) -> None:
        # It keeps to max-age, and would not ask again for half an hour.
        self._ask("fetch", "--nocache")

    def entries(self) -> list[tuple[str, str]]:
        return [mail for folder in self._folder.rglob("new") for mail in _mails(folder.parent)]


def _mails(folder: Path) -> list[tuple[str, str]]:
    found = []
    for mail in mailbox.Maildir(folder):
        part = next(part for part in mail.walk() if not part.is_multipart())
        text = bytes(part.get_payload(decode=True)).decode()
        found.append((str(make_header(decode_header(mail["Subject"]))), text))
    return found


class SfeedUpdate(Subscriber):
    name, package = "sfeed_update", "sfeed"

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        (folder / "sfeedrc").write_text(
            f"sfeedpath='{folder}/feeds'\nfeeds() {{ feed blog '{url}'; }}\n"
        )

    def poll(self) -> None:
        run("sfeed_update", str(self._folder / "sfeedrc"))

    def entries(self) -> list[tuple[str, str]]:
        rows = (self._folder / "feeds" / "blog").read_text().splitlines()
        return [(row.split("\t")[1], row.split("\t")[3]) for row in rows]


class Elfeed(Subscriber):
    name, package = "elfeed", "elpa-elfeed"

    def __init__(self, folder: Path, url: str) -> None:
        self._found: list[dict[str, Any]] = []
        values = [f"HOME={folder}", f"ELFEED_DB={folder / 'db'}", f"ELFEED_URL={url}"]
        self._command = ["env", *values, "emacs", "--batch", "-l", str(HERE / "elfeed.el")]

    def poll(self) -> None:
        self._found = json.loads(run(*self._command))

    def entries(self) -> list[tuple[str, str]]:
        return [(entry["title"], entry["text"] or "") for entry in self._found]


class Liferea(Subscriber):
    name, package = "Liferea", "liferea"

    def __init__(self, folder: Path, url: str) -> None:
        config = folder / ".config" / "liferea"
        config.mkdir(parents=True)
        (config / "feedlist.opml").write_text(
            f'<opml version="1.0"><body><outline text="blog" type="rss" xmlUrl="{url}" '
            'updateInterval="-1"/></body></opml>'
        )
        self._database = folder / ".local" / "share" / "liferea" / "liferea.db"
        self._bus = folder / "bus"
        values = [f"HOME={folder}", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1"]
        script = f"echo $DBUS_SESSION_BUS_ADDRESS > {self._bus}; exec liferea"
        # It runs between polls, as a person leaves it: it knows an ETag no longer than that.
        process = subprocess.Popen(
            ["env", *values, "xvfb-run", "-a", "dbus-run-session", "--", "sh", "-c", script],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        weakref.finalize(self, os.killpg, process.pid, signal.SIGKILL)
        self._polled = False

    def poll(self) -> None:
        if self._polled:
            self._ask("call --dest org.gnome.feed.Reader --object-path /org/gnome/feed/Reader "
                      "--method org.gnome.feed.Reader.Refresh")  # fmt: skip
        else:  # it asks for a new feed by itself
            _wait_for(self._bus)
            self._ask("wait --timeout 60 org.gnome.feed.Reader")
        self._polled = True
        time.sleep(6)  # it does not say when it is done

    def _ask(self, arguments: str) -> None:
        bus = f"DBUS_SESSION_BUS_ADDRESS={self._bus.read_text().strip()}"
        verb, *rest = arguments.split()
        run("env", bus, "gdbus", verb, "--session", *rest)

    def entries(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._database)) as db:
            return db.execute("SELECT title, description FROM items").fetchall()


def _wait_for(file: Path) -> None:
    for _ in range(600):
        if file.exists() and file.read_text():
            return
        time.sleep(0.1)
    raise LabError(f"{file}: not there after a minute")


class ReaderLibrary(Subscriber):
    name, formats = "reader", ("rss", "atom", "json")

    def __init__(self, folder: Path, url: str) -> None:
        import feedparser
        from reader import make_reader

        # reader carries a feedparser of its own, which looks for sgmllib under its old name.
        sys.modules.setdefault("sgmllib", feedparser.sgml.sgmllib)
        self._reader = make_reader(str(folder / "reader.sqlite"))
        self._reader.add_feed(url)

    @classmethod
    def version(cls) -> str | None:
        import reader

        return reader.__version__

    def poll(self) -> None:
        self._reader.update_feeds(scheduled=False)
        for feed in self._reader.get_feeds():
            if feed.last_exception:
                raise LabError(f"reader: {feed.last_exception.value_str}")

    def entries(self) -> list[tuple[str, str]]:
        return [
            (entry.title or "", entry.content[0].value if entry.content else entry.summary or "")
            for entry in self._reader.get_entries()
        ]


SUBSCRIBERS: tuple[type[Subscriber], ...] = (
    Elfeed,
    Feed2exec,
    Liferea,
    Newsboat,
    ReaderLibrary,
    Rss2email,
    SfeedUpdate,
)


def runnable(program: Program | type[Subscriber]) -> bool:
    """Whether it is installed, and what it is run with."""
    if isinstance(program, Program):
        return program.version is not None and bool(shutil.which(program.needs))
    return program.version() is not None
