"""A blog moves here from another tool: what a subscriber of the former feed sees after the 301."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.readers.lab.libraries import LabError
from tests.readers.lab.programs import Subscriber
from tests.readers.served import Served

BLOG = "https://blog.example"
POSTS = (1, 2, 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """What made the former feed, and how it writes ids. `{n}` is the number of a post."""

    name: str
    format: str
    id: str


TOOLS = (
    Tool(name="jekyll-feed", format="atom", id=f"{BLOG}/2026/01/0{{n}}/p{{n}}"),
    Tool(name="WordPress", format="rss", id=f"{BLOG}/?p={{n}}"),
    Tool(name="Hugo", format="rss", id=f"{BLOG}/2026/01/0{{n}}/p{{n}}.html"),
)
COLUMNS = tuple(f"{tool.name}, {ids}" for tool in TOOLS for ids in ("ids kept", "our ids"))


def answers(kind: type[Subscriber], folder: Path) -> tuple[str, ...]:
    """One answer for each of COLUMNS."""
    with Served(folder / "blog", blog_url=BLOG) as blog:
        for n in POSTS:
            blog.write(f"2026-01-0{n}-p{n}.md", "段落です。", title=f"題名{n}")
        blog.look()
        ours = {format: blog.get(f"/ja/feed.{format}").data for format in ("atom", "rss")}
    found = []
    for tool in TOOLS:
        new = ours[tool.format]
        for name, feed in (("kept", _with_ids_of(tool, new)), ("ours", new)):
            place = folder / f"{tool.name}-{name}"
            place.mkdir()
            found.append(_moved(kind, place, _former(tool), feed))
    return tuple(found)


def _moved(kind: type[Subscriber], folder: Path, former: bytes, feed: bytes) -> str:
    pages: dict[str, bytes | str] = {"/former.xml": former, "/feed": feed}
    with _serving(pages) as url:
        subscriber = kind(folder, f"{url}/former.xml")
        subscriber.poll()
        if len(subscriber.entries()) != len(POSTS):
            return "former feed not read"
        pages["/former.xml"] = "/feed"  # a redirect
        try:
            subscriber.poll()
        except LabError:
            return "redirect not followed"
        subscriber.poll()
        more = len(subscriber.entries()) - len(POSTS)
    return {0: "each once", len(POSTS): "each twice"}.get(more, f"{more:+} entries")


def _with_ids_of(tool: Tool, feed: bytes) -> bytes:
    """Our feed with the ids that the tool gave the entries."""

    def former(found: re.Match[bytes]) -> bytes:
        return found[1] + tool.id.format(n=int(found[2])).encode() + found[3]

    ours = rb"(<(?:guid[^>]*|id)>)tag:[^<]*:p(\d)/ja(</)"
    return re.sub(ours, former, feed)


def _former(tool: Tool) -> bytes:
    """The feed as it was: the same posts, titles and links."""
    items = []
    for n in reversed(POSTS):
        id, link = escape(tool.id.format(n=n)), f"{BLOG}/2026/01/0{n}/p{n}.html"
        if tool.format == "atom":
            items.append(
                f"<entry><id>{id}</id><title>題名{n}</title><link rel='alternate' href='{link}'/>"
                f"<published>2026-01-0{n}T00:00:00Z</published>"
                f"<updated>2026-01-0{n}T00:00:00Z</updated>"
                "<content type='html'>&lt;p&gt;段落です。&lt;/p&gt;</content></entry>"
            )
        else:
            permalink = "true" if tool.id.endswith(".html") else "false"
            items.append(
                f"<item><title>題名{n}</title><link>{link}</link>"
                f"<guid isPermaLink='{permalink}'>{id}</guid>"
                f"<pubDate>0{n} Jan 2026 00:00:00 +0000</pubDate>"
                "<description>&lt;p&gt;段落です。&lt;/p&gt;</description></item>"
            )
    if tool.format == "atom":
        head = (
            f"<feed xmlns='http://www.w3.org/2005/Atom'><id>{BLOG}/feed.xml</id>"
            "<title>試験</title><updated>2026-01-03T00:00:00Z</updated>"
            "<author><name>山田</name></author>"
        )
        return f"{head}{''.join(items)}</feed>".encode()
    head = f"<rss version='2.0'><channel><title>試験</title><link>{BLOG}/</link>"
    return f"{head}<description>試験</description>{''.join(items)}</channel></rss>".encode()


@contextmanager
def _serving(pages: dict[str, bytes | str]) -> Iterator[str]:
    """Pages by path, where a text is where to go instead, for good; the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            if page is None:  # icons
                self.send_error(404)
                return
            if isinstance(page, str):
                self.send_response(301)
                self.send_header("Location", page)
                body = b""
            else:
                self.send_response(200)
                self.send_header("Content-Type", "application/xml; charset=utf-8")
                body = page
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
