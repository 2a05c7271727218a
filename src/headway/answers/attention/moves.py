"""What the ledger says of a period, as a whole and for each repository or team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date

from headway.answers.attention.records import Moves
from headway.progress.ledger import Movement
from headway.store.records import Booked

_FLOWS = ("new", "regressed", "entered", "lapsed", "fixed", "left", "exempted")


def moves_between(movements: Iterable[Booked], first: date, last: date) -> Moves:
    """The sum of all movements from `first` to `last` (inclusive), and what came before them."""
    open_before = exempt_before = open_change = exempt_change = 0
    flows = dict.fromkeys(_FLOWS, 0)
    for each in movements:
        if each.day > last:
            continue
        if each.day < first:
            open_before += each.movement.open_change
            exempt_before += each.movement.exempt_change
            continue
        open_change += each.movement.open_change
        exempt_change += each.movement.exempt_change
        for name in _FLOWS:
            flows[name] += getattr(each.movement, name)
    return Moves(
        open_before=open_before,
        open=open_before + open_change,
        exempt_before=exempt_before,
        exempt=exempt_before + exempt_change,
        **flows,
    )


def moves_by(
    movements: Iterable[Booked], key: Callable[[Booked], str], first: date, last: date
) -> dict[str, Moves]:
    """The same for each repository or team that ever had something."""
    groups: dict[str, list[Booked]] = defaultdict(list)
    for each in movements:
        groups[key(each)].append(each)
    return {name: moves_between(its, first, last) for name, its in sorted(groups.items())}


def with_hands(
    by_team: Mapping[str, Moves],
    then: Iterable[tuple[date, str | None, Movement]],
    first: date,
    last: date,
) -> dict[str, Moves]:
    """Teams' moves with what they got from one another.

    then: (day, team, what was booked by the owners of that day).
    """
    hands: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for day, team, movement in then:
        if team is not None and first <= day <= last:
            hands[team][0] += movement.received
            hands[team][1] += movement.handed_over
    nothing = Moves(0, 0, 0, 0)
    moves = {**{team: nothing for team, (got, gave) in hands.items() if got or gave}, **by_team}
    return {
        team: replace(its, received=hands[team][0], handed_over=hands[team][1])
        if team in hands
        else its
        for team, its in sorted(moves.items())
    }
