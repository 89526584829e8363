#!/usr/bin/env bash
# feedgen writes names that no reader knows. Its syndication extension writes
# <sy:UpdatePeriod> for the module's updatePeriod; content(type="CDATA"), which its documentation
# suggests, ends up as type="CDATA" in Atom, where a type is text, html, xhtml or a media type;
# and in RSS a link with rel="hub" is left out, so that WebSub cannot be found.
# Hurts: programs that set these and do not check the bytes.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi feedgen==1.0.0

python - >seen <<'PY'
import re

from feedgen.feed import FeedGenerator

feed = FeedGenerator()
feed.load_extension("syndication")
feed.id("tag:example.org,2026:feed")
feed.title("Feed")
feed.description("Feed")
feed.link(href="https://example.org/", rel="alternate")
feed.link(href="https://hub.example.org/", rel="hub")
feed.syndication.update_period("hourly")
feed.syndication.update_frequency(2)
entry = feed.add_entry()
entry.id("tag:example.org,2026:1")
entry.title("Entry")
entry.link(href="https://example.org/1")
entry.content("<p>Text</p>", type="CDATA")
atom, rss = feed.atom_str().decode(), feed.rss_str().decode()
print("RSS:", *re.findall(r"<sy:.*?>[^<]*</sy:.*?>", rss))
print("RSS, hub:", *re.findall(r"<[^>]*rel=.hub[^>]*>", rss) or ["none"])
print("Atom, hub:", *re.findall(r"<[^>]*rel=.hub[^>]*>", atom) or ["none"])
print("Atom:", *re.findall(r"<content[^>]*>", atom))
PY
expect <<'END'
RSS: <sy:UpdatePeriod>hourly</sy:UpdatePeriod> <sy:UpdateFrequency>2</sy:UpdateFrequency>
RSS, hub: none
Atom, hub: <link href="https://hub.example.org/" rel="hub"/>
Atom: <content type="CDATA">
END
