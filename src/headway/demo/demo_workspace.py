"""Write the demo workspace: settings, teams and campaigns."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from headway.config.teams_file import TEAMS_NAME
from headway.config.workspace import shipped_folder
from headway.config.workspace_templates import config
from headway.demo.demo_history import (
    CUSTOMER_FACING,
    IMAGES_START,
    PYPROJECT_STARTS,
    SIX_STARTS,
    TRAVIS_STARTS,
)
from headway.demo.teams import ORGANISATION, TEAMS
from headway.forges.source_registry import source_tables

_LEFT_OUT = {
    "end-of-life-images": ("id: debian-image", "id: ubuntu-image"),
    "remove-six": ("id: vendored-six",),
}
"""The first lines of the rules to omit, by campaign. A scan would warn that these rules match
nothing.
"""


def write_workspace(target: Path, *, today: date) -> None:
    """Write headway.toml, teams.yaml, and shipped campaigns with dates added."""
    (target / "headway.toml").write_text(config(source_tables({"local": "clones"})), "utf-8")
    (target / TEAMS_NAME).write_text(_teams(), "utf-8")
    folder = target / "campaigns"
    folder.mkdir()
    for name, lines in _campaigns(today).items():
        shipped = (shipped_folder() / "campaigns" / f"{name}.yaml").read_text("utf-8")
        kept = _without(shipped, _LEFT_OUT.get(name, ()))
        text = kept.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
        (folder / f"{name}.yaml").write_text(text, "utf-8")


def _without(campaign: str, parts: tuple[str, ...]) -> str:
    """Remove the list entries whose first lines contain one of the given parts."""
    kept, is_kept = [], True
    for line in campaign.splitlines(keepends=True):
        if line.startswith("  - ") or not line.startswith("   "):
            is_kept = not any(part in line for part in parts)
        if is_kept:
            kept.append(line)
    return "".join(kept)


def _teams() -> str:
    lines = ["# The teams of Acme. CODEOWNERS files refer to them by their aliases.", "teams:"]
    for team in TEAMS:
        lines += [
            f"  - name: {team.slug}",
            f"    lead: {team.people[0].name}",
            f'    channel: "#{team.slug}"',
            f'    aliases: ["@{ORGANISATION}/{team.slug}"]',
        ]
        named = [plan.name for plan in team.plans if plan.owned_by == "teams.yaml"]
        if named:
            lines.append(f"    repositories: [{', '.join(f'{ORGANISATION}/{n}' for n in named)}]")
    return "\n".join(lines) + "\n"


def _campaigns(today: date) -> dict[str, list[str]]:
    """Return the lines to add to each shipped campaign, by campaign ID."""

    def day(age: int) -> date:
        return today - timedelta(days=age)

    return {
        "remove-six": [
            "owner: platform",
            f"starts: {day(SIX_STARTS)}",
            f"due: {day(-190)}",
            "milestones:",
            f'  - {{name: Payments, due: {day(35)}, repositories: ["acme/payments-*"]}}',
            f'  - {{name: APIs, due: {day(-30)}, repositories: ["acme/*-api"]}}',
            "exemptions:",
            "  - repositories: [acme/legacy-billing]",
            "    reason: The service will be switched off when its last contract ends.",
            f"    until: {day(-12)}",
            "    approved_by: platform",
        ],
        "travis-to-github-actions": [
            "owner: platform",
            f"starts: {day(TRAVIS_STARTS)}",
            f"due: {day(-45)}",
            "exemptions:",
            "  - repositories: [acme/letter-press]",
            "    reason: The repository will be archived next quarter.",
            f"    until: {day(-90)}",
            "    approved_by: platform",
        ],
        "end-of-life-images": [
            "owner: platform",
            f"starts: {day(IMAGES_START)}",
            f"due: {day(40)}",
            "scope:",
            "  # The campaign begins with the customer-facing repositories.",
            f"  repositories: [{', '.join(f'{ORGANISATION}/{name}' for name in CUSTOMER_FACING)}]",
        ],
        "setup-py-to-pyproject": [
            "owner: platform",
            f"starts: {day(PYPROJECT_STARTS)}",
            f"due: {day(-260)}",
        ],
    }
