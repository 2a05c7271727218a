"""What scans have settled about campaigns and rules, and the marks of their charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headway.model.store_records import CampaignRecord, MarkRecord, RuleRecord
from headway.store.connection import StorePart


class CampaignTables(StorePart):
    """Reads campaigns, rules and marks."""

    def records(self) -> dict[str, CampaignRecord]:
        """Campaign id to what the scans have settled about it."""
        rows = self._rows(
            "SELECT id, first_scanned_on, last_scanned_on, starts, exemptions FROM campaign"
        )
        return {
            row.id: CampaignRecord(
                row.first_scanned_on, row.last_scanned_on, row.starts, row.exemptions
            )
            for row in rows
        }

    def rules(self) -> dict[tuple[str, str], RuleRecord]:
        """(campaign, rule) to the rule as it was last scanned."""
        rows = self._rows("SELECT campaign, rule, role, fingerprint, weight, since FROM rule")
        return {
            (row.campaign, row.rule): RuleRecord(row.role, row.fingerprint, row.weight, row.since)
            for row in rows
        }

    def marks(self, campaign: str) -> list[MarkRecord]:
        """The marks of one campaign's chart, oldest first."""
        rows = self._rows(
            "SELECT campaign, repository, day, kind, description FROM mark "
            "WHERE campaign = ? ORDER BY day, kind, description, repository",
            [campaign],
        )
        return [MarkRecord._make(row) for row in rows]


class CampaignWriter(CampaignTables):
    """Writes campaigns, rules and marks."""

    def put_records(self, campaigns: Mapping[str, CampaignRecord]) -> None:
        """Replace the records of all campaigns."""
        if dict(campaigns) != self.records():
            self._replace("campaign", [(name, *record) for name, record in campaigns.items()])

    def put_rules(self, rules: Mapping[tuple[str, str], RuleRecord]) -> None:
        """Replace the rules of all campaigns."""
        if dict(rules) != self.rules():
            self._replace("rule", [(*key, *record) for key, record in rules.items()])

    def add_marks(self, marks: Iterable[MarkRecord]) -> None:
        """Add the marks that the store does not have yet."""
        present = {
            tuple(row)
            for row in self._rows("SELECT campaign, repository, day, kind, description FROM mark")
        }
        self._append("mark", [tuple(mark) for mark in marks if tuple(mark) not in present])
