#!/usr/bin/env bash
# Python's feedparser sends "A-IM: feed" with each request, which says that it accepts
# a feed with the new entries only (226 IM Used, RFC 3229). It does not merge them: it returns the
# delta, and the calling program reads that as the whole feed.
# Hurts: its users, rss2email among them, with every server that honours the header: entries that
# are not in the delta look removed.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi feedparser==6.0.14

python - >seen <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import feedparser

FEED = (
    "<rss version='2.0'><channel><title>Feed</title><link>https://example.org/</link>"
    "<description>Feed</description>%s</channel></rss>"
)
ITEM = "<item><title>%s</title><guid isPermaLink='false'>%s</guid></item>"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        wants_delta = self.headers["A-IM"] == "feed" and self.headers["If-None-Match"] == '"1"'
        print("asked with A-IM:", self.headers["A-IM"])
        titles = ["new"] if wants_delta else ["old", "older"]
        self.send_response(226 if wants_delta else 200)
        self.send_header("ETag", '"2"' if wants_delta else '"1"')
        self.end_headers()
        self.wfile.write((FEED % "".join(ITEM % (t, t) for t in titles)).encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
first = feedparser.parse(url)
print(first.status, [entry.title for entry in first.entries])
second = feedparser.parse(url, etag=first.etag)
print(second.status, [entry.title for entry in second.entries])
PY
expect <<'END'
asked with A-IM: feed
200 ['old', 'older']
asked with A-IM: feed
226 ['new']
END
