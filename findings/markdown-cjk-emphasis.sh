#!/usr/bin/env bash
# In CommonMark the adjacent characters decide whether "**" opens or closes strong text, and words
# are separated by spaces. So in Japanese, Chinese and Korean, emphasis that ends with punctuation
# keeps its asterisks (**注意。**次). kramdown, which Jekyll uses, makes it strong.
# Hurts: blogs in CJK that move from Jekyll to a CommonMark parser: asterisks appear in old posts.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi markdown-it-py==4.3.0
from_debian ruby-kramdown 2.4.0-2

cat >lines <<'END'
**注意**次
**注意。**次
これは**「引用」**です
**서울(Seoul)**에서
END
{
  python -c '
import sys
from markdown_it import MarkdownIt
for line in sys.stdin:
    print("markdown-it-py:", MarkdownIt("commonmark").renderInline(line.strip()))' <lines
  ruby -r kramdown -e '
    STDIN.each_line(chomp: true) do |line|
      puts "kramdown: #{Kramdown::Document.new(line).to_html[%r{<p>(.*)</p>}, 1]}"
    end' <lines
} >seen
expect <<'END'
markdown-it-py: <strong>注意</strong>次
markdown-it-py: **注意。**次
markdown-it-py: これは**「引用」**です
markdown-it-py: **서울(Seoul)**에서
kramdown: <strong>注意</strong>次
kramdown: <strong>注意。</strong>次
kramdown: これは<strong>「引用」</strong>です
kramdown: <strong>서울(Seoul)</strong>에서
END
