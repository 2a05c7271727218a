"""Compare nights with a fault of the forge with nights of an undisturbed workspace."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.support.forge.organisation import LOOPBACK, Organisation
from tests.support.forge.world import Answer, World, always
from tests.support.workspaces import headway, rows, shared_connection

FORGES = ("github", "github rest", "gitlab", "gitlab rest")
"""The forges under test. Names without `rest` mean that repositories are listed by GraphQL."""

FIRST, FAULTED, HEALED = "2026-03-01", "2026-03-02", "2026-03-03"


@dataclass(frozen=True)
class Outcome:
    """The numbers of a workspace for one day."""

    states: dict[str, str]
    """The state of each repository, by name."""
    items: list[dict[str, Any]]
    """All items, without permalinks, because these contain the commit that was read last."""
    burndown: list[dict[str, Any]]
    """The daily rows of the burndown and its ledger."""


def read_outcome(workspace: Path, day: str) -> Outcome:
    """Read the numbers of the campaign `remove-six` as of a day."""
    today = ("--today", day)
    with shared_connection(workspace):
        states = rows(workspace, *today, "status", "--by", "repository")
        items = rows(workspace, *today, "items", "--state", "all")
        burndown = rows(workspace, *today, "burndown", "remove-six", "--by", "day")
    return Outcome(
        {row["repository"]: row["state"] for row in states},
        [{name: value for name, value in item.items() if name != "url"} for item in items],
        burndown,
    )


class Nights:
    """A workspace after its first night, and the control, which is an undisturbed copy of it.

    Args:
        acme: The organisation, whose workspace was scanned on the first night.
        expected: The outcomes of the control by day, as far as they are known.
    """

    def __init__(self, acme: Organisation, expected: Mapping[str, Outcome] | None = None) -> None:
        self.acme = acme
        self.control = acme.root / "control"
        self._expected = dict(expected or {})
        if not self.control.exists():
            shutil.copytree(acme.workspace, self.control, symlinks=True)

    def copy(self, root: Path) -> Nights:
        """Copy the organisation, the workspace and the control to another folder."""
        return Nights(self.acme.copy(root), self._expected)

    def undisturbed(self, *days: str) -> None:
        """Scan the control on these days. Call this while the forge has no fault."""
        for day in days:
            headway(self.control, LOOPBACK, "--today", day, "scan", "--jobs", "1")
        self._expected.clear()

    def expected(self, day: str) -> Outcome:
        """Return the outcome of the control as of a day."""
        if day not in self._expected:
            self._expected[day] = read_outcome(self.control, day)
        return self._expected[day]

    def disturbed(self, *unknown: str, day: str = FAULTED) -> Result:
        """Scan during a fault, and check that these repositories are unknown and no others differ.

        Args:
            unknown: The names of the unknown repositories, without the owner.
            day: The day of the scan.
        """
        result = self.acme.scan(day, code=3)
        mine, control = self._compare_history(day)
        names = {f"acme/{name}" for name in unknown}
        assert mine.states == control.states | dict.fromkeys(names, "unknown"), result.output
        return result

    def healed(self, day: str = HEALED) -> None:
        """Scan after the fault, and check that nothing differs from the control."""
        self.acme.scan(day)
        mine, control = self._compare_history(day)
        assert mine.states == control.states

    def _compare_history(self, day: str) -> tuple[Outcome, Outcome]:
        """Check that the items and the ledger equal those of the control. Coverage may differ.

        Returns:
            The outcome, and the outcome of the control.
        """
        mine, control = read_outcome(self.acme.workspace, day), self.expected(day)
        assert mine.items == control.items
        for row, expected in zip(mine.burndown, control.burndown, strict=True):
            assert row | {"coverage": expected["coverage"]} == expected
        return mine, control


def undisturbed_nights(acme: Organisation) -> Nights:
    """Return nights after the first one, with the outcomes of the control on all days.

    The control was scanned on the later nights and then reset. Copies share the outcomes.
    """
    first = acme.workspace.with_name("first")
    shutil.copytree(acme.workspace, first, symlinks=True)
    nights = Nights(acme)
    nights.undisturbed(FAULTED, HEALED)
    for day in (FAULTED, HEALED):
        nights.expected(day)
    shutil.rmtree(nights.control)
    first.rename(nights.control)
    return nights


def heal(world: World) -> None:
    """Remove all faults from a forge."""
    world.before.clear()
    world.after.clear()


def without_graphql(world: World, forge: str) -> None:
    """Disable GraphQL if the name of the forge, one of `FORGES`, ends with `rest`."""
    if forge.endswith("rest"):
        world.before.append(always(Answer(404), "/api/graphql"))


EMPTY_ANSWERS = (Answer(200), Answer(200, {"Content-Type": "text/html"}, b"<html>Try later</html>"))
"""Responses with status 200 that git reads as a list without references."""
