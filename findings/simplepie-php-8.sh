#!/usr/bin/env bash
# Debian 12's SimplePie cannot give the date of any RSS item under Debian 12's own PHP: each
# feed with a pubDate raises a TypeError, since PHP 8 dropped an old order
# of implode()'s arguments. Feeds without dates work.
# Hurts: PHP applications on Debian 12 that use the packaged library.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian libphp-simplepie 1.3.1+dfsg-5 php8.2-cli 8.2.36-1~deb12u1 php8.2-xml 8.2.36-1~deb12u1

cat >ask.php <<'PHP'
<?php
error_reporting(E_ERROR);
require "/usr/share/php/simplepie/autoloader.php";
foreach (["", "<pubDate>Sat, 10 Jan 2026 00:00:00 +0000</pubDate>"] as $date) {
    $feed = new SimplePie();
    $feed->enable_cache(false);
    $feed->set_raw_data("<rss version='2.0'><channel><title>Feed</title>
        <link>https://example.org/</link><description>Feed</description>
        <item><title>Entry</title>$date</item></channel></rss>");
    $feed->init();
    try {
        $shown = count($feed->get_items()) . " item";
    } catch (TypeError $error) {
        $shown = $error->getMessage();
    }
    echo $date ? "with" : "without", " a date: $shown\n";
}
PHP
php ask.php >seen
expect <<'END'
without a date: 1 item
with a date: implode(): Argument #2 ($array) must be of type ?array, string given
END
