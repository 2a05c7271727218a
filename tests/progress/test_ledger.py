"""The ledger gives the same counts as counting the items day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from headway.model.days import ALWAYS, Span
from headway.model.movement import ClosedAs, Movement, OpenedAs
from headway.progress.ledger import Episode, Ledger, book, plain_changes

FIRST = date(2026, 1, 5)
LENGTH = 20


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@st.composite
def lives(draw: st.DrawFn) -> list[Episode]:
    """Draw the periods during which up to four items are open. No item has overlapping periods."""
    episodes = []
    for item in range(draw(st.integers(0, 4))):
        turns = sorted(draw(st.sets(st.integers(-4, LENGTH), max_size=5)))
        at_baseline = draw(st.booleans())
        for number, begin in enumerate(range(0, len(turns), 2), 1):
            end = turns[begin + 1] if begin + 1 < len(turns) else None
            episodes.append(
                Episode(
                    item=f"item{item}",
                    number=number,
                    rule=f"rule{item % 2}",
                    team=f"team{item % 3}",
                    opened_on=day(turns[begin]),
                    closed_on=None if end is None else day(end),
                    at_baseline=at_baseline and number == 1,
                    opened_as=draw(st.sampled_from([None, None, "moved", "new", "scope"])),
                    closed_as=draw(st.sampled_from([None, None, "moved", "scope"]))
                    if end
                    else None,
                )
            )
    return episodes


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Draw spans of days that do not overlap."""
    edges = sorted(draw(st.sets(st.integers(-3, LENGTH + 2), max_size=6)))
    found = [
        Span(day(first), day(last - 1) if last - 1 > first else day(first))
        for first, last in zip(edges[::2], edges[1::2], strict=False)
    ]
    if draw(st.booleans()) and len(edges) % 2:
        found.append(Span(day(edges[-1]) + timedelta(days=1), None))
    return tuple(found)


def balance(ledger: Ledger, until: date) -> Movement:
    total = Movement()
    for (_, _, booked_on), movement in ledger.items():
        if booked_on <= until:
            for name in Movement.__dataclass_fields__:
                setattr(total, name, getattr(total, name) + getattr(movement, name))
    return total


def counted(
    episodes: Sequence[Episode], scope: Sequence[Span], exempt: Sequence[Span], on: date
) -> tuple[int, int]:
    """Count the open and the exempt items at the end of a day, item by item."""
    existing = [
        episode
        for episode in episodes
        if (episode.at_baseline or episode.opened_on <= on)
        and (episode.closed_on is None or episode.closed_on > on)
    ]
    if not any(span.covers(on) for span in scope):
        return 0, 0
    if any(span.covers(on) for span in exempt):
        return 0, len(existing)
    return len(existing), 0


@given(lives(), spans() | st.just(ALWAYS), spans() | st.just(()))
def test_the_balance_of_every_day_equals_the_items_counted_on_it(
    episodes: list[Episode], scope: tuple[Span, ...], exempt: tuple[Span, ...]
) -> None:
    ledger = book(episodes, first_day=FIRST, in_scope=scope, exempt=lambda _: exempt)
    for number in range(LENGTH + 3):
        total = balance(ledger, day(number))
        expected = counted(episodes, scope, exempt, day(number))
        assert (total.open_change, total.exempt_change) == expected, day(number)


def closed_counts(
    episodes: Sequence[Episode], scope: Sequence[Span], exempt: Sequence[Span], on: date
) -> tuple[int, int]:
    """Count the fixed items and the items fixed while exempt at the end of a day, item by item."""
    fixed = fixed_while_exempt = 0
    last = {}
    for episode in sorted(episodes, key=lambda episode: episode.number):
        begun = episode.at_baseline or episode.opened_on <= on
        counts = episode.closed_on is None or episode.closed_on >= FIRST
        if begun and counts:
            last[episode.item] = episode
    for episode in last.values():
        closed_on = episode.closed_on
        if closed_on is None or closed_on > on or not any(span.covers(on) for span in scope):
            continue
        if episode.closed_as is not None:
            continue
        if any(span.covers(closed_on) for span in scope):
            if any(span.covers(closed_on) for span in exempt):
                fixed_while_exempt += 1
            else:
                fixed += 1
    return fixed, fixed_while_exempt


@given(lives(), spans() | st.just(ALWAYS), spans() | st.just(()))
def test_an_item_fixed_while_exempt_is_never_fixed(
    episodes: list[Episode], scope: tuple[Span, ...], exempt: tuple[Span, ...]
) -> None:
    ledger = book(episodes, first_day=FIRST, in_scope=scope, exempt=lambda _: exempt)
    for number in range(LENGTH + 3):
        total = balance(ledger, day(number))
        expected = closed_counts(episodes, scope, exempt, day(number))
        assert (total.fixed_change, total.exempt_fixed_change) == expected, day(number)


@given(lives(), spans() | st.just(ALWAYS))
def test_only_changes_can_be_negative(episodes: list[Episode], scope: tuple[Span, ...]) -> None:
    for movement in book(episodes, first_day=FIRST, in_scope=scope).values():
        for name in (
            "baseline",
            "new",
            "regressed",
            "moved_in",
            "scope_added",
            "lapsed",
            "fixed",
            "moved_out",
            "scope_removed",
        ):
            assert getattr(movement, name) >= 0


@given(lives())
def test_plain_and_full_booking_give_the_same_ledger(episodes: list[Episode]) -> None:
    plain = book(episodes, first_day=FIRST)
    thorough = book(episodes, first_day=FIRST, in_scope=(Span(day(-100), None),))
    assert plain == thorough


@given(lives())
def test_the_ledgers_of_teams_sum_to_the_ledger_of_all(episodes: list[Episode]) -> None:
    whole = book([episode._replace(team="all") for episode in episodes], first_day=FIRST)
    parts = book(episodes, first_day=FIRST)
    for number in range(LENGTH + 1):
        assert balance(whole, day(number)) == balance(parts, day(number))


def one(
    opened: int,
    closed: int | None = None,
    number: int = 1,
    *,
    opened_as: OpenedAs | None = None,
    closed_as: ClosedAs | None = None,
) -> Episode:
    closed_on = None if closed is None else day(closed)
    return Episode(
        "item",
        number,
        "rule",
        "team",
        day(opened),
        closed_on,
        False,
        opened_as=opened_as,
        closed_as=closed_as,
    )


def counts(ledger: Ledger, on: int) -> dict[str, int]:
    movement = ledger.get(("rule", "team", day(on)), Movement())
    names = Movement.__dataclass_fields__
    return {name: value for name in names if (value := getattr(movement, name))}


def test_an_item_is_counted_when_it_is_opened_fixed_and_regressed() -> None:
    ledger = book([one(2, 4), one(7, None, number=2)], first_day=FIRST)
    assert counts(ledger, 2) == {"new": 1}
    assert counts(ledger, 4) == {"fixed": 1, "fixed_change": 1}
    assert counts(ledger, 7) == {"regressed": 1, "fixed_change": -1}


def test_moves_between_repositories_are_neither_new_nor_fixed() -> None:
    ledger = book([one(2, 4, opened_as="moved", closed_as="moved")], first_day=FIRST)
    assert counts(ledger, 2) == {"moved_in": 1}
    assert counts(ledger, 4) == {"moved_out": 1}


def test_an_item_that_moved_out_and_returns_has_not_regressed() -> None:
    again = one(7, 9, number=2, opened_as="new")
    openings = [one(2, 4, closed_as="moved"), again, one(11, None, number=3)]
    ledger = book(openings, first_day=FIRST)
    assert counts(ledger, 7) == {"new": 1}
    assert counts(ledger, 9) == {"fixed": 1, "fixed_change": 1}
    assert counts(ledger, 11) == {"regressed": 1, "fixed_change": -1}


def test_a_fixed_item_that_moves_in_is_no_longer_fixed() -> None:
    again = one(7, 9, number=2, opened_as="moved", closed_as="moved")
    ledger = book([one(2, 4), again], first_day=FIRST)
    assert counts(ledger, 7) == {"moved_in": 1, "fixed_change": -1}
    assert counts(ledger, 9) == {"moved_out": 1}


def test_an_exempt_item_that_moves_out_was_not_fixed_while_exempt() -> None:
    exempt = (Span(day(2), day(5)),)
    ledger = book([one(-1, 4, closed_as="moved")], first_day=FIRST, exempt=lambda _: exempt)
    assert counts(ledger, 4) == {"exempt_change": -1}


def test_an_item_that_moves_into_an_exempt_path_is_exempt() -> None:
    exempt = (Span(day(2), day(5)),)
    ledger = book([one(3, opened_as="moved")], first_day=FIRST, exempt=lambda _: exempt)
    assert counts(ledger, 3) == {"exempt_change": 1}
    assert counts(ledger, 6) == {"lapsed": 1, "exempt_change": -1}


def test_scope_changes_are_never_fixes() -> None:
    ledger = book([one(-3)], first_day=FIRST, in_scope=(Span(day(3), day(5)), Span(day(9), None)))
    assert counts(ledger, 3) == {"scope_added": 1}
    assert counts(ledger, 6) == {"scope_removed": 1}
    assert counts(ledger, 9) == {"scope_added": 1}
    assert not [movement for movement in ledger.values() if movement.fixed]


def test_exempt_items_are_counted_separately_until_the_exemption_lapses() -> None:
    exempt = (Span(day(2), day(5)),)
    ledger = book([one(-1)], first_day=FIRST, exempt=lambda _: exempt)
    assert counts(ledger, 2) == {"exempted": 1, "exempt_change": 1}
    assert counts(ledger, 6) == {"lapsed": 1, "exempt_change": -1}


def test_an_item_fixed_while_exempt_never_counts_as_fixed() -> None:
    exempt = (Span(day(2), day(5)),)
    ledger = book([one(-1, 4), one(8, 9, number=2)], first_day=FIRST, exempt=lambda _: exempt)
    assert counts(ledger, 2) == {"exempted": 1, "exempt_change": 1}
    assert counts(ledger, 4) == {"exempt_change": -1, "exempt_fixed_change": 1}
    assert counts(ledger, 8) == {"regressed": 1, "exempt_fixed_change": -1}
    assert counts(ledger, 9) == {"fixed": 1, "fixed_change": 1}


def test_an_item_opened_and_fixed_on_one_day_counts_as_both() -> None:
    assert counts(book([one(3, 3)], first_day=FIRST), 3) == {
        "new": 1,
        "fixed": 1,
        "fixed_change": 1,
    }


def test_items_fixed_before_the_first_day_are_not_counted() -> None:
    assert book([one(-4, -1)], first_day=FIRST) == {}


@given(lives())
def test_plain_changes_sum_to_the_ledger(episodes: Sequence[Episode]) -> None:
    ledger = book(episodes, first_day=FIRST)
    steps = [
        step
        for _, openings in groupby(episodes, key=lambda episode: episode.item)
        for step in plain_changes(openings, FIRST)
    ]
    for number in range(-5, LENGTH + 2):
        total = balance(ledger, day(number))
        past_steps = [step for step in steps if step[0] <= day(number)]
        assert sum(opened for _, opened, _ in past_steps) == total.open_change
        assert sum(fixed for _, _, fixed in past_steps) == total.fixed_change
