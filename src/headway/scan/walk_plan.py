"""Plan a scan: the rules to track in each repository, and the commits to start from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from headway.model.campaign import Campaign, Rule
from headway.model.scope import name_matches
from headway.model.store_records import Cursor, TrackKey
from headway.scan.inventory import Inventory
from headway.scan.request import NoMatchingRepositoryError, ScanRequest
from headway.scan.scope_periods import Pair, Scope


@dataclass(frozen=True, slots=True)
class CurrentRule:
    """A rule as its campaign currently defines it."""

    campaign: str
    rule: Rule
    fingerprint: str
    baseline: date
    """The scanned history begins at the start of this day. A walk of the whole history begins with
    the commit that was the tip at that time.
    """
    has_conditions: bool = False
    """Whether the campaign's items depend on conditions. See `Campaign.has_conditions`."""


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """A rule whose matches are tracked through the history of one repository."""

    key: TrackKey
    current: CurrentRule
    cursor: Cursor | None
    """The commit at which the previous walk ended. None means that the walk starts at the baseline.
    """


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """The rules whose matches a scan must track in each repository."""

    tracks: Mapping[str, list[TrackPlan]]
    """Maps a repository's key to the rules that are tracked there. Repositories that need no walk
    are omitted.
    """
    unknown: Sequence[tuple[Pair, str]]
    """(Pair, reason) for each pair in scope whose state is unknown because the scan does not read
    it.
    """

    def reads_again(self, cursors: Mapping[TrackKey, Cursor]) -> bool:
        """Return whether any history walked by an older version of Headway must be walked again."""
        keys = (track.key for tracks in self.tracks.values() for track in tracks)
        return any(key in cursors and cursors[key].is_outdated for key in keys)

    def recomputed(self, cursors: Mapping[TrackKey, Cursor]) -> list[tuple[str, str, int]]:
        """Return the rules whose histories are recomputed because their definitions changed.

        Returns:
            Sorted (campaign ID, rule ID, number of repositories) triples.
        """
        counts = Counter(
            (track.key.campaign, track.key.rule)
            for tracks in self.tracks.values()
            for track in tracks
            if (cursor := cursors.get(track.key)) is not None
            and not cursor.is_outdated
            and (
                cursor.fingerprint != track.current.fingerprint
                or (cursor.position is not None) != track.current.has_conditions
            )
        )
        return [(*rule, count) for rule, count in sorted(counts.items())]


def current_rules(
    request: ScanRequest, campaigns: Mapping[str, Campaign], first_days: Mapping[str, date]
) -> dict[str, list[CurrentRule]]:
    """Return the rules of each campaign that can be scanned, by campaign ID.

    Args:
        request: The request. Broken rules and rules without an installed scanner are omitted.
        campaigns: The campaigns to scan, by ID.
        first_days: The first day of each campaign's burndown, by campaign ID.
    """
    return {
        name: [
            CurrentRule(
                name,
                rule,
                rule.fingerprint(scanner.version),
                first_days[name],
                campaign.has_conditions,
            )
            for rule in campaign.rules
            if (name, rule.id) not in request.broken
            and (scanner := request.scanners.get(rule.scanner)) is not None
        ]
        for name, campaign in campaigns.items()
    }


def plan_scan(
    request: ScanRequest,
    inventory: Inventory,
    scope: Scope,
    rules: Mapping[str, Iterable[CurrentRule]],
    cursors: Mapping[TrackKey, Cursor],
    retries: AbstractSet[TrackKey] = frozenset(),
) -> ScanPlan:
    """Plan the scan of all repositories that are in the scope of a campaign.

    Args:
        request: The request of the scan.
        inventory: All repositories.
        scope: The repositories in the scope of each campaign.
        rules: The rules of each campaign.
        cursors: The commits at which earlier walks ended.
        retries: Tracks with gaps that another attempt may close.

    Raises:
        NoMatchingRepositoryError: The request's patterns match none of these repositories.
    """
    rules_by_repository: dict[str, list[CurrentRule]] = defaultdict(list)
    for name, keys in scope.members.items():
        for key in keys:
            rules_by_repository[key] += rules[name]
    tracks = {}
    unknown: dict[Pair, str] = {}
    selected = 0
    for key, repository_rules in rules_by_repository.items():
        listed = inventory.records[key].listed
        if key in inventory.hidden or listed.tip is None:
            reason = inventory.hidden.get(key, "the repository has no commits")
            unknown |= {(name, key): reason for name in scope.campaigns_of(key)}
            continue
        plan = plan_repository(key, listed.tip, repository_rules, cursors, request.today, retries)
        if not name_matches(request.repositories, listed.name):
            for track in plan:
                if track.cursor is None:
                    unknown[track.key.campaign, key] = "not scanned yet"
            continue
        selected += 1
        if plan:
            tracks[key] = plan
    if request.repositories and not selected:
        raise NoMatchingRepositoryError(request.repositories)
    return ScanPlan(tracks, list(unknown.items()))


def plan_repository(
    repository: str,
    tip: str,
    rules: Iterable[CurrentRule],
    cursors: Mapping[TrackKey, Cursor],
    today: date,
    retries: AbstractSet[TrackKey] = frozenset(),
) -> list[TrackPlan]:
    """Plan the rules that are not tracked up to a repository's tip or may have to start again.

    A rule continues from its cursor unless its fingerprint changed or its baseline is now earlier.
    Shallow clones are always planned, because only their commits show whether they were deepened.
    See `plan_scan` for `retries`.
    """
    plans = []
    for rule in rules:
        key = TrackKey(rule.campaign, rule.rule.id, repository)
        cursor = cursors.get(key)
        if cursor is not None and (
            cursor.fingerprint != rule.fingerprint
            or cursor.baseline > rule.baseline
            or (cursor.position is not None) != rule.has_conditions
        ):
            cursor = None
        if (
            cursor is None
            or cursor.commit != tip
            or cursor.cut is not None
            or (cursor.recheck_on is not None and cursor.recheck_on <= today)
            or key in retries
        ):
            plans.append(TrackPlan(key, rule, cursor))
    return plans
