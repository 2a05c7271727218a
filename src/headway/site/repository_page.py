"""The pages of repositories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from operator import attrgetter

from headway.metrics.attention.attention_records import Moves
from headway.metrics.records import CampaignReport, ItemRow, StatusRow
from headway.metrics.weekly_activity import PastWeek, PastWeeks
from headway.model.movement import FLOW_SIGNS
from headway.site.charts.sparkline import stepped
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
from headway.site.template_context import CampaignEntry, PastEntry, RepositoryPage
from headway.urls import campaign_page, repository_page
from headway.wording.movements import movements

Rows = list[tuple[CampaignReport, StatusRow]]
_MOST_PAST = 12
_flows = attrgetter(*FLOW_SIGNS)


def repository_pages(
    name: str, rows: Rows, items: Sequence[ItemRow], past: PastWeeks, today: date
) -> Iterator[RepositoryPage]:
    """The contexts of all pages of one repository that has or had an item, or is unknown.

    rows: of the campaigns that it is in, by due date; these answers know of no team, and of few
    other repositories. items: what is left, in the order of those campaigns. past: what moved here.
    """
    parts = paged(items)
    pages = pages_by_campaign(parts)
    count = sum(row.open for _, row in rows)
    facts = rows[0][0].facts.get(name)
    happened = _happened(rows, past)
    campaigns = tuple(
        _campaign(
            answer,
            row,
            pages.get(answer.campaign, (1,))[0],
            past.get(answer.campaign, ()),
            today,
        )
        for answer, row in rows
    )
    for number, part in enumerate(parts, 1):
        path, first = repository_page(name, number), number == 1
        title = numbered(name, number)
        yield RepositoryPage(
            frame=frame([answer for answer, _ in rows], title, path, today, to_the_minute=False),
            name=name,
            forge=facts.forge if facts else None,
            campaigns=campaigns,
            left=campaign_items(rows, part, number, pages, partial(repository_page, name)),
            open=count,
            withheld=max(count - len(items), 0),
            past=tuple(
                _entry(answer, week, path) for answer, week in happened[:_MOST_PAST] if first
            ),
            more_past=max(len(happened) - _MOST_PAST, 0) if first else 0,
            paging=paging(number, len(parts), path, partial(repository_page, name)),
        )


def _campaign(
    answer: CampaignReport, row: StatusRow, begins: int, weeks: Sequence[PastWeek], today: date
) -> CampaignEntry:
    """begins: the number of the page on which its items begin."""
    # what was there when it began was there before the end of that week
    levels = [(answer.starts if week.moved.baseline else week.day, week.open) for week in weeks]
    drawn = stepped(levels, answer.starts, today)
    name = row.repository or ""
    begun = repository_page(name, begins)
    return campaign_entry(answer, repository_page(name), row, drawn, {}, begun)


def _happened(rows: Rows, past: PastWeeks) -> list[tuple[CampaignReport, PastWeek]]:
    """Newest first; what was there when a campaign began did not happen in it."""
    weeks = [
        (answer, week)
        for answer, _ in rows
        for week in past.get(answer.campaign, ())
        if any(_flows(week.moved))
    ]
    # those of one day stay in the order of the campaigns
    return sorted(weeks, key=lambda each: each[1].day, reverse=True)


def _entry(answer: CampaignReport, week: PastWeek, path: str) -> PastEntry:
    campaign = link(answer.title, campaign_page(answer.campaign), path)
    return PastEntry(week.day, campaign, _in_words(_flows(week.moved)), week.open)


@lru_cache(maxsize=4096)
def _in_words(flows: tuple[int, ...]) -> str:
    """Most weeks of most repositories are alike: one item was fixed."""
    return movements(Moves(**dict(zip(FLOW_SIGNS, flows, strict=True)))).plain
