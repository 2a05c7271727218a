"""Count the files that rules exclude only because they are vendored or generated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from headway.model.campaign import Campaign, Rule
from headway.model.repository import Repository
from headway.model.scope import name_matches, reason_outside
from headway.store.store_reader import Store


class ExcludedFiles:
    """Counts excluded files in the latest commits of repositories that may have items.

    Attributes:
        count: The number of vendored or generated files that match a rule's `paths`.
    """

    def __init__(
        self,
        campaigns: Sequence[Campaign],
        repositories: Iterable[Repository],
        affected: Mapping[str, Collection[str]],
    ) -> None:
        """Find the rules whose excluded files must be counted in each repository.

        Args:
            campaigns: The campaigns.
            repositories: The listed repositories.
            affected: Maps the ID of each campaign with `applies_to` to the keys of its affected
                repositories. See `affected_repositories`.
        """
        self.count = 0
        self.example = ""
        """The path of the first excluded file."""
        self._rules: dict[str, list[Rule]] = {}
        for repository in repositories:
            rules = [
                rule
                for campaign in campaigns
                if reason_outside(campaign.scope, repository) is None
                and repository.key in affected.get(campaign.id, (repository.key,))
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


def affected_repositories(
    store: Store, campaigns: Sequence[Campaign], today: date
) -> dict[str, set[str]]:
    """Return the keys of the affected repositories for each campaign with `applies_to`.

    Args:
        store: The store, which contains the matches of the rules of `applies_to`.
        campaigns: The campaigns. Campaigns without `applies_to` are omitted from the result.
        today: The day at the end of which the rules must match.
    """
    return {
        campaign.id: store.ledger.open_repositories(
            campaign.id, today, [rule.id for rule in campaign.applies_to]
        )
        for campaign in campaigns
        if campaign.applies_to
    }
