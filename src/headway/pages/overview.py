"""The contexts of the index, of campaigns and of repositories, from the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from headway.answers.records import CampaignAnswer, ItemRow, StatusRow
from headway.pages.addresses import INDEX, campaign_page, relative, repository_page
from headway.pages.charts import BurndownData, Series, burndown_chart, sparkline
from headway.pages.contexts import (
    CampaignEntry,
    CampaignItems,
    CampaignPage,
    FileItems,
    Frame,
    Link,
    Paging,
    PortfolioPage,
    RepositoryEntry,
    RepositoryPage,
    Totals,
)

ITEMS_A_PAGE = 400
_NOT_SHOWN = ("not affected",)


def portfolio_page(answers: Sequence[CampaignAnswer], today: date) -> PortfolioPage:
    """The index."""
    ordered = by_due(answers)
    known: dict[str, bool] = {}
    for answer in answers:
        for row in answer.repositories:
            name = row.repository or ""
            known[name] = known.get(name, True) and row.state != "unknown"
    return PortfolioPage(
        frame=frame(answers, "All campaigns", INDEX, (), today),
        totals=Totals(
            campaigns=len(answers),
            open=sum(answer.status.open for answer in answers),
            fixed=sum(answer.status.fixed for answer in answers),
            exempt=sum(answer.status.exempt for answer in answers),
            repositories=len(known),
            unknown=list(known.values()).count(False),
        ),
        campaigns=tuple(entry(answer, INDEX) for answer in ordered),
    )


def campaign_context(answer: CampaignAnswer) -> CampaignPage:
    """One campaign's page."""
    path = campaign_page(answer.campaign)
    rows = [repository_entry(row, answer, path) for row in answer.repositories]
    return CampaignPage(
        frame=frame([answer], answer.title, path, (("All campaigns", INDEX),), answer.today),
        title=answer.title,
        summary=answer.summary,
        status=answer.status,
        definition=answer.definition,
        starts=answer.starts,
        chart=burndown_chart(_chart_data(answer)),
        weeks=tuple(reversed(answer.weeks)),
        repositories=tuple(
            sorted(
                (row for row in rows if row.status.state not in (*_NOT_SHOWN, "unknown")),
                key=lambda row: (-row.status.open, row.name),
            )
        ),
        unknown=tuple(row for row in rows if row.status.state == "unknown"),
        marks=answer.marks,
    )


def repository_pages(answers: Sequence[CampaignAnswer], today: date) -> Iterator[RepositoryPage]:
    """Every page of every repository that has or had an item, or is unknown."""
    ordered = by_due(answers)
    rows: dict[str, list[tuple[CampaignAnswer, StatusRow]]] = defaultdict(list)
    held: dict[str, list[ItemRow]] = defaultdict(list)
    for answer in ordered:
        for row in answer.repositories:
            if row.repository is not None and row.state not in _NOT_SHOWN:
                rows[row.repository].append((answer, row))
        for item in answer.items:
            held[item.repository].append(item)
    for name in sorted(rows):
        yield from _pages_of(name, rows[name], held[name], answers, today)


def _pages_of(
    name: str,
    rows: Sequence[tuple[CampaignAnswer, StatusRow]],
    left: Sequence[ItemRow],
    answers: Sequence[CampaignAnswer],
    today: date,
) -> Iterator[RepositoryPage]:
    parts = [left[at : at + ITEMS_A_PAGE] for at in range(0, len(left), ITEMS_A_PAGE)] or [()]
    for number, part in enumerate(parts, 1):
        path = repository_page(name, number)
        statuses = {answer.campaign: row for answer, row in rows}
        yield RepositoryPage(
            frame=frame(answers, name, path, (("All campaigns", INDEX),), today),
            name=name,
            forge=rows[0][0].forges.get(name),
            campaigns=tuple(
                CampaignEntry(
                    Link(answer.title, relative(campaign_page(answer.campaign), path)),
                    row,
                    None,
                    None,
                )
                for answer, row in rows
            ),
            left=tuple(
                CampaignItems(
                    Link(answer.title, relative(campaign_page(answer.campaign), path)),
                    statuses[answer.campaign],
                    by_file(found),
                    len(found),
                )
                for answer, _ in rows
                if (found := [item for item in part if item.campaign == answer.campaign])
            ),
            open=len(left),
            paging=Paging(
                number,
                tuple(
                    Link(str(each), relative(repository_page(name, each), path))
                    for each in range(1, len(parts) + 1)
                ),
            ),
        )


def by_file(items: Sequence[ItemRow]) -> tuple[FileItems, ...]:
    """Items in the order given, those of one file together."""
    return tuple(
        FileItems(path, tuple(found)) for path, found in groupby(items, lambda item: item.path)
    )


def by_due(answers: Sequence[CampaignAnswer]) -> list[CampaignAnswer]:
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


def entry(answer: CampaignAnswer, path: str) -> CampaignEntry:
    """A campaign in a list on the page at `path`."""
    return CampaignEntry(
        Link(answer.title, relative(campaign_page(answer.campaign), path)),
        answer.status,
        sparkline([point.open for point in answer.weeks]),
        answer.weeks[-1] if answer.weeks else None,
    )


def repository_entry(row: StatusRow, answer: CampaignAnswer, path: str) -> RepositoryEntry:
    """A repository in a list on the page at `path`."""
    name = row.repository or ""
    link = None
    if row.state not in _NOT_SHOWN:
        link = Link(name, relative(repository_page(name), path))
    return RepositoryEntry(name, link, answer.forges.get(name), row)


def frame(
    answers: Sequence[CampaignAnswer],
    title: str,
    path: str,
    trail: Sequence[tuple[str, str]],
    today: date,
) -> Frame:
    """What surrounds the page at `path`. trail: (text, path) of the pages above."""
    scans = [answer.scanned_at for answer in answers if answer.scanned_at is not None]
    return Frame(
        title=title,
        path=path,
        root="../" * path.count("/"),
        trail=tuple(Link(text, relative(target, path)) for text, target in trail),
        today=today,
        scanned_at=max(scans, default=None),
    )


def _chart_data(answer: CampaignAnswer) -> BurndownData:
    points = answer.weeks
    flags = [(mark.date, mark.text, "mark") for mark in answer.marks]
    flags += [(each.due, each.name, "milestone") for each in answer.definition.milestones]
    if answer.due is not None:
        flags.append((answer.due, "due", "due"))
    return BurndownData(
        title=answer.title,
        days=tuple(point.date for point in points),
        layers=(Series("open", tuple(point.open for point in points)),),
        exempt=tuple(point.exempt for point in points),
        today=answer.today,
        due=answer.due,
        p50=answer.status.p50,
        p85=answer.status.p85,
        flags=tuple(sorted(flags)),
    )
