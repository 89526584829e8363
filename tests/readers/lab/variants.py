"""Our feeds, and what they would be if we had decided otherwise: counted over all clients."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.readers.lab import answers
from tests.readers.lab.libraries import Library
from tests.readers.lab.programs import Program

Feeds = dict[str, bytes]  # format -> what is served


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Two ways to say one thing, and which answer is what the author meant."""

    what: str
    format: str
    column: str  # of answers.COLUMNS
    right: tuple[str, ...]  # how a right answer begins
    ours: str
    other: str
    change: Callable[[bytes], bytes]  # from ours to the other


def _sub(pattern: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(feed: bytes) -> bytes:
        changed, count = re.subn(pattern, new, feed, flags=re.DOTALL)
        if not count:
            raise ValueError(f"nothing like {pattern!r} in the feed")
        return changed

    return change


def _hexadecimal(feed: bytes) -> bytes:
    def title(found: re.Match[bytes]) -> bytes:
        return found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")

    return re.sub(rb"<title>[^<]*</title>", title, feed)


_ALTERNATE = rb'(<link [^>]*rel="alternate"[^>]*/>)'
_VIA = rb'(<link [^>]*rel="via"[^>]*/>)'

CHOICES = (
    Choice(
        what="signs in RSS titles",
        format="rss",
        column="title",
        right=("as written",),
        ours="named references",
        other="hexadecimal references",
        change=_hexadecimal,
    ),
    Choice(
        what="Atom titles",
        format="atom",
        column="title",
        right=("as written",),
        ours='type="text"',
        other="no type",
        change=_sub(rb'<title type="text"', b"<title"),
    ),
    Choice(
        what="links of an Atom entry",
        format="atom",
        column="link",
        right=("page", "all, in a list"),
        ours="alternate before via",
        other="via before alternate",
        change=_sub(_ALTERNATE + rb"((?:(?!</?entry).)*?)" + _VIA, rb"\3\2\1"),
    ),
    Choice(
        what="two authors in RSS",
        format="rss",
        column="authors",
        right=("both",),
        ours="one dc:creator, the names joined",
        other="two dc:creator",
        change=_sub(
            rb"(<dc:creator>[^<,]*), ([^<]*</dc:creator>)", rb"\1</dc:creator><dc:creator>\2"
        ),
    ),
    Choice(
        what="two authors in Atom",
        format="atom",
        column="authors",
        right=("both",),
        ours="two author elements",
        other="one, the names joined",
        change=_sub(rb"</name></author><author><name>", b", "),
    ),
    Choice(
        what="an RSS post without text",
        format="rss",
        column="post without body",
        right=("kept",),
        ours="no description",
        other="its title as description",
        change=_sub(
            "(<title>본문이 없는 글</title><link>[^<]*</link>)".encode(),
            rb"\1<description>" + "본문이 없는 글".encode() + b"</description>",
        ),
    ),
)


@contextmanager
def serving(feeds: Feeds) -> Iterator[str]:
    """The feeds on loopback, each at /feed.FORMAT; the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = feeds[self.path.rpartition(".")[2]]
            self.send_response(200)
            self.send_header("Content-Type", "application/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def count(
    choice: Choice,
    feeds: Feeds,
    true: answers.Truth,
    clients: Sequence[Library | Program],
) -> tuple[int, int, int, list[str]]:
    """Clients that get ours right, those that get the other right, all, and who differ."""
    column = answers.COLUMNS.index(choice.column)

    def right(feed: bytes) -> dict[str, bool]:
        found = {}
        with serving({choice.format: feed}) as url:
            for client in clients:
                (one,) = client.read([f"{url}/feed.{choice.format}"])
                answer = answers.answers(one, true)[column]
                found[client.label] = answer.startswith(choice.right)
        return found

    clients = [client for client in clients if choice.format in client.formats]
    ours, other = right(feeds[choice.format]), right(choice.change(feeds[choice.format]))
    differ = [name for name in ours if ours[name] != other[name]]
    return sum(ours.values()), sum(other.values()), len(clients), differ


def rows(
    feeds: Feeds, true: answers.Truth, clients: Sequence[Library | Program]
) -> Iterable[tuple[str, ...]]:
    """A line of the table for each choice."""
    for choice in CHOICES:
        ours, other, every, differ = count(choice, feeds, true, clients)
        yield (
            choice.what,
            choice.ours,
            f"{ours} of {every}",
            choice.other,
            f"{other} of {every}",
            ", ".join(differ) or "none",
        )
