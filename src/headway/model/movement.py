"""The columns of the ledger, which explain changes in the number of open items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal, Self

OpenedAs = Literal["scope", "new", "moved"]
"""The way in which an item was opened, if `Opening.number` does not show it.

Without such a value, the first opening is new, and later ones are regressions.
`progress.opening.Opening` explains `scope` and `new`. `moved` means that the item came from another
repository. See `progress.repository_moves`.
"""

ClosedAs = Literal["scope", "moved"]
"""The way in which an item was closed, if it was not fixed.

`scope` means that the item's file was excluded. `moved` means that the item moved to another
repository.
"""


def _column(sign: int = 0, alias: str | None = None) -> Any:
    """Define a dataclass field that holds a count of items and defaults to 0.

    Args:
        sign: 1 if these items increase the open count, -1 if they reduce it, otherwise 0.
        alias: The column's old name, which JSON and CSV output also contains, or None without one.
    """
    return field(default=0, metadata={"sign": sign, "alias": alias})


@dataclass(slots=True)
class Flows:
    """The numbers of items that entered or left the open count, by reason."""

    new: int = _column(+1)
    regressed: int = _column(+1)
    """Items that reappeared after they had been fixed."""
    moved_in: int = _column(+1)
    """Items that came from another repository of the campaign and are therefore not new."""
    scope_added: int = _column(+1, alias="entered")
    """Items that entered scope with their repository or file, or came from another team."""
    lapsed: int = _column(+1)
    """Items whose exemption ended."""
    fixed: int = _column(-1)
    moved_out: int = _column(-1)
    """Items that went to another repository of the campaign and are therefore not fixed."""
    scope_removed: int = _column(-1, alias="left")
    """Items that left scope with their repository or file, or went to another team."""
    exempted: int = _column(-1)
    """Items whose exemption began."""

    @property
    def activity(self) -> int:
        """The number of items that entered or left the open count."""
        return sum(_flows(self))


@dataclass(slots=True)
class TeamFlows(Flows):
    """Flows that also count items transferred between teams.

    Only a ledger by historical owners contains transfers.
    """

    received: int = _column()
    """Items in `scope_added` that came from another team."""
    handed_over: int = _column()
    """Items in `scope_removed` that went to another team."""

    def flows(self) -> dict[str, Any]:
        """Return the counts by field name, as keyword arguments for a record with these fields."""
        return {name: getattr(self, name) for name in TEAM_FLOWS}


@dataclass(slots=True)
class Movement(TeamFlows):
    """The changes on one day in the items of one rule and team in one repository."""

    baseline: int = _column(+1)
    """Items open when the campaign began, recorded on the day before the campaign's first day."""
    exempt_change: int = _column()
    """The change in the number of exempt items."""
    fixed_change: int = _column()
    """The change in the number of fixed items in scope, except those fixed while exempt."""
    exempt_fixed_change: int = _column()
    """The change in the number of items in scope that were fixed while exempt."""
    left_change: int = _column()
    """The change in the number of unfixed items that a commit removed from scope.

    Such a commit excludes the item's file, or makes the repository unaffected.
    """

    @property
    def open_change(self) -> int:
        """The change in the open count. The baseline counts as a change from 0."""
        return _open_change(self)

    def is_empty(self) -> bool:
        """Return whether all counts are 0. Counts that cancel each other out are not empty."""
        return not any(_counts(self))

    @classmethod
    def total(cls, movements: Iterable[Movement]) -> Self:
        """Add up movements, column by column."""
        total = cls()
        for movement in movements:
            _add(total, movement)
        return total


MOVEMENT_COLUMNS = tuple(column.name for column in fields(Movement))
"""The names of the ledger's columns, in the order of the fields of `Movement`."""

OPEN_SIGNS = {
    column.name: int(column.metadata["sign"])
    for column in fields(Movement)
    if column.metadata["sign"]
}
"""Maps each column that increases the open count to 1, and each column that reduces it to -1."""

FLOW_SIGNS = {name: OPEN_SIGNS[name] for name in (column.name for column in fields(Flows))}
"""The part of `OPEN_SIGNS` with the columns of `Flows`."""

TRANSFERS = tuple(column.name for column in fields(TeamFlows))[len(FLOW_SIGNS) :]
"""The columns that count transfers between teams."""

TEAM_FLOWS = (*FLOW_SIGNS, *TRANSFERS)
"""The columns of `TeamFlows`."""

ALIASES = {
    column.name: str(column.metadata["alias"])
    for column in fields(Movement)
    if column.metadata["alias"]
}
"""Maps each renamed column to its old name."""

_flows = attrgetter(*FLOW_SIGNS)
_counts = attrgetter(*MOVEMENT_COLUMNS)


def _function(signature: str, *statements: str) -> Any:
    """Compile a function from source code with column names, as `dataclasses` does.

    The compiled functions run for every row of every ledger. They take a third of the time of loops
    that call `getattr` for each column.
    """
    namespace: dict[str, Any] = {}
    exec("\n    ".join((f"def function{signature}:", *statements)), namespace)  # noqa: S102 - no input
    return namespace["function"]


_open_change: Callable[[Movement], int] = _function(
    "(movement)",
    "return "
    + "".join(f"{'+' if sign > 0 else '-'} movement.{name} " for name, sign in OPEN_SIGNS.items()),
)
_add: Callable[[Movement, Movement], None] = _function(
    "(total, movement)", *(f"total.{name} += movement.{name}" for name in MOVEMENT_COLUMNS)
)
