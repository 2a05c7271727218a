"""Lists of campaigns, repositories and items. Long lists of items are split into pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from headway.metrics.records import CampaignReport, ItemRow, StatusRow
from headway.printable import printable
from headway.site.charts.sparkline import Sparkline
from headway.site.due_dates import DatedPart, dated, due_text
from headway.site.template_context.campaign_context import RepositoryEntry
from headway.site.template_context.shared_context import (
    CampaignEntry,
    CampaignItems,
    FileItems,
    Frame,
    Link,
    Paging,
    RepositoryItems,
)
from headway.urls import DATA_FORMATS, INDEX, anchor, campaign_page, relative, repository_page

HOME = ("All campaigns", INDEX)
_CHARACTERS_PER_PAGE = 450_000
"""The maximum length of a page's items in HTML. It keeps pages below one megabyte."""
_CHARACTERS_PER_ITEM = 420
"""The approximate length of the HTML around one item's text."""
_STALE = timedelta(days=3)
_NO_PAGE = ("not affected", "gone")
_CAMPAIGN, _REPOSITORY, _PATH = map(attrgetter, ("campaign", "repository", "path"))


def frame(
    title: str,
    path: str,
    today: date,
    scanned_on: date | None,
    *,
    above: Sequence[tuple[str, str]] = (HOME,),
    feed: tuple[str, str] | None = None,
    scanned_at: datetime | None = None,
) -> Frame:
    """Describe the page at `path` and its place in the site.

    Args:
        title: The page's title.
        path: The page's path, relative to the site's root.
        today: The day that the numbers on the page describe.
        scanned_on: The UTC day on which the latest scan ended, or None before the first scan.
        above: The labels and paths of links to the pages above this one, index page first.
        feed: The label and path of the link to the campaign's Atom feed, or None without a feed.
        scanned_at: The end of the latest scan, or None on pages that show only the day.
    """
    return Frame(
        title=title,
        path=path,
        root="../" * path.count("/"),
        trail=tuple(link(text, target, path) for text, target in above),
        today=today,
        scanned_on=scanned_on,
        scanned_at=scanned_at,
        stale=scanned_on is not None and today - scanned_on >= _STALE,
        feed=link(*feed, path) if feed else None,
    )


def link(text: str, target: str, path: str) -> Link:
    """Return a link from the page at `path` to the page or file at `target`."""
    return Link(text, relative(target, path))


def file_links(table: str, url: Callable[[str], str], path: str) -> tuple[Link, ...]:
    """Return links from the page at `path` to the files of a table.

    Args:
        table: The name of the table.
        url: Returns the path of the file in a format, such as `csv`.
        path: The path of the page.
    """
    return tuple(link(f"{table} ({name.upper()})", url(name), path) for name in DATA_FORMATS)


def due_order(campaign: StatusRow) -> tuple[object, ...]:
    """Return a sort key that puts early due dates first and completed campaigns last."""
    done = campaign.health == "done"
    return done, campaign.due or date.max, campaign.title, campaign.campaign


def campaign_entry(
    part: DatedPart, path: str, chart: Sparkline | None, week: Mapping[str, int], first_page: str
) -> CampaignEntry:
    """Return the entry of a campaign in the list on a team's or repository's page.

    Args:
        part: The team's or repository's part of the campaign.
        path: The path of the page with the list.
        chart: A sparkline of the open items over time.
        week: The current week's number of items in some columns of the ledger.
        first_page: The path of the first page that lists open items of the campaign.
    """
    row = dated(part)
    target = f"{first_page}#{anchor(row.campaign)}"
    return CampaignEntry(
        link(row.title, campaign_page(row.campaign), path),
        link(str(row.open), target, path) if row.open else None,
        row,
        part.dues,
        chart,
        week,
    )


def has_page(row: StatusRow) -> bool:
    """Return whether a repository has a page.

    A repository that is not gone has a page if it has or had an item, or if its state is unknown.
    """
    return row.repository is not None and row.state not in _NO_PAGE


def repository_entry(row: StatusRow, report: CampaignReport, path: str) -> RepositoryEntry:
    """Return the entry of a repository in the list on the page at `path`."""
    name = row.repository or ""
    facts = report.facts.get(name)
    return RepositoryEntry(
        name,
        link(name, repository_page(name), path) if has_page(row) else None,
        facts.forge if facts else None,
        row,
        _waiting_for(row, report),
    )


def _waiting_for(row: StatusRow, report: CampaignReport) -> str | None:
    if row.state == "open":
        return f"{row.open} fixes" if row.open > 1 else "1 fix"
    if row.state == "incomplete":
        return "required: " + ", ".join(rule.id for rule in report.definition.replacement)
    return "a successful scan" if row.state == "unknown" else None


def paged(items: Sequence[ItemRow]) -> list[Sequence[ItemRow]]:
    """Distribute items over pages of limited size. The result has at least one page."""
    pages: list[list[ItemRow]] = [[]]
    length = 0
    for item in items:
        # The factors allow for escaping, and for the checklist, which repeats paths and URLs.
        text = len(item.excerpt) * 2 + len(item.path) * 3 + len(item.url or "") * 2
        added = _CHARACTERS_PER_ITEM + text
        if pages[-1] and length + added > _CHARACTERS_PER_PAGE:
            pages.append([])
            length = 0
        pages[-1].append(item)
        length += added
    return [*pages]


def numbered(title: str, number: int) -> str:
    """Return the title of one page in a list, with the page number from page 2 on."""
    return title if number == 1 else f"{title}, page {number}"


def paging(number: int, count: int, path: str, url: Callable[[int], str]) -> Paging:
    """Return the links to all pages of a list, for use on page `number` at `path`."""
    return Paging(number, tuple(link(str(page), url(page), path) for page in range(1, count + 1)))


def pages_by_campaign(parts: Sequence[Sequence[ItemRow]]) -> Mapping[str, Sequence[int]]:
    """Map each campaign ID to the numbers of the pages that list its items.

    Args:
        parts: The items of each page, starting with page 1.
    """
    found: dict[str, list[int]] = {}
    for number, part in enumerate(parts, 1):
        for campaign in dict.fromkeys(item.campaign for item in part):
            found.setdefault(campaign, []).append(number)
    return found


class CampaignPart(DatedPart, Protocol):
    """One team's or repository's part of a campaign, with the data for lists of its items."""

    @property
    def rules(self) -> int:
        """The number of rules in the campaign whose items must be fixed."""


def campaign_items(
    parts: Sequence[CampaignPart],
    items: Sequence[ItemRow],
    number: int,
    pages: Mapping[str, Sequence[int]],
    url: Callable[[int], str],
    today: date,
) -> tuple[CampaignItems, ...]:
    """Group the open items on one page of a list by campaign, repository and file.

    The first page has a section for every campaign with open items, even if the items are on later
    pages, so that links to the section always work.

    Args:
        parts: The team's or repository's parts of all campaigns, in the order used on pages.
        items: The items on this page, grouped by campaign.
        number: The number of this page, starting at 1.
        pages: The result of `pages_by_campaign`.
        url: Returns the path of a page, given its number.
        today: The day that the numbers on the page describe.
    """
    found = []
    path = url(number)
    by_campaign = {campaign: tuple(group) for campaign, group in groupby(items, _CAMPAIGN)}
    for part in parts:
        row = dated(part)
        listed = by_campaign.get(row.campaign, ())
        if listed or (number == 1 and row.open):
            later = (page for page in pages.get(row.campaign, ()) if page > number)
            next_page = next(later, None)
            found.append(
                CampaignItems(
                    campaign=link(row.title, campaign_page(row.campaign), path),
                    anchor=anchor(row.campaign),
                    status=row,
                    due=due_text(part.dues, today),
                    repositories=_by_repository(listed, path),
                    count=len(listed),
                    several=part.rules > 1,
                    checklist=checklist(listed),
                    more=link(f"page {next_page}", f"{url(next_page)}#{anchor(row.campaign)}", path)
                    if next_page
                    else None,
                )
            )
    return tuple(found)


def _by_repository(items: Sequence[ItemRow], path: str) -> tuple[RepositoryItems, ...]:
    return tuple(
        RepositoryItems(
            name,
            link(name, repository_page(name), path),
            tuple(FileItems(file, tuple(places)) for file, places in groupby(group, _PATH)),
        )
        for name, group in groupby(items, _REPOSITORY)
    )


def checklist(items: Sequence[ItemRow]) -> str:
    """Return a Markdown task list for pasting into an issue, with one line per item."""
    return "\n".join(
        f"- [ ] {_code(f'{item.repository}: {item.path}{_line(item)}')}{_at(item)}"
        for item in items
    )


def _line(item: ItemRow) -> str:
    return f":{item.line}" if item.line is not None else ""


def _at(item: ItemRow) -> str:
    return f" {item.url}" if item.url else ""


def _code(text: str) -> str:
    """Return Markdown code, in a fence that is longer than any run of backticks in the text."""
    shown = printable(text)
    if "`" not in shown:
        return f"`{shown}`"
    runs = [len(list(run)) for char, run in groupby(shown) if char == "`"]
    fence = "`" * (max(runs) + 1)
    return f"{fence} {shown} {fence}"
