"""Template contexts of the pages that list a campaign's open items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from headway.metrics.campaign_report import MOST_ITEMS
from headway.metrics.records import CampaignReport, ItemRow
from headway.site.pagination import HOME, file_links, frame, link, numbered, paged, paging
from headway.site.template_context.listing_context import ItemEntry, ItemsPage
from headway.urls import campaign_data, campaign_page, items_page, repository_page, team_page


def items_pages(report: CampaignReport, scanned_on: date | None) -> Iterator[ItemsPage]:
    """Yield the template contexts of campaigns/ID/items.html and its further pages."""
    parts = paged(report.items)
    for number, part in enumerate(parts, 1):
        path = items_page(report.campaign, number)
        yield ItemsPage(
            frame=frame(
                numbered("Open items", number),
                path,
                report.today,
                scanned_on,
                above=(HOME, (report.title, campaign_page(report.campaign))),
            ),
            title=report.title,
            items=item_entries(part, path),
            several=len(report.definition.counted) > 1,
            open=report.status.open,
            listed=len(report.items),
            truncated=report.status.open > MOST_ITEMS,
            paging=paging(number, len(parts), path, lambda page: items_page(report.campaign, page)),
            files=file_links("items", partial(campaign_data, report.campaign, "items"), path),
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
