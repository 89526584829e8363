#!/usr/bin/env bash
# Titles without a type are plain text in Atom (RFC 4287, 3.1.1), so readers must show
# "use <b> or <i>" unchanged. npm's feedparser removes the tags, ruby-feedparser turns
# them into asterisks and slashes, whatever the type says; feedparser-rs, a replacement for
# Python's feedparser, reads the title as HTML unless it has type="text".
# Hurts: blogs about the web. An explicit type="text" has no cost and helps with one of three.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm feedparser@2.6.0
from_pypi feedparser-rs==0.7.1 feedparser==6.0.14
from_debian ruby-feedparser 0.11.2-1

for type in '' ' type="text"'; do
  cat >"feed${type:+-typed}.atom" <<END
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-20T00:00:00Z</updated><author><name>A</name></author>
<entry><id>tag:example.org,2026:1</id><title$type>AT&amp;T: use &lt;b&gt; or &lt;i&gt;</title>
<updated>2026-01-20T00:00:00Z</updated><link rel="alternate" href="https://example.org/1"/>
<summary>Text</summary></entry></feed>
END
done
cat >ask.mjs <<'JS'
import { createReadStream } from "node:fs";
import FeedParser from "feedparser";

for (const name of ["feed", "feed-typed"]) {
  const parser = createReadStream(`${name}.atom`).pipe(new FeedParser());
  for await (const item of parser) console.log(`npm feedparser, ${name}: ${item.title}`);
}
JS
cat >ask.py <<'PY'
import feedparser
import feedparser_rs

for name in ("feed", "feed-typed"):
    with open(f"{name}.atom") as file:
        feed = file.read()
    for parser in (feedparser, feedparser_rs):
        print(f"{parser.__name__}, {name}: {parser.parse(feed).entries[0].title}")
PY
{
  node ask.mjs
  python ask.py
  ruby -r feedparser -e '
    %w[feed feed-typed].each do |name|
      puts "ruby-feedparser, #{name}: #{FeedParser::Feed.new(File.read("#{name}.atom")).items[0].title}"
    end'
} >seen
expect <<'END'
npm feedparser, feed: AT&T: use  or 
npm feedparser, feed-typed: AT&T: use  or 
feedparser, feed: AT&T: use <b> or <i>
feedparser_rs, feed: AT&amp;T: use <b> or <i></i></b>
feedparser, feed-typed: AT&T: use <b> or <i>
feedparser_rs, feed-typed: AT&T: use <b> or <i>
ruby-feedparser, feed: AT&T: use * or /
ruby-feedparser, feed-typed: AT&T: use * or /
END
