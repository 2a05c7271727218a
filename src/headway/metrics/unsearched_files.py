"""Count the files that rules select but do not search because they are binary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from headway.model.campaign import Campaign
from headway.store.store_reader import Store


def binary_files_by_rule(store: Store, campaigns: Sequence[Campaign]) -> list[tuple[str, int]]:
    """Count binary files at the last scanned commits of repositories in scope.

    Returns:
        (`CAMPAIGN/RULE`, number of files) pairs, most files first. Rules without binary files are
            omitted.
    """
    counts: Counter[str] = Counter()
    for campaign in campaigns:
        rules = {rule.id for rule in campaign.rules}
        members = set(store.scope.members(campaign.id, date.max))
        for repository, by_rule in store.walks.binary_files(campaign.id).items():
            if repository in members:
                for rule in by_rule.keys() & rules:
                    counts[f"{campaign.id}/{rule}"] += by_rule[rule]
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
