#!/usr/bin/env bash
# JSON Feed 1.1 dates from 2020 and adds `language` and `authors`. The two converters on npm reject
# a valid feed ("JSON feed version 1 required"), and atoma parses it without its authors.
# Hurts: publishers of version 1.1, and readers built on these.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm jsonfeed-to-atom@1.2.5 jsonfeed-to-rss@3.0.8
from_pypi atoma==0.0.17

cat >feed.json <<'END'
{"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "language": "en",
 "home_page_url": "https://example.org/", "feed_url": "https://example.org/feed.json",
 "authors": [{"name": "Editor"}],
 "items": [{"id": "1", "url": "https://example.org/1", "content_text": "Text",
            "date_published": "2026-01-10T00:00:00Z", "authors": [{"name": "First"}]}]}
END
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";

const feed = JSON.parse(readFileSync("feed.json", "utf8"));
for (const name of ["jsonfeed-to-atom", "jsonfeed-to-rss"]) {
  const convert = (await import(name)).default;
  try {
    console.log(`${name}: ${convert(feed).length} characters`);
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
JS
{
  node ask.mjs
  python -c '
import atoma
with open("feed.json", "rb") as file:
    feed = atoma.parse_json_feed_bytes(file.read())
print("atoma:", feed.version, feed.author, feed.items[0].author)'
} >seen
expect <<'END'
jsonfeed-to-atom: jsonfeed-to-atom: JSON feed version 1 required
jsonfeed-to-rss: jsonfeed-to-atom: JSON feed version 1 required
atoma: https://jsonfeed.org/version/1.1 None None
END
