"""StatusReport: the state of the service as one JSON-able value, for /api/status and /status."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Request

from feeds.builder.site import Site
from feeds.model.timestamps import rfc3339
from feeds.settings import Settings
from feeds.store.traffic import Traffic
from feeds.store.websub_outbox import WebSubOutbox
from translate.jobs.check_stats import CheckStats, load_check_stats
from translate.jobs.heartbeats import TranslatorStatus
from translate.jobs.results import Counts
from translate.memory.memory import Memory
from translate.packages.advice import advise
from translate.packages.installed import Packages
from translate.types import Pair, State

FORWARDED = "feedglot.forwarded"  # in the environ: a trusted proxy named the client
SENTENCES_PER_POST = 40  # until some are translated and we know better

_Tally = dict[str, dict[str, int]]  # language: {written, translated, failed}


class StatusReport:
    """Looks at everything; what costs more with more posts is kept until a post changes."""

    def __init__(self, site: Site, traffic: Traffic) -> None:
        self._site = site
        self._traffic = traffic
        self._kept: tuple[int, _Tally, dict[str, CheckStats]] | None = None

    def report(self, now: datetime, *, private: bool) -> dict[str, Any]:
        """Posts, translations per language, queue, translators, requests, rejections.

        `private` adds data for the owner only: paths, problems, titles.
        """
        site, epoch = self._site, now.timestamp()
        site.follow()
        tally, verdicts = self._counted()
        # A language that is no longer served may have left jobs and verdicts behind.
        served = site.settings.languages
        counts = {code: each for code, each in site.results.counts().items() if code in served}
        verdicts = {code: each for code, each in verdicts.items() if code in served}
        pace = site.results.pace(epoch)
        # The first minute of work counts too.
        speed = site.results.speed(epoch) or pace[-1] / max(1.0, epoch % 60)
        oldest = site.queue.oldest(site.settings.languages)
        in_line = sum(count.pending + count.in_work for count in counts.values())
        eta = _eta(in_line, verdicts, speed)
        report: dict[str, Any] = {
            "now": _rfc3339(now),
            "posts": {
                "served": len(site.catalogue.posts),
                "set_aside": len(site.library.snapshot.problems),
                "last_change": _rfc3339(max(site.catalogue.touched.values(), default=None)),
                "pending_removal": self._pending_removal(epoch),
            },
            "languages": {
                language: self._language(tally[language], counts.get(language, Counts()), eta)
                for language in site.settings.languages
            },
            "queue": {
                "in_line": in_line,
                "oldest_seconds": None if oldest is None else max(0, round(epoch - oldest)),
                "eta_seconds": eta,
            },
            "sentences_per_second": round(speed, 2),
            "sentences_per_minute": pace,
            "translator": site.settings.translator,
            "translators": [_translator(t, epoch) for t in site.translators.all()],
            "better_models": _better_models(site.settings),
            "refusals": _refusals(verdicts),
            "memory": Memory(site.engine).lookups(),
            "requests": [asdict(hour) for hour in self._traffic.hours(epoch)],
            "subscribers": [asdict(reader) for reader in self._traffic.readers(epoch)],
            "given_up": len(site.given_up()),
            "hubs": [
                {
                    "hub": backlog.hub,
                    "waiting": backlog.waiting,
                    "failed": backlog.failed,
                    "next_try_seconds": backlog.due_at and max(0, round(backlog.due_at - epoch)),
                }
                for backlog in WebSubOutbox(site.engine).backlogs(site.settings.hubs)
            ],
        }
        if private:
            report["problems"] = [str(problem) for problem in site.library.snapshot.problems]
            report["given_up_posts"] = dict(site.given_up())
        return report

    def _pending_removal(self, epoch: float) -> dict[str, int] | None:
        """The removal of most posts that waits for a second look; None: none does."""
        removals = self._site.removals
        pending = removals.pending
        if pending is None:
            return None
        return {
            "missing": pending.missing,
            "on_record": pending.on_record,
            "seconds_left": removals.seconds_left(epoch),
        }

    def _counted(self) -> tuple[_Tally, dict[str, CheckStats]]:
        generation = self._site.generation
        if self._kept is None or self._kept[0] != generation:
            self._kept = (generation, self._tally(), load_check_stats(self._site.engine))
        return self._kept[1:]

    def _tally(self) -> _Tally:
        site = self._site
        tally: _Tally = {}
        for language in site.settings.languages:
            row = tally[language] = {"written": 0, "translated": 0, "failed": 0}
            for post in site.catalogue.posts:
                result = site.standing(post, language)
                if site.localizer.is_complete_without_machine(post.post, language):
                    row["written"] += 1
                elif result is not None:
                    row["translated" if result.state is State.READY else "failed"] += 1
        return tally

    def _language(self, tally: dict[str, int], count: Counts, eta: int | None) -> dict[str, Any]:
        waiting = count.pending + count.in_work
        total = len(self._site.catalogue.posts)
        return {
            "posts": total,
            **tally,
            "in_line": count.pending,
            "in_work": count.in_work,
            "complete": waiting == 0,
            # Languages alternate: each is finished about when the queue is empty.
            "eta_seconds": eta if waiting else 0,
        }


_FORWARDED = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


def is_private(site: Site, request: Request) -> bool:
    """Whether the client may see the owner's view: with the token, or on this machine.

    A proxy on this machine forwards requests of all clients, and some add no header. So a client
    is on this machine only if it requests a loopback host without any sign of a proxy: nginx
    sends HTTP/1.0 by default, which no other current client does.
    """
    token = site.settings.admin_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    environ = request.environ
    if FORWARDED in environ or any(name.startswith(_FORWARDED) for name in environ):
        return False
    if environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return False
    return is_loopback(request.remote_addr or "") and is_loopback(_host(request))


def _host(request: Request) -> str:
    try:
        return urlsplit(f"//{request.environ.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _eta(in_line: int, verdicts: dict[str, CheckStats], speed: float) -> int | None:
    """Seconds until the queue is empty; None: no sentence was translated lately."""
    if not in_line:
        return 0
    if not speed:
        return None
    posts = sum(each.posts for each in verdicts.values())
    sentences = sum(each.sentences for each in verdicts.values())
    return round(in_line * (sentences / posts if posts else SENTENCES_PER_POST) / speed)


def _refusals(verdicts: dict[str, CheckStats]) -> dict[str, dict[str, int]]:
    """By reason, over all languages, the most frequent first."""
    found: dict[str, dict[str, int]] = {}
    for each in verdicts.values():
        for reason, refusals in each.refusals.items():
            row = found.setdefault(reason, {"kept": 0, "mended": 0})
            row["kept"] += refusals.kept
            row["mended"] += refusals.mended
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def _translator(translator: TranslatorStatus, now: float) -> dict[str, Any]:
    return {
        "alive": translator.is_alive(now),
        "seen_seconds_ago": max(0, round(now - translator.seen_at)),
        "memory_bytes": translator.memory_bytes,
        "sentences": translator.sentences,
        "packages": [
            {
                "pair": f"{hop.pair.source}→{hop.pair.target}",
                "version": hop.version,
                "starter": hop.starter,
            }
            for hop in translator.packages
        ],
    }


def _better_models(settings: Settings) -> dict[str, Any] | None:
    """What to install while starter packages are in use; None: nothing."""
    if settings.engine != "argos":
        return None
    packages = Packages(settings.packages, unpack=settings.packages / ".starter")
    others = (code for code in settings.languages if code != settings.language)
    pairs = [Pair(settings.language, code) for code in others]
    advice = advise(packages.installed(), pairs, settings.preferences)
    return asdict(advice) if advice else None


def _rfc3339(when: datetime | None) -> str | None:
    return rfc3339(when) if when else None
