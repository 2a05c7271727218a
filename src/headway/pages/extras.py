"""What lies beside the pages: tables for programs, feeds, badges, and what the site is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time

from headway.answers.records import BurndownPoint, CampaignAnswer, ItemRow, StatusRow
from headway.answers.text import csv_text, json_text, percent
from headway.pages.addresses import (
    INDEX,
    badge_file,
    campaign_data,
    campaign_page,
    data_file,
    feed_file,
    relative,
    repository_page,
    team_data,
    team_page,
)
from headway.pages.audience import Audience
from headway.pages.contexts import Badge, Feed, FeedEntry
from headway.pages.lists import has_page
from headway.pages.output import GENERATOR

_FEED_WEEKS = 26
_LETTER = 6.6
_KINDS = {"done": "good", "on track": "good", "at risk": "warn", "off track": "bad"}


def tables(answers: Sequence[CampaignAnswer]) -> Iterator[tuple[str, str]]:
    """(path, content) of every table, as CSV and JSON with the fields that commands print."""
    yield from _both("campaigns", None, [answer.status for answer in answers], StatusRow)
    yield from _both("teams", None, [row for each in answers for row in each.teams], StatusRow)
    for answer in answers:
        yield from _both("repositories", answer.campaign, answer.repositories, StatusRow)
        yield from _both("teams", answer.campaign, answer.teams, StatusRow)
        yield from _both("burndown", answer.campaign, answer.days, BurndownPoint)
        yield from _both("items", answer.campaign, answer.items, ItemRow)
    teams: dict[str, list[ItemRow]] = {
        row.team: [] for answer in answers for row in answer.teams if row.team is not None
    }
    for answer in answers:
        for item in answer.items:
            if item.team in teams:
                teams[item.team].append(item)
    names = [field.name for field in fields(ItemRow)]
    for team, items in sorted(teams.items()):
        yield team_data(team, "csv"), csv_text(items, names)
        yield team_data(team, "json"), json_text(items)


def _both(
    table: str,
    campaign: str | None,
    rows: Sequence[StatusRow] | Sequence[BurndownPoint] | Sequence[ItemRow],
    record: type[StatusRow | BurndownPoint | ItemRow],
) -> Iterator[tuple[str, str]]:
    names = [field.name for field in fields(record)]
    for ending, text in (("csv", csv_text(rows, names)), ("json", json_text(rows))):
        path = campaign_data(campaign, table, ending) if campaign else data_file(table, ending)
        yield path, text


def feed(answer: CampaignAnswer) -> Feed:
    """What happened in a campaign, week by week; a week is told when it is over."""
    entries = [
        FeedEntry(
            f"urn:headway:{answer.campaign}:week:{point.date.isoformat()}",
            f"{percent(point.completion)} done, {point.open} open",
            f"Week to {point.date.isoformat()}: {point.fixed} fixed, {point.new} new, "
            f"{point.regressed} came back, {point.entered} entered scope, {point.left} left it, "
            f"{point.exempted} newly exempt, {point.lapsed} exemptions lapsed.",
            _midnight(point.date),
        )
        for point in answer.weeks[-_FEED_WEEKS:]
        if point.date.isoweekday() == 7
    ]
    entries += [
        FeedEntry(
            f"urn:headway:{answer.campaign}:mark:{mark.date.isoformat()}:{number}",
            mark.text,
            mark.text,
            _midnight(mark.date),
        )
        for number, mark in enumerate(answer.marks)
    ]
    entries.sort(key=lambda each: (each.updated, each.id), reverse=True)
    return Feed(
        f"urn:headway:{answer.campaign}",
        answer.title,
        relative(campaign_page(answer.campaign), feed_file(answer.campaign)),
        max([each.updated for each in entries], default=_midnight(answer.starts)),
        tuple(entries),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def badges(answers: Sequence[CampaignAnswer]) -> Iterator[tuple[str, Badge]]:
    """(path, badge) of every campaign, team and repository."""
    teams: dict[str, int] = {}
    repositories: dict[str, tuple[int, bool]] = {}
    for answer in answers:
        row = answer.status
        kind = _KINDS.get(row.health, "plain")
        yield (
            badge_file("campaigns", answer.campaign),
            badge(answer.title, percent(row.completion), kind),
        )
        for each in answer.teams:
            teams[each.team or ""] = teams.get(each.team or "", 0) + each.open
        for each in filter(has_page, answer.repositories):
            name = each.repository or ""
            count, unknown = repositories.get(name, (0, False))
            repositories[name] = count + each.open, unknown or each.state == "unknown"
    for team, count in sorted(teams.items()):
        yield badge_file("teams", team), _left(team, count, unknown=False)
    for name, (count, unknown) in sorted(repositories.items()):
        yield badge_file("repositories", name), _left("headway", count, unknown=unknown)


def _left(text: str, count: int, *, unknown: bool) -> Badge:
    """Unknown is never done."""
    if unknown:
        return badge(text, "unknown", "warn")
    return badge(text, f"{count} left", "plain") if count else badge(text, "done", "good")


def badge(text: str, value: str, kind: str) -> Badge:
    """A badge as wide as its words."""
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    return Badge(shown, value, _width(shown), _width(value), kind)


def _width(text: str) -> int:
    return round(len(text) * _LETTER) + 12


def description(answers: Sequence[CampaignAnswer], today: date, audience: Audience) -> str:
    """index.json: what the site has, for programs; paths are below its root."""
    teams = sorted({row.team for answer in answers for row in answer.teams if row.team})
    names = sorted(
        {
            row.repository
            for answer in answers
            for row in answer.repositories
            if row.repository is not None and has_page(row)
        }
    )
    scans = [answer.scanned_at for answer in answers if answer.scanned_at is not None]
    described = {
        "generator": GENERATOR,
        "today": today.isoformat(),
        "scanned_at": max(scans).strftime("%Y-%m-%dT%H:%M:%SZ") if scans else None,
        "audience": audience,
        "index": INDEX,
        "campaigns": [_campaign(answer) for answer in answers],
        "teams": [
            {
                "name": team,
                "page": team_page(team),
                "badge": badge_file("teams", team),
                "items": team_data(team, "json"),
            }
            for team in teams
        ],
        "repositories": [
            {
                "name": name,
                "page": repository_page(name),
                "badge": badge_file("repositories", name),
            }
            for name in names
        ],
    }
    return json.dumps(described, indent=1, ensure_ascii=True) + "\n"


def _campaign(answer: CampaignAnswer) -> dict[str, object]:
    return {
        "id": answer.campaign,
        "title": answer.title,
        "page": campaign_page(answer.campaign),
        "badge": badge_file("campaigns", answer.campaign),
        "feed": feed_file(answer.campaign),
        "data": {
            table: campaign_data(answer.campaign, table, "json")
            for table in ("repositories", "teams", "burndown", "items")
        },
    }
