"""Why an open count changed on one day: the columns of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Movement:
    """What happened on one day to the items of one rule, team and repository; counts of items.

    baseline: open when the campaign began; booked on the day before its first.
    exempt_change, fixed_change: change of the number of exempt items, and of items that are
    fixed and in scope, by the end of the day.
    received, handed_over: how many of `scope_added` and `scope_removed` came from or went to
    another team.
    """

    baseline: int = 0
    new: int = 0
    regressed: int = 0
    scope_added: int = 0
    lapsed: int = 0
    fixed: int = 0
    scope_removed: int = 0
    exempted: int = 0
    exempt_change: int = 0
    fixed_change: int = 0
    received: int = 0
    handed_over: int = 0

    @property
    def open_change(self) -> int:
        """By how much the open count changes; the baseline counts as a change from nothing."""
        come = self.baseline + self.new + self.regressed + self.scope_added + self.lapsed
        return come - self.fixed - self.scope_removed - self.exempted

    def is_empty(self) -> bool:
        """Whether nothing is booked: a day on which everything cancels out is not empty."""
        return not any(getattr(self, name) for name in MOVEMENT_COLUMNS)


MOVEMENT_COLUMNS = tuple(field.name for field in fields(Movement))
