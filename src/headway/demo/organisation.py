"""Write the fictional organisation's repositories with their history up to a given day."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from headway.demo.demo_history import Story
from headway.demo.stream import stream
from headway.demo.teams import EMPTY, FORGE, ORGANISATION, TEAMS, UNREADABLE, Plan, Team
from headway.git.process import run_git

EARLIER = timedelta(weeks=6)
"""The time between the two scans of the demo. The second scan is on the current date."""


def make_organisation(
    target: Path, *, today: date, since: date | None = None, until: date | None = None
) -> None:
    """Write bare repositories below `target/clones`. The same dates give the same commits.

    Args:
        target: The folder of the workspace.
        today: The date from which ages are counted. All commits are earlier.
        since: The `until` of an earlier call that this call continues. None starts a new history.
        until: The exclusive end date of the commits to write. None means today.
    """
    folder = target / "clones" / ORGANISATION
    folder.mkdir(parents=True, exist_ok=True)
    days = _Days(since or date.min, until or today, today)
    for team in TEAMS:
        reverts = team.reverts
        for plan in team.plans:
            _write(folder, team, plan, days, reverts=plan.kind == "python" and reverts > 0)
            reverts -= plan.kind == "python"
    if since is None:
        _initialise(folder, EMPTY, "main")
    if until is None:
        _damage(folder / f"{UNREADABLE}.git")


@dataclass(frozen=True, slots=True)
class _Days:
    """The range of days to write, and today's date."""

    since: date
    """The first day to write."""
    until: date
    """The day after the last day to write."""
    today: date

    def has_come(self, age: int | None) -> bool:
        """Return whether the date `age` days ago is before `until`."""
        return age is not None and self.today - timedelta(days=age) < self.until


def _write(folder: Path, team: Team, plan: Plan, days: _Days, *, reverts: bool) -> None:
    place = folder / f"{plan.name}.git"
    if days.has_come(plan.leaves):
        shutil.rmtree(place, ignore_errors=True)
        return
    if plan.joins is not None and not days.has_come(plan.joins):
        return
    exists = place.exists()
    if not exists:
        _initialise(folder, plan.name, plan.branch)
    commits = [
        commit
        for commit in Story(team, plan, reverts=reverts).commits(days.today)
        if commit.moment.date() < days.until and not (exists and commit.moment.date() < days.since)
    ]
    run_git(
        # This setting makes git pack all objects. By default, git leaves a few objects loose.
        ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"],
        git_dir=place,
        stdin=stream(plan.branch, commits, append=exists),
    )


def _initialise(folder: Path, name: str, branch: str) -> Path:
    place = folder / f"{name}.git"
    run_git(["init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(place)])
    with (place / "config").open("a", encoding="utf-8") as file:
        file.write(f'[remote "origin"]\n\turl = {FORGE}/{ORGANISATION}/{name}.git\n')
    return place


def _damage(place: Path) -> None:
    """Truncate every pack file to half its size, as if the disk had been full."""
    for pack in sorted((place / "objects" / "pack").glob("*.pack")):
        pack.chmod(0o644)
        content = pack.read_bytes()
        pack.write_bytes(content[: len(content) // 2])
