"""Template contexts of the pages that list a campaign's open items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from headway.metrics.campaign_report import MOST_ITEMS
from headway.metrics.records import ItemRow, StatusRow
from headway.site.pagination import HOME, file_links, frame, link, numbered, paged, paging
from headway.site.template_context.listing_context import ItemEntry, ItemsPage
from headway.urls import campaign_data, campaign_page, items_page, repository_page, team_page

FIRST_ITEMS = 20
"""The number of items that the campaign's own page shows."""


def items_pages(
    status: StatusRow,
    items: Sequence[ItemRow],
    today: date,
    scanned_on: date | None,
    *,
    several: bool,
) -> Iterator[ItemsPage]:
    """Yield the template contexts of campaigns/ID/items.html and its further pages.

    Args:
        status: The status of the campaign.
        items: The listed items, which are not all items of a large campaign.
        today: The day that the numbers on the pages describe.
        scanned_on: The UTC day on which the latest scan ended, or None before the first scan.
        several: Whether the campaign has more than one rule.
    """
    campaign = status.campaign
    parts = paged(items)
    for number, part in enumerate(parts, 1):
        path = items_page(campaign, number)
        yield ItemsPage(
            frame=frame(
                numbered("Open items", number),
                path,
                today,
                scanned_on,
                above=(HOME, (status.title, campaign_page(campaign))),
            ),
            title=status.title,
            items=item_entries(part, path),
            several=several,
            open=status.open,
            listed=len(items),
            truncated=status.open > MOST_ITEMS,
            paging=paging(number, len(parts), path, lambda page: items_page(campaign, page)),
            files=file_links("items", partial(campaign_data, campaign, "items"), path),
        )


def item_entries(items: Sequence[ItemRow], path: str) -> tuple[ItemEntry, ...]:
    """Return the entries of items in a list on the page at `path`."""
    return tuple(
        ItemEntry(
            item,
            link(item.repository, repository_page(item.repository), path),
            link(item.team, team_page(item.team), path),
        )
        for item in items
    )
