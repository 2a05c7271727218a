"""Decide whether repositories missing from a complete listing are gone or unknown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from headway.model.repository import Listing, Lookup
from headway.model.store_records import RepositoryRecord

_ALWAYS_ALLOWED = 3
"""The number of repositories that may disappear regardless of their share."""


@dataclass(frozen=True, slots=True)
class AbsenceRules:
    """The settings that determine when a missing repository counts as gone."""

    gone_after_days: int = 14
    """A missing repository counts as gone if complete listings have lacked it on more than this
    number of days.
    """
    max_missing_share: float = 0.05
    """The share of a source's repositories that may disappear between two scans, from 0 to 1."""
    accept_all: bool = False
    """Whether the user has confirmed that all missing repositories are gone."""


DEFAULT_RULES = AbsenceRules()


@dataclass(frozen=True, slots=True)
class Absence:
    """The consequences of a repository's absence."""

    is_gone: bool
    reason: str = ""
    """The reason why the repository is gone or unknown, as a phrase."""
    counts: bool = False
    """Whether this day counts towards `gone_after_days`."""


def missing_repositories(
    listing: Listing, known: Mapping[str, RepositoryRecord], listed: Collection[str]
) -> list[str]:
    """Return the keys of the known repositories that are missing from a complete listing.

    Args:
        listing: The listing of one source.
        known: Repositories that earlier scans listed, by key.
        listed: The keys of the repositories that any source lists.
    """
    if not listing.complete:
        return []
    return [key for key in _present(listing, known) if key not in listed]


def incomplete_if_many_missing(
    listing: Listing,
    known: Mapping[str, RepositoryRecord],
    listed: Collection[str],
    rules: AbsenceRules,
) -> Listing:
    """Mark the listing as incomplete if too many repositories disappeared at once.

    If the listing is empty, a single missing repository is too many. Repositories that were already
    missing are not counted.

    Args:
        listing: The listing of one source.
        known: Repositories that earlier scans listed, by key.
        listed: The keys of the repositories that any source lists.
        rules: The settings, with the share of repositories that may disappear.
    """
    before = [key for key in _present(listing, known) if not known[key].missing_days]
    missing = [key for key in before if key not in listed]
    allowed = max(_ALWAYS_ALLOWED, int(rules.max_missing_share * len(before)))
    is_empty = not listing.repositories and not listing.unlisted
    if not listing.complete or rules.accept_all or not missing:
        return listing
    if len(missing) <= allowed and not is_empty:
        return listing
    problem = (
        f"{listing.source}: {len(missing):,} of {len(before):,} repositories of the last scan are "
        "missing; none is counted as gone. Check which repositories the token can access. If these "
        "repositories are really gone, scan once with --accept-shrunk-listing"
    )
    return replace(listing, complete=False, problems=(*listing.problems, problem))


def judge_absence(
    record: RepositoryRecord,
    answer: Lookup | None,
    rules: AbsenceRules,
    today: date,
) -> Absence:
    """Decide the consequences of a repository's absence from a complete listing.

    Args:
        record: The repository, as recorded by earlier scans.
        answer: The forge's response to a request for the repository by ID. None means that the
            source cannot look up individual repositories.
        rules: The settings.
        today: The day of the scan.
    """
    if answer is not None and answer.departure is not None:
        return Absence(True, answer.departure)
    if answer is not None and answer.repository is not None:
        return Absence(False, "the forge still has it, but does not list it")
    if record.gone_confirmed or rules.accept_all:
        return Absence(True)
    if answer is not None and not answer.not_visible:
        return Absence(False, f"not listed, but not known to be gone: {answer.reason}")
    if record.missing_days + (record.missing_on != today) > rules.gone_after_days:
        return Absence(True, _not_visible(rules.gone_after_days), counts=True)
    return Absence(False, "not visible to this token", counts=True)


def _not_visible(days: int) -> str:
    return f"it was missing from the listings on more than {days} day{'' if days == 1 else 's'}"


def with_absence(record: RepositoryRecord, absence: Absence, today: date) -> RepositoryRecord:
    """Return the record of a missing repository after today's scan."""
    if absence.counts and record.missing_on != today:
        record = replace(record, missing_days=record.missing_days + 1, missing_on=today)
    return replace(record, gone_on=today) if absence.is_gone else record


def _present(listing: Listing, known: Mapping[str, RepositoryRecord]) -> list[str]:
    return [
        key
        for key, record in known.items()
        if record.listed.source == listing.source and record.gone_on is None
    ]
