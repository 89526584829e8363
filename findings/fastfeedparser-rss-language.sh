#!/usr/bin/env bash
# fastfeedparser gives no language for RSS: `feed.language` is None although the channel has
# <language>ko</language>. It reads xml:lang of Atom and `language` of JSON Feed.
# Hurts: programs that sort feeds by language or translate them; nearly all feeds are RSS.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi fastfeedparser==0.6.5

python - >seen <<'PY'
import json

import fastfeedparser

ITEM = "<title>Entry</title><link>https://example.org/1</link>"
feeds = {
    "RSS": f"""<rss version="2.0"><channel><title>Feed</title><link>https://example.org/</link>
        <description>Feed</description><language>ko</language><item>{ITEM}</item></channel></rss>""",
    "Atom": """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko"><title>Feed</title>
        <id>tag:example.org,2026:feed</id><updated>2026-01-20T00:00:00Z</updated>
        <entry><id>tag:example.org,2026:1</id><title>Entry</title>
        <updated>2026-01-20T00:00:00Z</updated></entry></feed>""",
    "JSON Feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Feed",
            "language": "ko",
            "items": [{"id": "1", "content_text": "Text"}],
        }
    ),
}
for name, feed in feeds.items():
    print(f"{name}: {fastfeedparser.parse(feed).feed.language}")
PY
expect <<'END'
RSS: None
Atom: ko
JSON Feed: ko
END
