"""Search all openings in the store for items that moved between repositories."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from headway.model.store_records import RepositoryRecord
from headway.progress.repository_moves import moves_between
from headway.scan.context import ScanContext
from headway.scan.scope_periods import Pair, ScopePeriods
from headway.store.move_tables import LateListing, MoveWriter


def write_moves(
    scan: ScanContext,
    periods: ScopePeriods,
    repositories: Mapping[str, RepositoryRecord],
    derived: AbstractSet[tuple[str, str]] = frozenset(),
) -> set[Pair]:
    """Record the moves of all rules whose openings this scan changed.

    All openings of a rule are considered, so the result is the same no matter which repositories
    were scanned together.

    Args:
        scan: Provides the campaigns and the store.
        periods: The periods during which each pair was in scope.
        repositories: All repositories by key.
        derived: The (campaign ID, rule ID) pairs whose openings were derived from matches.

    Returns:
        The pairs whose ledgers must be rewritten.
    """
    writer = scan.writer.moves
    entered = {campaign for campaign, _ in periods.changed}
    changed = (
        writer.changed_rules()
        | derived
        | {
            (name, rule.id)
            for name, campaign in scan.campaigns.items()
            if name in entered
            for rule in campaign.rules
        }
    )
    if not changed:
        return set()
    late = list(_late_listings(writer, periods, repositories))
    moves = {
        rule: moves_between(*openings)
        for rule, openings in writer.candidates(changed, late).items()
    }
    return writer.put(changed, moves)


def _late_listings(
    writer: MoveWriter, periods: ScopePeriods, repositories: Mapping[str, RepositoryRecord]
) -> Iterator[LateListing]:
    """Yield the repositories that were first listed after a campaign's first scan.

    A repository that was already listed before only entered the scope, so none of its items moved.
    """
    days = writer.scan_days()
    for (campaign, repository), spans in periods.periods.items():
        first = spans[0].first if spans else None
        if first is not None and repositories[repository].first_listed_on == first:
            before = bisect_left(days, first)
            if before:
                yield LateListing(campaign, repository, days[before - 1], first)
