"""The pages of teams: everything that is left for one team, across campaigns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from headway.metrics.records import BurndownPoint, CampaignReport, ItemRow, StatusRow
from headway.model.movement import TEAM_FLOWS
from headway.site.charts.burndown_chart import (
    BurndownChart,
    BurndownData,
    Layer,
    burndown_chart,
    few_layers,
)
from headway.site.charts.flow_chart import flow_chart
from headway.site.charts.sparkline import sparkline
from headway.site.pagination import (
    campaign_entry,
    campaign_items,
    frame,
    link,
    numbered,
    paged,
    pages_by_campaign,
    paging,
)
from headway.site.template_context import CampaignEntry, Pace, Place, TeamPage
from headway.urls import repository_page, team_data, team_page

Rows = list[tuple[CampaignReport, StatusRow]]
_MOST_PLACES = 10
_COUNTS = ("open", "exempt", "fixed_total", *TEAM_FLOWS)
_counts = attrgetter(*_COUNTS)


def team_pages(team: str, rows: Rows, items: Sequence[ItemRow], today: date) -> Iterator[TeamPage]:
    """The contexts of all pages of one team.

    rows: of the campaigns that it has or had something of, by due date; these answers know of no
    other team, and of no repository. items: what is left, in the order of those campaigns.
    """
    parts = paged(items)
    pages = pages_by_campaign(parts)
    count = sum(row.open for _, row in rows)
    weeks = _weeks(team, rows)
    places = sorted(
        Counter(item.repository for item in items).items(), key=lambda place: (-place[1], place[0])
    )
    contacts = {contact.team: contact for answer, _ in rows for contact in answer.contacts}
    due = [answer.due for answer, row in rows if row.open and answer.due is not None]
    # all pages lie in one folder, and links of all of them are the same
    campaigns = tuple(
        _entry(answer, row, team, pages.get(answer.campaign, (1,))[0]) for answer, row in rows
    )
    oldest = min((item.opened_at.date() for item in items), default=None)
    for number, part in enumerate(parts, 1):
        path = team_page(team, number)
        first = number == 1
        title = numbered(team, number)
        yield TeamPage(
            frame=frame([answer for answer, _ in rows], title, path, today, to_the_minute=False),
            name=team,
            contact=contacts.get(team),
            campaigns=campaigns,
            left=campaign_items(rows, part, number, pages, partial(team_page, team)),
            open=count,
            withheld=max(count - len(items), 0),
            oldest=oldest,
            soonest=min(due, default=None),
            pace=_pace(weeks) if first else None,
            chart=_chart(team, rows) if first else None,
            flow=flow_chart(weeks) if first else None,
            places=tuple(
                Place(link(name, repository_page(name), path), held)
                for name, held in places[:_MOST_PLACES]
            ),
            more_places=len(places[_MOST_PLACES:]),
            paging=paging(number, len(parts), path, partial(team_page, team)),
            files=tuple(
                link(f"items ({ending.upper()})", team_data(team, ending), path)
                for ending in ("csv", "json")
            ),
        )


def _weeks(team: str, rows: Rows) -> list[BurndownPoint]:
    """All campaigns together, oldest first; completion and coverage are not known."""
    together: dict[date, list[BurndownPoint]] = defaultdict(list)
    for answer, _ in rows:
        for point in answer.team_weeks.get(team, ()):
            together[point.date].append(point)
    return [_sum(together[day]) for day in sorted(together)]


def _sum(points: Sequence[BurndownPoint]) -> BurndownPoint:
    """Of several campaigns on one day."""
    counts = map(sum, zip(*map(_counts, points), strict=True))
    sums: dict[str, Any] = dict(zip(_COUNTS, counts, strict=True))
    return replace(points[0], completion=None, coverage=None, **sums)


def _pace(weeks: Sequence[BurndownPoint]) -> Pace | None:
    if not weeks:
        return None
    fixed = [point.fixed for point in weeks]
    fours = [sum(fixed[max(end - 4, 0) : end]) for end in range(len(fixed), 0, -1)]
    return Pace(
        fixed=fours[0],
        before=sum(fixed[-8:-4]),
        best=max(fours),
        added=sum(point.new + point.regressed for point in weeks[-4:]),
    )


def _entry(answer: CampaignReport, row: StatusRow, team: str, begins: int) -> CampaignEntry:
    """begins: the number of the page on which its items begin."""
    weeks = answer.team_weeks.get(team, ())
    last = weeks[-1] if len(weeks) > 1 else None
    week = {name: getattr(last, name) if last else 0 for name in ("fixed", "new", "regressed")}
    drawn = sparkline([point.open for point in weeks])
    return campaign_entry(answer, team_page(team), row, drawn, week, team_page(team, begins))


def _chart(team: str, rows: Rows) -> BurndownChart | None:
    """Open items by campaign; a campaign that began later has none before."""
    held: dict[str, Counter[date]] = {}
    exempt: Counter[date] = Counter()
    for answer, _ in rows:
        points = answer.team_weeks.get(team, ())
        held[answer.title] = Counter({point.date: point.open for point in points})
        exempt.update({point.date: point.exempt for point in points})
    days = tuple(sorted({day for counts in held.values() for day in counts}))
    if len(days) < 2:
        return None
    layers = few_layers(
        [Layer(title, tuple(counts[day] for day in days)) for title, counts in held.items()],
        "other campaigns",
    )
    if not layers:
        return None
    return burndown_chart(
        BurndownData(
            title=team,
            days=days,
            layers=layers,
            exempt=tuple(exempt[day] for day in days),
            flags=tuple(
                (answer.starts, f"{answer.title} begins", "milestone")
                for answer, _ in rows
                if answer.starts > days[0]
            ),
        )
    )
