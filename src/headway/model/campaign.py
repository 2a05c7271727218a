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
"""Increased whenever the same `paths` would match other files than before."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a campaign: a scanner, its options and a role."""

    id: str
    """The ID of the rule, unique in its campaign."""
    role: Role
    scanner: str
    """Name of the scanner."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The scanner's own options as plain JSON values, including defaults."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns, of which the last match wins; empty matches every path."""
    weight: float = 1.0
    """The weight of one item in the completion; at least 0."""
    samples: tuple[str, ...] = ()
    """Sample texts, each of which the rule must match."""
    include_vendored: bool = False
    """Whether to include vendored and generated code; see `model.vendored`."""

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
    """Gitignore patterns for repository names; empty matches all."""
    topics: tuple[str, ...] = ()
    """Topics of which a repository must have at least one; empty matches all."""
    languages: tuple[str, ...] = ()
    """Languages of which a repository must have at least one; empty matches all."""
    visibility: tuple[str, ...] = ()
    """Visibilities of repositories; empty matches all."""
    archived: bool = False
    """Whether to include archived repositories."""
    forks: bool = False
    """Whether to include forks."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A group of repositories with a due date of its own."""

    name: str
    due: date
    """The last day that still counts as on time (inclusive)."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns for repository names; empty means all repositories in scope."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Items that do not have to be fixed until a date."""

    reason: str
    until: date
    """The last exempt day (inclusive)."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns for repository names; empty means all repositories."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns for paths; empty means all paths."""
    rules: tuple[str, ...] = ()
    """IDs of rules; empty means all rules."""
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One migration."""

    id: str
    """The ID of the campaign: the name of its file without the extension."""
    title: str
    deprecated: tuple[Rule, ...]
    replacement: tuple[Rule, ...] = ()
    summary: str = ""
    owner: str | None = None
    """The person or team that runs the campaign."""
    guide: str | None = None
    """The URL of the migration guide for the teams."""
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
        """All rules: deprecated rules, then replacement rules, in the order of the file."""
        return self.deprecated + self.replacement

    def rule(self, rule_id: str) -> Rule:
        """The rule with this ID. Raises `KeyError` if there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
