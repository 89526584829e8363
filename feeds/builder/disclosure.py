"""The line in a machine-translated entry that says so: from which language, by what.

The line is part of what a feed or page shows, not of the entry's text: entries are searched,
stored and counted without it.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from feeds.model.feed import Entry
from feeds.model.messages import name_of, say, speaks
from feeds.setting_values import DisclosurePlace


def disclosure(entry: Entry, language: str) -> str:
    """The line as HTML, in the reader's language; empty for an entry without a machine."""
    text = _sentence(entry, language)
    if not text:
        return ""
    link = ""
    if entry.original_url:
        hreflang = f' hreflang="{escape(entry.original_language or "")}"'
        link = (
            f' <a href="{escape(entry.original_url)}"{hreflang}>'
            f"{escape(say(language, 'read_original'))}</a>"
        )
    spoken = speaks(language)
    lang = "" if spoken == language.partition("-")[0] else f' lang="{spoken}"'
    return f"<p{lang}><small>{escape(text)}{link}</small></p>"


def disclose(
    entry: Entry, language: str, place: DisclosurePlace, *, in_summary: bool = False
) -> Entry:
    """The entry as a reader sees it: with the line in its text, and `below` after both.

    `in_summary`: the feed has no texts, so the line is the summary's last sentence.
    """
    html, summary = entry.html, entry.summary
    if place != "none" and entry.machine:
        if in_summary:
            words = (summary, _sentence(entry, language), entry.original_url or "")
            summary = " ".join(word for word in words if word)
        else:
            line = disclosure(entry, language)
            html = line + html if place == "start" else html + line
    return replace(entry, html=html + entry.below, summary=summary, below="")


def _sentence(entry: Entry, language: str) -> str:
    if not entry.machine or not entry.original_language:
        return ""
    word = "disclosure_starter" if entry.starter else "disclosure"
    return say(language, word, language=name_of(language, entry.original_language))
