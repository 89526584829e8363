#!/usr/bin/env bash
# newsboat loses a change with the same Last-Modified as the response before, as when a feed
# changes twice within a second. The server returns 200 with a new ETag and the new entry; the
# HTTP library compares the date and drops the body; newsboat still stores the new ETag, and gets
# 304 from then on. (Its first two polls are unconditional, so it takes three.)
# Hurts: feeds generated on request or published in bursts. Do not send a Last-Modified before
# its second is over.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian newsboat 2.21-1.5 libcurl3-gnutls 7.88.1-10+deb12u15

cat >server.py <<'PY'
"""One entry in the first two answers, two from then on; prints each status."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

ITEM = "<item><title>%s</title><link>http://example.org/%s</link><guid>%s</guid></item>"
FEED = (
    "<rss version='2.0'><channel><title>Feed</title><link>http://example.org/</link>"
    "<description>Feed</description>%s</channel></rss>"
)


class Handler(BaseHTTPRequestHandler):
    protocol_version, asked = "HTTP/1.1", 0

    def do_GET(self):
        Handler.asked += 1
        changed = Handler.asked > 2
        etag = '"2"' if changed else '"1"'
        known = self.headers["If-None-Match"] == etag
        titles = ["one", "two"] if changed else ["one"]
        body = (FEED % "".join(ITEM % (title, title, title) for title in titles)).encode()
        self.send_response(304 if known else 200)
        self.send_header("ETag", etag)
        self.send_header(
            "Last-Modified",
            "Sat, 10 Jan 2026 00:00:0%s GMT" % (sys.argv[1] if changed else "0"),
        )
        if not known:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not known:
            self.wfile.write(body)
        print(304 if known else 200, flush=True)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
for _ in range(4):
    server.handle_request()
PY
: >config
polls() {
  rm -f answers
  timeout 60 python3 server.py "$2" >answers &
  until [ -s answers ]; do sleep 0.1; done
  echo "http://127.0.0.1:$(cat answers)/feed" >urls
  for _ in 1 2 3 4; do
    newsboat --url-file=urls --cache-file="$1.db" --config-file=config --execute=reload >>log 2>&1
  done
  wait
  echo "$1: $(tail -n +2 answers | paste -s -d ' '), entries: $(python3 -c '
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT title FROM rss_item ORDER BY title")
print(", ".join(title for (title,) in rows))' "$1.db")"
}
{ polls 'changed a second later' 1; polls 'changed in the same second' 0; } >seen
expect <<'END'
changed a second later: 200 200 200 304, entries: one, two
changed in the same second: 200 200 200 304, entries: one
END
