"""Template contexts of a team's pages, which list its open items in all campaigns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from headway.metrics.records import BurndownPoint, ItemRow
from headway.model.movement import TEAM_FLOWS
from headway.site.attention_section import own_need_entries
from headway.site.campaign_slices import TeamNeeds, TeamSlice
from headway.site.charts.burndown_chart import BurndownChart, burndown_chart
from headway.site.charts.burndown_data import BurndownData, Layer, few_layers
from headway.site.charts.flow_chart import flow_chart
from headway.site.charts.sparkline import sparkline
from headway.site.due_dates import by_due, in_order
from headway.site.pagination import (
    campaign_entry,
    campaign_items,
    file_links,
    frame,
    link,
    numbered,
    paged,
    pages_by_campaign,
    paging,
)
from headway.site.template_context.shared_context import CampaignEntry, ItemsDue
from headway.site.template_context.team_context import OpenPlace, TeamPage, TeamThroughput
from headway.urls import repository_page, team_data, team_page

_FIRST_NEEDS = 4
_MOST_PLACES = 10
_COUNTS = ("open", "exempt", "fixed_total", *TEAM_FLOWS)
_counts = attrgetter(*_COUNTS)


# This function has more than 50 lines because it fills every field of the context.
def team_pages(
    team: str,
    slices: Sequence[TeamSlice],
    items: Sequence[ItemRow],
    needs: Sequence[TeamNeeds],
    today: date,
    scanned_on: date | None,
) -> Iterator[TeamPage]:
    """Yield the template contexts of all pages of one team.

    Args:
        team: The team's name.
        slices: The team's parts of all campaigns.
        items: The team's open items, sorted by repository, path and line within a campaign.
        needs: The actions that the team must take, by campaign.
        today: The day that the numbers on the pages describe.
        scanned_on: The UTC day on which the latest scan ended, or None before the first scan.
    """
    slices = by_due(slices)
    parts = paged(in_order(items, slices))
    pages = pages_by_campaign(parts)
    count = sum(team_slice.row.open for team_slice in slices)
    weeks = _weeks(slices)
    places = sorted(
        Counter(item.repository for item in items).items(), key=lambda place: (-place[1], place[0])
    )
    contacts = [team_slice.contact for team_slice in slices if team_slice.contact is not None]
    soonest = _soonest(slices)
    entries = own_need_entries(needs)
    # All pages of a team are in the same folder, so relative links are the same on each page.
    campaigns = tuple(
        _entry(team_slice, team, pages.get(team_slice.row.campaign, (1,))[0])
        for team_slice in slices
    )
    oldest = min((item.opened_at.date() for item in items), default=None)
    for number, part in enumerate(parts, 1):
        path = team_page(team, number)
        first = number == 1
        title = numbered(team, number)
        yield TeamPage(
            frame=frame(title, path, today, scanned_on),
            name=team,
            contact=contacts[-1] if contacts else None,
            needs=entries[:_FIRST_NEEDS] if first else (),
            further_needs=entries[_FIRST_NEEDS:] if first else (),
            campaigns=campaigns,
            left=campaign_items(slices, part, number, pages, partial(team_page, team), today),
            open=count,
            withheld=max(count - len(items), 0),
            oldest=oldest,
            soonest=soonest,
            pace=_throughput(weeks) if first else None,
            chart=_chart(team, slices) if first else None,
            flow=flow_chart(weeks) if first else None,
            places=tuple(
                OpenPlace(link(name, repository_page(name), path), count)
                for name, count in places[:_MOST_PLACES]
            ),
            more_places=len(places[_MOST_PLACES:]),
            paging=paging(number, len(parts), path, partial(team_page, team)),
            files=file_links("items", partial(team_data, team), path),
        )


def _weeks(slices: Sequence[TeamSlice]) -> list[BurndownPoint]:
    """Sum the weekly counts of all campaigns, oldest week first."""
    together: dict[date, list[BurndownPoint]] = defaultdict(list)
    for team_slice in slices:
        for point in team_slice.weeks:
            together[point.date].append(point)
    return [_sum(together[day]) for day in sorted(together)]


def _sum(points: Sequence[BurndownPoint]) -> BurndownPoint:
    """Sum the counts of several campaigns on the same day, without completion and coverage."""
    counts = map(sum, zip(*map(_counts, points), strict=True))
    sums: dict[str, Any] = dict(zip(_COUNTS, counts, strict=True))
    return replace(points[0], completion=None, coverage=None, **sums)


def _throughput(weeks: Sequence[BurndownPoint]) -> TeamThroughput | None:
    if not weeks:
        return None
    fixed = [point.fixed for point in weeks]
    fours = [sum(fixed[max(end - 4, 0) : end]) for end in range(len(fixed), 0, -1)]
    return TeamThroughput(
        fixed=fours[0],
        before=sum(fixed[-8:-4]),
        best=max(fours),
        added=sum(point.new + point.regressed for point in weeks[-4:]),
    )


def _soonest(slices: Sequence[TeamSlice]) -> ItemsDue | None:
    """Return the items with the earliest due date across all campaigns, or None without one."""
    dated = [due for team_slice in slices for due in team_slice.dues if due.day is not None]
    first = min((due.day for due in dated if due.day is not None), default=None)
    due_first = [due for due in dated if due.day == first]
    if not due_first:
        return None
    milestone = due_first[0].milestone if len(due_first) == 1 else None
    return ItemsDue(first, milestone, sum(due.items for due in due_first))


def _entry(team_slice: TeamSlice, team: str, first_page: int) -> CampaignEntry:
    """Return the entry of a campaign, given the first page that lists its items."""
    last = team_slice.weeks[-1] if len(team_slice.weeks) > 1 else None
    week = {name: getattr(last, name) if last else 0 for name in ("fixed", "new", "regressed")}
    chart = sparkline([point.open for point in team_slice.weeks])
    return campaign_entry(team_slice, team_page(team), chart, week, team_page(team, first_page))


def _chart(team: str, slices: Sequence[TeamSlice]) -> BurndownChart | None:
    """Return a chart of open items by campaign, or None with too little history.

    The count of a campaign is 0 before its first day.
    """
    by_campaign: dict[str, Counter[date]] = {}
    exempt: Counter[date] = Counter()
    for team_slice in slices:
        by_campaign[team_slice.row.title] = Counter(
            {point.date: point.open for point in team_slice.weeks}
        )
        exempt.update({point.date: point.exempt for point in team_slice.weeks})
    days = tuple(sorted({day for counts in by_campaign.values() for day in counts}))
    if len(days) < 2:
        return None
    layers = few_layers(
        [Layer(title, tuple(counts[day] for day in days)) for title, counts in by_campaign.items()],
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
                (team_slice.starts, f"{team_slice.row.title} begins", "milestone")
                for team_slice in slices
                if team_slice.starts > days[0]
            ),
        )
    )
