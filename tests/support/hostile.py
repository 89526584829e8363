"""Posts that mean harm: scripts wherever text goes, and texts made to break what reads them.

Every script, if anything ran it, would call `pwned`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

DEEP = 10_000
LONG = 1_000_000

# Where HTML, an attribute, a URL, a comment or a script would end, and harm begin.
SCRIPTS = (
    "<script>pwned()</script>",
    "</title></script></style></textarea><script>pwned()</script>",
    "<ScRiPt\n>pwned()</sCrIpT\t\n>",
    "<<script>script>pwned()<</script>/script>",
    "<img src=x onerror=pwned()>",
    "<img src='x' onerror\x0b=\x0cpwned()>",
    '"><img src=x onerror=pwned()>',
    "' autofocus onfocus=pwned() x='",
    "`><svg onload=pwned()>",
    "--><img src=x onerror=pwned()><!--",
    "]]><img src=x onerror=pwned()><![CDATA[",
    "<svg><script>pwned()</script></svg>",
    "<svg onload=pwned()><animate onbegin=pwned() attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:pwned()'><text y=20>x</text></a></svg>",
    "<svg><set attributeName=href to='javascript:pwned()'/></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.pwned()</script>'/></foreignObject></svg>",
    "<math><mi xlink:href='javascript:pwned()'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=pwned()>'>",
    "<math><annotation-xml encoding='text/html'><script>pwned()</script></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=pwned()>'>",
    "<template><script>pwned()</script></template>",
    "<iframe src='javascript:parent.pwned()'></iframe>",
    "<iframe srcdoc='&lt;script&gt;parent.pwned()&lt;/script&gt;'></iframe>",
    "<object data='javascript:pwned()'></object><embed src='javascript:pwned()'>",
    "<a href='javascript:pwned()'>x</a>",
    "<a href='jAvA\tsc\nript&colon;pwned()'>x</a>",
    "<a href='&#x6a;avascript:pwned()'>x</a>",
    "<a href='&#0000106&#0000097vascript:pwned()'>x</a>",
    "<a href='\x01javascript:pwned()'>x</a>",
    "<a href='javascript&#6;:pwned()'>x</a><a href='java&#xFFFE;script&#1;:pwned()'>x</a>",
    "<a href='\u3000java\u200bscript:pwned()'>x</a>",
    "<a href='vbscript:pwned()'>x</a><a href='livescript:pwned()'>x</a>",
    "<a href='data:text/html,<script>pwned()</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+'>x</a>",
    '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="pwned()"/>\'>',
    "<a href='//evil.example\\@good.example/'>x</a><a href='http://[::1'>x</a>",
    "<img srcset='javascript:pwned() 1x, x,, 2x' src=javascript:pwned()>",
    "<video poster=javascript:pwned() src=x onerror=pwned()><source onerror=pwned() src=x></video>",
    "<form action=javascript:pwned()><button formaction=javascript:pwned()>x</button></form>",
    "<input autofocus onfocus=pwned()><select autofocus onfocus=pwned()></select>",
    "<details open ontoggle=pwned()>x</details><marquee onstart=pwned()>x</marquee>",
    "<body onload=pwned()><base href='https://evil.example/'><link rel=stylesheet href=//evil.example/x>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned()'>",
    "<p style='width:expression(pwned());background:url(javascript:pwned());-moz-binding:url(x)'>x</p>",
    "<style>@import 'javascript:pwned()';*{behavior:url(x)}</style><p>x</p>",
    "<p id=pwned name=ran lang='\"onload=pwned()' dir='x onload=pwned()' class='x' title='</p>'>x</p>",
    "<code class='language-x\" onclick=pwned()'>x</code>",
    "<!-- --!><script>pwned()</script> -->",
    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>&a;&pwned;&#0;&#xD800;&#x110000;&#1;",
    "<?php pwned() ?><?xml-stylesheet href='javascript:pwned()'?><%= pwned() %>",
    "{{ 'x' | append: '<script>pwned()</script>' }}{% raw %}<script>pwned()</script>{% endraw %}",
    "{{ '<scr' }}{{ 'ipt>pwned()</script>' }}<scr{% comment %}x{% endcomment %}ipt>pwned()</script>",
    "[x](javascript:pwned())[y](<java\nscript:pwned()>)![z](javascript:pwned())",
    "[x](&#106;avascript:pwned())[x](JAVASCRIPT&colon;pwned())[x](data:text/html,%3Cscript%3Epwned()%3C/script%3E)",
    "[x]: javascript:pwned()\n\n[x] <javascript:pwned()> [y](x 'onmouseover=pwned() \"><script>pwned()</script>')",
    '```"><script>pwned()</script>\nx\n```\n\n~~~ html onload=pwned()\n<script>pwned()</script>\n~~~',
    "{: onload='pwned()' style='x' }\nx{: onclick=\"pwned()\"}\n{::nomarkdown}<script>pwned()</script>{:/}",
    'x[^1]\n\n[^1]: <script>pwned()</script>\n[^"><img src=x onerror=pwned()>]: y',
    "a\n: <script>pwned()</script>\n\n|<img src=x onerror=pwned()>|b|\n|-|-|\n|`<script>`pwned()|</td><script>pwned()|",
    "\u202egpj.exe\u202c \u2066\u2067\u2068\u2069 \u200f\u061c \ufeff\ufff9a\ufffab\ufffb \ue000 \ufffe\uffff \U000e0001",
    "\x00\x01\x08\x0b\x0c\x0e\x1b[31m\x7f\x80\x9f\u2028\u2029 null\x00byte",
    "e" + "\u0301" * 500 + " \u0338>" + "\u0338" * 50 + "<p\u0338>x</p\u0338> \u1100\u1161\u11a8",
    "&lt;script&gt;pwned()&lt;/script&gt; &amp;lt;script&amp;gt;pwned()&amp;lt;/script&amp;gt;",
)

# What a body may be made of to be slow, deep or large.
HEAVY = {
    "div": "<div>" * DEEP + "x" + "</div>" * DEEP,
    "inline": "<b><i>" * DEEP + "x",
    "table": "<table><tr><td>" * DEEP,
    "list": "<ul><li>" * DEEP,
    "span-lines": "<span>\n" * DEEP,
    "quotes": ">" * DEEP + " x",
    "quotes-lines": "\n".join(">" * depth + " x" for depth in range(300)),
    "items": "- " * DEEP + "x",
    "items-lines": "\n".join("  " * depth + "- x" for depth in range(400)),
    "numbers": "1. " * DEEP + "x",
    "brackets": "[" * DEEP + "x" + "](y)" * DEEP,
    "images": "![" * DEEP,
    "stars": "*a **b " * DEEP,
    "ticks": " ".join("`" * n for n in range(400)) * 5,
    "angles": "<" * DEEP * 10,
    "comments": "<!--" * DEEP * 3,
    "cdata": "<![CDATA[" * DEEP + "]]>" * DEEP,
    "entities": "&amp;" * DEEP * 3 + "&lt" * DEEP,
    "footnotes": "".join(f"[^{n}]" for n in range(800)) + "\n\n" + "".join(f"[^{n}]: x\n" for n in range(800)),
    "references": "".join(f"[{n}]: x\n" for n in range(1500)) + "[1][2]" * 1500,
    "definitions": "a\n: b\n" * 1500,
    "rows": "|a|b|\n|-|-|\n" + "|" * 20_000 + "\n" + "|x|\n" * 1500,
    "wide-row": "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|x" * 1000 + "\n",
    "liquid": "{% if x %}" * DEEP + "x" + "{% endif %}" * DEEP,
    "liquid-open": "{{" * DEEP + "{%" * DEEP,
    "attributes": "x{: a=b }" * DEEP + "{:" * DEEP,
    "many-attributes": "<p " + " ".join(f"title{n}=x" for n in range(DEEP)) + ">x</p>",
    "word": "a" * LONG,
    "unspaced": "あ" * (LONG // 3),
    "sentences": "あ。" * (LONG // 200),
    "openers": "「" * DEEP * 5 + "。" * 100,
    "closers": "「あ」。" * 3000,
    "commas": "あ、" * DEEP,
    "marks": "<b>あ</b><i>い</i>" * 1500,
    "title-attributes": "<img alt='絵。' title='題。'>" * 800,
    "digits": "9" * 100_000 + "億" + "1,234" * DEEP,
    "emphasis-sentences": "**あ。い。**う。" * 1000,
    "hearts": "👩‍❤️‍👩" * DEEP,
    "accents": "a" + "\u0301" * 100_000,
    "spaces": " \t\u3000" * DEEP * 5 + "x",
    "lines": "\n" * DEEP * 5 + "x",
    "url": "[x](https://good.example/" + "a/" * DEEP * 5 + ")",
    "autolinks": "<https://good.example/> " * 1500,
    "headings": "# 見出し\n\n" * 800,
    "fences": "```\n" * DEEP,
}  # fmt: skip

# Front matter that no post needs; {} is a title.
FRONTS = {
    "yaml-brackets": "title: a\nx: " + "[" * DEEP,
    "yaml-braces": "title: a\nx: " + "{a: " * DEEP,
    "yaml-dashes": "title: a\nx:\n  " + "- " * DEEP,
    "yaml-aliases": "title: a\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n"
    "tags: [*b, *b]",
    "yaml-surrogate": 'title: "a\\ud800b"',
    "yaml-null": 'title: "a\\0b\\x01c"\ntags: ["\\0", "\\uffff", "", " ", "\\u200b"]',
    "yaml-tag": "title: !!python/object/apply:os.system ['pwned']",
    "yaml-merge": "title: a\n<<: {date: 2026-01-01, tags: x}",
    "yaml-duplicate": "title: a\ntitle: b\ntitle: [c]",
    "year-one": "title: {}\ndate: 0001-01-01 00:00:00",
    "year-one-east": "title: {}\ndate: 0001-01-01 00:00:00 +1400",
    "year-last": "title: {}\ndate: 9999-12-31 23:59:59 -1200",
    "year-last-edit": "title: {}\ndate: 2026-01-02\nlast_modified_at: 9999-12-31 23:59:59",
    "year-one-edit": "title: {}\ndate: 2026-01-01\nlast_modified_at: 0001-01-01",
    "year-huge": "title: {}\ndate: " + "9" * 5000,
    "year-zero": "title: {}\ndate: 0000-01-01",
    "date-zone": "title: {}\ndate: 2026-01-01 00:00:00 +9999",
    "date-mail": "title: {}\ndate: Thu, 01 Jan 99999999999 00:00:00 GMT",
    "numbers": "title: " + "9" * 5000 + "\nreading_time: " + "9" * 5000 + "\nslug: 1e400\ntags: [0x1F, .inf, 1_0]",
    "long-tags": "title: {}\ntags: [" + ",".join(f"x{n}" for n in range(300)) + "]",
    "long-title": "title: " + "あ" * 20_000,
    "long-slug": "title: {}\nslug: " + "あ" * 10_000,
    "dots": "title: {}\nslug: ..\ntags: [., .., /, '\\', '%', '?', '#', '&', '%2e%2e', '-', '|', '\"', \"'\"]",
    "links": "title: {}\npermalink: javascript:pwned()\nimage: data:text/html,<script>pwned()</script>",
    "links-away": "title: {}\npermalink: //evil.example/x\nimage: 'https://[bad'",
    "links-odd": "title: {}\npermalink: 'https://good.example/ a\"b<c>'\nimage: \"java\\tscript:pwned()\"",
    "people": "title: {}\nauthor: {name: {name: {name: x}}}\nauthors: [[[[x]]], {display_name: [y]}, ~, 1]",
}  # fmt: skip


GOOD = [f"良い記事{n}" for n in "一二三"]  # titles


def write_good(posts: Path) -> None:
    """Posts like any."""
    for n, title in enumerate(GOOD, 1):
        text = f"---\ntitle: {title}\ntags: [良, AI]\n---\n\n**本文**は{title}の[続き](/a)です。\n"
        (posts / f"2026-02-0{n}-good-{n}.md").write_text(text, "utf-8")


def write_scripts(posts: Path) -> None:
    """A post for each script, in every field and as text; Markdown and HTML in turn."""
    for n, script in enumerate(SCRIPTS):
        word = json.dumps(f"{script} 語{n}", ensure_ascii=False)
        # As YAML it lacks but this.
        word = re.sub("[\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", word)
        front = "".join(
            f"{field}: {value}\n"
            for field, value in {
                "date": f"2026-01-01 0{n // 60}:{n % 60:02}",
                "title": word,
                "tags": f"[{word}, 危]",
                "categories": f"[{word}]",
                "author": word,
                "excerpt": word,
                "image": word,
                "permalink": word,
                "reading_time": word,
            }.items()
        )
        ending = "html" if n % 2 else "md"
        body = f"日本語の文。\n\n{script}\n\n文{script}文。<p>段{script}落</p>\n\n最後の文。"
        _write(posts / f"2026-01-01-script-{n:02}.{ending}", front, body)


def write_heavy(posts: Path) -> None:
    for n, (name, body) in enumerate(HEAVY.items()):
        front = f"title: 重い{name}\ndate: 2025-12-01 00:{n:02}\n"
        _write(posts / f"2025-12-01-heavy-{name}.md", front, body)


def write_fronts(posts: Path) -> None:
    for n, (name, front) in enumerate(FRONTS.items()):
        front = front.replace("{}", f"前{name}", 1) if "title: {}" in front else front
        _write(posts / f"2025-11-{n % 28 + 1:02}-front-{name}.md", front + "\n", "本文です。")
    raw = {
        "surrogate": b"---\ntitle: a\xed\xa0\x80\n---\nb\xed\xb0\x80",
        "utf-16": "---\ntitle: あ\n---\n".encode("utf-16"),
        "nulls": b"---\ntitle: a\0b\n---\n" + b"\0" * 100_000 + b"b",
        "boms": b"\xef\xbb\xbf" * 3 + b"---\ntitle: a\n---\n",
        "returns": b"---\rtitle: a\r---\r" + b"\r" * 1000 + b"b",
        "unclosed": b"---\n" * 3 + b"title: a\n" * 10_000,
        "large": b"---\ntitle: a\n---\n" + b"a" * (2 << 20),
        "empty": b"",
    }
    for n, (name, data) in enumerate(raw.items(), 1):
        (posts / f"2025-10-{n:02}-raw-{name}.md").write_bytes(data)


def _write(path: Path, front: str, body: str) -> None:
    path.write_bytes(f"---\n{front}---\n{body}\n".encode("utf-8", "surrogatepass"))
