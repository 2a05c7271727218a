"""Compare the listings of all sources with the repositories that earlier scans listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from headway.model.repository import Listing, Repository
from headway.model.store_records import RepositoryRecord
from headway.scan.absences import Absence, with_absence


@dataclass(frozen=True, slots=True)
class Inventory:
    """The repositories of all sources after a scan has listed them."""

    records: Mapping[str, RepositoryRecord]
    """Every repository that was ever listed, by key."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """The reasons why this scan could not see repositories that may still exist, by key."""
    dropped: frozenset[str] = frozenset()
    """The keys of repositories whose source is no longer configured."""
    departures: Mapping[str, str] = field(default_factory=dict)
    """The reasons why repositories count as gone from this scan on, by key. A reason is an empty
    string if it is unknown.
    """
    problems: tuple[str, ...] = ()
    """The reasons why listings are incomplete, one sentence each."""


def take_inventory(
    listings: Sequence[Listing],
    known: Mapping[str, RepositoryRecord],
    absences: Mapping[str, Absence],
    today: date,
) -> Inventory:
    """Merge the listings of all sources with the known repositories.

    Args:
        listings: The listing of each source.
        known: Repositories that earlier scans listed, by key.
        absences: The consequences of absences from complete listings, by key. A repository that is
            missing from an incomplete listing is hidden, because it may still exist.
        today: The day of the scan.
    """
    records, hidden = _listed_repositories(listings, known, today)
    sources = {listing.source for listing in listings}
    dropped, departures = set(), {}
    for key, record in known.items():
        if key in records:
            continue
        records[key] = record
        absence = absences.get(key)
        if record.listed.source not in sources:
            dropped.add(key)
        elif record.gone_on is not None:
            continue
        elif absence is None:
            hidden[key] = "not listed, and the listing was incomplete"
        else:
            records[key] = with_absence(record, absence, today)
            if absence.is_gone:
                departures[key] = absence.reason
            else:
                hidden[key] = absence.reason
    problems = tuple(problem for listing in listings for problem in listing.problems)
    return Inventory(
        dict(sorted(records.items())), hidden, frozenset(dropped), departures, problems
    )


def _listed_repositories(
    listings: Sequence[Listing], known: Mapping[str, RepositoryRecord], today: date
) -> tuple[dict[str, RepositoryRecord], dict[str, str]]:
    """Return the listed repositories, and the reasons why this scan cannot see some of them."""
    records: dict[str, RepositoryRecord] = {}
    hidden: dict[str, str] = {}
    for listing in listings:
        for repository in listing.repositories:
            before = known.get(repository.key)
            records[repository.key] = _seen(
                _with_known_words(repository, before, listing), before, today
            )
            if repository.tip is None and not (repository.empty or repository.disabled):
                branch = repository.default_branch or "HEAD"
                hidden[repository.key] = f"no default branch: {branch} points to no commit"
        for entry in listing.unlisted:
            described = Repository(entry.key, entry.name, listing.source, clone_url="")
            before = known.get(entry.key)
            records[entry.key] = _seen(before.listed if before else described, before, today)
            hidden[entry.key] = entry.reason
    return records, hidden


def keep_groups_if_all_are_missing(
    listing: Listing, known: Mapping[str, RepositoryRecord]
) -> Listing:
    """Mark the groups as unknown if the listing lacks all groups that were known.

    A token that loses its access to teams receives an empty list of teams instead of an error.
    """
    had_groups = any(
        record.listed.groups
        for record in known.values()
        if record.listed.source == listing.source and record.gone_on is None
    )
    has_groups = any(repository.groups for repository in listing.repositories)
    if not had_groups or has_groups or listing.groups_unknown or not listing.repositories:
        return listing
    text = f"{listing.source}: the forge no longer lists any teams, so the last known owners are "
    text += "kept. If this is correct, scan once with --accept-shrunk-listing"
    return replace(listing, groups_unknown=text)


def _with_known_words(
    repository: Repository, before: RepositoryRecord | None, listing: Listing
) -> Repository:
    """Return the repository with its previous groups and languages if the listing lacks them.

    Forges list no languages until they have computed them. If the forge lists no languages or not
    all of them, a repository with commits therefore also keeps its previous languages.
    """
    if before is None:
        return repository
    groups, languages = repository.groups, repository.languages
    if listing.groups_unknown is not None:
        groups = before.listed.groups
    if not repository.empty and not (languages and repository.has_all_languages):
        languages = tuple(sorted({*languages, *before.listed.languages}))
    if (groups, languages) == (repository.groups, repository.languages):
        return repository
    return replace(repository, groups=groups, languages=languages)


def _seen(repository: Repository, before: RepositoryRecord | None, today: date) -> RepositoryRecord:
    if before is None:
        return RepositoryRecord(repository, None, today, today, None)
    return RepositoryRecord(repository, before.first_commit_on, before.first_listed_on, today, None)
