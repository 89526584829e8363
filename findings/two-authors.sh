#!/usr/bin/env bash
# Results of libraries for an entry with two authors, which Atom and Dublin Core allow: npm's
# feedparser returns the author of the feed; XML::FeedPP crashes on Atom; XML::Feed prints the
# address of an array for RSS; rss-to-json has no author for Atom; fastfeedparser has only the
# first, even in its list; Python's feedparser returns the last.
# Hurts: posts with two authors, and the author who is credited instead.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm feedparser@2.6.0 rss-to-json@2.1.1
from_pypi fastfeedparser==0.6.5 feedparser==6.0.14
from_debian libxml-feed-perl 0.63+dfsg-1 libxml-rss-perl 1.62-1 libxml-feedpp-perl 0.95-1

mkdir web
cat >web/feed.atom <<'END'
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id><title>Feed</title>
<updated>2026-01-20T00:00:00Z</updated><author><name>Editor</name></author>
<entry><id>tag:example.org,2026:1</id><title>Entry</title><updated>2026-01-20T00:00:00Z</updated>
<author><name>First</name></author><author><name>Second</name></author>
<link rel="alternate" href="https://example.org/1"/><summary>Text</summary></entry></feed>
END
cat >web/feed.rss <<'END'
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Feed</title>
<link>https://example.org/</link><description>Feed</description><dc:creator>Editor</dc:creator>
<item><title>Entry</title><link>https://example.org/1</link>
<dc:creator>First</dc:creator><dc:creator>Second</dc:creator></item></channel></rss>
END
serve web
cat >ask.mjs <<'JS'
import { createReadStream } from "node:fs";
import FeedParser from "feedparser";
import rss from "rss-to-json";

for (const name of ["feed.atom", "feed.rss"]) {
  const parser = createReadStream(`web/${name}`).pipe(new FeedParser());
  for await (const item of parser) console.log(`npm feedparser, ${name}: ${item.author}`);
  const [item] = (await rss.parse(`${process.argv[2]}/${name}`)).items;
  console.log(`rss-to-json, ${name}: ${JSON.stringify(item.author)}`);
}
JS
cat >ask.py <<'PY'
import fastfeedparser
import feedparser

for name in ("feed.atom", "feed.rss"):
    with open(f"web/{name}") as file:
        feed = file.read()
    entry = fastfeedparser.parse(feed).entries[0]
    print(f"fastfeedparser, {name}: {[author['name'] for author in entry.authors]}")
    print(f"feedparser, {name}: {feedparser.parse(feed).entries[0].author}")
PY
cat >ask.pl <<'PL'
use XML::Feed;
use XML::FeedPP;

for my $name ("feed.atom", "feed.rss") {
    my $author = (XML::Feed->parse("web/$name")->entries)[0]->author;
    $author =~ s/0x[0-9a-f]+/0x.../;
    print "XML::Feed, $name: $author\n";
    $author = eval { (XML::FeedPP->new("web/$name")->get_item)[0]->author } // "dies: $@";
    $author =~ s/ at .*//s;
    print "XML::FeedPP, $name: $author\n";
}
PL
{ node ask.mjs "$url"; python ask.py; perl ask.pl; } >seen
expect <<'END'
npm feedparser, feed.atom: Editor
rss-to-json, feed.atom: undefined
npm feedparser, feed.rss: First
rss-to-json, feed.rss: ["First","Second"]
fastfeedparser, feed.atom: ['First']
feedparser, feed.atom: Second
fastfeedparser, feed.rss: ['First']
feedparser, feed.rss: Second
XML::Feed, feed.atom: First
XML::FeedPP, feed.atom: dies: Not a HASH reference
XML::Feed, feed.rss: ARRAY(0x...)
XML::FeedPP, feed.rss: First
END
