"""List the repositories of all sources."""

from __future__ import annotations

from collections.abc import Mapping

from headway.forges.distinct_listings import distinct_listings
from headway.model.repository import branch_notes
from headway.model.store_records import RepositoryRecord
from headway.scan.confirmations import confirmed
from headway.scan.context import ScanContext
from headway.scan.inventory import (
    Inventory,
    incomplete_if_shrunk,
    keep_groups_if_all_are_missing,
    take_inventory,
)
from headway.scan.request import NothingListedError


def list_repositories(scan: ScanContext, known: Mapping[str, RepositoryRecord]) -> Inventory:
    """List the repositories of every source, and compare them with earlier listings.

    Args:
        scan: The scan, whose writer records each complete listing.
        known: Repositories that earlier scans listed, by key.

    Raises:
        NothingListedError: The sources list no repository, and earlier scans listed none.
    """
    request = scan.request
    request.progress.stage("listing repositories", len(request.sources))
    listings = []
    for source in request.sources:
        listing = scan.mirrors.resolve(source, source.list_repositories())
        if request.fetch:
            listing = confirmed(listing, known, source)
        if not request.accept_shrunk_listing:
            listing = incomplete_if_shrunk(
                listing, scan.writer.scans.last_repository_count(source.id)
            )
            listing = keep_groups_if_all_are_missing(listing, known)
        listings.append(listing)
        request.progress.advance(text=source.id)
        if listing.groups_unknown is not None:
            request.progress.note(listing.groups_unknown)
        if listing.complete:
            count = len(listing.repositories) + len(listing.unlisted)
            scan.writer.scans.put_source(listing.source, scan.today, True, count, "")
    listings = distinct_listings(
        listings, [record.listed for record in known.values() if record.gone_on is None]
    )
    inventory = take_inventory(listings, known, scan.today)
    if not inventory.records:
        raise NothingListedError(request.sources)
    for note in (*branch_notes(listings), *inventory.problems):
        request.progress.note(note)
    return inventory
