"""What several pages list: campaigns, items in their files, and the pages of a long list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from headway.metrics.records import CampaignReport, ItemRow, StatusRow
from headway.printable import printable
from headway.site.charts.sparkline import Sparkline
from headway.site.template_context import (
    CampaignEntry,
    CampaignItems,
    FileItems,
    Frame,
    Link,
    Paging,
    RepositoryEntry,
    RepositoryItems,
)
from headway.urls import INDEX, anchor, campaign_page, relative, repository_page

HOME = ("All campaigns", INDEX)
# what one page's items may come to, in characters of HTML, so that no page is over a megabyte
_BUDGET = 450_000
_EACH = 420
_STALE = timedelta(days=3)
_NO_PAGE = ("not affected", "gone")
_CAMPAIGN, _REPOSITORY, _PATH = map(attrgetter, ("campaign", "repository", "path"))


def frame(
    answers: Sequence[CampaignReport],
    title: str,
    path: str,
    today: date,
    *,
    above: Sequence[tuple[str, str]] = (HOME,),
    feed: tuple[str, str] | None = None,
    to_the_minute: bool = True,
) -> Frame:
    """What surrounds the page at `path`. above: (text, path) of the pages it is below.

    to_the_minute: whether it tells when exactly the latest scan ended.
    """
    scans = [answer.scanned_at for answer in answers if answer.scanned_at is not None]
    scanned_at = max(scans, default=None)
    scanned_on = scanned_at.date() if scanned_at is not None else None
    return Frame(
        title=title,
        path=path,
        root="../" * path.count("/"),
        trail=tuple(link(text, target, path) for text, target in above),
        today=today,
        scanned_on=scanned_on,
        scanned_at=scanned_at if to_the_minute else None,
        stale=scanned_on is not None and today - scanned_on >= _STALE,
        feed=link(*feed, path) if feed else None,
    )


def link(text: str, target: str, path: str) -> Link:
    """A link from the page at `path`."""
    return Link(text, relative(target, path))


def by_due(answers: Sequence[CampaignReport]) -> list[CampaignReport]:
    """Due soonest first, then those without a date; what is done comes last."""
    return sorted(
        answers,
        key=lambda each: (
            each.status.health == "done",
            each.due or date.max,
            each.title,
            each.campaign,
        ),
    )


def campaign_entry(
    answer: CampaignReport,
    path: str,
    row: StatusRow,
    drawn: Sparkline | None,
    week: Mapping[str, int],
    first_page: str,
) -> CampaignEntry:
    """A campaign in a list on the page at `path`. first_page: of the team's or repository's pages,
    the first with items of it.
    """
    target = f"{first_page}#{anchor(answer.campaign)}"
    return CampaignEntry(
        link(answer.title, campaign_page(answer.campaign), path),
        link(str(row.open), target, path) if row.open else None,
        row,
        drawn,
        week,
    )


def has_page(row: StatusRow) -> bool:
    """Whether a repository has a page: not where nothing was ever found."""
    return row.repository is not None and row.state not in _NO_PAGE


def repository_entry(row: StatusRow, answer: CampaignReport, path: str) -> RepositoryEntry:
    """A repository in a list on the page at `path`."""
    name = row.repository or ""
    facts = answer.facts.get(name)
    return RepositoryEntry(
        name,
        link(name, repository_page(name), path) if has_page(row) else None,
        facts.forge if facts else None,
        row,
        _waiting_for(row, answer),
    )


def _waiting_for(row: StatusRow, answer: CampaignReport) -> str | None:
    if row.state == "open":
        return f"{row.open} to fix" if row.open > 1 else "1 to fix"
    if row.state == "incomplete":
        return "replacement: " + ", ".join(rule.id for rule in answer.definition.replacement)
    return "a scan that works" if row.state == "unknown" else None


def paged(items: Sequence[ItemRow]) -> list[Sequence[ItemRow]]:
    """The items of each page, in the order given; at least one page."""
    pages: list[list[ItemRow]] = [[]]
    spent = 0
    for item in items:
        # what is hostile is written as `&lt;` and `\\u202e`, and the checklist says it again
        text = len(item.excerpt) * 2 + len(item.path) * 3 + len(item.url or "") * 2
        cost = _EACH + text
        if pages[-1] and spent + cost > _BUDGET:
            pages.append([])
            spent = 0
        pages[-1].append(item)
        spent += cost
    return [*pages]


def numbered(title: str, number: int) -> str:
    """The title of page `number` of a list: that of a further page says which it is."""
    return title if number == 1 else f"{title}, page {number}"


def paging(number: int, count: int, path: str, address: Callable[[int], str]) -> Paging:
    """Links to all pages of a list, from number `number` of them at `path`."""
    return Paging(
        number, tuple(link(str(each), address(each), path) for each in range(1, count + 1))
    )


def pages_by_campaign(parts: Sequence[Sequence[ItemRow]]) -> Mapping[str, Sequence[int]]:
    """Campaign to the numbers of the pages, from 1, that have items of it. parts: of each page."""
    found: dict[str, list[int]] = {}
    for number, part in enumerate(parts, 1):
        for campaign in dict.fromkeys(item.campaign for item in part):
            found.setdefault(campaign, []).append(number)
    return found


def campaign_items(
    rows: Sequence[tuple[CampaignReport, StatusRow]],
    items: Sequence[ItemRow],
    number: int,
    pages: Mapping[str, Sequence[int]],
    address: Callable[[int], str],
) -> tuple[CampaignItems, ...]:
    """Items of page `number` by campaign in the order of `rows`, then repository and file.

    pages: as `pages_by_campaign` gives them; address: of a page by its number. The first page has
    every campaign that has items, so that a link to it finds it.
    """
    found = []
    path = address(number)
    # those of one campaign stand together
    by_campaign = {campaign: tuple(own) for campaign, own in groupby(items, _CAMPAIGN)}
    for answer, row in rows:
        own = by_campaign.get(answer.campaign, ())
        if own or (number == 1 and row.open):
            later = (page for page in pages.get(answer.campaign, ()) if page > number)
            further = next(later, None)
            found.append(
                CampaignItems(
                    campaign=link(answer.title, campaign_page(answer.campaign), path),
                    anchor=anchor(answer.campaign),
                    status=row,
                    repositories=_by_repository(own, path),
                    count=len(own),
                    several=len(answer.definition.deprecated) > 1,
                    checklist=checklist(own),
                    more=link(
                        f"page {further}", f"{address(further)}#{anchor(answer.campaign)}", path
                    )
                    if further
                    else None,
                )
            )
    return tuple(found)


def _by_repository(items: Sequence[ItemRow], path: str) -> tuple[RepositoryItems, ...]:
    return tuple(
        RepositoryItems(
            name,
            link(name, repository_page(name), path),
            tuple(FileItems(file, tuple(places)) for file, places in groupby(own, _PATH)),
        )
        for name, own in groupby(items, _REPOSITORY)
    )


def checklist(items: Sequence[ItemRow]) -> str:
    """A Markdown task list, to paste into an issue; one line an item."""
    return "\n".join(
        f"- [ ] {_code(f'{item.repository}: {item.path}{_line(item)}')}{_at(item)}"
        for item in items
    )


def _line(item: ItemRow) -> str:
    return f":{item.line}" if item.line is not None else ""


def _at(item: ItemRow) -> str:
    return f" {item.url}" if item.url else ""


def _code(text: str) -> str:
    """Text as code, whatever backticks are in it."""
    shown = printable(text)
    if "`" not in shown:
        return f"`{shown}`"
    runs = [len(list(run)) for char, run in groupby(shown) if char == "`"]
    fence = "`" * (max(runs) + 1)
    return f"{fence} {shown} {fence}"
