"""Sum the ledger over a period for a campaign, or for each of its repositories or teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from headway.metrics.attention.attention_records import Moves
from headway.model.movement import FLOW_SIGNS
from headway.model.store_records import LedgerEntry, LedgerTotal


def moves_of(totals: Iterable[LedgerTotal], entries: Iterable[LedgerEntry]) -> Moves:
    """Return the changes in a period, with the open and exempt counts before it and at its end.

    Args:
        totals: The sums of all ledger entries up to the end of the period.
        entries: The ledger entries within the period.
    """
    open_now = exempt_now = open_change = exempt_change = 0
    flows = dict.fromkeys(FLOW_SIGNS, 0)
    for total in totals:
        open_now += total.total.open_change
        exempt_now += total.total.exempt_change
    for entry in entries:
        open_change += entry.movement.open_change
        exempt_change += entry.movement.exempt_change
        for name in FLOW_SIGNS:
            flows[name] += getattr(entry.movement, name)
    return Moves(
        open_before=open_now - open_change,
        open=open_now,
        exempt_before=exempt_now - exempt_change,
        exempt=exempt_now,
        **flows,
    )


def moves_by(
    totals: Iterable[LedgerTotal],
    entries: Iterable[LedgerEntry],
    key: Callable[[LedgerTotal | LedgerEntry], str],
) -> dict[str, Moves]:
    """Return the changes grouped by the repository or team that `key` returns."""
    totals_by_key: dict[str, list[LedgerTotal]] = defaultdict(list)
    entries_by_key: dict[str, list[LedgerEntry]] = defaultdict(list)
    for total in totals:
        totals_by_key[key(total)].append(total)
    for entry in entries:
        entries_by_key[key(entry)].append(entry)
    return {
        name: moves_of(totals_by_key[name], entries_by_key[name]) for name in sorted(totals_by_key)
    }


def with_transfers(
    moves_by_team: Mapping[str, Moves], transfers: Mapping[str, tuple[int, int]]
) -> dict[str, Moves]:
    """Add the transfers between teams to the changes of the teams.

    Args:
        moves_by_team: The changes by team.
        transfers: Maps each team to (items received, items handed over).
    """
    moves = {**dict.fromkeys(transfers, Moves()), **moves_by_team}
    return {
        team: replace(moved, received=transfers[team][0], handed_over=transfers[team][1])
        if team in transfers
        else moved
        for team, moved in sorted(moves.items())
    }
