"""Records of the change log. They show who changed the number of open items."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Change(NamedTuple):
    """The change that a commit made to a campaign's open count in one repository.

    A change without a commit is a change of scope, a change of exemptions, or a move between
    repositories. The changes on a day add up to the columns of the ledger.
    """

    campaign: str
    repository: str
    day: date
    commit: str | None
    """The commit, or None for a change that no commit made."""
    author: str | None
    """The author of the commit or, for a merge, of the merged commit that changed the files. None
    without a commit, and if the author is unknown.
    """
    new: int
    regressed: int
    moved_in: int
    scope_added: int
    lapsed: int
    fixed: int
    moved_out: int
    scope_removed: int
    exempted: int
    url: str | None
    """The URL of the commit's page, or None if there is no commit or the forge is unknown."""

    def flows(self) -> tuple[int, ...]:
        """Return the counts in the order of `FLOW_SIGNS`."""
        return self[5:14]

    @property
    def items(self) -> int:
        """The number of items that entered or left the open count."""
        return sum(self.flows())
