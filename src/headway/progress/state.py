"""What state a repository is in, and the words for how a campaign fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["not affected", "open", "incomplete", "done", "exempt", "unknown", "gone"]
Health = Literal[
    "done", "on track", "at risk", "off track", "stalled", "no due date", "not enough history"
]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one repository holds for one campaign at the end of a day; counts of items.

    missing: declared replacements of which nothing is there.
    """

    open: int = 0
    fixed: int = 0
    exempt: int = 0
    missing: int = 0


def repository_state(holdings: Holdings, *, unknown: bool = False, gone: bool = False) -> State:
    """Unknown comes before everything but gone: it is never done."""
    if gone:
        return "gone"
    if unknown:
        return "unknown"
    if holdings.open:
        return "open"
    if not holdings.fixed:
        return "exempt" if holdings.exempt else "not affected"
    if holdings.missing:
        return "incomplete"
    return "exempt" if holdings.exempt else "done"
