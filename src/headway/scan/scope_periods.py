"""The periods during which repositories are in the scope of each campaign.

Scope is known only at scans, so a repository enters or leaves the scope on the day of a scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.model.campaign import Campaign
from headway.model.days import ONE_DAY
from headway.model.scope import name_matches, reason_outside
from headway.model.store_records import CampaignRecord, MembershipSpan, RepositoryRecord
from headway.scan.inventory import Inventory

Pair = tuple[str, str]
"""(Campaign ID, repository key)."""

Periods = Mapping[Pair, Sequence[MembershipSpan]]
"""Maps a pair to the periods during which the repository was in the campaign's scope, oldest first.
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """The repositories inside and outside the scope of each campaign today."""

    members: Mapping[str, Sequence[str]]
    """Maps a campaign ID to the keys of the repositories in its scope."""
    outside: Mapping[Pair, str]
    """Maps a pair to the reason why the repository is out of scope."""

    def campaigns_of(self, repository: str) -> list[str]:
        """Return the IDs of the campaigns that have this repository in their scope."""
        return [campaign for campaign, keys in self.members.items() if repository in keys]

    @property
    def repositories(self) -> set[str]:
        """The keys of the repositories in the scope of at least one campaign."""
        return {key for keys in self.members.values() for key in keys}


@dataclass(frozen=True, slots=True)
class ScopePeriods:
    """The periods during which repositories were in the scope of campaigns, up to today."""

    periods: Periods
    changed: frozenset[Pair]
    """Pairs whose periods differ from those that earlier scans recorded."""

    def in_scope(self, campaign: str) -> list[str]:
        """Return the keys of the repositories that are in the scope of this campaign today."""
        return [
            key
            for (name, key), periods in self.periods.items()
            if name == campaign and periods and periods[-1].last is None
        ]


def decide_scope(
    campaigns: Mapping[str, Campaign], inventory: Inventory, recorded: Periods
) -> Scope:
    """Determine for each campaign and repository whether the repository is in scope today."""
    members: dict[str, list[str]] = {name: [] for name in campaigns}
    outside: dict[Pair, str] = {}
    for name, campaign in campaigns.items():
        for key, repository in inventory.records.items():
            reason = _reason_outside(campaign, repository, inventory, recorded.get((name, key), ()))
            if reason is None:
                members[name].append(key)
            else:
                outside[name, key] = reason
    return Scope(members, outside)


def settle_scope(
    scope: Scope,
    recorded: Periods,
    repositories: Mapping[str, RepositoryRecord],
    campaigns: Mapping[str, CampaignRecord],
    today: date,
) -> ScopePeriods:
    """Update the recorded periods with today's scope and the days of the first commits.

    Args:
        scope: The repositories that are in scope today.
        recorded: The periods that earlier scans recorded.
        repositories: All repositories by key, with the days of their first commits.
        campaigns: The campaigns as recorded by earlier scans, without new campaigns.
        today: The day of this scan.
    """
    periods = {pair: list(spans) for pair, spans in recorded.items()}
    for pair, reason in scope.outside.items():
        if pair in periods:
            periods[pair] = exclude(periods[pair], today=today, reason=reason)
    for name, keys in scope.members.items():
        campaign = campaigns.get(name)
        for key in keys:
            periods[name, key] = include(
                periods.get((name, key), []),
                today=today,
                last_scan=campaign.last_scanned_on if campaign else None,
                first_commit_on=repositories[key].first_commit_on,
            )
    changed = frozenset(
        pair for pair, spans in periods.items() if spans != list(recorded.get(pair, ()))
    )
    return ScopePeriods(periods, changed)


def left_scope(scope: Scope, recorded: Periods, inventory: Inventory) -> Iterator[tuple[Pair, str]]:
    """Yield the pairs that were in scope until this scan, each with the reason for leaving.

    Args:
        scope: The repositories that are in scope today.
        recorded: The periods that earlier scans recorded.
        inventory: The repositories. Repositories whose source the user has removed are omitted.
    """
    for pair, reason in scope.outside.items():
        spans = recorded.get(pair, ())
        if spans and spans[-1].last is None and pair[1] not in inventory.dropped:
            yield pair, reason


def include(
    periods: Sequence[MembershipSpan],
    *,
    today: date,
    last_scan: date | None,
    first_commit_on: date | None,
) -> list[MembershipSpan]:
    """Return the periods of a repository that is in scope today.

    The first period usually begins today. It begins with the repository's first commit if this is
    the campaign's first scan, or if the commit is not older than the campaign's previous scan.

    Args:
        periods: The periods that earlier scans recorded.
        today: The day of this scan.
        last_scan: The day of the campaign's previous scan, or None for its first scan.
        first_commit_on: The day of the repository's first commit, or None if it is unknown.
    """
    if not periods:
        is_young = first_commit_on is not None and (
            last_scan is not None and first_commit_on >= last_scan
        )
        first = None if last_scan is None or is_young else today
        return [MembershipSpan(first, None, "")]
    last = periods[-1]
    if last.last is None:
        return list(periods)
    if last.last >= today - ONE_DAY:
        # An earlier scan today excluded the repository and ended this period, so reopen it.
        return [*periods[:-1], MembershipSpan(last.first, None, "")]
    return [*periods, MembershipSpan(today, None, "")]


def exclude(periods: Sequence[MembershipSpan], *, today: date, reason: str) -> list[MembershipSpan]:
    """End the last period of a repository that is out of scope today, and return all periods."""
    if not periods or periods[-1].last is not None:
        return list(periods)
    last = periods[-1]
    if last.first == today:
        return list(periods[:-1])
    return [*periods[:-1], MembershipSpan(last.first, today - ONE_DAY, reason)]


def _reason_outside(
    campaign: Campaign,
    repository: RepositoryRecord,
    inventory: Inventory,
    periods: Sequence[MembershipSpan],
) -> str | None:
    """Return why a repository is out of scope today, or None if it is in scope."""
    key = repository.listed.key
    if repository.gone_on is not None:
        return "it is gone"
    if key in inventory.dropped:
        return "its source is no longer configured"
    if key in inventory.hidden:
        # A repository that could not be seen stays in or out of scope. Of a new repository, only
        # the name is known.
        if periods:
            return None if periods[-1].last is None else periods[-1].reason
        if not name_matches(campaign.scope.repositories, repository.listed.name):
            return "its name does not match scope.repositories"
        return None
    return reason_outside(campaign.scope, repository.listed)
