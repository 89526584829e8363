#!/usr/bin/env bash
# fxtranslate (Firefox Translations in Python) splits texts into sentences by Unicode's rules
# (UAX 29) only: after "Dr." and "e.g.", at each line break of a wrapped paragraph, after the
# number of a list, and after a Japanese quotation in the middle of its sentence. It translates each
# piece separately.
# Hurts: programs that pass Markdown, e-mail or novels to translate_long(): it translates half
# sentences.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi fxtranslate==0.5.0

python - >seen <<'PY'
from fxtranslate import discovery

for text in (
    "Ask Dr. Smith, e.g. Tomorrow.",
    "This paragraph is wrapped\nby its author.",
    "1. First of all",
    "「終わった。」と彼は言った。",
    "彼は「はい。行きます。」と答えた。",
):
    print(repr(text), "->", " | ".join(discovery.segment_sentences(text)))
PY
expect <<'END'
'Ask Dr. Smith, e.g. Tomorrow.' -> Ask Dr. | Smith, e.g. | Tomorrow.
'This paragraph is wrapped\nby its author.' -> This paragraph is wrapped | by its author.
'1. First of all' -> 1. | First of all
'「終わった。」と彼は言った。' -> 「終わった。」 | と彼は言った。
'彼は「はい。行きます。」と答えた。' -> 彼は「はい。 | 行きます。」 | と答えた。
END
