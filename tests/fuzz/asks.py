"""Requests that nobody would send by mistake, made up from a seed, and what holds of every answer.

Half of them begin as good ones (the routes' own, with terms, posts and parameters that are
there) and are bent a little; the other half never were. The same seed gives the same requests.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, quote_from_bytes

import brotli
from lxml import etree

from feeds.model.selection import PLURALS
from infra.compression import zstd

METHODS = ["GET"] * 30 + ["HEAD"] * 4 + ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
METHODS += ["CONNECT", "get", "PROPFIND", "X" * 20, "M-SEARCH", "$", "PURGE"]

# Bytes as they may stand in a path or a query, not always rightly.
PIECES = [
    b"%00", b"%0a", b"%0d%0aSet-Cookie:%20a=b", b"%0D%0A%0D%0A<script>", b"%ff", b"%FF%fe", b"%c0%af",
    b"%ed%a0%80", b"%f4%90%80%80", b"%ef%bf%bd", b"%ef%bf%bf", b"%2e%2e%2f", b"..", b"../..", b"%2f",
    b"%5c", b"\\", b"//", b"/./", b";", b"%", b"%%", b"%2", b"%zz", b"%25", b"%2525", b"%u0041", b"+",
    b"%20", b"%09", b"%7f", b"%c2%85", b"%e2%80%a8", b"%e2%80%ae", b"%cc%b8", b"<svg/onload=alert(1)>",
    b"'\"><script>alert(1)</script>", b"{{7*7}}", b"${7*7}", b"%s%s%n", b"' OR 1=1--", b"|", b"\\|",
    b"-", b"~", b"*", b"?", b"#", b"&", b"=", b"@", b":", b"..;/", b"%e3%80%80", b"%f0%9f%8d%9c",
    b"\xe3\x81\x82", b"\xff", b"\xed\xa0\x80", b"\x80\x81", "é".encode(), b"e%cc%81", b"%EF%BC%A1",
    b"%ef%b7%ba" * 3, b"%c4%b0", b"%e1%ba%9e", b"feed.rss", b"/feed.atom", b"archive", b"posts",
]  # fmt: skip

NUMBERS = [
    "0", "1", "2", "20", "100", "101", "-1", "1.5", "1e3", "1e309", "nan", "inf", "0x10", "1_0", " 1",
    "１", "²", "999999999", "1000000", "1000001", "9" * 19, "9" * 25, "0" * 9 + "1", "0" * 8 + "1" + "9" * 40,
    "9" * 5000, "0" * 8 + "1" + "0" * 5000, "", "null", "true", "[]", "1,2", "+1", "%31",
]  # fmt: skip
DATES = [
    "2026-01-01", "2026-01-02", "0001-01-01", "9999-12-31", "2026-02-30", "20260101", "2026-W01-1",
    "2026-13-01", "yesterday", "2026-01-01T00:00:00Z", "-0001-01-01", "２０２６-01-01", "2026-1-1",
]  # fmt: skip
TAME = {
    "tag": ["-ai", "ai|c++", "AI", "\\|"],
    "category": ["技術", "-技術"],
    "author": ["編集部"],
    "q": ["日本語", "文1", "b a", "<b>", "]]>", "\x01"],
    "since": DATES[:4],
    "limit": ["1", "3", "100"],
    "page": ["1", "2", "1000000"],
    "display": ["one", "both"],
    "full": ["0", "1"],
    "wait": ["0", "30"],
    "require": ["complete"],
    "raw": ["1"],
    "lang": ["ko"],
    "language": ["ko"],
    "kind": ["tag"],
    "format": ["json"],
}
NAMES = [
    "tag", "category", "author", "q", "since", "limit", "page", "display", "full", "wait", "require",
    "raw", "lang", "language", "kind", "format", "utm_source", "fbclid", "v", "tags", "Tag", "ta\x00g",
    "", "__proto__", "page[]", "q[0]", "\udcff",
]  # fmt: skip
WORDS = [
    "日本語",
    "RSS",
    "a",
    "あ" * 70,
    "b" * 210,
    "c " * 12,
    "%",
    "_",
    "\\",
    '"',
    "'",
    "İ",
    "ß",
    "e\u0301",
]

HEADERS: dict[str, list[str]] = {
    "Accept": ["*/*", "text/html", "application/problem+json", "text/html;q=0", "a", ",,;q=", "*/*;q=nan"],
    "Accept-Encoding": [
        "gzip", "br, zstd;q=0.5", "identity;q=0, *;q=0", "*", "gzip;q=nan", "gzip;q=-1", ";;;=", "x" * 999,
        "identity", "deflate", "gzip;q=1e9", "zstd",
    ],
    "Accept-Language": ["ko", "en;q=0.5, ja", "*", "-", "zz-" + "a" * 500, "ja;q=inf"],
    "If-None-Match": ["*", '"a"', 'W/"a"', '"a", "b",', '"', "a" * 5000, ",,,,", 'W/*', "\x80", '"' * 99],
    "If-Match": ["*", '"a"', '""'],
    "If-Modified-Since": [
        "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 1 Jan 0001 00:00:00 GMT", "0",
        "Thu, 99 Foo 99999999999999999999 99:99:99 GMT", "Thu, 01 Jan 99999999999 00:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 +9999", "Sun, 06 Nov 1994 08:49:37 -99999999999999", "x" * 999, "",
        "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359", "(" * 500,
    ],
    "If-Unmodified-Since": ["Thu, 01 Jan 1970 00:00:00 GMT", "never"],
    "If-Range": ['"a"', "Thu, 01 Jan 1970 00:00:00 GMT", "("],
    "A-IM": ["feed", "feed, gzip", "FEED;q=0", "feed;q=0.0", ",", "vcdiff", "feed;" * 50, "*"],
    "Range": [
        "bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0", "bytes=5-2", "bytes=99999999999999999999-", "bytes=a-b",
        "bytes=0-0,1-1,2-2" + ",3-3" * 200, "items=0-1", "bytes=", "=", "bytes=0-99999999999999999999999",
    ],
    "Host": [
        "feeds.example", "evil.example", "[::1]", "[", "a:b:c", "a:99999999", "\u00e9", "", "a/b", "a b", "]:80",
        "evil.example/x?", "a@b", "xn--", "." * 300, "[v1.a]:1", "<script>",
    ],
    "User-Agent": [
        "Feedly/1.0 (+http://x; 12 subscribers; )", "Feedbin - 999999999 subscribers", "feedparser/6.0 +x", "",
        "a - 99999999999999999999 subscribers", "\x1b[31mred", "% %s %n {0} {x!r:>99999999}", "x" * 4000, "\u00ff",
        "- 3 users", "a;" * 500 + " 5 readers", "x" * 500 + " 1 reader",
    ],
    "Sec-Fetch-Dest": ["document", "empty", "iframe", "document, document"],
    "X-Request-ID": ["abc", "x" * 65, "a b", "\r", "%0a", "{}", "é"],
    "X-Forwarded-For": ["1.2.3.4", "::1", "1.2.3.4, 5.6.7.8", "unknown", ",,,", "a" * 500],
    "X-Forwarded-Host": ["evil.example"],
    "X-Forwarded-Proto": ["https", "javascript"],
    "X-HTTP-Method-Override": ["DELETE"],
    "Forwarded": ["for=1.2.3.4;host=evil.example"],
    "Content-Type": ["application/json", "multipart/form-data; boundary=", "text/plain; charset=\u00ff", "a/b;" * 99],
    "Content-Length": ["0", "3", "-1", "abc", "99999999999999999999999"],
    "Transfer-Encoding": ["chunked", "gzip", "identity"],
    "Cookie": ["session=" + "a" * 3000, "=;;=", "\u00ff=\u00ff"],
    "Authorization": ["Bearer x", "Basic ////", "Basic " + "A" * 999, "Digest username=\"", "Bearer \u00e9"],
    "Expect": ["100-continue", "x"],
    "Upgrade": ["websocket", "h2c"],
    "Via": ["1.1 x"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it goes over the wire; `target` in raw bytes, header values in Latin-1."""

    method: str
    target: bytes
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Known:
    """What is there to be asked for."""

    rules: tuple[str, ...]  # of the URL map: "/<language>/posts/<slug>/"
    values: Mapping[str, tuple[str, ...]]  # by the names in the rules
    etags: tuple[str, ...]


_VARIABLE = re.compile(r"<(?:[^:<>]*(?:\([^)]*\))?:)?(\w+)>")


def make_ask(chance: Random, known: Known) -> Ask:
    if chance.random() < 0.3:
        return _tame(chance, known)
    headers: list[tuple[str, str]] = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3, 6))):
        name = chance.choice(list(HEADERS))
        values = [*HEADERS[name], *(known.etags if name.startswith("If-N") else ())]
        headers.append((name, chance.choice(values)))
    if chance.random() < 0.05:
        headers.append((chance.choice(NAMES[-9:]) or "X", "\udcff"))
    method = chance.choice(METHODS)
    has_body = method not in ("GET", "HEAD") or chance.random() < 0.02
    body = chance.randbytes(chance.choice((0, 3, 500))) if has_body else b""
    target = _path(chance, known)
    if chance.random() < 0.6:
        target += b"?" + _query(chance, known)
    return Ask(method, target, tuple(_sendable(headers)), body)


def _tame(chance: Random, known: Known) -> Ask:
    """A good request, but perhaps for one thing."""
    path = _VARIABLE.sub(
        lambda match: quote(chance.choice(known.values[match[1]][:3])), chance.choice(known.rules)
    )
    name = chance.choice((*TAME, ""))
    value = chance.choice(
        (*TAME.get(name, ()), *known.values["term"]) if name in PLURALS else TAME.get(name, [""])
    )
    query = f"?{name}={quote(value, safe='')}" if name else ""
    header = chance.choice(list(HEADERS))
    values = [*HEADERS[header], *known.etags] if header.startswith("If-") else HEADERS[header]
    headers = [(header, chance.choice(values))]
    if header == "A-IM":
        headers.append(("If-None-Match", chance.choice(known.etags)))
    return Ask("GET", (path + query).encode("ascii"), tuple(_sendable(headers)))


def _sendable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As a server's parser lets them through: tokens, and values without line ends."""
    kept = []
    for name, value in headers:
        value = value.encode("utf-8", "surrogateescape").decode("latin-1")
        if re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII):
            kept.append((name, re.sub("[\r\n\0]", "", value).strip(" \t")))
    return kept


def _path(chance: Random, known: Known) -> bytes:
    kind = chance.random()
    if kind < 0.1:
        parts = [chance.choice(PIECES) for _ in range(chance.randrange(6))]
        return b"/" + b"/".join(parts)
    if kind < 0.13:
        return b"/" + chance.choice(PIECES) * chance.choice((10, 500, 3000))
    rule = chance.choice(known.rules)
    path = _VARIABLE.sub(lambda match: _value(chance, known, match[1]), rule).encode("ascii")
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 4))):
        path = _bent(chance, path)
    return path


def _value(chance: Random, known: Known, name: str) -> str:
    values = known.values.get(name, ("x",))
    value = chance.choice(values)
    if chance.random() < 0.1:
        value = chance.choice(NUMBERS + WORDS)
    return quote(
        value.encode("utf-8", "surrogateescape"), safe=chance.choice(("", "/", "!$&'()*+,;=:@"))
    )


def _bent(chance: Random, path: bytes) -> bytes:
    at = chance.randrange(len(path) + 1)
    kind = chance.randrange(7)
    if kind < 3:
        return path[:at] + chance.choice(PIECES) + path[at:]
    if kind == 3:
        return path[:at] + path[at + 1 + chance.randrange(4) :]
    if kind == 4:
        return path[:at] + quote_from_bytes(path[at : at + 3], safe="").encode() + path[at + 3 :]
    if kind == 5:
        return path[:at] + b"".join(b"%%%02x" % byte for byte in path[at : at + 4]) + path[at + 4 :]
    return path.swapcase() if at % 2 else path + path[at:]


def _query(chance: Random, known: Known) -> bytes:
    if chance.random() < 0.05:
        return b"&".join(chance.choice(PIECES) * chance.choice((1, 100)) for _ in range(20))
    pairs = []
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 25, 60))):
        name = chance.choice(NAMES[:12]) if chance.random() < 0.8 else chance.choice(NAMES)
        pairs.append(
            _encoded(chance, name) + b"=" + _encoded(chance, _argument(chance, known, name))
        )
    if chance.random() < 0.1:
        pairs += [chance.choice(pairs)] * chance.choice((1, 2, 30))
    query = chance.choice((b"&", b"&", b"&", b";", b"&&")).join(pairs)
    return _bent(chance, query) if chance.random() < 0.3 else query


def _argument(chance: Random, known: Known, name: str) -> str:
    if chance.random() < 0.15:
        return chance.choice(NUMBERS + DATES + WORDS)
    if name in ("tag", "category", "author"):
        terms = [
            chance.choice((*known.values["term"], *WORDS))
            for _ in range(chance.choice((1, 1, 2, 30)))
        ]
        return chance.choice(("", "", "-", "|", "--", "\\")) + "|".join(terms)
    if name in ("limit", "page"):
        return chance.choice(NUMBERS)
    fixed = {
        "since": DATES,
        "display": ["one", "both", "x"],
        "full": ["0", "1", "2"],
        "raw": ["1", "0"],
    }
    fixed |= {"wait": ["0", "0.01", "nan", "-1", "31", "1e400"], "require": ["complete", "x"]}
    fixed |= {
        "lang": ["ja", "ko", "xx"],
        "language": ["ja", "ko"],
        "kind": ["site", "tag"],
        "format": ["rss"],
    }
    return chance.choice(fixed.get(name, WORDS))


def _encoded(chance: Random, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    kind = chance.randrange(8)
    if kind == 0:
        return b"".join(b"%%%02X" % byte for byte in data)
    if kind == 1:  # as it is, but for what would end the request line
        return re.sub(rb"[\s\0]", b"+", data)
    return quote_from_bytes(data, safe=chance.choice(("", "/|:", "*-._~"))).encode()


# What holds of every answer

MAX_SECONDS = 5.0

_DECODERS = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


def complaints(ask: Ask, status: int, headers: list[tuple[str, str]], body: bytes) -> list[str]:
    """What is wrong with an answer; nothing, as a rule."""
    found = []
    named = {name.lower(): value for name, value in headers}
    if status >= 500 and not _may_be_503(ask, status, named):
        found.append(f"status {status}")
    found += [
        f"line end in {name}" for name, value in headers if re.search("[\r\n\0]", name + value)
    ]
    location = named.get("location")
    if location is not None and not re.match(r"/(?![/\\])[!-~]*\Z", location):
        found.append(f"leads away: {location}")
    if (ask.method == "HEAD" or status in (204, 304)) and body:
        found.append("a body that may not be there")
    elif body:
        found += _unreadable(named, body)
    return found


def _may_be_503(ask: Ask, status: int, headers: dict[str, str]) -> bool:
    """Two addresses answer 503 by their own description: one for scripts, one for monitoring."""
    path, _, query = ask.target.partition(b"?")
    insists = b"require" in query or b"%" in query
    return status == 503 and (
        (insists and "retry-after" in headers) or b"readyz" in path or b"%" in path
    )


def _unreadable(headers: dict[str, str], body: bytes) -> list[str]:
    kind = headers.get("content-type", "").partition(";")[0]
    try:
        body = _DECODERS[headers.get("content-encoding", "")](body)
        if kind.endswith(("json",)):
            json.loads(body)
        elif kind.endswith(("xml", "x-opml")):
            etree.fromstring(body, etree.XMLParser(huge_tree=False, resolve_entities=False))
        elif kind.startswith("text/"):
            body.decode("utf-8")
    except (ValueError, KeyError, etree.XMLSyntaxError, gzip.BadGzipFile) as error:
        return [f"{kind} that does not parse: {error!r:.200}"]
    return []


# The same as bytes, and what is no HTTP at all


def as_bytes(chance: Random, ask: Ask) -> bytes:
    """The request over the wire, one in three broken on the way."""
    lines = [b"%b %b HTTP/1.1" % (ask.method.encode(), ask.target)]
    names = {name.lower() for name, _ in ask.headers}
    headers = [(name, value) for name, value in ask.headers if name.lower() not in FRAMING]
    if "host" not in names:
        headers.append(("Host", "feeds.example"))
    headers.append(("Connection", "close"))
    if ask.body:
        headers.append(("Content-Length", str(len(ask.body))))
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers]
    whole = b"\r\n".join([*lines, b"", ask.body])
    return _broken(chance, whole) if chance.random() < 0.35 else whole


FRAMING = {"content-length", "transfer-encoding", "connection", "expect"}
BREAKS = [
    b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\xff\xfe", b"\r\n\r\n", b"\r\n ", b"\r\n: x", b"\r\nX", b"X : y\r\n",
    b"HTTP/0.9", b"HTTP/9.9", b"\r\nContent-Length: 5\r\nContent-Length: 6", b"\r\nTransfer-Encoding: chunked",
    b"\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3", b"\r\nContent-Length: -1", b"\r\nContent-Length: 1e9",
    b"GET http://evil.example/ja/feed.rss HTTP/1.1\r\n", b"OPTIONS * HTTP/1.1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"0\r\n\r\n", b"ffffffffff\r\n",
    b"\r\nX-A: " + b"a" * 9000, b"\r\nX: y" * 150, b"/" * 9000, b"GET / HTTP/1.1\r\n\r\n" * 3, b"\r\nExpect: 100-continue",
]  # fmt: skip


def _broken(chance: Random, whole: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3))):
        end = chance.choice((len(whole), min(60, len(whole))))
        at = chance.randrange(end + 1)
        kind = chance.randrange(5)
        if kind < 2:
            whole = whole[:at] + chance.choice(BREAKS) + whole[at:]
        elif kind == 2:
            whole = whole[:at]
        elif kind == 3:
            whole = whole.replace(
                b"\r\n", chance.choice((b"\n", b"\r", b"\r\n\r\n", b"\n\n")), chance.choice((1, -1))
            )
        else:
            whole = whole[:at] + chance.randbytes(chance.choice((1, 4, 2000))) + whole[at:]
    return whole
