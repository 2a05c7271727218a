"""The template context of the index page: campaigns, items by team, and recent changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from headway.metrics.attention.attention_records import Moves
from headway.metrics.records import StatusRow
from headway.progress.state import Health
from headway.site.attention_section import need_entries
from headway.site.campaign_slices import CampaignSummary
from headway.site.charts.sparkline import sparkline
from headway.site.charts.timeline import Timeline, timeline, track
from headway.site.charts.waterfall import MOVEMENTS, moved
from headway.site.pagination import due_order, file_links, frame, link
from headway.site.template_context.index_context import (
    Cell,
    Column,
    HealthPart,
    Matrix,
    MatrixRow,
    PortfolioEntry,
    PortfolioPage,
    Totals,
    Week,
    WeekRow,
)
from headway.site.template_context.shared_context import Link
from headway.site.verdict import verdict
from headway.urls import INDEX, anchor, campaign_page, changes_page, data_file, team_page
from headway.wording.movements import movements

_MOST_TEAMS = 150
_MOST_NEEDS = 8
_MOST_NAMES = 3
_HEALTH: tuple[Health, ...] = (
    "done", "on track", "at risk", "off track", "stalled", "no due date", "not enough history",
    "exempt", "no matches",
)  # fmt: skip


def portfolio_page(
    summaries: Sequence[CampaignSummary],
    today: date,
    scanned_at: datetime | None,
    notes: tuple[str, ...] = (),
) -> PortfolioPage:
    """Return the template context of index.html.

    Args:
        summaries: All campaigns, in any order.
        today: The day that the numbers on the page describe.
        scanned_at: The end of the latest scan in UTC, or None before the first scan.
        notes: Sentences about repositories that the scan cannot see.
    """
    ordered = sorted(summaries, key=lambda summary: due_order(summary.status))
    contacts = {contact.team: contact for summary in summaries for contact in summary.contacts}
    teams = {row.team or "" for summary in summaries for row in summary.teams}
    attentions = [summary.attention for summary in summaries]
    needs = need_entries(attentions, list(contacts.values()), teams, INDEX)
    scale = timeline([summary.status for summary in ordered], today)
    scanned_on = scanned_at.date() if scanned_at is not None else None
    entries = tuple(_entry(summary, scale, today) for summary in ordered)
    totals = _totals(ordered)
    return PortfolioPage(
        frame=frame("All campaigns", INDEX, today, scanned_on, above=(), scanned_at=scanned_at),
        totals=totals,
        worst=_worst(entries),
        week_in_words=_week_in_words(totals.week),
        notes=notes,
        campaigns=entries,
        timeline=scale,
        matrix=matrix([summary for summary in ordered if summary.status.health != "done"]),
        week=_week(ordered),
        needs=needs[:_MOST_NEEDS],
        more_needs=len(needs[_MOST_NEEDS:]),
        files=tuple(
            file
            for table in ("campaigns", "teams")
            for file in file_links(table, partial(data_file, table), INDEX)
        ),
    )


def _week_in_words(week: Mapping[str, int]) -> str:
    changes = movements(Moves(**week)).plain if any(week.values()) else "No changes"
    return f"{changes} in the last seven days"


def _worst(entries: Sequence[PortfolioEntry]) -> PortfolioEntry | None:
    """Return the campaign with the worst health, or None if no campaign needs attention.

    Among campaigns with the same health, return the one that is due first.
    """
    order: tuple[Health, ...] = ("off track", "stalled", "at risk")
    bad = [entry for entry in entries if entry.status.health in order]
    return min(
        bad,
        key=lambda entry: (order.index(entry.status.health), entry.status.due or date.max),
        default=None,
    )


def _entry(summary: CampaignSummary, scale: Timeline | None, today: date) -> PortfolioEntry:
    before, after = _ends_of_week(summary)
    return PortfolioEntry(
        link=link(summary.status.title, campaign_page(summary.status.campaign), INDEX),
        status=summary.status,
        verdict=verdict(summary.status, summary.forecast),
        sparkline=sparkline([point.open for point in summary.weeks]),
        track=track(summary.status, scale, today) if scale else None,
        change=after - before,
    )


def _ends_of_week(summary: CampaignSummary) -> tuple[int, int]:
    """Return the number of open items before the last seven days, and the current number.

    For a campaign that started within the last seven days, the first number is the count on its
    first day.
    """
    days = summary.days[-8:]
    return (days[0].open, days[-1].open) if days else (0, summary.status.open)


def _week(summaries: Sequence[CampaignSummary]) -> Week:
    moves = [(summary, moved(summary.days)) for summary in summaries]
    names = [name for name in MOVEMENTS if any(week[name] for _, week in moves)]
    rows = []
    for summary, week in moves:
        if any(week.values()):
            before, after = _ends_of_week(summary)
            counts = tuple(week[name] for name in names)
            changes = link("changes", changes_page(summary.status.campaign), INDEX)
            rows.append(
                WeekRow(_campaign(summary), changes, before, counts, after, summary.week_in_words)
            )
    return Week(
        tuple(MOVEMENTS[name] for name in names),
        tuple(rows),
        tuple(
            _campaign(summary)
            for summary, week in moves
            if not any(week.values()) and summary.status.health != "done"
        ),
    )


def _campaign(summary: CampaignSummary) -> Link:
    return link(summary.status.title, campaign_page(summary.status.campaign), INDEX)


def _totals(summaries: Sequence[CampaignSummary]) -> Totals:
    known: dict[str, bool] = {}
    for summary in summaries:
        for name, is_known in summary.repositories.items():
            known[name] = known.get(name, True) and is_known
    statuses = [summary.status for summary in summaries]
    attention = [
        summary for summary in summaries if summary.status.health in ("off track", "stalled")
    ]
    few = attention if len(attention) <= _MOST_NAMES + 1 else attention[:_MOST_NAMES]
    return Totals(
        campaigns=len(summaries),
        open=sum(row.open for row in statuses),
        fixed=sum(row.fixed for row in statuses),
        exempt=sum(row.exempt for row in statuses),
        repositories=len(known),
        unknown=list(known.values()).count(False),
        week=_sum(moved(summary.days) for summary in summaries),
        attention=tuple(_campaign(summary) for summary in few),
        attention_count=len(attention),
        at_risk=sum(row.health == "at risk" for row in statuses),
        health=_health(statuses),
    )


def _health(rows: Sequence[StatusRow]) -> tuple[HealthPart, ...]:
    counts = Counter(row.health for row in rows)
    parts, start = [], 0.0
    for health in _HEALTH:
        if counts[health]:
            width = round(counts[health] / len(rows) * 100, 2)
            parts.append(HealthPart(health, counts[health], round(start, 2), width))
            start += width
    return tuple(parts)


def _sum(weeks: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for week in weeks:
        total.update(week)
    return dict(total)


def matrix(summaries: Sequence[CampaignSummary]) -> Matrix:
    """Return the table of open items by team and campaign.

    Teams with open items come first. Teams are then sorted by their earliest due date.
    """
    counts_by_team: dict[str, dict[str, int]] = {}
    due: dict[str, date | None] = {}
    ids = [summary.status.campaign for summary in summaries]
    for summary in summaries:
        for row in summary.teams:
            team = row.team or ""
            counts_by_team.setdefault(team, {})[row.campaign] = row.open
            own_due = summary.team_dues.get(team)
            if own_due is not None and own_due.day < (due.get(team) or date.max):
                due[team] = own_due.day
    most = max((count for cells in counts_by_team.values() for count in cells.values()), default=0)
    rows = [
        MatrixRow(
            Link(team, team_page(team)),
            tuple(_cell(cells.get(campaign), most, team, campaign) for campaign in ids),
            sum(cells.values()),
            due.get(team),
        )
        for team, cells in counts_by_team.items()
    ]
    rows = sorted(
        rows, key=lambda row: (not row.open, row.soonest or date.max, -row.open, row.team.text)
    )
    return Matrix(
        tuple(Column(_campaign(summary), summary.status.due) for summary in summaries),
        tuple(rows[:_MOST_TEAMS]),
        len(rows[_MOST_TEAMS:]),
    )


def _cell(count: int | None, most: int, team: str, campaign: str) -> Cell:
    """Return a cell of the table, in a shade that keeps small counts visible."""
    if not count:
        return Cell(count, 0, None)
    share = count / most
    target = link(str(count), f"{team_page(team)}#{anchor(campaign)}", INDEX)
    return Cell(count, 1 + sum(share > limit for limit in (0.02, 0.12, 0.45)), target)
