"""The made-up organisation on disk: its repositories, and a workspace that looks at them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from headway.cli.starter import Sources, config
from headway.demo.history import PYPROJECT_STARTS, SIX_STARTS, TRAVIS_STARTS, Story
from headway.demo.stream import stream
from headway.demo.teams import EMPTY, FORGE, ORGANISATION, TEAMS, UNREADABLE, Plan, Team
from headway.git.process import run_git
from headway.workspace import shipped_folder


def make_organisation(target: Path, *, today: date) -> None:
    """Bare repositories below `target/clones`; the same for the same `today`."""
    folder = target / "clones" / ORGANISATION
    folder.mkdir(parents=True)
    for team in TEAMS:
        reverts = team.reverts
        for plan in team.plans:
            _write(folder, team, plan, today, reverts=plan.kind == "python" and reverts > 0)
            reverts -= plan.kind == "python"
    _initialise(folder, EMPTY, "main")
    _damage(folder / f"{UNREADABLE}.git")


def _write(folder: Path, team: Team, plan: Plan, today: date, *, reverts: bool) -> None:
    place = _initialise(folder, plan.name, plan.branch)
    commits = Story(team, plan, reverts=reverts).commits(today)
    run_git(
        # few objects would lie loose otherwise
        ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"],
        git_dir=place,
        stdin=stream(plan.branch, commits),
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


def write_workspace(target: Path, *, today: date) -> None:
    """headway.toml and the campaigns: those of the catalogue, with the organisation's dates."""
    (target / "headway.toml").write_text(config(Sources(local="clones")), "utf-8")
    folder = target / "campaigns"
    folder.mkdir()
    for name, lines in _campaigns(today).items():
        shipped = (shipped_folder() / "campaigns" / f"{name}.yaml").read_text("utf-8")
        text = shipped.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
        (folder / f"{name}.yaml").write_text(text, "utf-8")


def _campaigns(today: date) -> dict[str, list[str]]:
    """Campaign to the lines that come after the catalogue's."""

    def day(age: int) -> date:
        return today - timedelta(days=age)

    return {
        "remove-six": [
            "owner: platform",
            f"starts: {day(SIX_STARTS)}",
            f"due: {day(-80)}",
            "milestones:",
            f'  - {{name: Money first, due: {day(35)}, repositories: ["acme/payments-*"]}}',
            f'  - {{name: Customers, due: {day(-30)}, repositories: ["acme/*-api"]}}',
            "exemptions:",
            "  - repositories: [acme/legacy-billing]",
            "    reason: Switched off at the end of its last contract.",
            f"    until: {day(-200)}",
            "    approved_by: platform",
        ],
        "travis-to-github-actions": [
            "owner: platform",
            f"starts: {day(TRAVIS_STARTS)}",
            f"due: {day(-45)}",
            "exemptions:",
            "  - repositories: [acme/letter-press]",
            "    reason: Archived next quarter.",
            "    approved_by: platform",
        ],
        "setup-py-to-pyproject": [
            "owner: platform",
            f"starts: {day(PYPROJECT_STARTS)}",
            f"due: {day(-260)}",
        ],
    }
