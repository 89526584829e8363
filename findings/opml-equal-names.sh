#!/usr/bin/env bash
# rss2email and feed2exec use an outline's name as a key. With two outlines of one name, which
# OPML allows, rss2email imports nothing, not even the outlines before, and treats "C++" and "C#"
# as one name; feed2exec skips the second and exits with success.
# Hurts: publishers of an OPML of a site's feeds, one per tag: one pair of equal names is enough.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian rss2email 1:3.13.1-3
from_pypi feed2exec==0.23.0

opml() {
  echo '<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body>'
  local n=0
  for name in "$@"; do
    n=$((n + 1))
    echo "<outline type='rss' text='$name' title='$name' xmlUrl='http://127.0.0.1/$n.xml'/>"
  done
  echo '</body></opml>'
}

rss2email() {
  rm -f r2e.cfg r2e.json
  r2e -c r2e.cfg -d r2e.json new reader@example.org 2>>log
  opml "$@" >feeds.opml
  local status=0
  r2e -c r2e.cfg -d r2e.json opmlimport feeds.opml 2>>log || status=$?
  echo "rss2email, $*: $(r2e -c r2e.cfg -d r2e.json list | wc -l) feeds, exit status $status"
}

feed2exec_() {
  rm -f feeds.ini feeds.db
  opml "$@" >feeds.opml
  local status=0 command=(feed2exec --config feeds.ini --database feeds.db)
  "${command[@]}" import feeds.opml >>log 2>&1 || status=$?
  echo "feed2exec, $*: $("${command[@]}" ls | grep -c '"url"') feeds, exit status $status"
}

{
  rss2email News Cats Dogs
  rss2email News Cats Cats
  rss2email News C++ C#
  feed2exec_ News Cats Dogs
  feed2exec_ News Cats Cats
  feed2exec_ News C++ C#
} >seen
expect <<'END'
rss2email, News Cats Dogs: 3 feeds, exit status 0
rss2email, News Cats Cats: 0 feeds, exit status 1
rss2email, News C++ C#: 0 feeds, exit status 1
feed2exec, News Cats Dogs: 3 feeds, exit status 0
feed2exec, News Cats Cats: 2 feeds, exit status 0
feed2exec, News C++ C#: 3 feeds, exit status 0
END
