"""List the repositories of all sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headway.forges.distinct_listings import distinct_listings
from headway.forges.source import LookupSource
from headway.model.repository import Listing, branch_notes, hidden_notes, hidden_sentence
from headway.model.store_records import RepositoryRecord
from headway.scan.absences import (
    Absence,
    incomplete_if_many_missing,
    judge_absence,
    missing_repositories,
)
from headway.scan.confirmations import confirmed, look_up
from headway.scan.context import ScanContext
from headway.scan.history_audience import check_listings, check_records
from headway.scan.inventory import (
    Inventory,
    keep_groups_if_all_are_missing,
    take_inventory,
)
from headway.scan.renamed_repositories import follow_renames
from headway.scan.request import NothingListedError


def list_repositories(scan: ScanContext, known: Mapping[str, RepositoryRecord]) -> Inventory:
    """List the repositories of every source, and compare them with earlier listings.

    Args:
        scan: The scan. Its writer records each complete listing.
        known: Repositories that earlier scans listed, by key.

    Raises:
        NothingListedError: The sources list no repository, and earlier scans listed none.
        AudienceTooWideError: The audience of the history is not allowed to see one of the
            repositories.
    """
    request = scan.request
    request.progress.stage("listing repositories", len(request.sources))
    answers = [source.list_repositories() for source in request.sources]
    # Check this before git runs, because messages about git name repositories.
    check_listings(request.history_audience, answers, known)
    listings = []
    for source, answer in zip(request.sources, answers, strict=True):
        listing = scan.mirrors.resolve(source, answer)
        listing = follow_renames(listing, known, source, scan.writer.items.opening_commits)
        if request.fetch or listing.definite:
            listing = confirmed(listing, known, source)
        if not request.absences.accept_all:
            listing = keep_groups_if_all_are_missing(listing, known)
        listings.append(listing)
        request.progress.advance(text=source.id)
        if listing.groups_unknown is not None:
            request.progress.note(listing.groups_unknown)
    listings, absences = _find_absences(scan, listings, known)
    for listing in listings:
        if listing.complete:
            count = len(listing.repositories) + len(listing.unlisted)
            note = hidden_sentence(listing.hidden) if listing.hidden else ""
            scan.writer.scans.put_source(listing.source, scan.today, True, count, note)
    inventory = take_inventory(listings, known, absences, scan.today)
    if not inventory.records:
        raise NothingListedError(request.sources)
    check_records(request.history_audience, inventory.records)
    for note in (*branch_notes(listings), *hidden_notes(listings), *inventory.problems):
        request.progress.note(note)
    return inventory


def _find_absences(
    scan: ScanContext, listings: Sequence[Listing], known: Mapping[str, RepositoryRecord]
) -> tuple[list[Listing], dict[str, Absence]]:
    """Remove duplicates from the listings, and look up repositories missing from complete ones.

    Returns:
        The listings, some of which may now be incomplete, and the absences by repository key.
    """
    rules = scan.request.absences
    listed = {entry.key for listing in listings for entry in listing.repositories}
    listed |= {entry.key for listing in listings for entry in listing.unlisted}
    checked = distinct_listings(
        [incomplete_if_many_missing(listing, known, listed, rules) for listing in listings],
        [record.listed for record in known.values() if record.gone_on is None],
    )
    listed = {entry.key for listing in checked for entry in listing.repositories}
    listed |= {entry.key for listing in checked for entry in listing.unlisted}
    absences: dict[str, Absence] = {}
    for source, listing in zip(scan.request.sources, checked, strict=True):
        missing = missing_repositories(listing, known, listed)
        is_lookup = isinstance(source, LookupSource)
        answers = look_up(source, missing) if is_lookup and missing else {}
        for key in missing:
            answer = answers.get(key)
            if listing.definite and (answer is None or answer.departure is not None):
                absences[key] = Absence(is_gone=True)
            else:
                absences[key] = judge_absence(known[key], answer, rules, scan.today)
    return checked, absences
