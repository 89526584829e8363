"""Posts of one question each about Liquid, in one blog; Jekyll and feedglot render the same."""

from __future__ import annotations

from tests.jekyll.questions import Ask, Site

CONFIG = """\
timezone: Asia/Tokyo
url: https://blog.example
baseurl: /b
title: 書庫
release: 3.4.1
flags: {beta: true}
people: [甲, 乙, 丙]
"""

FILES = (
    ("_includes/box.html", "<b>{{ include.x }}</b>{% if include.y %}有{% else %}無{% endif %}"),
    ("_includes/outer.html", "外{% include box.html x=include.z %}"),
    ("_includes/sub/part.html", "部"),
    ("_includes/list.html", "{% for p in include.names %}{{ p }};{% endfor %}"),
    ("_posts/note.html", "脇"),
    ("_data/members.yml", "- name: 甲\n  age: 30\n  since: 2025-01-02\n- name: 乙\n  age: 4\n"),
    ("_data/people/kou.json", '{"name": "甲", "langs": ["ja", "ko"]}'),
    ("_data/table.csv", "name,price\n紙,100\n筆,250\n"),
    (
        "_posts/2025-01-02-other.md",
        "---\ntitle: 他の記事\ndate: 2025-01-02 09:00:00 +0900\n---\n他です。\n",
    ),
)

SHAPES = {
    "assign": '{% assign v = "3.4.1" %}Ruby {{ v }} を公開しました。',
    "capture": "{% capture c %}**太字** {{ page.title }}{% endcapture %}{{ c }}",
    "capture and markdownify": (
        "{% capture c %}\n大切な**お知らせ**です。\n{% endcapture %}"
        "<div>{{ c | markdownify }}</div>"
    ),
    "if and elsif": (
        '{% if page.x == 1 %}一{% elsif page.title == "題" %}題だ{% else %}他{% endif %}'
    ),
    "unless": "{% unless page.nothing %}出る{% else %}出ない{% endunless %}",
    "case": '{% case page.title %}{% when "題" %}題です{% else %}他{% endcase %}',
    "for with limit": "{% for i in (1..9) limit: 3 offset: 2 %}{{ i }},{% endfor %}",
    "for reversed": "{% for p in site.people reversed %}{{ forloop.index }}{{ p }} {% endfor %}",
    "for with else": "{% for p in site.none %}有{% else %}無{% endfor %}",
    "break and continue": (
        "{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}"
        "{% endif %}{{ i }}{% endfor %}"
    ),
    "cycle": '{% for i in (1..4) %}{% cycle "甲", "乙" %}{% endfor %}',
    "tablerow": "{% tablerow i in (1..4) cols: 2 %}{{ i }}{% endtablerow %}",
    "increment": "{% increment n %}{% increment n %}{% decrement m %}",
    "comment": "一{% comment %}{{ page.title }} 秘密{% endcomment %}二",
    "raw": "{% raw %}{{ page.title }} {% if %}{% endraw %}",
    "white space": "一\n{%- if true -%}\n 二 \n{%- endif -%}\n三",
    "contains": '{% if site.people contains "乙" %}居る{% endif %}',
    "and or": "{% if page.x == 1 or page.title and site.release %}真{% endif %}",
    "site values": "{{ site.title }} {{ site.release }} {{ site.flags.beta }} {{ site.people[1] }}",
    "page values": "{{ page.title }} {{ page.date }} {{ page.url }} {{ page.tags | join: '/' }}",
    "dates": (
        '{{ page.date | date: "%Y年%-m月%-d日 %H:%M" }} {{ page.date | date_to_string }} '
        '{{ page.date | date_to_long_string: "ordinal" }} {{ page.date | date_to_xmlschema }} '
        "{{ page.date | date_to_rfc822 }}"
    ),
    "data of yaml": (
        "{% for m in site.data.members %}{{ m.name }}は{{ m.age | plus: 1 }}歳、{% endfor %}"
        "{{ site.data.members.first.since | date: '%Y' }}"
    ),
    "data of json": '{{ site.data.people.kou.name }} {{ site.data.people.kou.langs | join: "+" }}',
    "data of csv": "{% for r in site.data.table %}{{ r.name }}={{ r.price }};{% endfor %}",
    "data that is not there": "一{{ site.data.nothing.at.all }}二",
    "include": '{% include box.html x="箱" y=true %}',
    "include of a variable": "{% include list.html names=site.people %}",
    "include inside an include": "{% include outer.html z='中' %}",
    "include by a variable": "{% assign f = 'sub/part.html' %}{% include {{ f }} %}",
    "include beside the post": "{% include_relative note.html %}",
    "addresses": (
        '{{ "/a.png" | relative_url }} {{ "/a.png" | absolute_url }} {{ site.baseurl }}/c.png '
        '{{ "https://x.example/y" | relative_url }} {{ "/a/index.html" | strip_index }}'
    ),
    "other posts": (
        "[他]({% post_url 2025-01-02-other %}) [又]({% link _posts/2025-01-02-other.md %})"
    ),
    "posts": (
        '{% assign p = site.posts | where: "title", "他の記事" | first %}{{ p.title }} '
        "{{ p.url }} {{ p.date | date: '%F' }}"
    ),
    "where and sort": (
        '{% assign m = site.data.members | sort: "age" %}{{ m[0].name }} '
        '{% assign w = site.data.members | where_exp: "m", "m.age > 5" %}{{ w.size }} '
        "{{ site.data.members | map: 'name' | join: '・' }}"
    ),
    "groups": (
        '{% assign g = site.data.members | group_by: "age" %}'
        "{% for one in g %}{{ one.name }}:{{ one.size }};{% endfor %}"
    ),
    "lists": (
        '{{ site.people | array_to_sentence_string: "と" }} {{ site.people | push: "丁" | size }} '
        "{{ site.people | shift | first }} {{ site.people | pop | last }} "
        '{{ "b a c" | split: " " | sort | join: "" }}'
    ),
    "text": (
        '{{ "a  b\n c" | normalize_whitespace }} {{ "日本語 2 words" | number_of_words: "cjk" }} '
        '{{ "Hello World! 日本" | slugify }} {{ "a<b>&" | xml_escape }} {{ "a b/日" | cgi_escape }}'
    ),
    "standard filters": (
        '{{ "abc" | upcase | append: "d" | prepend: "z" | replace: "B", "-" }} '
        '{{ "a,b" | split: "," | reverse | join: "/" }} {{ 7 | divided_by: 2 }} {{ 7.5 | round }} '
        '{{ nil | default: "無" }} {{ "<p>x</p>" | strip_html }} {{ "日本語です" | truncate: 4 }}'
    ),
    "json": "{{ site.people | jsonify }} {{ site.flags | jsonify }}",
    "numbers": '{{ "12" | to_integer | plus: 1 }} {{ 3 | times: 2.5 }} {{ 10 | modulo: 3 }}',
    "highlight": "{% highlight ruby %}\nputs 1 < 2\n{{ page.title }}\n{% endhighlight %}",
    "in a fence": "```\n{{ page.title }} {% raw %}{{ x }}{% endraw %}\n```",
    "in code": "`{{ page.title }}` と `{% raw %}{{ y }}{% endraw %}`",
    "unknown filter": "{{ page.title | no_such_filter: 1 }}です",
    "no Liquid": "{{ page.title }} {% raw %} {% for",
    "id": "{{ page.id }}",
    "undefined": "一{{ nothing }}{{ nothing.at.all }}二",
    "now": "{% assign n = 'now' | date: '%Y' %}{% if n %}年{% endif %}",
}

FRONTS = {"no Liquid": "\nrender_with_liquid: false"}

SITE = Site(
    CONFIG,
    tuple(
        Ask(
            f"_posts/2025-06-{1 + n // 8:02}-q{n}.md",
            "title: 題\ntags: [一, 二]" + FRONTS.get(name, ""),
            body,
        )
        for n, (name, body) in enumerate(SHAPES.items())
    ),
    FILES,
)
PATHS = {name: ask.path for name, ask in zip(SHAPES, SITE.posts, strict=True)}
