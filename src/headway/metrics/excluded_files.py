"""Count the files that rules exclude only because they are vendored or generated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway.model.campaign import Campaign, Rule
from headway.model.repository import Repository
from headway.model.scope import name_matches, reason_outside


class ExcludedFiles:
    """Counts excluded files in the latest commits of repositories in scope.

    Attributes:
        count: How many vendored or generated files match a rule's `paths`.
    """

    def __init__(self, campaigns: Sequence[Campaign], repositories: Iterable[Repository]) -> None:
        self.count = 0
        self.example = ""
        """The path of the first excluded file."""
        self._rules: dict[str, list[Rule]] = {}
        for repository in repositories:
            rules = [
                rule
                for campaign in campaigns
                if reason_outside(campaign.scope, repository) is None
                for rule in campaign.rules
                if not rule.include_vendored
            ]
            if rules:
                self._rules[repository.key] = rules

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the repositories whose files must be counted."""
        return tuple(self._rules)

    def look_at(self, key: str, excluded: Iterable[str]) -> None:
        """Count the excluded files of one repository.

        Args:
            key: The key of the repository.
            excluded: The paths of vendored and generated files.
        """
        for path in sorted(excluded):
            if any(name_matches(rule.paths, path) for rule in self._rules[key]):
                self.count += 1
                self.example = self.example or path
