"""Which repositories each campaign is about today, and when those in its scope came and went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from headway.model.campaign import Campaign
from headway.model.scope import name_matches, reason_outside
from headway.model.store_records import CampaignRecord, MembershipSpan, RepositoryRecord
from headway.scan.inventory import Inventory
from headway.scan.scope_spans import exclude, include
from headway.scan.snapshot_writer import Pair


class ScopePeriods:
    """The spans in scope of all pairs, brought up to today.

    spans: what is known, changed in place. changed: the pairs whose spans are not what they were.
    """

    def __init__(self, spans: dict[Pair, list[MembershipSpan]], today: date) -> None:
        self.spans = spans
        self.changed: set[Pair] = set()
        self._today = today

    def members(
        self, campaigns: Mapping[str, Campaign], inventory: Inventory
    ) -> dict[str, list[str]]:
        """Campaign to the keys of the repositories in its scope today; ends the others' spans."""
        members: dict[str, list[str]] = {name: [] for name in campaigns}
        for name, campaign in campaigns.items():
            for key, record in inventory.records.items():
                reason = self._outside(campaign, key, record, inventory)
                if reason is None:
                    members[name].append(key)
                else:
                    self._put(
                        (name, key),
                        exclude(self.spans.get((name, key), []), today=self._today, reason=reason),
                    )
        return members

    def settle(
        self,
        members: Mapping[str, Sequence[str]],
        records: Mapping[str, RepositoryRecord],
        campaign_records: Mapping[str, CampaignRecord],
    ) -> None:
        """Begins the spans of whoever is in scope, now that first commits are known."""
        for name, keys in members.items():
            record = campaign_records.get(name)
            for key in keys:
                after = include(
                    self.spans.get((name, key), []),
                    today=self._today,
                    last_scan=record.last_scanned_on if record else None,
                    first_commit_on=records[key].first_commit_on,
                )
                self._put((name, key), after)

    def in_scope(self, campaign: str) -> list[str]:
        """Keys of the repositories whose span in this campaign has no end."""
        return [
            key
            for (name, key), spans in self.spans.items()
            if name == campaign and spans and spans[-1].last is None
        ]

    def _outside(
        self, campaign: Campaign, key: str, record: RepositoryRecord, inventory: Inventory
    ) -> str | None:
        if record.gone_on is not None:
            return "it is gone"
        if key in inventory.dropped:
            return "its source is no longer configured"
        if key in inventory.hidden:
            # what cannot be seen stays in scope, and its name must do where nothing else is known
            spans = self.spans.get((campaign.id, key))
            if spans:
                return None if spans[-1].last is None else spans[-1].reason
            if not name_matches(campaign.scope.repositories, record.listed.name):
                return "its name does not match scope.repositories"
            return None
        return reason_outside(campaign.scope, record.listed)

    def _put(self, pair: Pair, after: list[MembershipSpan]) -> None:
        if after != self.spans.get(pair, []):
            self.spans[pair] = after
            self.changed.add(pair)
