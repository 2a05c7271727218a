"""The pages of repositories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from headway.answers.records import CampaignAnswer, ItemRow, StatusRow
from headway.pages.addresses import repository_page
from headway.pages.contexts import RepositoryPage
from headway.pages.lists import (
    by_due,
    campaign_entry,
    campaign_items,
    frame,
    has_page,
    paged,
    paging,
)

Rows = list[tuple[CampaignAnswer, StatusRow]]


def repository_pages(answers: Sequence[CampaignAnswer], today: date) -> Iterator[RepositoryPage]:
    """The contexts of all pages of all repositories that have or had an item, or are unknown."""
    rows: dict[str, Rows] = defaultdict(list)
    items: dict[str, list[ItemRow]] = defaultdict(list)
    for answer in by_due(answers):
        for row in answer.repositories:
            if has_page(row) and row.repository is not None:
                rows[row.repository].append((answer, row))
        for item in answer.items:
            items[item.repository].append(item)
    for name in sorted(rows):
        yield from _pages_of(name, rows[name], items[name], answers, today)


def _pages_of(
    name: str,
    rows: Rows,
    items: Sequence[ItemRow],
    answers: Sequence[CampaignAnswer],
    today: date,
) -> Iterator[RepositoryPage]:
    parts = paged(items)
    count = sum(row.open for _, row in rows)
    facts = rows[0][0].facts.get(name)
    for number, part in enumerate(parts, 1):
        path = repository_page(name, number)
        yield RepositoryPage(
            frame=frame(answers, name, path, today),
            name=name,
            forge=facts.forge if facts else None,
            campaigns=tuple(campaign_entry(answer, path, row, (), {}) for answer, row in rows),
            left=campaign_items(rows, part, path),
            open=count,
            withheld=max(count - len(items), 0),
            paging=paging(number, len(parts), path, lambda each: repository_page(name, each)),
        )
