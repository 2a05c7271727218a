"""Remembers campaigns and rules as a scan finds them, and marks the day of what changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from headway.model.campaign import Campaign
from headway.model.store_records import CampaignRecord, ExemptionRecord, MarkRecord, RuleRecord
from headway.plugins import Scanners
from headway.progress.exemptions import ExemptionPeriod
from headway.scan.exemption_periods import settle_exemptions
from headway.scan.walk_plan import first_day
from headway.store.exemption_tables import exemption_period_of


class Definitions:
    """campaigns, rules, exemptions: what is known, brought up to date by `settle`. marks: what a
    chart must show. moved: campaigns whose first day, exemptions, or rules' weights and roles are
    not what they were.
    """

    def __init__(
        self,
        campaigns: dict[str, CampaignRecord],
        rules: dict[tuple[str, str], RuleRecord],
        exemptions: list[ExemptionRecord],
        today: date,
    ) -> None:
        self.campaigns = campaigns
        self.rules = rules
        self.exemptions = exemptions
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
            exemptions = self._settle_exemptions(campaign, first_scan=before is None)
            after = CampaignRecord(
                before.first_scanned_on if before else self._today,
                self._today,
                starts,
                exemptions,
            )
            if before is not None and before[2:] != after[2:]:
                self.moved.add(name)
            self.campaigns[name] = after
            self._settle_rules(campaign, scanners, known=before is not None)

    @property
    def waivers(self) -> dict[str, list[ExemptionPeriod]]:
        """Campaign to its exemptions, each with the days on which it holds."""
        waivers: dict[str, list[ExemptionPeriod]] = defaultdict(list)
        for record in self.exemptions:
            waivers[record.campaign].append(exemption_period_of(record))
        return waivers

    def _settle_exemptions(self, campaign: Campaign, *, first_scan: bool) -> str:
        """A digest of what the exemptions cover and when."""
        known = [record for record in self.exemptions if record.campaign == campaign.id]
        after = settle_exemptions(campaign, known, today=self._today, first_scan=first_scan)
        others = [record for record in self.exemptions if record.campaign != campaign.id]
        self.exemptions = sorted([*others, *after], key=lambda record: record[:2])
        effect = [exemption_period_of(record) for record in after]
        return hashlib.sha256(repr(effect).encode()).hexdigest()[:32] if effect else ""

    def _settle_rules(self, campaign: Campaign, scanners: Scanners, *, known: bool) -> None:
        defined = {rule.id for rule in campaign.rules}
        for key in [key for key in self.rules if key[0] == campaign.id]:
            if key[1] not in defined:
                del self.rules[key]
                self.moved.add(campaign.id)
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
            if before is not None and (before.role, before.weight) != (rule.role, rule.weight):
                self.moved.add(campaign.id)
            self.rules[campaign.id, rule.id] = RuleRecord(
                rule.role, fingerprint, rule.weight, since
            )

    def _mark(self, campaign: Campaign, text: str) -> None:
        self.marks.append(MarkRecord(campaign.id, None, self._today, "definition", text))
