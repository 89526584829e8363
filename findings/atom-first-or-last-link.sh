#!/usr/bin/env bash
# Some libraries ignore rel when they choose the link of an Atom entry: ruby-feedparser takes the
# last link, htmlparser2 and feed-extractor the first. So the result depends on the order of two
# elements, which has no meaning (RFC 4287, 4.1.2).
# Hurts: feeds with rel="via", "related" or "replies" besides "alternate": no order suits all.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm htmlparser2@12.0.0 @extractus/feed-extractor@8.0.3
from_debian ruby-feedparser 0.11.2-1

alternate='<link rel="alternate" type="text/html" href="https://example.org/alternate"/>'
via='<link rel="via" type="text/html" href="https://example.org/via"/>'
feed() {
  cat <<END
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-01T00:00:00Z</updated><author><name>A</name></author>
<entry><id>tag:example.org,2026:1</id><title>Entry</title><updated>2026-01-01T00:00:00Z</updated>
$1$2<summary>Text</summary></entry></feed>
END
}
feed "$alternate" "$via" >alternate-first.atom
feed "$via" "$alternate" >via-first.atom

cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { extractFromXml } from "@extractus/feed-extractor";
import { parseFeed } from "htmlparser2";

for (const name of ["alternate-first", "via-first"]) {
  const feed = readFileSync(`${name}.atom`, "utf8");
  console.log(`htmlparser2, ${name}: ${parseFeed(feed).items[0].link}`);
  console.log(`feed-extractor, ${name}: ${extractFromXml(feed).entries[0].link}`);
}
JS
cat >ask.rb <<'RB'
require "feedparser"

%w[alternate-first via-first].each do |name|
  puts "ruby-feedparser, #{name}: #{FeedParser::Feed.new(File.read("#{name}.atom")).items[0].link}"
end
RB
{ node ask.mjs; ruby ask.rb; } >seen
expect <<'END'
htmlparser2, alternate-first: https://example.org/alternate
feed-extractor, alternate-first: https://example.org/alternate
htmlparser2, via-first: https://example.org/via
feed-extractor, via-first: https://example.org/via
ruby-feedparser, alternate-first: https://example.org/via
ruby-feedparser, via-first: https://example.org/alternate
END
