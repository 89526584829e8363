#!/usr/bin/env bash
# rss-to-json dates every Atom entry with the time of parsing: `published` is the current time,
# whatever the entry has (its `created` is the entry's `updated`). It reads RSS dates. An
# entry's `link` is a string when it has one link, an array of objects when it has two.
# Hurts: programs that sort Atom entries by `published`: all entries are new at each poll.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm rss-to-json@2.1.1

mkdir web
cat >web/feed.atom <<'END'
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-20T00:00:00Z</updated><author><name>A</name></author>
<entry><id>tag:example.org,2026:1</id><title>Entry</title>
<published>2026-01-10T00:00:00Z</published><updated>2026-01-20T00:00:00Z</updated>
<link rel="alternate" href="https://example.org/1"/><summary>Text</summary></entry></feed>
END
cat >web/feed.rss <<'END'
<rss version="2.0"><channel><title>Feed</title><link>https://example.org/</link>
<description>Feed</description><item><title>Entry</title><link>https://example.org/1</link>
<pubDate>Sat, 10 Jan 2026 00:00:00 +0000</pubDate></item></channel></rss>
END
sed 's|<summary>|<link rel="via" href="https://example.org/2"/><summary>|' web/feed.atom >web/two.atom
serve web
cat >ask.mjs <<'JS'
import rss from "rss-to-json";

for (const name of ["feed.rss", "feed.atom", "two.atom"]) {
  const [item] = (await rss.parse(`${process.argv[2]}/${name}`)).items;
  const now = Math.abs(item.published - Date.now()) < 60_000;
  const day = (time) => new Date(time).toISOString().slice(0, 10);
  console.log(`${name} published: ${now ? "now" : day(item.published)}`);
  console.log(`${name} created: ${day(item.created)}`);
  console.log(`${name} link: ${JSON.stringify(item.link)}`);
}
JS
node ask.mjs "$url" >seen
expect <<'END'
feed.rss published: 2026-01-10
feed.rss created: 2026-01-10
feed.rss link: "https://example.org/1"
feed.atom published: now
feed.atom created: 2026-01-20
feed.atom link: "https://example.org/1"
two.atom published: now
two.atom created: 2026-01-20
two.atom link: [{"rel":"alternate","href":"https://example.org/1"},{"rel":"via","href":"https://example.org/2"}]
END
