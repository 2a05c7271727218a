"""Template contexts of the pages of a repository."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from headway.metrics.change_records import Change
from headway.metrics.records import ItemRow
from headway.metrics.weekly_activity import PastWeek, PastWeeks
from headway.model.days import end_of_week
from headway.site.campaign_changes import change_entry, in_words
from headway.site.campaign_slices import RepositorySlice
from headway.site.charts.sparkline import stepped
from headway.site.due_dates import by_due, in_order
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
from headway.site.template_context.repository_context import OwnerEntry, PastEntry, RepositoryPage
from headway.site.template_context.shared_context import CampaignEntry
from headway.urls import campaign_page, repository_page, team_page

_MOST_PAST = 12
_MOST_COMMITS = 5


def repository_pages(
    name: str,
    slices: Sequence[RepositorySlice],
    items: Sequence[ItemRow],
    past: PastWeeks,
    changes: Sequence[Change],
    today: date,
    scanned_on: date | None,
) -> Iterator[RepositoryPage]:
    """Yield the template contexts of all pages of a repository.

    Args:
        name: The repository's name.
        slices: The repository's parts of all campaigns.
        items: The repository's open items, sorted by path and line within a campaign.
        past: The weeks in which the repository had changes, by campaign.
        changes: The changes that commits made in the repository, in all campaigns, latest day
            first. The changes before `first_listed_day` may be missing.
        today: The day that the numbers on the pages describe.
        scanned_on: The UTC day on which the latest scan ended, or None before the first scan.
    """
    slices = by_due(slices)
    parts = paged(in_order(items, slices))
    pages = pages_by_campaign(parts)
    count = sum(repository_slice.row.open for repository_slice in slices)
    history = _history(slices, past)
    by_week = _by_week(changes, today)
    campaigns = tuple(
        _campaign(
            repository_slice,
            pages.get(repository_slice.row.campaign, (1,))[0],
            past.get(repository_slice.row.campaign, ()),
            today,
        )
        for repository_slice in slices
    )
    # Links are relative, and all pages of a repository are in the same folder.
    teams = _teams(items, repository_page(name))
    url = partial(repository_page, name)
    for number, part in enumerate(parts, 1):
        path, first = url(number), number == 1
        yield RepositoryPage(
            frame=frame(numbered(name, number), path, today, scanned_on),
            name=name,
            forge=slices[0].forge,
            campaigns=campaigns,
            left=campaign_items(slices, part, number, pages, url, today),
            teams=teams,
            open=count,
            withheld=max(count - len(items), 0),
            past=tuple(
                _entry(repository_slice, week, by_week, path)
                for repository_slice, week in history[:_MOST_PAST]
                if first
            ),
            more_past=max(len(history) - _MOST_PAST, 0) if first else 0,
            paging=paging(number, len(parts), path, url),
        )


def _campaign(
    repository_slice: RepositorySlice, first_page: int, weeks: Sequence[PastWeek], today: date
) -> CampaignEntry:
    """Return the entry of a campaign, given the first page that lists its items."""
    # Baseline items are open from the campaign's first day instead of the end of its first week.
    levels = [
        (repository_slice.starts if week.has_baseline else week.day, week.open) for week in weeks
    ]
    chart = stepped(levels, repository_slice.starts, today)
    name = repository_slice.row.repository or ""
    page = repository_page(name, first_page)
    return campaign_entry(repository_slice, repository_page(name), chart, {}, page)


def _teams(items: Sequence[ItemRow], path: str) -> tuple[OwnerEntry, ...]:
    """Return the teams that own open items, most items first."""
    counts = Counter(item.team for item in items)
    return tuple(
        OwnerEntry(link(team, team_page(team), path), count)
        for team, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    )


def _history(
    slices: Sequence[RepositorySlice], past: PastWeeks
) -> list[tuple[RepositorySlice, PastWeek]]:
    """Return the weeks with changes, newest first. The baseline does not count as a change."""
    weeks = [
        (repository_slice, week)
        for repository_slice in slices
        for week in past.get(repository_slice.row.campaign, ())
        if any(week.flows)
    ]
    # The sort is stable, so entries for the same week keep the order of the campaigns.
    return sorted(weeks, key=lambda entry: entry[1].day, reverse=True)


def first_listed_day(slices: Sequence[RepositorySlice], past: PastWeeks) -> date | None:
    """Return the first day of the weeks that the page lists, or None if it lists no weeks."""
    listed = _history(slices, past)[:_MOST_PAST]
    if not listed:
        return None
    oldest = listed[-1][1].day
    return oldest - timedelta(days=oldest.weekday())


def _by_week(changes: Sequence[Change], today: date) -> Mapping[tuple[str, date], Sequence[Change]]:
    """Group changes by campaign and week, largest change first."""
    found: dict[tuple[str, date], list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: -change.items):
        found[change.campaign, end_of_week(change.day, today)].append(change)
    return found


def _entry(
    repository_slice: RepositorySlice,
    week: PastWeek,
    by_week: Mapping[tuple[str, date], Sequence[Change]],
    path: str,
) -> PastEntry:
    row = repository_slice.row
    campaign = link(row.title, campaign_page(row.campaign), path)
    changes = by_week.get((row.campaign, week.day), ())
    return PastEntry(
        week.day,
        campaign,
        in_words(week.flows),
        week.open,
        tuple(change_entry(change, frozenset(), path) for change in changes[:_MOST_COMMITS]),
        len(changes[_MOST_COMMITS:]),
    )
