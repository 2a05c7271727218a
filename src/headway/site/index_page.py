"""The index: every campaign, what each team has left, and what the last week moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from headway.metrics.attention.attention_records import Attention
from headway.metrics.records import CampaignReport, StatusRow
from headway.progress.state import Health
from headway.site.attention_section import need_entries
from headway.site.charts.sparkline import sparkline
from headway.site.charts.timeline import Timeline, timeline, track
from headway.site.charts.waterfall import MOVEMENTS, moved
from headway.site.pagination import by_due, frame, link
from headway.site.template_context import (
    Cell,
    Column,
    HealthPart,
    Link,
    Matrix,
    MatrixRow,
    PortfolioEntry,
    PortfolioPage,
    Totals,
    Week,
    WeekRow,
)
from headway.site.verdict import verdict
from headway.urls import INDEX, anchor, campaign_page, data_file, team_page
from headway.wording.rich_text import Phrase

_MOST_TEAMS = 150
_MOST_NEEDS = 8
_MOST_NAMES = 3
_HEALTH: tuple[Health, ...] = (
    "done", "on track", "at risk", "off track", "stalled", "no due date", "not enough history",
)  # fmt: skip


def portfolio_page(
    answers: Sequence[CampaignReport],
    attentions: Sequence[Attention],
    words: Mapping[str, tuple[Phrase, ...]],
    known: Mapping[str, bool],
    today: date,
) -> PortfolioPage:
    """The context of index.html.

    answers, attentions: without their repositories. words: by campaign, what `week_in_words` gives.
    known: repositories by name, and whether all that campaigns ask of them is known.
    """
    ordered = by_due(answers)
    contacts = {each.team: each for answer in answers for each in answer.contacts}
    teams = {row.team or "" for answer in answers for row in answer.teams}
    needs = need_entries(attentions, list(contacts.values()), teams, INDEX)
    scale = timeline([answer.status for answer in ordered], today)
    return PortfolioPage(
        frame=frame(answers, "All campaigns", INDEX, today, above=()),
        totals=_totals(ordered, known),
        campaigns=tuple(_entry(answer, scale, today) for answer in ordered),
        timeline=scale,
        matrix=matrix([answer for answer in ordered if answer.status.health != "done"]),
        week=_week(ordered, words),
        needs=needs[:_MOST_NEEDS],
        more_needs=len(needs[_MOST_NEEDS:]),
        files=tuple(
            link(f"{table} ({ending.upper()})", data_file(table, ending), INDEX)
            for table in ("campaigns", "teams")
            for ending in ("csv", "json")
        ),
    )


def _entry(answer: CampaignReport, scale: Timeline | None, today: date) -> PortfolioEntry:
    before, after = _ends_of_week(answer)
    return PortfolioEntry(
        link=link(answer.title, campaign_page(answer.campaign), INDEX),
        status=answer.status,
        verdict=verdict(answer.status, answer.forecast, answer.starts),
        sparkline=sparkline([point.open for point in answer.weeks]),
        track=track(answer.status, scale, today) if scale else None,
        change=after - before,
    )


def _ends_of_week(answer: CampaignReport) -> tuple[int, int]:
    """Open items seven days ago, or on the first day when that is later; and now."""
    days = answer.days[-8:]
    return (days[0].open, days[-1].open) if days else (0, answer.status.open)


def _week(answers: Sequence[CampaignReport], words: Mapping[str, tuple[Phrase, ...]]) -> Week:
    moves = [(answer, moved(answer.days)) for answer in answers]
    names = [name for name in MOVEMENTS if any(week[name] for _, week in moves)]
    rows = []
    for answer, week in moves:
        if any(week.values()):
            before, after = _ends_of_week(answer)
            counts = tuple(week[name] for name in names)
            said = words.get(answer.campaign, ())
            rows.append(WeekRow(_campaign(answer), before, counts, after, said))
    return Week(
        tuple(MOVEMENTS[name] for name in names),
        tuple(rows),
        tuple(
            _campaign(answer)
            for answer, week in moves
            if not any(week.values()) and answer.status.health != "done"
        ),
    )


def _campaign(answer: CampaignReport) -> Link:
    return link(answer.title, campaign_page(answer.campaign), INDEX)


def _totals(answers: Sequence[CampaignReport], known: Mapping[str, bool]) -> Totals:
    statuses = [answer.status for answer in answers]
    attention = [each for each in answers if each.status.health in ("off track", "stalled")]
    few = attention if len(attention) <= _MOST_NAMES + 1 else attention[:_MOST_NAMES]
    return Totals(
        campaigns=len(answers),
        open=sum(row.open for row in statuses),
        fixed=sum(row.fixed for row in statuses),
        exempt=sum(row.exempt for row in statuses),
        repositories=len(known),
        unknown=list(known.values()).count(False),
        week=_sum(moved(answer.days) for answer in answers),
        attention=tuple(_campaign(answer) for answer in few),
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


def matrix(answers: Sequence[CampaignReport]) -> Matrix:
    """Teams by campaigns, in the order given; teams by what is due soonest, then by most left."""
    held: dict[str, dict[str, int]] = {}
    due: dict[str, date | None] = {}
    for answer in answers:
        for row in answer.teams:
            team = row.team or ""
            held.setdefault(team, {})[answer.campaign] = row.open
            if row.open and answer.due is not None and answer.due < (due.get(team) or date.max):
                due[team] = answer.due
    most = max((count for cells in held.values() for count in cells.values()), default=0)
    rows = [
        MatrixRow(
            Link(team, team_page(team)),
            tuple(_cell(cells.get(answer.campaign), most, team, answer) for answer in answers),
            sum(cells.values()),
            due.get(team),
        )
        for team, cells in held.items()
    ]
    rows = sorted(
        rows, key=lambda row: (not row.open, row.soonest or date.max, -row.open, row.team.text)
    )
    return Matrix(
        tuple(Column(_campaign(answer), answer.due) for answer in answers),
        tuple(rows[:_MOST_TEAMS]),
        len(rows[_MOST_TEAMS:]),
    )


def _cell(count: int | None, most: int, team: str, answer: CampaignReport) -> Cell:
    """Heat by the share of the largest count, so that a huge one leaves others to be told apart."""
    if not count:
        return Cell(count, 0, None)
    share = count / most
    target = link(str(count), f"{team_page(team)}#{anchor(answer.campaign)}", INDEX)
    return Cell(count, 1 + sum(share > limit for limit in (0.02, 0.12, 0.45)), target)
