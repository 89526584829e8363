#!/usr/bin/env bash
# SQLite's FTS5 with the trigram tokenizer finds no word of fewer than three characters by
# MATCH, as documented. LIKE on the same table should then scan it: SQLite 3.40 (Debian 12) does
# so for two letters of Latin, but counts bytes, so that two characters of Japanese, Chinese or
# Korean find nothing, without an error. 3.54 finds them.
# Hurts: search in CJK, where most words have two characters; and developers who test it in English only.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_debian libsqlite3-0 3.40.1-2+deb12u2 sqlite3 3.40.1-2+deb12u2
from_pypi apsw==3.54.1.0

cat >ask.sql <<'SQL'
CREATE VIRTUAL TABLE posts USING fts5(text, tokenize = 'trigram');
INSERT INTO posts VALUES ('東京の天気'), ('서울 날씨'), ('tokyo weather');
SELECT 'MATCH 東京', count(*) FROM posts WHERE posts MATCH '"東京"';
SELECT 'MATCH 東京の', count(*) FROM posts WHERE posts MATCH '"東京の"';
SELECT 'LIKE ok', count(*) FROM posts WHERE text LIKE '%ok%';
SELECT 'LIKE 東京', count(*) FROM posts WHERE text LIKE '%東京%';
SELECT 'LIKE 서울', count(*) FROM posts WHERE text LIKE '%서울%';
SELECT 'instr 東京', count(*) FROM posts WHERE instr(text, '東京');
SQL
{
  echo "$(/usr/bin/sqlite3 --version | cut -d ' ' -f 1):"
  /usr/bin/sqlite3 -separator ': ' :memory: <ask.sql
  python - <<'PY'
import apsw

print(f"{apsw.sqlite_lib_version()}:")
with open("ask.sql") as script:
    for row in apsw.Connection(":memory:").execute(script.read()):
        print(": ".join(map(str, row)))
PY
} >seen
expect <<'END'
3.40.1:
MATCH 東京: 0
MATCH 東京の: 1
LIKE ok: 1
LIKE 東京: 0
LIKE 서울: 0
instr 東京: 1
3.54.1:
MATCH 東京: 0
MATCH 東京の: 1
LIKE ok: 1
LIKE 東京: 1
LIKE 서울: 1
instr 東京: 1
END
