"""Pages made of every shape, each element known by its id, and results for their sentences."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import strategies as st

from translate.html.joiner import Rendered, Segmented, join
from translate.types import Alignment, Span

_IDS = re.compile("ID")
_PARTS = [
    "日本", "語", "は", "。", "」", "「", "！", "、", "LG", "3.5", "100億ウォン", "Node.js",
    "&amp;", "x &lt; y", "😊", "a&nbsp;b", "서울",
]  # fmt: skip
_WORDS = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map("".join)
_ATOMS = st.sampled_from([
    '<img id="ID" src="s">', '<img id="ID" src="s" alt="犬の絵。">', '<code id="ID">npm i</code>',
    '<code id="ID">値</code>', '<wbr id="ID">', '<br id="ID">', '<a id="ID" href="#fn">[1]</a>',
    '<span id="ID" translate="no">株式</span>',
    '<a id="ID" href="https://e.jp/">https://e.jp/</a>',
    '<sup id="ID"><a id="ID" href="#fn">[2]</a></sup>', '<a id="ID"></a>',
    '<a id="ID" href="h"><img id="ID" src="s"></a>', '<i id="ID" lang="en">so</i>',
])  # fmt: skip
_TAGS = st.sampled_from(
    ['a id="ID" href="h"', 'a id="ID" href="h" title="題"', 'strong id="ID"', 'em id="ID"',
     'sub id="ID"', 'span id="ID"', 'mark id="ID"']
)  # fmt: skip
_HOLDERS = st.sampled_from(["p", "li", "td", "h2", "blockquote", "dd", "summary", "div"])


def _element(inner: str, tag: str) -> str:
    return f"<{tag}>{inner}</{tag.split()[0]}>"


def _ruby(base: str) -> str:
    return f'<ruby id="ID">{base}<rp>(</rp><rt id="ID">じ</rt><rp>)</rp></ruby>'


_INLINE = st.recursive(
    _WORDS | _ATOMS | _WORDS.map(_ruby),
    lambda inner: st.builds(_element, st.lists(inner, max_size=3).map("".join), _TAGS),
    max_leaves=8,
)
_RUNS = st.lists(_INLINE, max_size=5).map("".join)
_BLOCKS = st.recursive(
    st.builds(_element, _RUNS, _HOLDERS.map(lambda name: f'{name} id="ID"'))
    | st.just('<pre id="ID"><code>値  は\n</code></pre>')
    | _RUNS,
    lambda inner: st.builds(
        _element,
        st.lists(inner, max_size=3).map("".join),
        st.sampled_from(['div id="ID"', 'ul id="ID"', 'a id="ID" href="b"']),
    ),
    max_leaves=6,
)


def _numbered(html: str) -> str:
    count = iter(range(10_000))
    return _IDS.sub(lambda _: f"n{next(count)}", html)


PAGES = st.lists(_BLOCKS, max_size=4).map("".join).map(_numbered)
SAID = st.lists(
    st.sampled_from(
        ["word", "The", "LG", "npm i", "값", "로", "犬", "。", "<", "“", "3.5", " ", " "]
    ),
    max_size=12,
).map("".join)


@st.composite
def results_for(draw: st.DrawFn, page: Segmented) -> list[Rendered]:
    found = []
    for segment in page.sentences:
        text = draw(SAID | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9))
        found.append(Rendered(text, draw(_alignment(segment.text, text)), draw(st.booleans())))
    return found


@st.composite
def _alignment(draw: st.DrawFn, source: str, target: str) -> Alignment | None:
    if not source or not target or draw(st.booleans()):
        return None
    cuts = [
        sorted(draw(st.sets(st.integers(0, len(text)), max_size=5)) | {0, len(text)})
        for text in (source, target)
    ]
    sources, targets = (tuple(Span(*both) for both in pairwise(places)) for places in cuts)
    row = st.lists(st.floats(0, 1), min_size=len(sources), max_size=len(sources)).map(tuple)
    rows = draw(st.lists(row, min_size=len(targets), max_size=len(targets)))
    return Alignment(sources, targets, tuple(rows))


def same(page: Segmented) -> str:
    """The page with its sentences as they are."""
    return join(page, [Rendered(one.text) for one in page.sentences], page.language)
