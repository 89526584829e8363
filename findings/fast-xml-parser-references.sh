#!/usr/bin/env bash
# fast-xml-parser by default decodes &amp; and &lt;, which are entities, but leaves numeric
# references undecoded, such as "AT&#x26;T". Both are equivalent in XML (XML 1.0, 4.1 and 4.6),
# and the RSS profile recommends numeric ones in titles.
# Hurts: the many npm packages that parse feeds with it: they show "&#x26;" to people. Its option
# htmlEntities decodes them.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_npm fast-xml-parser@5.12.1

cat >ask.mjs <<'JS'
import { XMLParser } from "fast-xml-parser";

const title = "<title>AT&amp;T 5 &lt; 7, AT&#x26;T 5 &#x3C; 7, AT&#38;T</title>";
console.log("default:", new XMLParser().parse(title).title);
console.log("htmlEntities:", new XMLParser({ htmlEntities: true }).parse(title).title);
JS
node ask.mjs >seen
expect <<'END'
default: AT&T 5 < 7, AT&#x26;T 5 &#x3C; 7, AT&#38;T
htmlEntities: AT&T 5 < 7, AT&T 5 < 7, AT&T
END
