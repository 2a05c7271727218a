"""Campaign definitions after validation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

Role = Literal["deprecated", "replacement"]

PATH_SYNTAX = 3
"""Increases when the same `paths` come to admit other files."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a campaign: a scanner, its options and a role."""

    id: str
    """Unique in its campaign."""
    role: Role
    scanner: str
    """Name of the scanner."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The scanner's own options as plain JSON values, including defaults."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns, of which the last match wins; empty admits every path."""
    weight: float = 1.0
    """How much one item counts in completion; at least 0."""
    samples: tuple[str, ...] = ()
    """Texts in each of which the rule must have a match."""
    include_vendored: bool = False
    """Whether paths of vendored and generated code are admitted; see `model.vendored`."""

    def fingerprint(self, scanner_version: str) -> str:
        """A hash of everything that the rule's matches depend on."""
        body = json.dumps(
            [
                self.scanner,
                scanner_version,
                dict(self.options),
                list(self.paths),
                PATH_SYNTAX,
                self.include_vendored,
            ],
            sort_keys=True,
            ensure_ascii=True,
        )
        return hashlib.sha256(body.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Scope:
    """The conditions that a repository must meet to be in a campaign's scope."""

    repositories: tuple[str, ...] = ()
    """Gitignore patterns that its name must match; empty admits all."""
    topics: tuple[str, ...] = ()
    """Topics of which it must have at least one; empty admits all."""
    languages: tuple[str, ...] = ()
    """Languages of which it must have at least one; empty admits all."""
    visibility: tuple[str, ...] = ()
    """Visibilities that are admitted; empty admits all."""
    archived: bool = False
    """Whether archived repositories are admitted."""
    forks: bool = False
    """Whether forks are admitted."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A group of repositories with a due date of its own."""

    name: str
    due: date
    """The last day that still counts as on time (inclusive)."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns over repository names; empty means all in scope."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Items that do not have to be fixed for some time."""

    reason: str
    until: date
    """The last exempt day (inclusive)."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns over repository names; empty means all."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns over paths; empty means all."""
    rules: tuple[str, ...] = ()
    """Ids of rules; empty means all."""
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One migration."""

    id: str
    """The stem of its file's name."""
    title: str
    deprecated: tuple[Rule, ...]
    replacement: tuple[Rule, ...] = ()
    summary: str = ""
    owner: str | None = None
    """Who runs the campaign."""
    guide: str | None = None
    """URL of instructions for the teams."""
    starts: date | None = None
    """The burndown's first day; None means the day of the first scan."""
    due: date | None = None
    """The last day that still counts as on time (inclusive)."""
    scope: Scope = Scope()
    milestones: tuple[Milestone, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    file: Path | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Deprecated rules first, then replacements, each in the file's order."""
        return self.deprecated + self.replacement

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id. Raises `KeyError` if there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
