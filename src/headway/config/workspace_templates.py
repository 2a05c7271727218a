"""The text of the files that a new workspace begins with: values in, text out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

Ci = Literal["github", "gitlab", "none"]

SCHEMA_NAME = "campaign.schema.json"
IGNORED = (".headway/", "headway.duckdb*", "site/")


def config(source_tables: Sequence[str]) -> str:
    """The text of headway.toml; each `[[sources]]` table is given as text, or as a comment."""
    parts = ["# What Headway reads, and where it writes. `headway validate` checks this file."]
    parts += source_tables
    parts.append('[store]\npath = "headway.duckdb"')
    parts.append('[report]\nout = "site"')
    return "\n\n".join(parts) + "\n"


def campaign(shipped: str, today: date) -> str:
    """A shipped campaign's text, with the editor's modeline, a first day and what to fill in.

    The first day is the first of the month a year ago, so that there is a burndown at once.
    """
    first_day = date(today.year - 1, today.month, 1)
    lines = [f"# yaml-language-server: $schema={SCHEMA_NAME}", shipped.rstrip("\n"), ""]
    if not _has(shipped, "starts"):
        lines.append(f"starts: {first_day}  # the burndown's first day")
    if not _has(shipped, "due"):
        lines.append(f"# due: {date(today.year + 1, today.month, 1)}  # the last day in time")
    if not _has(shipped, "owner"):
        lines.append("# owner: the team that runs the campaign")
    return "\n".join(lines) + "\n"


def _has(text: str, key: str) -> bool:
    return re.search(rf"^{key}\s*:", text, re.MULTILINE) is not None


def ignore(existing: str) -> str:
    """.gitignore with what Headway makes; the text as it is when all of it is there."""
    present = {line.strip() for line in existing.splitlines()}
    missing = [line for line in IGNORED if line not in present]
    if not missing:
        return existing
    separator = "" if not existing or existing.endswith("\n") else "\n"
    return existing + separator + "\n".join(["# what Headway makes", *missing]) + "\n"
