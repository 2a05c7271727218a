"""The ledger's columns: why an open count changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Self


def _column(sign: int = 0, alias: str | None = None) -> Any:
    """A count of items that is 0 unless something happened.

    Args:
        sign: 1 if these items are added to the open count, -1 if they are subtracted from it,
            0 if the count explains something else.
        alias: an older name, which JSON and CSV still give beside the column's own.
    """
    return field(default=0, metadata={"sign": sign, "alias": alias})


@dataclass(slots=True)
class Flows:
    """Items that joined or left the open count in a period, by reason."""

    new: int = _column(+1)
    regressed: int = _column(+1)
    """Items that had been fixed before."""
    scope_added: int = _column(+1, alias="entered")
    """Items that came into scope, with their repository or from another team."""
    lapsed: int = _column(+1)
    """Items whose exemption ended."""
    fixed: int = _column(-1)
    scope_removed: int = _column(-1, alias="left")
    """Items that left the scope, with their repository or to another team."""
    exempted: int = _column(-1)
    """Items whose exemption began."""

    @property
    def activity(self) -> int:
        """Number of items that joined or left the open count."""
        return sum(_flows(self))


@dataclass(slots=True)
class TeamFlows(Flows):
    """Flows in which transfers between teams are distinguished, by historical owners."""

    received: int = _column()
    """The part of `scope_added` that came from another team."""
    handed_over: int = _column()
    """The part of `scope_removed` that went to another team."""

    def flows(self) -> dict[str, Any]:
        """The counts of `TeamFlows` by name, as keyword arguments for a record derived from it."""
        return {name: getattr(self, name) for name in TEAM_FLOWS}


@dataclass(slots=True)
class Movement(TeamFlows):
    """What happened to the items of one rule, team and repository on one day."""

    baseline: int = _column(+1)
    """Items open when the campaign began; recorded on the day before its first day."""
    exempt_change: int = _column()
    """Change of the number of exempt items by the end of the day."""
    fixed_change: int = _column()
    """Change of the number of items that are fixed and in scope by the end of the day."""
    exempt_fixed_change: int = _column()
    """Change of the number of items in scope that were fixed while exempt, and are not `fixed`."""

    @property
    def open_change(self) -> int:
        """Change of the open count; the baseline counts as a change from nothing."""
        return _open_change(self)

    def is_empty(self) -> bool:
        """Whether no count differs from 0; a day whose counts cancel out is not empty."""
        return not any(_counts(self))

    @classmethod
    def total(cls, movements: Iterable[Movement]) -> Self:
        """The sum of movements, column by column."""
        total = cls()
        for movement in movements:
            _add(total, movement)
        return total


MOVEMENT_COLUMNS = tuple(column.name for column in fields(Movement))
"""Every column of the ledger, in the order of the record's fields."""

OPEN_SIGNS = {
    column.name: int(column.metadata["sign"])
    for column in fields(Movement)
    if column.metadata["sign"]
}
"""The columns that make up `open_change`, each with 1 or -1."""

FLOW_SIGNS = {name: OPEN_SIGNS[name] for name in (column.name for column in fields(Flows))}
"""The columns of the ledger's balance within a period, each with 1 or -1."""

TRANSFERS = tuple(column.name for column in fields(TeamFlows))[len(FLOW_SIGNS) :]
"""The columns that say how much of a flow was a transfer between teams."""

TEAM_FLOWS = (*FLOW_SIGNS, *TRANSFERS)
"""The columns of `TeamFlows`."""

ALIASES = {
    column.name: str(column.metadata["alias"])
    for column in fields(Movement)
    if column.metadata["alias"]
}
"""Columns that were renamed, each with its older name."""

_flows = attrgetter(*FLOW_SIGNS)
_counts = attrgetter(*MOVEMENT_COLUMNS)


def _function(signature: str, *statements: str) -> Any:
    """Compile a function from the names of columns, as `dataclasses` does.

    These functions run for every row of every ledger: compiled, they take a third of the time
    that `getattr` over the names takes.
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
