"""Campaign definitions after validation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

Role = Literal["applies_to", "deprecated", "required"]

PATH_SYNTAX = 4
"""The version of the syntax of `paths`.

Increase the version whenever the same patterns match different files than before.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a campaign: a scanner, its options, and the role of its matches."""

    id: str
    """The rule's ID, which is unique within the campaign."""
    role: Role
    scanner: str
    options: Mapping[str, object] = field(default_factory=dict)
    """The scanner's options as JSON values, including defaults."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns. The last pattern that matches a path decides whether it is included. An
    empty list means all paths.
    """
    weight: float = 1.0
    """The weight of each item in the campaign's completion, at least 0."""
    samples: tuple[str, ...] = ()
    """Examples that the rule must match."""
    include_vendored: bool = False
    """Whether the rule also covers vendored and generated code."""

    def fingerprint(self, scanner_version: str) -> str:
        """Return a hash of everything that the rule's matches depend on."""
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
    """Gitignore patterns for repository names. An empty list means all names."""
    topics: tuple[str, ...] = ()
    """A repository must have at least one of these topics, unless the list is empty."""
    languages: tuple[str, ...] = ()
    """A repository must use at least one of these languages, unless the list is empty."""
    visibility: tuple[str, ...] = ()
    """The visibilities to include. An empty list means all visibilities."""
    archived: bool = False
    """Whether to include archived repositories."""
    forks: bool = False
    """Whether to include forks."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A group of repositories with its own due date."""

    name: str
    due: date
    """The last day that counts as on time."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns for repository names. An empty list means all repositories in scope."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """A selection of items that need not be fixed while the exemption is in force."""

    reason: str
    until: date
    """The last day on which the exemption is in force."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns for repository names. An empty list means all repositories."""
    paths: tuple[str, ...] = ()
    """Gitignore patterns for paths. An empty list means all paths."""
    rules: tuple[str, ...] = ()
    """Rule IDs. An empty list means all rules."""
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A public source of a campaign's advice."""

    url: str
    read_on: date
    """The day on which the source was last checked."""
    says: str
    """A one-sentence summary of the source."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A migration, as defined in a campaign file."""

    id: str
    """The name of the campaign file without its extension."""
    title: str
    deprecated: tuple[Rule, ...] = ()
    replacement: tuple[Rule, ...] = ()
    """The required rules. If the campaign has no deprecated rules, every required rule without a
    match in a repository is an item.
    """
    applies_to: tuple[Rule, ...] = ()
    """The rules that find the affected repositories. An empty list means that all repositories can
    be affected.
    """
    summary: str = ""
    owner: str | None = None
    """The person or team that runs the campaign, or None if the campaign names nobody."""
    guide: str | None = None
    """The URL of the migration guide for teams, or None without a guide."""
    references: tuple[Reference, ...] = ()
    starts: date | None = None
    """The first day of the burndown, or None for the day of the first scan."""
    due: date | None = None
    """The last day that counts as on time, or None without a due date."""
    scope: Scope = Scope()
    milestones: tuple[Milestone, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    file: Path | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The deprecated rules, followed by the required rules and the `applies_to` rules."""
        return self.deprecated + self.replacement + self.applies_to

    @property
    def counted(self) -> tuple[Rule, ...]:
        """The rules whose items must be fixed.

        These are the deprecated rules or, if there are none, the required rules.
        """
        return self.deprecated or self.replacement

    @property
    def has_conditions(self) -> bool:
        """Whether items depend on the presence or absence of matches of other rules."""
        return bool(self.applies_to) or not self.deprecated

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this ID, or raise `KeyError`."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
