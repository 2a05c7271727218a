"""Determine why, and since when, the state of a repository in a campaign is unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from headway.model.days import ONE_DAY
from headway.model.scope import name_matches
from headway.model.store_records import CampaignRecord, RepositoryRecord, UnknownRecord
from headway.scan.context import ScanContext
from headway.scan.scope_periods import Pair, Scope

Reason = tuple[Pair, str]
"""A (campaign, repository) pair, and the reason why its state is unknown."""


def broken_rules(broken: Mapping[tuple[str, str], str], scope: Scope) -> Iterator[Reason]:
    """Yield the reasons for the repositories in the scope of campaigns with broken rules.

    Args:
        broken: Maps (campaign ID, rule ID) to the reason why the rule cannot be scanned.
        scope: The repositories that are in scope today.
    """
    for (campaign, rule), reason in broken.items():
        for key in scope.members.get(campaign, ()):
            yield (campaign, key), f"rule {rule}: {reason}"


def settle_unknowns(
    scan: ScanContext,
    scope: Scope,
    repositories: Mapping[str, RepositoryRecord],
    reasons: Iterable[Reason],
    gaps: Mapping[Pair, UnknownRecord],
    campaigns: Mapping[str, CampaignRecord],
    walked: Collection[Pair],
) -> dict[Pair, UnknownRecord]:
    """Return the pairs whose state is unknown after this scan.

    Args:
        scan: The scan. Repositories that its request excludes keep their previous state.
        scope: The repositories that are in scope today.
        repositories: All repositories by key.
        reasons: The reasons that this scan found. A pair can occur several times.
        gaps: The pairs in which a rule could not read the latest version of a file.
        campaigns: The campaigns as recorded by earlier scans, without new campaigns.
        walked: Pairs in which an earlier scan tracked the matches of a rule.
    """
    recorded = scan.writer.states.unknowns()
    by_pair: dict[Pair, list[str]] = defaultdict(list)
    for pair, reason in reasons:
        if reason not in by_pair[pair]:
            by_pair[pair].append(reason)
    settled = {pair: record for pair, record in recorded.items() if pair[0] not in scope.members}
    for name, keys in scope.members.items():
        campaign = campaigns.get(name)
        for key in keys:
            pair = name, key
            before = recorded.get(pair)
            if by_pair.get(pair):
                last_scan = campaign.last_scanned_on if campaign and pair in walked else None
                record = unknown_record(by_pair[pair], before, scan.today, last_scan)
                settled[pair] = _earliest(record, gaps[pair]) if pair in gaps else record
            elif pair in gaps:
                settled[pair] = gaps[pair]
            elif before is not None and not name_matches(
                scan.request.repositories, repositories[key].listed.name
            ):
                settled[pair] = before
    return settled


def unknown_record(
    reasons: Sequence[str],
    before: UnknownRecord | None,
    today: date,
    known_until: date | None,
) -> UnknownRecord:
    """Return the record of an unknown pair, with the day of the first scan that found it unknown.

    Args:
        reasons: At least one reason why the pair is unknown.
        before: The record of the last scan, or None if the pair was known.
        today: The day of this scan.
        known_until: The last day on which a scan could read the pair, or None if there was no such
            scan. If this is today, the day before is recorded.
    """
    reason = reasons[0] if len(reasons) == 1 else f"{reasons[0]} (and {len(reasons) - 1} more)"
    if before is not None:
        return UnknownRecord(reason, before.since, before.known_until)
    if known_until is not None:
        known_until = min(known_until, today - ONE_DAY)
    return UnknownRecord(reason, today, known_until)


def _earliest(record: UnknownRecord, gap: UnknownRecord) -> UnknownRecord:
    """Combine both records of a pair that could not be walked and that also has a gap."""
    ends = [record.known_until, gap.known_until]
    known_until = None if None in ends else min(end for end in ends if end is not None)
    return UnknownRecord(record.reason, min(record.since, gap.since), known_until)
