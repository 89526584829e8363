#!/usr/bin/env bash
# libmrss, and rsstail with it, converts dates of Atom to those of RSS, with Sunday for every
# day: 10 January 2026, a Saturday, becomes "Sun, 10 Jan 2026".
# Hurts: programs that check the weekday, and people who read it.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian libmrss0 0.19.2-7 rsstail 1.8-1+b1

mkdir web
{
  echo '<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:example.org,2026:feed</id>'
  echo '<title>Feed</title><updated>2026-01-20T00:00:00Z</updated><author><name>A</name></author>'
  for day in 10 14; do
    echo "<entry><id>tag:example.org,2026:$day</id><title>Entry $day</title>"
    echo "<updated>2026-01-${day}T00:00:00Z</updated>"
    echo "<link rel='alternate' href='https://example.org/$day'/><summary>Text</summary></entry>"
  done
  echo '</feed>'
} >web/feed.atom
serve web
rsstail -1 -n 2 -N -p -u "$url/feed.atom" >seen 2>&1
expect <<'END'
 Entry 10
 Sun, 10 Jan 2026 00:00:00 +0000
 Entry 14
 Sun, 14 Jan 2026 00:00:00 +0000
END
