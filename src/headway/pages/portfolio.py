"""The index: every campaign, and what each team has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from headway.answers.records import CampaignAnswer
from headway.pages.addresses import INDEX, campaign_page, data_file, team_page
from headway.pages.charts.waterfall import moved
from headway.pages.contexts import Cell, Link, Matrix, MatrixRow, PortfolioPage, Totals
from headway.pages.lists import by_due, frame, link, whole_entry

_MOST_TEAMS = 150


def portfolio_page(
    answers: Sequence[CampaignAnswer], known: Mapping[str, bool], today: date
) -> PortfolioPage:
    """The context of index.html.

    answers: without their repositories. known: those by name, and whether all that campaigns ask
    of them is known.
    """
    ordered = by_due(answers)
    return PortfolioPage(
        frame=frame(answers, "All campaigns", INDEX, today, above=()),
        totals=_totals(ordered, known),
        campaigns=tuple(whole_entry(answer, INDEX) for answer in ordered),
        matrix=matrix([answer for answer in ordered if answer.status.health != "done"]),
        files=tuple(
            link(f"{table} ({ending.upper()})", data_file(table, ending), INDEX)
            for table in ("campaigns", "teams")
            for ending in ("csv", "json")
        ),
    )


def _totals(answers: Sequence[CampaignAnswer], known: Mapping[str, bool]) -> Totals:
    statuses = [answer.status for answer in answers]
    return Totals(
        campaigns=len(answers),
        open=sum(row.open for row in statuses),
        fixed=sum(row.fixed for row in statuses),
        exempt=sum(row.exempt for row in statuses),
        repositories=len(known),
        unknown=list(known.values()).count(False),
        week=_sum(moved(answer.days) for answer in answers),
        attention=tuple(
            link(answer.title, campaign_page(answer.campaign), INDEX)
            for answer in answers
            if answer.status.health in ("off track", "stalled")
        ),
        health=Counter(row.health for row in statuses),
    )


def _sum(weeks: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for week in weeks:
        total.update(week)
    return dict(total)


def matrix(answers: Sequence[CampaignAnswer]) -> Matrix:
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
            tuple(_cell(cells.get(answer.campaign), most) for answer in answers),
            sum(cells.values()),
            due.get(team),
        )
        for team, cells in held.items()
    ]
    rows = sorted(
        rows, key=lambda row: (not row.open, row.soonest or date.max, -row.open, row.team.text)
    )
    return Matrix(
        tuple(link(answer.title, campaign_page(answer.campaign), INDEX) for answer in answers),
        tuple(rows[:_MOST_TEAMS]),
        len(rows[_MOST_TEAMS:]),
    )


def _cell(count: int | None, most: int) -> Cell:
    """Heat by the share of the largest count, so that a small rest still shows."""
    if not count:
        return Cell(count, 0)
    share = count / most
    return Cell(count, 1 + sum(share > limit for limit in (0.1, 0.3, 0.6)))
