"""Players, media and hidden text: what readers get of them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rendering.markdown import absolute_links, to_html
from content.rendering.sanitize import plain_text, sanitize

VIDEO = "https://www.youtube.com/watch?v=abcDEF12345"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            '<iframe src="https://www.youtube.com/embed/abcDEF12345?x=1" title="講演"></iframe>',
            f'<p><a href="{VIDEO}">講演</a></p>',
        ),
        (
            '<p><iframe src="//www.youtube-nocookie.com/embed/abcDEF12345"></iframe></p>',
            f'<p><a href="{VIDEO}">{VIDEO}</a></p>',
        ),
        (
            '<iframe data-src="https://player.vimeo.com/video/12"></iframe>',
            '<p><a href="https://vimeo.com/12">https://vimeo.com/12</a></p>',
        ),
        ('<object data="/a.pdf"><a href="/a.pdf">PDF</a></object>', '<a href="/a.pdf">PDF</a>'),
        ('<object data="/a.pdf"></object>', '<p><a href="/a.pdf">/a.pdf</a></p>'),
        ('<embed src="/a.swf">', '<p><a href="/a.swf">/a.swf</a></p>'),
        ('<video src="/v.mp4" autoplay loop muted></video>', '<video src="/v.mp4" controls=""></video>'),
        ('<audio data-src="/a.mp3"></audio>', '<audio src="/a.mp3" controls=""></audio>'),
        ('<img src="data:image/gif;base64,R0" data-src="/a.png" alt="図">', '<img src="/a.png" alt="図">'),
        ('<img src="/a.png" data-src="/b.png">', '<img src="/a.png">'),
        (
            '<img data-src="/a.png"><noscript><img src="/a.png"></noscript>',
            '<img src="/a.png">',
        ),
        ('<noscript><img src="/a.png"></noscript>', '<img src="/a.png">'),
        ("<svg><title>売上の図</title><path d='M0'/></svg>", "売上の図"),
        ('<svg aria-label="印"><path/></svg>', "印"),
        (
            '<math><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></math>',
            '<span translate="no">\\(x^2\\)</span>',
        ),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", '<span translate="no">x=1</span>'),
        ('<script src="https://gist.github.com/u/12.js"></script>',
         '<p><a href="https://gist.github.com/u/12">https://gist.github.com/u/12</a></p>'),
        ('<div style="display: none">秘<div>密</div></div>後', "後"),
        ("<p hidden>秘</p>後", "後"),
        ('<span aria-hidden="true">x</span>', "<span>x</span>"),
        (
            "<ruby>漢<rt>かん</rt>字<rt>じ</ruby>",
            "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>",
        ),
        ('<input type="checkbox" checked>済', '<span translate="no">☑</span> 済'),
        ('<iframe src="javascript:alert(1)"></iframe>', ""),
    ],
)  # fmt: skip
def test_what_readers_get(source: str, shown: str) -> None:
    found = sanitize(source)
    assert found.strip() == shown
    assert sanitize(found) == found


def test_readings_stay_out_of_plain_text() -> None:
    assert plain_text(sanitize("<ruby>漢<rt>かん</rt></ruby>字")) == "漢字"


def test_embeds_in_markdown() -> None:
    html = to_html('前\n\n<iframe src="https://www.youtube.com/embed/AAAAAAAAAAA"></iframe>\n\n後')
    assert 'href="https://www.youtube.com/watch?v=AAAAAAAAAAA"' in html


_PIECES = ["<iframe", " src=", "'", '"', ">", "</iframe>", "<svg>", "</svg>", "<ruby>", "<rt>",
           "</rt>", "</ruby>", "<rp>", "<math>", "<object", "</object>", " hidden", "<div", "</div>",
           "javascript:", "<img", " data-src=", "<noscript>", "</noscript>", "x", " onload="]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
def test_whatever_the_html_it_stays_safe(source: str) -> None:
    html = sanitize(source)
    assert "<iframe" not in html
    assert "<svg" not in html
    assert sanitize(html) == html
    absolute_links(html, "https://blog.example/")


@pytest.mark.parametrize(
    "piece",
    ["<iframe>", "<svg>", "<div hidden>", "<ruby><rt>", "<object>", "<noscript>", "<rt>",
     "<math></svg>", "<div hidden></div>", "<iframe src='", "<img data-src=a>", "<p hidden>"],
)  # fmt: skip
def test_hostile_embeds_take_linear_time(piece: str) -> None:
    started = time.process_time()
    sanitize(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 4
