"""The pages of repositories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from headway.answers.records import CampaignAnswer, ItemRow, StatusRow
from headway.pages.addresses import repository_page
from headway.pages.contexts import RepositoryPage
from headway.pages.lists import (
    campaign_entry,
    campaign_items,
    frame,
    paged,
    pages_by_campaign,
    paging,
)

Rows = list[tuple[CampaignAnswer, StatusRow]]


def repository_pages(
    name: str, rows: Rows, items: Sequence[ItemRow], today: date
) -> Iterator[RepositoryPage]:
    """The contexts of all pages of one repository that has or had an item, or is unknown.

    rows: of the campaigns that it is in, by due date; these answers know of no team, and of few
    other repositories. items: what is left, in the order of those campaigns.
    """
    parts = paged(items)
    pages = pages_by_campaign(parts)
    count = sum(row.open for _, row in rows)
    facts = rows[0][0].facts.get(name)
    for number, part in enumerate(parts, 1):
        path = repository_page(name, number)
        yield RepositoryPage(
            frame=frame([answer for answer, _ in rows], name, path, today),
            name=name,
            forge=facts.forge if facts else None,
            campaigns=tuple(
                campaign_entry(answer, path, row, (), {}, repository_page(name))
                for answer, row in rows
            ),
            left=campaign_items(rows, part, number, pages, partial(repository_page, name)),
            open=count,
            withheld=max(count - len(items), 0),
            paging=paging(number, len(parts), path, partial(repository_page, name)),
        )
