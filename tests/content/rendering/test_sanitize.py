"""What the pages rely on in nh3's output."""

from __future__ import annotations

from content.rendering.sanitize import sanitize


def test_no_attribute_holds_a_tag() -> None:
    """Pages add attributes to tags, which must not be found within an attribute."""
    html = sanitize('<p title="&lt;img src=x&gt; <table x>">t</p>')
    assert html == '<p title="&lt;img src=x&gt; &lt;table x&gt;">t</p>'


def test_an_anchor_by_name_stays_the_target_of_its_links() -> None:
    html = '<p><a name="top"></a><a href="#top">t</a></p>'
    assert sanitize(html) == html
