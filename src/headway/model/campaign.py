"""Campaigns as the rest of Headway sees them: validated, frozen, without positions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

Role = Literal["deprecated", "replacement"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a campaign: a scanner, its options, and a role.

    id: unique in its campaign.
    options: the scanner's own options as plain JSON values, defaults included.
    paths: gitignore patterns, the last that matches wins; empty admits every path.
    weight: how much one item counts in completion; at least 0.
    samples: texts in each of which the rule must find something.
    """

    id: str
    role: Role
    scanner: str
    options: Mapping[str, object] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    weight: float = 1.0
    samples: tuple[str, ...] = ()

    def fingerprint(self, scanner_version: str) -> str:
        """Changes exactly when the matches may: scanner, its version, options and paths."""
        body = json.dumps(
            [self.scanner, scanner_version, dict(self.options), list(self.paths)],
            sort_keys=True,
            ensure_ascii=True,
        )
        return hashlib.sha256(body.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which repositories a campaign is about.

    repositories: gitignore patterns over repository names; empty admits all.
    topics, languages, visibility: any of them suffices; empty admits all.
    """

    repositories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    visibility: tuple[str, ...] = ()
    archived: bool = False
    forks: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """A wave with its own due date; `repositories` are patterns as in `Scope`."""

    name: str
    due: date
    repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """Items that need not go, and until when.

    Empty `repositories`, `paths` or `rules` mean all. until: the last exempt day (inclusive).
    """

    reason: str
    until: date
    repositories: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One migration; its id is its file's stem.

    starts: the burndown's first day; None means the day of the campaign's first scan.
    due: the last day in time (inclusive).
    """

    id: str
    title: str
    deprecated: tuple[Rule, ...]
    replacement: tuple[Rule, ...] = ()
    summary: str = ""
    owner: str | None = None
    guide: str | None = None
    starts: date | None = None
    due: date | None = None
    scope: Scope = Scope()
    milestones: tuple[Milestone, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    file: Path | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Deprecated rules first, then replacements, each in the file's order."""
        return self.deprecated + self.replacement

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; KeyError when there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
