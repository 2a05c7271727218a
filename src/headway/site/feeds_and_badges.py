"""Atom feeds, badges, and `index.json`, which lists the site's contents for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from headway.metrics.records import BurndownPoint, CampaignReport, StatusRow
from headway.metrics.serialize import percent
from headway.model.audience import Audience
from headway.model.days import day_text
from headway.site.build.publish import GENERATOR
from headway.site.campaign_page import TABLES
from headway.site.campaign_slices import CampaignSummary
from headway.site.template_context.feed_and_badge_context import Badge, Feed, FeedEntry
from headway.urls import (
    INDEX,
    badge_file,
    campaign_data,
    campaign_page,
    feed_file,
    relative,
    repository_page,
    team_data,
    team_page,
)

_FEED_WEEKS = 26
_LETTER = 6.6
_KINDS = {"done": "good", "on track": "good", "at risk": "warn", "off track": "bad"}


def _moves(point: BurndownPoint) -> str:
    """Describe the moves between repositories, or return an empty string without moves."""
    if not point.moved_in and not point.moved_out:
        return ""
    return f"{point.moved_in} moved in from other repositories, {point.moved_out} moved out, "


def feed(report: CampaignReport) -> Feed:
    """Return a campaign's Atom feed, with entries for recent full weeks and marked changes."""
    entries = [
        FeedEntry(
            f"urn:headway:{report.campaign}:week:{point.date.isoformat()}",
            f"{percent(point.completion)} done, {point.open} open",
            f"Week ending {day_text(point.date)}: {point.fixed} fixed, {point.new} new, "
            f"{point.regressed} regressed, {_moves(point)}{point.scope_added} added to the scope, "
            f"{point.scope_removed} removed from the scope, "
            f"{point.exempted} newly exempt, {point.lapsed} no longer exempt.",
            _midnight(point.date),
        )
        for point in report.weeks[-_FEED_WEEKS:]
        if point.date.isoweekday() == 7
    ]
    entries += [
        FeedEntry(
            f"urn:headway:{report.campaign}:mark:{mark.date.isoformat()}:{number}",
            mark.text,
            mark.text,
            _midnight(mark.date),
        )
        for number, mark in enumerate(report.marks)
    ]
    entries.sort(key=lambda entry: (entry.updated, entry.id), reverse=True)
    return Feed(
        f"urn:headway:{report.campaign}",
        report.title,
        relative(campaign_page(report.campaign), feed_file(report.campaign)),
        max([entry.updated for entry in entries], default=_midnight(report.starts)),
        tuple(entries),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def campaign_badge(report: CampaignReport) -> Badge:
    """Return a badge with the completion of a campaign."""
    row = report.status
    return badge(report.title, percent(row.completion), _KINDS.get(row.health, "plain"))


def team_badge(team: str, rows: Sequence[StatusRow]) -> Badge:
    """Return a badge with a team's number of open items. `rows` has one row per campaign."""
    return _open_items_badge(team, sum(row.open for row in rows), unknown=False)


def repository_badge(rows: Sequence[StatusRow]) -> Badge:
    """Return a badge with a repository's number of open items. `rows` has one row per campaign."""
    unknown = any(row.state == "unknown" for row in rows)
    return _open_items_badge("headway", sum(row.open for row in rows), unknown=unknown)


def _open_items_badge(text: str, count: int, *, unknown: bool) -> Badge:
    """Return a badge with a number of open items, or `unknown` if a state is unknown."""
    if unknown:
        return badge(text, "unknown", "warn")
    return badge(text, f"{count} open", "plain") if count else badge(text, "done", "good")


def badge(text: str, value: str, kind: str) -> Badge:
    """Return a badge whose width fits its text. Long text is cut."""
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    return Badge(shown, value, _width(shown), _width(value), kind)


def _width(text: str) -> int:
    return round(len(text) * _LETTER) + 12


def description(
    summaries: Sequence[CampaignSummary],
    today: date,
    scanned_at: datetime | None,
    audience: Audience,
) -> str:
    """Return the contents of `index.json`, with paths relative to the site's root."""
    names = {row.team for summary in summaries for row in summary.teams if row.team}
    pages = {name for summary in summaries for name in summary.pages if name}
    described = {
        "generator": GENERATOR,
        "today": today.isoformat(),
        "scanned_at": scanned_at.strftime("%Y-%m-%dT%H:%M:%SZ") if scanned_at else None,
        "audience": audience,
        "index": INDEX,
        "campaigns": [_campaign(summary.status) for summary in summaries],
        "teams": [
            {
                "name": team,
                "page": team_page(team),
                "badge": badge_file("teams", team),
                "items": team_data(team, "json"),
            }
            for team in sorted(names)
        ],
        "repositories": [
            {
                "name": name,
                "page": repository_page(name),
                "badge": badge_file("repositories", name),
            }
            for name in sorted(pages)
        ],
    }
    return json.dumps(described, indent=1, ensure_ascii=True) + "\n"


def _campaign(row: StatusRow) -> dict[str, object]:
    return {
        "id": row.campaign,
        "title": row.title,
        "page": campaign_page(row.campaign),
        "badge": badge_file("campaigns", row.campaign),
        "feed": feed_file(row.campaign),
        "data": {table: campaign_data(row.campaign, table, "json") for table in TABLES},
    }
