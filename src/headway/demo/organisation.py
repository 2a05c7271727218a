"""The made-up organisation on disk: its repositories, up to a day."""

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
"""How long before today the demo is scanned for the first time."""


def make_organisation(
    target: Path, *, today: date, since: date | None = None, until: date | None = None
) -> None:
    """Bare repositories below `target/clones`; the same for the same days.

    The story ends on the day before `today`. since: the day up to which it has been made already;
    until: the day (exclusive) at which to stop; None: from its beginning, to its end.
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
    """From when (inclusive) to when (exclusive) to write, and when the story ends."""

    since: date
    until: date
    today: date

    def is_over(self, age: int | None) -> bool:
        """Whether the day that is so many days before today has come."""
        return age is not None and self.today - timedelta(days=age) < self.until


def _write(folder: Path, team: Team, plan: Plan, days: _Days, *, reverts: bool) -> None:
    place = folder / f"{plan.name}.git"
    if days.is_over(plan.leaves):
        shutil.rmtree(place, ignore_errors=True)
        return
    if plan.joins is not None and not days.is_over(plan.joins):
        return
    begun = place.exists()
    if not begun:
        _initialise(folder, plan.name, plan.branch)
    commits = [
        commit
        for commit in Story(team, plan, reverts=reverts).commits(days.today)
        if commit.moment.date() < days.until and not (begun and commit.moment.date() < days.since)
    ]
    run_git(
        # few objects would lie loose otherwise
        ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"],
        git_dir=place,
        stdin=stream(plan.branch, commits, go_on=begun),
    )


def _initialise(folder: Path, name: str, branch: str) -> Path:
    place = folder / f"{name}.git"
    run_git(["init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(place)])
    with (place / "config").open("a", encoding="utf-8") as file:
        file.write(f'[remote "origin"]\n\turl = {FORGE}/{ORGANISATION}/{name}.git\n')
    return place


def _damage(place: Path) -> None:
    """Cuts every pack in half, as a disk that is full does."""
    for pack in sorted((place / "objects" / "pack").glob("*.pack")):
        pack.chmod(0o644)
        content = pack.read_bytes()
        pack.write_bytes(content[: len(content) // 2])
