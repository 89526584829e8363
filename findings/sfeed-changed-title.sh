#!/usr/bin/env bash
# sfeed_update stores an entry a second time when its title has changed: it merges entries by id,
# title and link together, although the feed has an id (Atom, or RSS with a guid).
# Hurts: its users, after the correction of a title or a better translation.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian sfeed 1.7-1
command -v curl >curl.path || from_debian curl 7.88.1-10+deb12u15

mkdir web .sfeed
feed() {
  cat >web/feed.rss <<END
<rss version="2.0"><channel><title>Feed</title><link>https://example.org/</link>
<description>Feed</description><item><title>$1</title><link>https://example.org/1</link>
<description>$2</description><guid isPermaLink="false">tag:example.org,2026:1</guid>
<pubDate>Sat, 10 Jan 2026 00:00:00 +0000</pubDate></item></channel></rss>
END
}
poll() {
  feed "$@"
  sfeed_update .sfeed/sfeedrc >>log 2>&1
  echo "$*: $(cut -f 2 .sfeed/feeds/blog | sort | paste -s -d ,)"
}
serve web
cat >.sfeed/sfeedrc <<END
feeds() { feed blog '$url/feed.rss'; }
END
{ poll 'A titel' Text; poll 'A titel' 'New text'; poll 'A title' 'New text'; } >seen
expect <<'END'
A titel Text: A titel
A titel New text: A titel
A title New text: A titel,A title
END
