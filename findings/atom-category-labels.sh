#!/usr/bin/env bash
# An Atom category has a term for programs and a label for people (RFC 4287, 4.2.2). Readers and
# libraries return the term and drop the label; rss-parser ignores categories of Atom, although it
# reads those of RSS.
# Hurts: feeds in several languages, whose terms are slugs and whose labels are translated.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm feedparser@2.6.0 react-native-rss-parser@1.5.1 rss-parser@3.13.0
from_pypi feedparser-rs==0.7.1
from_debian sfeed 1.7-1

cat >feed.atom <<'END'
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-20T00:00:00Z</updated><author><name>A</name></author>
<entry><id>tag:example.org,2026:1</id><title>Entry</title><updated>2026-01-20T00:00:00Z</updated>
<category term="c-plus-plus" label="C++" scheme="https://example.org/tags"/>
<link rel="alternate" href="https://example.org/1"/><summary>Text</summary></entry></feed>
END
cat >ask.mjs <<'JS'
import { createReadStream, readFileSync } from "node:fs";
import FeedParser from "feedparser";
import native from "react-native-rss-parser";
import Parser from "rss-parser";

const feed = readFileSync("feed.atom", "utf8");
const say = (name, found) => console.log(`${name}: ${JSON.stringify(found)}`);
const parser = createReadStream("feed.atom").pipe(new FeedParser());
for await (const item of parser) say("npm feedparser", item.categories);
say("react-native-rss-parser", (await native.parse(feed)).items[0].categories);
say("rss-parser", (await new Parser().parseString(feed)).items[0].categories ?? "none");
JS
{
  node ask.mjs
  python -c '
import feedparser_rs
with open("feed.atom") as file:
    print("feedparser-rs:", feedparser_rs.parse(file.read()).entries[0].tags)'
  echo "sfeed: $(sfeed <feed.atom | cut -f 9)"
} >seen
expect <<'END'
npm feedparser: ["c-plus-plus"]
react-native-rss-parser: [{"name":"c-plus-plus"}]
rss-parser: "none"
feedparser-rs: [Tag(term='c-plus-plus')]
sfeed: c-plus-plus
END
