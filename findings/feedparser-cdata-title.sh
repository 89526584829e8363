#!/usr/bin/env bash
# Python's feedparser guesses whether an RSS title is text or HTML. It treats a title with both
# "<![CDATA[" and "&amp;" as a mixture: the first "<" becomes "&lt;", the next "<". Without the
# "&amp;" both are right. (All are escaped once, as XML requires.)
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
