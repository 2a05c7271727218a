"""What the ledger says of a period, as a whole and for each repository or team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from headway.metrics.attention.attention_records import Moves
from headway.model.movement import FLOW_SIGNS
from headway.model.store_records import LedgerEntry, LedgerTotal


def moves_of(totals_by_repository: Iterable[LedgerTotal], moved: Iterable[LedgerEntry]) -> Moves:
    """The sum of what was moved in a period, and what there was before it.

    stocks: of everything that moved until its end. moved: what of that was booked in it.
    """
    open_now = exempt_now = open_change = exempt_change = 0
    flows = dict.fromkeys(FLOW_SIGNS, 0)
    for row in totals_by_repository:
        open_now += row.total.open_change
        exempt_now += row.total.exempt_change
    for each in moved:
        open_change += each.movement.open_change
        exempt_change += each.movement.exempt_change
        for name in FLOW_SIGNS:
            flows[name] += getattr(each.movement, name)
    return Moves(
        open_before=open_now - open_change,
        open=open_now,
        exempt_before=exempt_now - exempt_change,
        exempt=exempt_now,
        **flows,
    )


def moves_by(
    totals_by_repository: Iterable[LedgerTotal],
    moved: Iterable[LedgerEntry],
    key: Callable[[LedgerTotal | LedgerEntry], str],
) -> dict[str, Moves]:
    """The same for each repository or team that the stocks are of."""
    its_stocks: dict[str, list[LedgerTotal]] = defaultdict(list)
    its_moved: dict[str, list[LedgerEntry]] = defaultdict(list)
    for row in totals_by_repository:
        its_stocks[key(row)].append(row)
    for each in moved:
        its_moved[key(each)].append(each)
    return {name: moves_of(its_stocks[name], its_moved[name]) for name in sorted(its_stocks)}


def with_hands(
    by_team: Mapping[str, Moves], hands: Mapping[str, tuple[int, int]]
) -> dict[str, Moves]:
    """Teams' moves with what they got from one another.

    hands: team to (how many items it received, how many it handed over), where there are any.
    """
    moves = {**dict.fromkeys(hands, Moves()), **by_team}
    return {
        team: replace(its, received=hands[team][0], handed_over=hands[team][1])
        if team in hands
        else its
        for team, its in sorted(moves.items())
    }
