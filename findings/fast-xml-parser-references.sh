#!/usr/bin/env bash
# fast-xml-parser by default decodes &amp; and &lt;, which are entities, but leaves numeric
# references as they are: "AT&#x26;T" stays so. XML knows no difference between the two for a
# reader (XML 1.0, 4.1 and 4.6), and the RSS profile recommends the numeric ones for titles.
# Hurts: the many npm packages that parse feeds with it: "&#x26;" is shown to people. Its option
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
