"""States of repositories, and the words for the health of campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal[
    "not affected", "open", "incomplete", "done", "exempt", "unknown", "gone", "no matches"
]
"""`not affected` is a repository without matches; `no matches`, a whole without matches."""

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
    """The items that one repository has in one campaign at the end of a day."""

    open: int = 0
    fixed: int = 0
    exempt: int = 0
    exempt_fixed: int = 0
    """Items that were fixed while they were exempt; they are not part of `fixed`."""
    missing: int = 0
    """Declared replacements without any match."""


def repository_state(holdings: Holdings, *, unknown: bool = False, gone: bool = False) -> State:
    """The state that follows from counts; only `gone` takes precedence over `unknown`."""
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
