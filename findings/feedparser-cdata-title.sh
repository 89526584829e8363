#!/usr/bin/env bash
# Python's feedparser decides by the look of an RSS title whether it is text or HTML. A title that
# has both "<![CDATA[" and "&amp;" in it is taken for a mixture: its first "<" comes out as "&lt;",
# the next as "<". Without the "&amp;" both are right. (All are escaped once, as XML asks.)
# Hurts: blogs about XML and feeds.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi feedparser==6.0.14

python - >seen <<'PY'
from xml.sax.saxutils import escape

import feedparser

for title in ("<![CDATA[ and <b>", "<b> and &amp;", "<![CDATA[ and <b> and &amp;"):
    feed = (
        '<rss version="2.0"><channel><title>Feed</title><link>https://example.org/</link>'
        f"<description>Feed</description><item><title>{escape(title)}</title>"
        "<link>https://example.org/1</link></item></channel></rss>"
    )
    print(title, "->", feedparser.parse(feed).entries[0].title)
PY
expect <<'END'
<![CDATA[ and <b> -> <![CDATA[ and <b>
<b> and &amp; -> <b> and &amp;
<![CDATA[ and <b> and &amp; -> &lt;![CDATA[ and <b> and &amp;
END
