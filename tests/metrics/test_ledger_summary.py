"""The changes in a period explain its open count, and equal the sums by team or repository."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headway.metrics.attention.attention_records import Moves
from headway.metrics.attention.coverage_changes import unknown_times
from headway.metrics.attention.ledger_summary import moves_by, moves_of, with_transfers
from headway.model.movement import FLOW_SIGNS, Movement
from headway.model.store_records import LedgerEntry, LedgerTotal, ObservedState

START = date(2026, 1, 5)
COUNTS = st.integers(0, 5)
MOVEMENTS = st.builds(
    Movement,
    baseline=COUNTS,
    new=COUNTS,
    regressed=COUNTS,
    moved_in=COUNTS,
    moved_out=COUNTS,
    scope_added=COUNTS,
    lapsed=COUNTS,
    fixed=COUNTS,
    scope_removed=COUNTS,
    exempted=COUNTS,
    exempt_change=COUNTS,
)
BOOKED = st.lists(
    st.builds(
        LedgerEntry,
        repository=st.sampled_from("ab"),
        rule=st.just("six"),
        team=st.sampled_from("xyz"),
        day=st.integers(0, 20).map(lambda days: START + timedelta(days=days)),
        movement=MOVEMENTS,
    ),
    max_size=12,
)
DAYS = st.integers(0, 20).map(lambda days: START + timedelta(days=days))


def balance(moves: Moves) -> int:
    change: int = sum(sign * getattr(moves, column) for column, sign in FLOW_SIGNS.items())
    return moves.open_before + change


def parts_of(
    booked: list[LedgerEntry], first: date, last: date
) -> tuple[list[LedgerTotal], list[LedgerEntry]]:
    """Return the totals up to the last day, and the entries from the first to the last day."""
    totals_by_repository = [
        LedgerTotal(entry.repository, entry.rule, entry.team, entry.movement, None)
        for entry in booked
        if entry.day <= last
    ]
    return totals_by_repository, [entry for entry in booked if first <= entry.day <= last]


def moves_between(booked: list[LedgerEntry], first: date, last: date) -> Moves:
    return moves_of(*parts_of(booked, first, last))


@given(BOOKED, DAYS, DAYS)
def test_a_period_balances_except_for_a_baseline_in_it(
    booked: list[LedgerEntry], first: date, last: date
) -> None:
    # The baseline is dated before the campaign's first day, and no period begins before that day.
    kept = [entry for entry in booked if entry.day < first or not entry.movement.baseline]
    moves = moves_between(kept, first, last)
    if first <= last:
        assert moves.open == balance(moves)
    assert moves.change == moves.open - moves.open_before


@given(BOOKED, DAYS)
def test_teams_and_repositories_add_up_to_the_whole(booked: list[LedgerEntry], first: date) -> None:
    last = first + timedelta(days=6)
    whole = moves_between(booked, first, last)
    for key in (lambda entry: entry.team, lambda entry: entry.repository):
        parts = moves_by(*parts_of(booked, first, last), key).values()
        for name in Moves.__dataclass_fields__:
            assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


@given(BOOKED, DAYS)
def test_two_adjacent_periods_add_up_to_one(booked: list[LedgerEntry], first: date) -> None:
    middle, last = first + timedelta(days=3), first + timedelta(days=9)
    early = moves_between(booked, first, middle - timedelta(days=1))
    late = moves_between(booked, middle, last)
    whole = moves_between(booked, first, last)
    assert early.open == late.open_before
    assert early.fixed + late.fixed == whole.fixed
    assert (early.open_before, late.open) == (whole.open_before, whole.open)


def test_transfers_between_teams_are_not_part_of_the_sum() -> None:
    by_team = {"x": Moves(open_before=3, open=3)}
    found = with_transfers(by_team, {"x": (2, 0), "y": (0, 2)})
    assert (found["x"].received, found["x"].change) == (2, 0)
    assert (found["y"].handed_over, found["y"].open) == (2, 0)


def test_an_unknown_time_ends_when_a_scan_observes_a_known_state() -> None:
    def on(day: int, state: str) -> ObservedState:
        return ObservedState(
            START + timedelta(days=day), state, "broken" if state == "unknown" else None
        )

    seen = [on(0, "open"), on(1, "unknown"), on(3, "unknown"), on(5, "open"), on(8, "unknown")]
    last = START + timedelta(days=9)
    assert list(unknown_times(seen, last)) == [
        (START + timedelta(days=1), START + timedelta(days=5), "broken"),
        (START + timedelta(days=8), None, "broken"),
    ]
    # States that are observed later are ignored.
    assert list(unknown_times(seen, START + timedelta(days=4))) == [
        (START + timedelta(days=1), None, "broken")
    ]
