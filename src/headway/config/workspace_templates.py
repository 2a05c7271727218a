"""Texts of the files that `headway init` writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

Ci = Literal["github", "github-enterprise", "gitlab", "none"]

SCHEMA_NAME = "campaign.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA_NAME}"
IGNORED = (".headway/", "headway.duckdb*", "site/")


def config(source_tables: Sequence[str]) -> str:
    """Return the text of headway.toml with these `[[sources]]` tables or commented examples."""
    parts = ["# What Headway reads and where it writes. `headway validate` checks this file."]
    parts += source_tables
    parts.append('[store]\npath = "headway.duckdb"')
    parts.append('[report]\nout = "site"')
    return "\n\n".join(parts) + "\n"


def campaign(shipped: str, today: date) -> str:
    """Return a shipped campaign's text with a modeline, a start date and settings to fill in.

    The start date is one year before the first day of this month, so that the first scan already
    produces a burndown.
    """
    first_day = date(today.year - 1, today.month, 1)
    lines = [MODELINE, shipped.rstrip("\n"), ""]
    if not _has(shipped, "starts"):
        lines.append(f"starts: {first_day}  # the first day of the burndown")
    if not _has(shipped, "due"):
        lines.append(f"# due: {date(today.year + 1, today.month, 1)}  # the due date (inclusive)")
    if not _has(shipped, "owner"):
        lines.append("# owner: the team that runs the campaign")
    return "\n".join(lines) + "\n"


def _has(text: str, key: str) -> bool:
    return re.search(rf"^{key}\s*:", text, re.MULTILINE) is not None


def ignore(existing: str) -> str:
    """Return the text of a .gitignore, with the files that Headway writes added if missing."""
    present = {line.strip() for line in existing.splitlines()}
    missing = [line for line in IGNORED if line not in present]
    if not missing:
        return existing
    separator = "" if not existing or existing.endswith("\n") else "\n"
    return existing + separator + "\n".join(["# written by Headway", *missing]) + "\n"
