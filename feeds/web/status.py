"""/status for people, /api/status for programs, and the counting of feed requests."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from feeds.model.messages import say
from feeds.monitoring.status_report import is_private
from feeds.services import services
from feeds.web import charts
from feeds.web.page_context import base, page_language

blueprint = Blueprint("status", __name__)

_NO_STORE = {"Cache-Control": "no-store", "Vary": "Accept-Language"}


@blueprint.get("/status")
def status() -> Response:
    here = services().site
    now = datetime.now(UTC)
    report = services().board.report(now, private=is_private(here, request))
    language = page_language(here, request)
    body = render_template(
        "status.html",
        language=language,
        report=report,
        now=now.astimezone(here.settings.timezone),
        elsewhere=[(code, f"{base(here)}/status?lang={code}") for code in here.settings.languages],
        plots=_plots(report, language),
        day=_day(report),
        subscribers=_subscribers(report),
    )
    return Response(body, content_type="text/html; charset=utf-8", headers=_NO_STORE)


@blueprint.get("/api/status")
def api_status() -> Response:
    report = services().board.report(
        datetime.now(UTC), private=is_private(services().site, request)
    )
    body = json.dumps(report, ensure_ascii=False, indent=1)
    return Response(body + "\n", content_type="application/json", headers=_NO_STORE)


def _plots(report: dict[str, Any], language: str) -> dict[str, Any]:
    def label(word: str) -> str:
        return say(language, word)

    bars = {}
    for code, row in report["languages"].items():
        parts = [
            (name, row[name]) for name in ("written", "translated", "failed", "in_work", "in_line")
        ]
        said = ", ".join(f"{label(name)} {amount}" for name, amount in parts if amount)
        bars[code] = charts.bar(parts, row["posts"], said or "0")
    most = max((sum(row.values()) for row in report["refusals"].values()), default=0)
    return {
        "languages": bars,
        "pace": charts.columns(
            [[("translated", n)] for n in report["sentences_per_minute"]], label("speed_more")
        ),
        "requests": charts.columns(
            [
                [("same", hour["not_modified"]), ("fresh", hour["requests"] - hour["not_modified"])]
                for hour in report["requests"]
            ],
            label("traffic_more"),
        ),
        "refusals": {
            reason: charts.bar(
                [("kept", row["kept"]), ("mended", row["mended"])],
                most,
                f"{label('kept_original')} {row['kept']}, {label('mended')} {row['mended']}",
            )
            for reason, row in report["refusals"].items()
        },
    }


def _day(report: dict[str, Any]) -> dict[str, int]:
    requests = sum(hour["requests"] for hour in report["requests"])
    same = sum(hour["not_modified"] for hour in report["requests"])
    return {"requests": requests, "share": round(100 * same / requests) if requests else 0}


def _subscribers(report: dict[str, Any]) -> list[dict[str, Any]]:
    """By feed, most subscribers first, each with the readers that reported them."""
    totals: Counter[str] = Counter()
    readers: dict[str, list[str]] = {}
    for row in report["subscribers"]:
        totals[row["feed"]] += row["subscribers"]
        readers.setdefault(row["feed"], []).append(f"{row['reader']} {row['subscribers']:,}")
    return [
        {"feed": feed, "people": people, "readers": ", ".join(readers[feed])}
        for feed, people in totals.most_common(20)
    ]
