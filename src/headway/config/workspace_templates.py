"""Contents of the files that `headway init` writes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from headway.printable import printable
from headway.progress.path_owners import Team

Ci = Literal["github", "github-enterprise", "gitlab", "none"]

SCHEMA_NAME = "campaign.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA_NAME}"
_TEAMS_HEAD = (
    "# The teams that own code. Owners in CODEOWNERS, catalog-info.yaml and the forge count too;",
    "# this file maps those owners to teams, and assigns everything that has no owner there.",
    "# A team may have these keys:",
    "#   - name: payments",
    "#     lead: ada@example.com",
    '#     channel: "#payments"',
    '#     aliases: ["@acme/payments"]       # names of the team in CODEOWNERS and on the forge',
    '#     repositories: ["acme/payments-*"] # what the team owns, even if other files disagree',
    '#     paths: ["src/**"]                 # in these repositories',
)
_HINTS_HEAD = (
    "",
    "# No file states who owns the following repositories. Their items count as `unowned` until",
    "# a team above lists them in `repositories`. The most active author of the last year may know",
    "# who owns them.",
)
IGNORED = (".headway/", "headway.duckdb*", "site/")


def config(source_tables: Sequence[str], store: str = "headway.duckdb") -> str:
    """Return the contents of headway.toml.

    Args:
        source_tables: The `[[sources]]` tables, or commented examples.
        store: The path of the store, or its address in object storage.
    """
    parts = ["# What Headway reads and where it writes. `headway validate` checks this file."]
    parts += source_tables
    parts.append(f"[store]\npath = {json.dumps(store)}")
    parts.append('[report]\nout = "site"')
    return "\n\n".join(parts) + "\n"


def first_day(today: date) -> date:
    """Return the start date of a new campaign: one year before the first day of this month.

    With a start date in the past, the first scan already produces a burndown.
    """
    return date(today.year - 1, today.month, 1)


def with_settings(shipped: str, today: date) -> str:
    """Add the start date and the commented-out settings that a shipped campaign's file lacks."""
    lines = [shipped.rstrip("\n"), ""]
    if not _has(shipped, "starts"):
        lines += [
            "# The first day of the burndown. It is in the past, so that the first scan reads the",
            "# history since then. If the migration began on another day, write that day here.",
            f"starts: {first_day(today)}",
        ]
    if not _has(shipped, "due"):
        lines.append(f"# due: {date(today.year + 1, today.month, 1)}  # the due date (inclusive)")
    if not _has(shipped, "owner"):
        lines.append("# owner: the team that runs the campaign")
    return "\n".join(lines) + "\n"


def teams(found: Sequence[tuple[Team, str]], hints: Sequence[str]) -> str:
    """Return the contents of teams.yaml.

    Args:
        found: The teams, each with a comment that states where its name was found.
        hints: Comments on repositories without an owner.
    """
    lines = [*_TEAMS_HEAD, "teams:" if found else "teams: []"]
    for team, comment in found:
        aliases = ", ".join(map(_quoted, team.aliases))
        lines.append(f"  - name: {_quoted(team.name)}")
        lines.append(f"    aliases: [{aliases}]  # {printable(comment)}")
    if hints:
        lines += _HINTS_HEAD
        lines += [f"#   {printable(hint)}" for hint in hints]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(printable(text), ensure_ascii=False)


def _has(text: str, key: str) -> bool:
    return re.search(rf"^{key}\s*:", text, re.MULTILINE) is not None


def ignore(existing: str) -> str:
    """Return the contents of a `.gitignore` file plus the missing entries for Headway's files."""
    present = {line.strip() for line in existing.splitlines()}
    missing = [line for line in IGNORED if line not in present]
    if not missing:
        return existing
    separator = "" if not existing or existing.endswith("\n") else "\n"
    return existing + separator + "\n".join(["# written by Headway", *missing]) + "\n"
