"""Remembers campaigns and rules as a scan finds them, and marks the day of what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from headway.definition.campaign import Campaign
from headway.scan.plan import first_day
from headway.scan.plugins import Scanners
from headway.store.records import CampaignRecord, MarkRecord, RuleRecord


class Definitions:
    """campaigns, rules: what is known, changed in place by `settle`. marks: what a chart must
    show. moved: campaigns whose first day is not what it was.
    """

    def __init__(
        self,
        campaigns: dict[str, CampaignRecord],
        rules: dict[tuple[str, str], RuleRecord],
        today: date,
    ) -> None:
        self.campaigns = campaigns
        self.rules = rules
        self.marks: list[MarkRecord] = []
        self.moved: set[str] = set()
        self._today = today

    def first_day(self, campaign: Campaign) -> date:
        """The burndown's first day as the definition has it now."""
        record = self.campaigns.get(campaign.id)
        return first_day(campaign, record.first_scanned_on if record else self._today)

    def settle(self, campaigns: Mapping[str, Campaign], scanners: Scanners) -> None:
        """These campaigns were scanned today as they are defined."""
        for name, campaign in campaigns.items():
            before = self.campaigns.get(name)
            starts = self.first_day(campaign)
            if before is not None and before.starts != starts:
                self.moved.add(name)
            self.campaigns[name] = CampaignRecord(
                before.first_scanned_on if before else self._today, self._today, starts, ""
            )
            self._settle_rules(campaign, scanners, known=before is not None)

    def _settle_rules(self, campaign: Campaign, scanners: Scanners, *, known: bool) -> None:
        defined = {rule.id for rule in campaign.rules}
        for key in [key for key in self.rules if key[0] == campaign.id]:
            if key[1] not in defined:
                del self.rules[key]
                self._mark(campaign, f"rule {key[1]} removed")
        for rule in campaign.rules:
            scanner = scanners.get(rule.scanner)
            before = self.rules.get((campaign.id, rule.id))
            if scanner is None:
                continue
            fingerprint = rule.fingerprint(scanner.version)
            since = self._today
            if before is not None and before.fingerprint == fingerprint:
                since = before.since
            elif known:
                change = f"rule {rule.id} changed" if before else f"rule {rule.id} added"
                self._mark(campaign, change)
            self.rules[campaign.id, rule.id] = RuleRecord(
                rule.role, fingerprint, rule.weight, since
            )

    def _mark(self, campaign: Campaign, text: str) -> None:
        self.marks.append(MarkRecord(campaign.id, None, self._today, "definition", text))
