"""The text of the files that a new workspace begins with: values in, text out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Ci = Literal["github", "gitlab", "none"]

SCHEMA_NAME = "campaign.schema.json"
IGNORED = (".headway/", "headway.duckdb*", "site/")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the repositories are: at least one of them is given."""

    github: str | None = None
    gitlab: str | None = None
    local: str | None = None


def config(sources: Sources) -> str:
    """headway.toml, with the sources that were not asked for as comments."""
    parts = ["# What Headway reads, and where it puts things. `headway validate` checks this file."]
    parts.append(_github(sources.github))
    parts.append(_gitlab(sources.gitlab))
    parts.append(_local(sources.local))
    parts.append('[store]\npath = "headway.duckdb"')
    parts.append('[report]\nout = "site"')
    return "\n\n".join(parts) + "\n"


def _github(organization: str | None) -> str:
    return _table(
        [
            "[[sources]]",
            'type = "github"',
            f"organization = {_string(organization or 'acme')}",
            'token = "GITHUB_TOKEN"  # the name of an environment variable, never the token',
        ],
        given=organization is not None,
    )


def _gitlab(group: str | None) -> str:
    return _table(
        [
            "[[sources]]",
            'type = "gitlab"',
            f"group = {_string(group or 'acme/platform')}",
            'token = "GITLAB_TOKEN"  # the name of an environment variable, never the token',
        ],
        given=group is not None,
    )


def _local(path: str | None) -> str:
    return _table(
        [
            "[[sources]]",
            'type = "local"',
            f"path = {_string(path or 'clones')}  # every git repository below this folder",
        ],
        given=path is not None,
    )


def _table(lines: list[str], *, given: bool) -> str:
    return "\n".join(line if given else f"# {line}" for line in lines)


def _string(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


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
