"""Template contexts of pages that list who changed a campaign's open count."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from itertools import groupby

from headway.metrics.attention.attention_records import Moves
from headway.metrics.change_records import Change
from headway.metrics.records import CampaignReport
from headway.model.days import end_of_week
from headway.model.movement import FLOW_SIGNS
from headway.site.charts.waterfall import MOVEMENTS, Waterfall
from headway.site.pagination import HOME, file_links, frame, has_page, link, numbered, paging
from headway.site.template_context.listing_context import ChangesPage, ChangeWeek
from headway.site.template_context.shared_context import ChangeEntry, Link, Movers
from headway.urls import campaign_data, campaign_page, changes_page, repository_page, week_anchor
from headway.wording.movements import movements

_CHANGES_PER_PAGE = 500
_MOST_PAGES = 8
_MOST_MOVERS = 3


def changes_pages(report: CampaignReport, scanned_on: date | None) -> Iterator[ChangesPage]:
    """Yield the template contexts of campaigns/ID/changes.html and its further pages."""
    parts = _parts(report)
    linked = pages_of(report)
    older = len(report.changes) - sum(map(len, parts))
    withheld = _is_withheld(report)
    for number, part in enumerate(parts, 1):
        path = changes_page(report.campaign, number)
        yield ChangesPage(
            frame=frame(
                numbered("Changes", number),
                path,
                report.today,
                scanned_on,
                above=(HOME, (report.title, campaign_page(report.campaign))),
            ),
            title=report.title,
            weeks=tuple(
                ChangeWeek(
                    day,
                    week_anchor(day),
                    tuple(change_entry(change, linked, path) for change in group),
                )
                for day, group in groupby(
                    part, lambda change: end_of_week(change.day, report.today)
                )
            ),
            older=older,
            withheld=withheld,
            paging=paging(
                number, len(parts), path, lambda page: changes_page(report.campaign, page)
            ),
            files=file_links("changes", partial(campaign_data, report.campaign, "changes"), path),
        )


def week_links(report: CampaignReport, path: str) -> Mapping[date, Link]:
    """Map the last day of each listed week to a link to the changes of that week."""
    links: dict[date, Link] = {}
    for number, part in enumerate(_parts(report), 1):
        for change in part:
            day = end_of_week(change.day, report.today)
            if day not in links:
                target = f"{changes_page(report.campaign, number)}#{week_anchor(day)}"
                links[day] = link("changes", target, path)
    return links


def movers(
    report: CampaignReport, waterfalls: Iterable[Waterfall], path: str
) -> Mapping[str, Mapping[str, Movers]]:
    """Return the largest changes of each kind in each period, by period name and kind name."""
    linked = pages_of(report)
    return {
        period.name: {
            name: _movers(
                [change for change in changes if getattr(change, column)], column, linked, path
            )
            for column, name in MOVEMENTS.items()
        }
        for period in waterfalls
        for changes in (_changes_between(report.changes, period.first, period.last),)
    }


def _changes_between(changes: Sequence[Change], first: date, last: date) -> Sequence[Change]:
    """Return the changes from `first` to `last`. All changes must be sorted, latest day first."""
    start = bisect_left(changes, -last.toordinal(), key=_days_back)
    end = bisect_right(changes, -first.toordinal(), key=_days_back)
    return changes[start:end]


def _days_back(change: Change) -> int:
    return -change.day.toordinal()


def change_entry(change: Change, linked: frozenset[str], path: str) -> ChangeEntry:
    """Return the entry of a change in a list on the page at `path`.

    Args:
        change: The change.
        linked: The names of the repositories that have a page.
        path: The path of the page.
    """
    name = change.repository
    return ChangeEntry(
        day=change.day,
        repository=name,
        link=link(name, repository_page(name), path) if name in linked else None,
        commit=change.commit,
        url=change.url,
        author=change.author,
        moved=in_words(change.flows()),
        items=change.items,
    )


@lru_cache(maxsize=4096)
def in_words(flows: tuple[int, ...]) -> str:
    """Describe changes, in the order of `FLOW_SIGNS`. Cached, because many changes are equal."""
    return movements(Moves(**dict(zip(FLOW_SIGNS, flows, strict=True)))).plain


def pages_of(report: CampaignReport) -> frozenset[str]:
    """Return the names of the campaign's repositories that have a page."""
    return frozenset(row.repository or "" for row in report.repositories if has_page(row))


def _movers(changes: Sequence[Change], column: str, linked: frozenset[str], path: str) -> Movers:
    ordered = sorted(changes, key=lambda change: -getattr(change, column))
    nothing = dict.fromkeys(FLOW_SIGNS, 0)
    alone = [
        change._replace(**{**nothing, column: getattr(change, column)})
        for change in ordered[:_MOST_MOVERS]
    ]
    return Movers(
        tuple(change_entry(change, linked, path) for change in alone), len(ordered[_MOST_MOVERS:])
    )


def _parts(report: CampaignReport) -> list[Sequence[Change]]:
    """Distribute the latest changes over a limited number of pages, at least one."""
    shown = report.changes[: _CHANGES_PER_PAGE * _MOST_PAGES]
    starts = range(0, max(len(shown), 1), _CHANGES_PER_PAGE)
    return [shown[start : start + _CHANGES_PER_PAGE] for start in starts]


def _is_withheld(report: CampaignReport) -> bool:
    """Return whether some changes in the ledger are missing from the change log."""
    counted = sum(day.activity for day in report.days)
    return sum(change.items for change in report.changes) < counted
