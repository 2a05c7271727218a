"""Record the campaigns, rules and exemptions of a scan, and mark their changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.model.campaign import Campaign
from headway.model.definition_record import DatedDefinition, definition_record
from headway.model.store_records import CampaignRecord, ExemptionRecord, MarkRecord, RuleRecord
from headway.plugins import Scanners
from headway.progress.definition_edits import edits_on, recorded
from headway.progress.exemptions import ExemptionPeriod
from headway.scan.exemption_periods import settle_exemptions
from headway.store.exemption_tables import exemption_period_of


@dataclass(frozen=True, slots=True)
class Definitions:
    """The recorded definitions of all campaigns that were ever scanned."""

    campaigns: Mapping[str, CampaignRecord]
    rules: Mapping[tuple[str, str], RuleRecord]
    """Maps (campaign ID, rule ID) to the record of the rule."""
    exemptions: Sequence[ExemptionRecord]
    histories: Mapping[str, Sequence[DatedDefinition]]
    """Maps each campaign ID to the definitions that scans have used, oldest first."""

    def exemption_periods(self) -> dict[str, list[ExemptionPeriod]]:
        """Map each campaign ID to its exemptions, with the days on which they apply."""
        periods: dict[str, list[ExemptionPeriod]] = defaultdict(list)
        for record in self.exemptions:
            periods[record.campaign].append(exemption_period_of(record))
        return periods


@dataclass(frozen=True, slots=True)
class DefinitionChanges:
    """The definitions after a scan, and their differences from those before."""

    after: Definitions
    marks: Sequence[MarkRecord]
    """Marks for rules that were added, changed or removed."""
    edits: Sequence[MarkRecord]
    """Marks for edits to other settings, such as the due date, that today's scans found."""
    campaigns: frozenset[str]
    """The IDs of campaigns whose ledger must be rewritten because past days are affected. In these
    campaigns, the first day or an exemption changed, a rule has a new weight or role, or a rule was
    removed.
    """


def first_days(
    campaigns: Mapping[str, Campaign], recorded: Mapping[str, CampaignRecord], today: date
) -> dict[str, date]:
    """Return the first day of each burndown: `starts`, or the day of the first scan."""
    return {
        name: campaign.starts or (recorded[name].first_scanned_on if name in recorded else today)
        for name, campaign in campaigns.items()
    }


def settle_definitions(
    before: Definitions, campaigns: Mapping[str, Campaign], scanners: Scanners, today: date
) -> DefinitionChanges:
    """Update the recorded definitions to match the campaigns that are scanned today."""
    settling = _Settling(before, scanners, today)
    starts = first_days(campaigns, before.campaigns, today)
    for name, campaign in campaigns.items():
        settling.settle(campaign, starts[name])
    after = Definitions(settling.campaigns, settling.rules, settling.exemptions, settling.histories)
    return DefinitionChanges(after, settling.marks, settling.edits, frozenset(settling.changed))


class _Settling:
    def __init__(self, before: Definitions, scanners: Scanners, today: date) -> None:
        self.campaigns = dict(before.campaigns)
        self.rules = dict(before.rules)
        self.exemptions = list(before.exemptions)
        self.histories = dict(before.histories)
        self.marks: list[MarkRecord] = []
        self.edits: list[MarkRecord] = []
        self.changed: set[str] = set()
        self._scanners = scanners
        self._today = today

    def settle(self, campaign: Campaign, first_day: date) -> None:
        """Record a campaign with its rules and exemptions."""
        before = self.campaigns.get(campaign.id)
        exemptions = self._settle_exemptions(campaign, first_scan=before is None)
        after = CampaignRecord(
            before.first_scanned_on if before else self._today,
            self._today,
            first_day,
            exemptions,
        )
        if before is not None and before[2:] != after[2:]:
            self.changed.add(campaign.id)
        self.campaigns[campaign.id] = after
        self._remove_rules(campaign)
        self._settle_rules(campaign, first_scan=before is None)
        self._record_definition(campaign)

    def _record_definition(self, campaign: Campaign) -> None:
        """Record the definition, and add a mark for each edit that today's scans found."""
        history = recorded(
            self.histories.get(campaign.id, ()), definition_record(campaign), self._today
        )
        self.histories[campaign.id] = history
        self.edits += [
            MarkRecord(
                campaign.id, None, self._today, edit.kind, edit.description, edit.before, edit.after
            )
            for edit in edits_on(history, self._today)
        ]

    def _settle_exemptions(self, campaign: Campaign, *, first_scan: bool) -> str:
        """Record the exemptions, and return a fingerprint of their patterns and days."""
        recorded = [record for record in self.exemptions if record.campaign == campaign.id]
        after = settle_exemptions(campaign, recorded, today=self._today, first_scan=first_scan)
        others = [record for record in self.exemptions if record.campaign != campaign.id]
        self.exemptions = sorted([*others, *after], key=lambda record: record[:2])
        periods = [exemption_period_of(record) for record in after]
        return hashlib.sha256(repr(periods).encode()).hexdigest()[:32] if periods else ""

    def _remove_rules(self, campaign: Campaign) -> None:
        defined = {rule.id for rule in campaign.rules}
        for key in [key for key in self.rules if key[0] == campaign.id]:
            if key[1] not in defined:
                del self.rules[key]
                self.changed.add(campaign.id)
                self._mark(campaign, f"rule {key[1]} removed")

    def _settle_rules(self, campaign: Campaign, *, first_scan: bool) -> None:
        for rule in campaign.rules:
            scanner = self._scanners.get(rule.scanner)
            if scanner is None:
                continue
            before = self.rules.get((campaign.id, rule.id))
            fingerprint = rule.fingerprint(scanner.version)
            since = self._today
            if before is not None and before.fingerprint == fingerprint:
                since = before.since
            elif not first_scan:
                change = f"rule {rule.id} changed" if before else f"rule {rule.id} added"
                self._mark(campaign, change)
            counted = rule in campaign.counted
            record = RuleRecord(rule.role, fingerprint, rule.weight, since, counted)
            if before is not None and _terms(before) != _terms(record):
                self.changed.add(campaign.id)
            self.rules[campaign.id, rule.id] = record

    def _mark(self, campaign: Campaign, text: str) -> None:
        self.marks.append(MarkRecord(campaign.id, None, self._today, "definition", text))


def _terms(record: RuleRecord) -> tuple[str, float, bool]:
    """Return the parts of a rule that the ledger depends on, except its matches."""
    return record.role, record.weight, record.counted
