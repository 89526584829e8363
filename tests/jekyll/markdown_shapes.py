"""Posts of one question each about Markdown, in one blog; Jekyll and feedglot show the same."""

from __future__ import annotations

from tests.jekyll.questions import Ask, Site

SHAPES = {
    "br above a heading": "<br>\n## 見出し\n- **項** [先](https://a.example/)",
    "img above text": '<img src="/a.png">\n次の**段落**です。',
    "end of details above Markdown": (
        "<details>\n<summary>要約</summary>\n中身\n</details>\n## 見出し\n**太字**です。"
    ),
    "div above Markdown": "<div>中の**印**</div>\n外の**太字**です。",
    "div over blank lines": "<div>\n\n    <p>一</p>\n\n    <p>二</p>\n\n</div>\n\n後の**太字**です。",
    "comment above text": "<!-- 注 -->\n次の**段落**です。",
    "table of HTML above Markdown": "<table>\n<tr><td>a</td></tr>\n</table>\n次の**段落**です。",
    "markdown in a div": '<div class="notice" markdown="1">\n#### 見出し\n**太字**と[先](/a)。\n\n- 項\n</div>',
    "markdown in a line": '<div markdown="span">行の**太字**です。</div>',
    "markdown in a paragraph": '<p markdown="1">行の**太字**です。</p>',
    "markdown in details": (
        '<details markdown="1">\n<summary>要約</summary>\n\n- **項**\n\n```\na\n```\n</details>\n\n後です。'
    ),
    "markdown inside markdown": (
        '<div markdown="1">\n外の**太字**\n\n<div markdown="1">\n内の**太字**\n</div>\n</div>\n\n後です。'
    ),
    "fence on a marker's line": "* ```sh\na\n```\n\n## 見出し\n\n[後の先](https://a.example/)",
    "fence in a list": "- 項\n\n  ```sh\n  a | b\n  ```\n- 次",
    "list of two spaces": "1. 一\n  * 子\n  * 孫\n2. 二",
    "list of two spaces in tens": "9. 九\n  - 子\n10. 十\n  - 子\n11. 十一",
    "list of three levels": "- 一\n  - 二\n    - 三\n- 四",
    "list of four spaces": "1. 一\n    - 子\n2. 二",
    "list behind a paragraph": "説明です。\n- 一\n- 二",
    "table without a head": "| a | b |\n| c | d |",
    "table with one row": "一 | 二",
    "table below a line": "|---\n| a | b\n|:-|-:\n| 1 | 2\n|===\n| 3 | 4",
    "table with a long row": "|a|b\n|-|-\n|1|2|3|4",
    "table with a short head": "| a | b |\n|---|---|---|\n| 1 | 2 | 3 |",
    "table with a short line": "| a | b | c |\n|:--|\n| 1 | 2 | 3 |",
    "table in a list": "- 項\n\n  | a | b |\n  |---|\n  | 1 | 2 | 3 |\n\n- 次",
    "table with code": "|a|b|\n|--|--|\n|`x|y`|2|",
    "table with escaped pipes": "|a|b|\n|--|--|\n|x\\|y|2|",
    "table with alignment": "| 名 | 値 |\n|:---|---:|\n| **甲** | `1` |",
    "table without outer pipes": "名 | 値\n---|---\n甲 | 1",
    "break of two backslashes": "行末の\\\\\n改行です。",
    "break of two spaces": "行末の  \n改行です。",
    "end of block": "* 一\n^\n* 二",
    "abbreviation": "HTML は便利です。\n\n*[HTML]: HyperText Markup Language",
    "definition": "語\n: 説明の**太字**です。",
    "terms of one definition": "語\n別の語\n: 説明です。\n: 別の説明です。",
    "id of a heading": "## はじめに {#intro}\n\n[先](#intro)",
    "attributes below a heading": "## まとめ\n{: #matome .note}\n\n終わりです。",
    "attributes of a span": '[先](/a){:target="_blank"}と*強調*{: .x}です。',
    "contents": "* 目次\n{:toc}\n\n## 見出し\n\n本文です。",
    "task list": "- [x] 原稿を書く\n- [ ] 写真を選ぶ\n  - [ ] 表紙を選ぶ",
    "target with spaces": "![図](/assets/図 1 (改).png)と[資料](/a b.pdf \"題名\")",
    "guillemets": "a <<b>> c",
    "strong with a particle": "**부작용(Side Effect)**이 있다. **\"중요\"**은 **‘인용’**이라고 한다.",
    "strong beside words": "**注意:**これは**「強調」**です。foo**bar**baz",
    "underscores in a word": "snake_case_name と __init__ と _強調_ です。",
    "formula in a line": "式は $$x = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}$$ です。",
    "formula by itself": "$$\n\\begin{aligned}\na_1 &= c_{1} \\\\\na_2 &= c_{2}\n\\end{aligned}\n$$\n\n後です。",
    "formula with braces": "集合は $$\\{x*y*z\\}$$ と $$a_{1}|b_{2}$$ です。",
    "footnote": "本文です[^1]。\n\n[^1]: 注です。",
    "reference below a footnote": (
        "本文（[出典][1]）。[^1]\n\n[^1]: 注の`a`です。\n[1]: https://example.com/a.pdf"
    ),
    "text below a footnote": "本文です[^1]。\n\n[^1]: 注です。\n続きの行。\n\n後の段落。",
    "footnote in a fence": "```\n[^1]: a\nb\n```\n\n本文です。",
    "strike": "~~旧版~~です。",
    "bare address": "https://example.com/a_b_c です。 <https://example.com/>",
    "address of another scheme": "[倉](ftp://ftp.example.com/a)です。",
    "quote": "> 引用の**太字**\n> 続き\n\n後です。",
    "reference": "[先][a]と[a]です。\n\n[a]: https://a.example/ \"題\"",
    "reference with quotes": '[題][1]です。\n\n[1]: https://a.example/ "引用の"題"です"',
    "comment of kramdown": "一{::comment}秘密{:/comment}二",
    "nomarkdown": "{::options parse_block_html=\"false\" /}\n\n本文です。",
    "entities": "A &amp; B &copy; &#x3042; <kbd>Ctrl</kbd>",
    "fence with a name": "```ruby\nputs 1 < 2\n```\n\n~~~ js\nlet a;\n~~~",
    "code with backticks": "``a ` b`` と `` ` ``です。",
    "setext heading": "見出し\n===\n\n小見出し\n---\n\n本文です。",
    "heading right below text": "本文です。\n## 見出し\n続きです。",
    "rule": "一\n\n* * *\n\n二",
    "nested quote with list": "> - 一\n> - 二\n>\n>   続き",
}  # fmt: skip

# Where feedglot shows something else on purpose.
DIFFERENT = {
    "task list": "boxes are signs that every reader shows; Jekyll's are form fields",
    "contents": "a feed's entry has no table of contents",
    "formula with braces": "a pipe in a formula is no border of a table",
    "reference below a footnote": "as for footnotes",
    "text below a footnote": "as for footnotes",
    "footnote": "the mark of a footnote is in brackets, so that a reader without styles tells it",
}

SITE = Site(
    "timezone: Asia/Tokyo\n",
    tuple(
        Ask(f"_posts/2025-06-{1 + n // 8:02}-q{n}.md", "title: 題名の題", body)
        for n, body in enumerate(SHAPES.values())
    ),
)
PATHS = {name: ask.path for name, ask in zip(SHAPES, SITE.posts, strict=True)}
