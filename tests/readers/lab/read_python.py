"""Reads feeds with a library of PyPI, and prints what it found as JSON.

python read_python.py LIBRARY URL...; run by the lab in an environment of its own.

Of a feed: language, entries. Of an entry: title, link, date, author, authors, categories,
language, content, as the library gives them; what it has no place for is left out.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import urllib.request
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

warnings.simplefilter("ignore")


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def fields(thing: Any) -> dict[str, Any]:
    return thing if isinstance(thing, dict) else {n: getattr(thing, n, None) for n in dir(thing)}


def with_feedparser(url: str) -> Any:
    import feedparser

    return _like_feedparser(feedparser.parse(fetch(url)))


def with_fastfeedparser(url: str) -> Any:
    import fastfeedparser

    return _like_feedparser(fastfeedparser.parse(fetch(url)))


def with_feedparser_rs(url: str) -> Any:
    import feedparser_rs

    return _like_feedparser(feedparser_rs.parse(fetch(url)))


def _like_feedparser(feed: Any) -> Any:
    entries = []
    for entry in feed.entries:
        found = fields(entry)
        contents = [fields(content)["value"] for content in found.get("content") or []]
        entries.append(
            {
                "title": found.get("title"),
                "link": found.get("link"),
                "date": found.get("published") or found.get("updated"),
                "author": found.get("author"),
                "authors": [fields(author).get("name") for author in found.get("authors") or []],
                "categories": [_term_or_label(fields(tag)) for tag in found.get("tags") or []],
                "content": contents[0] if contents else found.get("summary"),
            }
        )
    return {"language": fields(feed.feed).get("language"), "entries": entries}


def _term_or_label(tag: dict[str, Any]) -> Any:
    return [tag.get("term"), tag.get("label")]


def with_reader(url: str) -> Any:
    import feedparser
    from reader import make_reader

    # reader carries a feedparser of its own, which looks for sgmllib under its old name.
    sys.modules.setdefault("sgmllib", feedparser.sgml.sgmllib)
    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(f"{folder}/reader.sqlite")
        reader.add_feed(url)
        reader.update_feeds()
        failure = reader.get_feed(url).last_exception
        if failure:
            raise RuntimeError(failure.value_str)
        return {
            "entries": [
                {
                    "title": entry.title,
                    "link": entry.link,
                    "date": entry.published or entry.updated,
                    "author": entry.author,
                    "content": entry.content[0].value if entry.content else entry.summary,
                }
                for entry in reader.get_entries()
            ]
        }


def with_atoma(url: str) -> Any:
    import atoma

    data = fetch(url)
    if url.endswith(".atom"):
        feed = atoma.parse_atom_bytes(data)
        return {
            "entries": [
                {
                    "title": entry.title.value,
                    "link": [link.href for link in entry.links],
                    "date": entry.published or entry.updated,
                    "authors": [author.name for author in entry.authors],
                    "categories": [[each.term, each.label] for each in entry.categories],
                    "content": entry.content and entry.content.value,
                }
                for entry in feed.entries
            ]
        }
    json_feed = url.endswith(".json")
    feed = atoma.parse_json_feed_bytes(data) if json_feed else atoma.parse_rss_bytes(data)
    return {
        "language": None if json_feed else feed.language,
        "entries": [
            {
                "title": item.title,
                "link": item.url if json_feed else item.link,
                "date": item.date_published if json_feed else item.pub_date,
                "author": item.author,
                "categories": item.tags if json_feed else item.categories,
                "content": item.content_html if json_feed else item.content_encoded,
            }
            for item in feed.items
        ],
    }


def with_podcastparser(url: str) -> Any:
    import podcastparser

    feed = podcastparser.parse(url, io.BytesIO(fetch(url)))
    return {
        "language": feed.get("language"),
        "entries": [
            {
                "title": episode["title"],
                "link": episode["link"],
                "date": datetime.fromtimestamp(episode["published"]).astimezone(),
                "content": episode.get("description_html") or episode["description"],
            }
            for episode in feed["episodes"]
        ],
    }


def with_rss_parser(url: str) -> Any:
    from rss_parser import AtomParser, RSSParser

    text = fetch(url).decode()
    if url.endswith(".atom"):
        feed = AtomParser.parse(text).feed
        return {
            "entries": [
                {
                    "title": entry.title.content,
                    "link": [link.attributes["href"] for link in entry.content.links],
                    "date": entry.published.content,
                    "authors": [a.content.name.content for a in entry.content.authors],
                    "categories": [
                        [each.attributes.get("term"), each.attributes.get("label")]
                        for each in entry.content.categories
                    ],
                    "content": entry.content.content and entry.content.content.content,
                }
                for entry in feed.content.entries
            ]
        }
    channel = RSSParser.parse(text).channel
    return {
        "language": channel.content.language and channel.content.language.content,
        "entries": [
            {
                "title": item.title.content,
                "link": item.content.links[0].content,
                "date": item.pub_date.content,
                "author": item.content.author and item.content.author.content,
                "categories": [each.content for each in item.content.categories],
                "content": item.content.description and item.content.description.content,
            }
            for item in channel.content.items
        ],
    }


def with_brutefeedparser(url: str) -> Any:
    from brutefeedparser import BruteFeedParser

    feed = BruteFeedParser.parse(fetch(url).decode())
    return {
        "language": getattr(feed.feed, "language", None),
        "entries": [
            {
                "title": entry.title,
                "link": entry.link,
                "date": entry.published,
                "author": entry.author,
                "categories": entry.tags,
                "content": entry.description,
            }
            for entry in feed.entries
        ],
    }


def with_feedendum(url: str) -> Any:
    import feedendum

    atom = url.endswith(".atom")
    text = fetch(url).decode()
    feed = feedendum.from_atom_text(text) if atom else feedendum.from_rss_text(text)
    return {
        "entries": [
            {
                "title": item.title,
                "link": item.url,
                "date": item.update,
                "categories": item.categories,
                "content": item.content,
            }
            for item in feed.items
        ]
    }


READ: dict[str, Callable[[str], Any]] = {
    name.removeprefix("with_").replace("_", "-"): function
    for name, function in list(globals().items())
    if name.startswith("with_")
}


def main(library: str, *urls: str) -> None:
    found = []
    for url in urls:
        try:
            found.append(READ[library](url))
        except Exception as error:  # noqa: BLE001  (whatever a library raises is its answer)
            found.append({"error": f"{type(error).__name__}: {error}"[:200]})
    json.dump(found, sys.stdout, default=lambda value: getattr(value, "isoformat", str)())


if __name__ == "__main__":
    main(*sys.argv[1:])
