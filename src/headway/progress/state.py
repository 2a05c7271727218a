"""The states of repositories and campaigns, and the health of campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal[
    "not affected", "open", "incomplete", "done", "exempt", "unknown", "gone", "no matches"
]
"""A repository without matches is `not affected`. A campaign without matches is `no matches`."""

Health = Literal[
    "done",
    "on track",
    "at risk",
    "off track",
    "stalled",
    "no due date",
    "not enough history",
    "exempt",
    "no matches",
]


@dataclass(frozen=True, slots=True)
class Holdings:
    """The numbers of items of one repository in one campaign at the end of a day."""

    open: int = 0
    fixed: int = 0
    exempt: int = 0
    exempt_fixed: int = 0
    """Items that were fixed while exempt. `fixed` does not count them."""
    missing: int = 0
    """The number of required rules without a match.

    The number is 0 if a campaign has no deprecated rules, because a missing match is then an open
    item.
    """
    left: int = 0
    """Items that left scope with a commit and were not fixed."""
    affected: bool | None = None
    """Whether the repository is affected, or None if this depends on its items."""


def repository_state(holdings: Holdings, *, unknown: bool = False, gone: bool = False) -> State:
    """Return a repository's state: `gone`, `unknown`, or the state implied by the counts."""
    if gone:
        return "gone"
    if unknown:
        return "unknown"
    if holdings.open:
        return "open"
    if holdings.affected is False and holdings.left:
        return "not affected"
    if not holdings.fixed and (holdings.exempt or holdings.exempt_fixed):
        return "exempt"
    if not holdings.fixed and not holdings.affected:
        return "not affected"
    if holdings.missing and holdings.affected is not False:
        return "incomplete"
    return "exempt" if holdings.exempt else "done"
