"""Movements are added up column by column, and each column raises or lowers the open count."""

from __future__ import annotations

from headway.model.movement import MOVEMENT_COLUMNS, Movement


def test_movements_are_summed_column_by_column() -> None:
    counts = {name: number for number, name in enumerate(MOVEMENT_COLUMNS, 1)}
    total = Movement.total([Movement(**counts), Movement(new=1)])
    assert total == Movement(**{**counts, "new": counts["new"] + 1})
    assert Movement.total([]) == Movement()


def test_the_open_count_changes_by_the_signs_of_the_columns() -> None:
    movement = Movement(baseline=100, new=10, regressed=5, scope_added=3, lapsed=2, fixed=4)
    assert movement.open_change == 116
    assert movement.activity == 24
    assert Movement(moved_in=3, moved_out=2).open_change == 1
    assert Movement(scope_removed=1, exempted=2, fixed_change=9, received=7).open_change == -3
    assert not Movement(new=1, fixed=1).is_empty()
