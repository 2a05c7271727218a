"""Pages give the number of items of a campaign that are due on each date."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from headway.metrics.attention.attention_records import Due, Held
from headway.metrics.attention.deadlines import (
    earliest_milestones,
    next_due,
    with_due_dates,
)
from headway.metrics.records import StatusRow
from headway.site.due_dates import by_due, due_text, items_due
from headway.site.template_context.shared_context import ItemsDue
from tests.support.attention import status

TODAY = date(2026, 11, 30)
SOON, LATE = date(2026, 12, 30), date(2027, 6, 8)
APIS = ItemsDue(SOON, "APIs", 2)
MILESTONES = [
    (Due(date(2027, 2, 1), "Web"), frozenset({"web", "api"})),
    (Due(SOON, "APIs"), frozenset({"api"})),
]


class Part(NamedTuple):
    """A team's part of a campaign."""

    row: StatusRow
    dues: tuple[ItemsDue, ...]


def test_each_repository_is_due_with_its_earliest_milestone() -> None:
    held = [Held("api", 2), Held("web", 3), Held("jobs", 9)]
    milestones = earliest_milestones(MILESTONES)
    dated = with_due_dates(held, LATE, milestones)
    assert [part.due for part in dated] == [
        Due(SOON, "APIs"), Due(date(2027, 2, 1), "Web"), Due(LATE, None),
    ]  # fmt: skip
    assert next_due(dated) == Due(SOON, "APIs")
    assert next_due(with_due_dates(held[2:], None, milestones)) is None
    assert next_due(with_due_dates(held, date(2026, 12, 1), milestones)) == Due(
        date(2026, 12, 1), None
    )


def test_items_are_counted_by_due_date() -> None:
    held = [
        Held("a", 2),
        Held("b", 3, Due(LATE, None)),
        Held("c", 1, Due(SOON, "APIs")),
        Held("d", 1, Due(SOON, "APIs")),
    ]
    assert items_due(held) == (APIS, ItemsDue(LATE, None, 3), ItemsDue(None, None, 2))
    assert items_due([]) == ()


@pytest.mark.parametrize(
    ("dues", "expected"),
    [
        ([], ""),
        ([ItemsDue(None, None, 3)], ""),
        ([ItemsDue(LATE, None, 3)], "8 Jun 2027, in 6 months"),
        ([APIS], "30 Dec 2026 for APIs, in 4 weeks"),
        (
            [APIS, ItemsDue(LATE, None, 62)],
            "30 Dec 2026 for APIs (2 items), in 4 weeks; 8 Jun 2027 for the rest",
        ),
        (
            [APIS, ItemsDue(None, None, 62)],
            "30 Dec 2026 for APIs (2 items), in 4 weeks; no due date for the rest",
        ),
        (
            [APIS, ItemsDue(SOON, "Web", 1), ItemsDue(LATE, "Jobs", 1), ItemsDue(LATE, "X", 1)],
            (
                "30 Dec 2026 for APIs (2 items), in 4 weeks; 30 Dec 2026 for Web (1 item); "
                "8 Jun 2027 for Jobs (1 item); later for 1 item"
            ),
        ),
    ],
)
def test_due_dates_are_described(dues: list[ItemsDue], expected: str) -> None:
    assert due_text(dues, TODAY) == expected


def test_the_earliest_date_of_a_milestone_decides_the_order() -> None:
    travis = Part(
        status(title="Travis", due=date(2027, 1, 14)), (ItemsDue(date(2027, 1, 14), None, 4),)
    )
    six = Part(status(title="Six", due=LATE), (APIS, ItemsDue(LATE, None, 62)))
    done = Part(status(title="Done", due=date(2026, 1, 1), open=0, health="done"), ())
    undated = Part(status(title="Undated", due=None), (ItemsDue(None, None, 1),))
    ordered = by_due([done, undated, travis, six])
    assert [part.row.title for part in ordered] == ["Six", "Travis", "Undated", "Done"]
