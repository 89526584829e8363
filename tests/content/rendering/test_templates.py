"""Liquid as Jekyll runs it: its limits, and what stands in for plugins."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rendering.markdown import to_html
from content.rendering.templates.engine import run_template
from content.rendering.templates.sources import (
    Moment,
    Rendered,
    TemplateError,
    TemplateSources,
)

NOW = Moment.of(datetime(2026, 1, 5, tzinfo=UTC))
LOOP = "{% include self.html %}"


def run(text: str) -> Rendered:
    sources = TemplateSources(
        page={"title": "題", "date": NOW},
        site={"title": "書庫"},
        include={"self.html": LOOP, "open.html": "{% if %}"}.get,
        include_relative=lambda name: None,
        resolve={"2026-01-01-x": "/x/"}.get,
        baseurl="/b",
        url="https://blog.example",
        now=NOW,
        markdown=to_html,
    )
    return run_template(text, sources)


@pytest.mark.parametrize(
    ("source", "shown", "remarks"),
    [
        ("{% youtube abc %}", "watch?v=abc", []),
        ('{% youtube "https://youtu.be/abc" %}', 'href="https://youtu.be/abc"', []),
        ("{% gist user/12 %}", "https://gist.github.com/user/12", []),
        ('{% linkpreview "https://a.example/" %}', 'href="https://a.example/"', []),
        ("{% img /a.png 図 %}", 'src="/a.png"', []),
        ("{% tip %}中身{% endtip %}", "中身", []),
        ('{% strange src="/a.jpg" caption="図" %}', 'src="/a.jpg"', ["unknown tag strange"]),
        (
            '{% strange "https://a.example/" %}',
            'href="https://a.example/"',
            ["unknown tag strange"],
        ),
        ("{% strange %}中身{% endstrange %}", "中身", ["unknown tag strange"]),
        ("{% toc %}一", "一", []),
        (
            '{% include figure.html src="/a.png" alt="図" caption="売上" %}',
            '<figure><img src="/a.png" alt="図"><figcaption>売上</figcaption></figure>',
            ["include figure.html: there is no such file"],
        ),
        (
            '{% include open.html url="https://a.example/" %}',
            'href="https://a.example/"',
            ["include open.html: missing expression"],
        ),
        ("一{{ $x := .Values }}二", "一二", ["unexpected '$'"]),
        (
            "{% post_url 2020-01-01-gone %}",
            "#",
            ["post_url 2020-01-01-gone: there is no such post"],
        ),
    ],
)
def test_what_is_not_rendered_leaves_something_true(
    source: str, shown: str, remarks: list[str]
) -> None:
    found = run(source)
    assert shown in found.text
    assert [remark.what for remark in found.remarks] == remarks


def test_an_include_of_itself_ends() -> None:
    (remark,) = run("一{% include self.html %}").remarks
    assert remark.what == "include self.html: too many inside of one another"


def test_now_is_the_date_of_the_post() -> None:
    assert run('{{ "now" | date: "%F" }} {{ "today" | date: "%Y" }}').text == "2026-01-05 2026"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("一\n{% if page.title %}二", 1),
        ("一\n{% raw %}二", 2),
        ("一\n{{ page.title", 2),
        ("{% for i in (1..9) %}", 1),
        ("{% for a in (1..999) %}{% for b in (1..999) %}x{% endfor %}{% endfor %}", 1),
        ('{% assign a = "x" %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}', 1),
        ("{{ page.title }}" * 6_000, 1),
    ],
)
def test_what_cannot_be_run_is_one_error(source: str, line: int) -> None:
    with pytest.raises(TemplateError) as error:
        run(source)
    assert error.value.line == line
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{" * 100_000,
        "{%" * 100_000,
        "{% raw %}" * 20_000,
        "{% raw %}{% endraw %}" * 20_000,
        "{{ a }}" * 4_000 + "{{",
        "{" * 500_000,
        "{% if a %}" * 4_000,
        "{% comment %}" * 4_000 + "{% endcomment %}",
        '{% assign a = "' + "x" * 1_000_000 + '" %}{{ a | replace: "x", a }}',
        "{% for i in (1..20000) %}{{ page.title | date: '%Y' | slugify | upcase }}{% endfor %}",
    ],
    ids=lambda source: source[:12],
)
def test_hostile_templates_are_bounded(source: str) -> None:
    started = time.process_time()
    with suppress(TemplateError):
        run(source)
    assert time.process_time() - started < 5


_PIECES = ["{{", "}}", "{%", "%}", " page.title ", "|", "if", " endif ", "else", "for i in site",
           "assign a = 1", "include", "raw", "endraw", '"', "'", ":", ",", " date: ", "\n", "題",
           "[0]", "(1..3)", " highlight x ", " endhighlight ", "-", "case a", "when 1"]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
def test_whatever_the_template_there_is_a_text_or_one_error(source: str) -> None:
    with suppress(TemplateError):
        assert isinstance(run(source).text, str)
