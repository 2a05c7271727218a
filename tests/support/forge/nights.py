"""Compare nights with a fault of the forge with nights of an undisturbed workspace."""

from __future__ import annotations

import shutil
from typing import Any

from click.testing import Result

from tests.support.forge.organisation import LOOPBACK, Organisation
from tests.support.forge.world import Answer, World
from tests.support.workspaces import headway, rows

FIRST, FAULTED, HEALED = "2026-03-01", "2026-03-02", "2026-03-03"


class Nights:
    """A workspace after its first night, and an undisturbed copy of it as the control.

    Args:
        acme: The organisation, whose workspace is scanned on the first night.
    """

    def __init__(self, acme: Organisation) -> None:
        self.acme = acme
        self.control = acme.root / "control"
        acme.scan(FIRST)
        shutil.copytree(acme.workspace, self.control, symlinks=True)

    def undisturbed(self, *days: str) -> None:
        """Scan the control. Call this while the forge has no fault."""
        for day in days:
            headway(self.control, LOOPBACK, "--today", day, "scan", "--jobs", "1")

    def disturbed(self, *unknown: str, day: str = FAULTED) -> Result:
        """Scan during a fault, and check that these repositories are unknown and no others differ.

        Args:
            unknown: The names of the unknown repositories, without the owner.
            day: The day of the scan.
        """
        result = self.acme.scan(day, code=3)
        states = self._states(day, self.acme.workspace)
        expected = self._states(day, self.control)
        names = {f"acme/{name}" for name in unknown}
        assert states == expected | dict.fromkeys(names, "unknown"), result.output
        self._compare_history(day)
        return result

    def healed(self, day: str = HEALED) -> None:
        """Scan after the fault, and check that nothing differs from the control."""
        self.acme.scan(day)
        assert self._states(day, self.acme.workspace) == self._states(day, self.control)
        self._compare_history(day)

    def _states(self, day: str, workspace: Any) -> dict[str, str]:
        found = rows(workspace, "--today", day, "status", "--by", "repository")
        return {row["repository"]: row["state"] for row in found}

    def _compare_history(self, day: str) -> None:
        """Check that items and ledger are those of the control.

        Coverage may differ. Permalinks may differ too, because they name the last read commit.
        """
        mine, control = self.acme.workspace, self.control
        items = ("--today", day, "items", "--state", "all")
        assert _without_urls(rows(mine, *items)) == _without_urls(rows(control, *items))
        daily = ("--today", day, "burndown", "remove-six", "--by", "day")
        pairs = zip(rows(mine, *daily), rows(control, *daily), strict=True)
        for row, expected in pairs:
            assert row | {"coverage": expected["coverage"]} == expected


def _without_urls(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "url"} for item in items]


def heal(world: World) -> None:
    """Remove all faults from a forge."""
    world.before.clear()
    world.after.clear()


EMPTY_ANSWERS = (Answer(200), Answer(200, {"Content-Type": "text/html"}, b"<html>Try later</html>"))
"""Answers with status 200 that git reads as a list without references."""
