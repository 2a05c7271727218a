"""The findings of a campaign's rules in the files at the tip of one repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from headway.model.repository import Repository


@dataclass(frozen=True, slots=True)
class TipMatch:
    """A match in a file at the tip."""

    path: str
    line: int | None
    """The 1-based line number, or None if the whole file matches."""
    column: int | None
    """The 1-based column in characters, or None if it is unknown."""
    excerpt: str
    """The part of the matched line that is shown to users."""
    captures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """The findings of one rule at the tip of one repository."""

    rule: str
    matches: tuple[TipMatch, ...] = ()
    """The matches, sorted by path and line."""
    files: int = 0
    """The number of files that the rule's `paths` select, excluding vendored and generated code."""
    binary: int = 0
    """The number of selected files that were not searched because they are binary."""
    excluded: int = 0
    """The number of files that the rule omits only because they are vendored or generated."""
    seconds: float = 0.0
    """The processor time of the rule's scanner, in seconds. For a scanner that needs a work tree,
    this is the elapsed time instead.
    """
    unread: tuple[tuple[str, str], ...] = ()
    """The files that the rule could not read, as (path, reason)."""
    failure: str | None = None
    """The reason why the rule could not search this repository, or None if it could."""

    @property
    def is_known(self) -> bool:
        """Return whether the rule searched every file that its `paths` select."""
        return self.failure is None and not self.unread


@dataclass(frozen=True, slots=True)
class TipFindings:
    """The findings of all rules at the tip of one repository."""

    repository: str
    """The key of the repository."""
    git_dir: Path
    """The mirror that was read."""
    tip: str
    """The ID of the commit whose files were searched."""
    rules: tuple[RuleFindings, ...]
    """One entry per rule, in the order of the campaign."""
    excluded: int = 0
    """The number of files that any rule omits only because they are vendored or generated."""
    excluded_example: str = ""
    """The path of the first file that `excluded` counts, or an empty string."""


@dataclass(frozen=True, slots=True)
class Unsearched:
    """A repository that could not be searched."""

    name: str
    reason: str
    lacks_mirror: bool = False
    """Whether the repository could not be searched because it has no mirror yet."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The findings of a campaign at the tips of all repositories in its scope."""

    listed: tuple[Repository, ...]
    """All listed repositories, whether or not they are in scope."""
    searched: tuple[tuple[Repository, TipFindings], ...]
    """The repositories that were searched, sorted by name."""
    unsearched: tuple[Unsearched, ...] = ()
    outside: Mapping[str, int] = field(default_factory=dict)
    """The number of repositories out of scope, by reason."""
    unlisted: int = 0
    """The number of repositories that `listed` omits because only their names are known."""
    problems: tuple[str, ...] = ()
    """The reasons why listings are incomplete, one sentence each."""

    @property
    def is_complete(self) -> bool:
        """Return whether every repository was listed, and every rule searched all of its files."""
        return not (self.unsearched or self.problems) and all(
            rule.is_known for _, findings in self.searched for rule in findings.rules
        )
