"""Derive the items of campaigns with conditions from the matches found by scans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from headway.model.campaign import Campaign
from headway.model.store_records import Cursor, TrackKey
from headway.progress.conditions import Period, periods_of, while_affected, while_missing
from headway.progress.opening import Opening
from headway.scan.scope_periods import Pair
from headway.store.store_writer import ScanWriter

_BATCH = 200
"""The number of repositories whose matches are in memory at a time."""

Openings = Mapping[TrackKey, Sequence[Opening]]


def write_conditional_items(
    writer: ScanWriter, campaigns: Mapping[str, Campaign], pairs: Iterable[Pair]
) -> set[tuple[str, str]]:
    """Write the items of each (campaign, repository) pair whose campaign has conditions.

    Args:
        writer: The store.
        campaigns: The campaigns to scan, by ID.
        pairs: The pairs with changed matches or a changed definition.

    Returns:
        The (campaign ID, rule ID) pairs whose items were written.
    """
    chosen = [pair for pair in sorted(pairs) if _has_conditions(campaigns, pair[0])]
    if not chosen:
        return set()
    cursors = writer.walks.cursors()
    written = set()
    for first in range(0, len(chosen), _BATCH):
        batch = chosen[first : first + _BATCH]
        names = sorted({campaign for campaign, _ in batch})
        matches = writer.matches.openings(sorted({key for _, key in batch}), names)
        items: dict[TrackKey, list[Opening]] = {}
        for campaign, repository in batch:
            items |= items_of(campaigns[campaign], repository, matches, cursors)
        writer.matches.put_items(items)
        written |= {(track.campaign, track.rule) for track in items}
    return written


def items_of(
    campaign: Campaign, repository: str, matches: Openings, cursors: Mapping[TrackKey, Cursor]
) -> dict[TrackKey, list[Opening]]:
    """Return the items of a campaign in one repository, by track.

    A track that no scan has walked is omitted. The result is empty unless all rules in `applies_to`
    have been walked, because it is otherwise unknown when the repository was affected.
    """
    tracks = {rule.id: TrackKey(campaign.id, rule.id, repository) for rule in campaign.rules}
    walked = {rule: track for rule, track in tracks.items() if _begins(cursors, track)}
    if any(rule.id not in walked for rule in campaign.applies_to):
        return {}
    affected = _affected(campaign, tracks, matches)
    return {
        track: list(_items(campaign, track, matches.get(track, ()), cursors[track], affected))
        for track in walked.values()
    }


def _items(
    campaign: Campaign,
    track: TrackKey,
    matches: Sequence[Opening],
    cursor: Cursor,
    affected: Sequence[Period] | None,
) -> Iterator[Opening]:
    role = campaign.rule(track.rule).role
    if role == "required" and not campaign.deprecated:
        assert cursor.begins is not None
        yield from while_missing(track, matches, cursor.begins, affected)
    elif role == "deprecated" and affected is not None:
        yield from while_affected(matches, affected)
    else:
        yield from matches


def _affected(
    campaign: Campaign, tracks: Mapping[str, TrackKey], matches: Openings
) -> list[Period] | None:
    """Return the periods in which a repository was affected, or None if it always is."""
    if not campaign.applies_to:
        return None
    return periods_of(
        opening for rule in campaign.applies_to for opening in matches.get(tracks[rule.id], ())
    )


def _begins(cursors: Mapping[TrackKey, Cursor], track: TrackKey) -> bool:
    return track in cursors and cursors[track].begins is not None


def _has_conditions(campaigns: Mapping[str, Campaign], name: str) -> bool:
    return name in campaigns and campaigns[name].has_conditions
