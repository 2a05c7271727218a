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
    """The number of items that one repository has in one campaign at the end of a day."""

    open: int = 0
    fixed: int = 0
    exempt: int = 0
    exempt_fixed: int = 0
    """Items that were fixed while exempt, which `fixed` does not count."""
    missing: int = 0
    """The number of required rules without a match."""


def repository_state(holdings: Holdings, *, unknown: bool = False, gone: bool = False) -> State:
    """Return a repository's state: `gone`, else `unknown`, else what the counts imply."""
    if gone:
        return "gone"
    if unknown:
        return "unknown"
    if holdings.open:
        return "open"
    if not holdings.fixed:
        return "exempt" if holdings.exempt or holdings.exempt_fixed else "not affected"
    if holdings.missing:
        return "incomplete"
    return "exempt" if holdings.exempt else "done"
