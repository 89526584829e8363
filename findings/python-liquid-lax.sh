#!/usr/bin/env bash
# python-liquid's lax mode differs from Ruby's. It silently drops everything after an unclosed
# block, and mistyped tags; only an unclosed {{ is an error. Ruby's lax mode reports an error for
# all three.
# Hurts: programs that render other people's posts and expect lax mode to keep the text.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi python-liquid==2.3.6
from_debian ruby-liquid 5.4.0-3

cat >ask.py <<'PY'
import sys

from liquid import Environment, Mode

environment = Environment(tolerance=Mode.LAX)
for line in sys.stdin.read().splitlines():
    try:
        print("python", line, "->", repr(environment.from_string(line).render()))
    except Exception as error:
        print("python", line, "->", type(error).__name__)
PY
cat >ask.rb <<'RB'
require "liquid"

STDIN.each_line(chomp: true) do |line|
  shown = Liquid::Template.parse(line, error_mode: :lax).render.inspect.tr('"', "'")
  puts "ruby #{line} -> #{shown}"
rescue Liquid::Error => error
  puts "ruby #{line} -> #{error.message[/\A.*? (?:closed|terminated)|\A.*/]}"
end
RB
cat >lines <<'END'
kept {% if page.draft %} and all that follows
kept {% unles page.draft %} and this
kept {{ page.title
END
{ python ask.py <lines; ruby ask.rb <lines; } >seen
expect <<'END'
python kept {% if page.draft %} and all that follows -> 'kept '
python kept {% unles page.draft %} and this -> 'kept  and this'
python kept {{ page.title -> LiquidSyntaxError
ruby kept {% if page.draft %} and all that follows -> Liquid syntax error: 'if' tag was never closed
ruby kept {% unles page.draft %} and this -> Liquid syntax error: Unknown tag 'unles'
ruby kept {{ page.title -> Liquid syntax error: Variable '{{' was not properly terminated
END
