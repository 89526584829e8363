#!/usr/bin/env bash
# Five parsers give `updated` as the date of an Atom entry although the entry has `published`, four of
# them under the name "published" or "pubDate". The same post in RSS has its own date.
# Hurts: readers built on them: an old post becomes the newest after the correction of a typing
# error.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm htmlparser2@12.0.0 @extractus/feed-extractor@8.0.3 react-native-rss-parser@1.5.1 \
  feed-reader@6.1.3
from_debian ruby-feedparser 0.11.2-1

mkdir web
cat >web/feed.atom <<'END'
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-20T00:00:00Z</updated><author><name>A</name></author>
<entry><id>tag:example.org,2026:1</id><title>Entry</title>
<published>2026-01-10T00:00:00Z</published><updated>2026-01-20T00:00:00Z</updated>
<link rel="alternate" href="https://example.org/1"/><summary>Text</summary></entry></feed>
END
serve web
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { extractFromXml } from "@extractus/feed-extractor";
import { read } from "feed-reader";
import { parseFeed } from "htmlparser2";
import native from "react-native-rss-parser";

const feed = readFileSync("web/feed.atom", "utf8");
const say = (name, date) => console.log(`${name}: ${new Date(date).toISOString().slice(0, 10)}`);
say("htmlparser2, pubDate", parseFeed(feed).items[0].pubDate);
say("feed-extractor, published", extractFromXml(feed).entries[0].published);
say("feed-reader, published", (await read(`${process.argv[2]}/feed.atom`)).entries[0].published);
say("react-native-rss-parser, published", (await native.parse(feed)).items[0].published);
JS
{
  node ask.mjs "$url"
  ruby -r feedparser -e '
    item = FeedParser::Feed.new(File.read("web/feed.atom")).items[0]
    puts "ruby-feedparser, date: #{item.date.utc.strftime("%F")}"'
} >seen
expect <<'END'
htmlparser2, pubDate: 2026-01-20
feed-extractor, published: 2026-01-20
feed-reader, published: 2026-01-20
react-native-rss-parser, published: 2026-01-20
ruby-feedparser, date: 2026-01-20
END
