"""What the service is doing, as one JSON-able value: for /api/status and its page."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from flask import Request

from feeds.site import Site

ALIVE_SECONDS = 90  # a busy translator gives a sign of life with each batch


def status_report(site: Site, *, private: bool) -> dict[str, Any]:
    """Posts, translations per language, the translator, what was given up.

    `private` adds what only the owner should read: paths, problems, titles.
    """
    now = datetime.now(UTC).timestamp()
    site.follow()
    counts = site.results.counts()
    speed = site.results.speed(now)
    total = len(site.catalogue.posts)
    languages: dict[str, Any] = {}
    for language in site.settings.languages:
        count = counts.get(language)
        waiting = (count.pending + count.in_work) if count else 0
        languages[language] = {
            "posts": total,
            "written": sum(
                site.localizer.is_complete_without_machine(post.post, language)
                for post in site.catalogue.posts
            ),
            "translated": count.ready if count else 0,
            "failed": count.failed if count else 0,
            "in_line": count.pending if count else 0,
            "in_work": count.in_work if count else 0,
            "complete": waiting == 0,
        }
    report: dict[str, Any] = {
        "posts": {
            "served": total,
            "set_aside": len(site.library.snapshot.problems),
            "last_change": _rfc3339(max(site.catalogue.touched.values(), default=None)),
        },
        "languages": languages,
        "sentences_per_second": round(speed, 2),
        "translators": [
            {
                "alive": now - t.seen_at < ALIVE_SECONDS,
                "seen_seconds_ago": max(0, round(now - t.seen_at)),
                "memory_bytes": t.memory_bytes,
                "sentences": t.sentences,
                "packages": [
                    {
                        "pair": f"{hop.pair.source}→{hop.pair.target}",
                        "version": hop.version,
                        "starter": hop.starter,
                    }
                    for hop in t.packages
                ],
            }
            for t in site.translators.all()
        ],
        "given_up": len(site.given_up()),
    }
    if private:
        report["problems"] = [str(problem) for problem in site.library.snapshot.problems]
        report["given_up_posts"] = dict(site.given_up())
    return report


def is_private(site: Site, request: Request) -> bool:
    """Whether the one who asks may see the owner's view: on loopback, or with the token."""
    token = site.settings.admin_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    try:
        return ip_address(request.remote_addr or "").is_loopback and not any(
            name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")
        )
    except ValueError:
        return False


def _rfc3339(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None
