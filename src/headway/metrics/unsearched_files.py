"""Count the files that rules select but do not search because they are binary."""

from __future__ import annotations

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
    counts = {
        f"{campaign.id}/{rule}": count
        for campaign in campaigns
        for rule, count in store.walks.binary_files_in_scope(campaign.id, date.max).items()
        if any(rule == current.id for current in campaign.rules)
    }
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
