"""The recorded campaigns and rules, and the marks on the campaigns' charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from headway.model.definition_record import DatedDefinition
from headway.model.store_records import CampaignRecord, MarkRecord, RuleRecord
from headway.progress.definition_edits import EDIT_KINDS
from headway.store.connection import StorePart
from headway.store.definition_codec import definition_json, definition_of

_MARK_COLUMNS = "campaign, repository, day, kind, description, before, after"


class CampaignTables(StorePart):
    """Reads campaigns, rules and marks."""

    def records(self) -> dict[str, CampaignRecord]:
        """Return the records of all campaigns by campaign ID."""
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
        """Return each rule as it was last scanned, by (campaign ID, rule ID)."""
        rows = self._rows(
            "SELECT campaign, rule, role, fingerprint, weight, since, counted FROM rule"
        )
        return {
            (row.campaign, row.rule): RuleRecord(
                row.role, row.fingerprint, row.weight, row.since, row.counted
            )
            for row in rows
        }

    def marks(self, campaign: str) -> list[MarkRecord]:
        """Return the marks on one campaign's chart, oldest first."""
        rows = self._rows(
            f"SELECT {_MARK_COLUMNS} FROM mark "  # noqa: S608 - a constant
            "WHERE campaign = ? ORDER BY day, kind, description, repository",
            [campaign],
        )
        return [MarkRecord._make(row) for row in rows]

    def definitions(self, campaign: str | None = None) -> dict[str, tuple[DatedDefinition, ...]]:
        """Return the definitions that scans used, oldest first, by campaign ID.

        Args:
            campaign: The campaign to read. None means all campaigns.
        """
        rows = self._rows(
            "SELECT campaign, day, content FROM definition "
            "WHERE campaign = coalesce(?, campaign) ORDER BY campaign, day",
            [campaign],
        )
        found: dict[str, list[DatedDefinition]] = defaultdict(list)
        for row in rows:
            found[row.campaign].append(DatedDefinition(row.day, definition_of(row.content)))
        return {name: tuple(history) for name, history in found.items()}


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

    def put_definitions(self, definitions: Mapping[str, Sequence[DatedDefinition]]) -> None:
        """Replace the recorded definitions of all campaigns."""
        if {name: tuple(history) for name, history in definitions.items()} != self.definitions():
            self._replace(
                "definition",
                [
                    (name, dated.day, definition_json(dated.definition))
                    for name, history in definitions.items()
                    for dated in history
                ],
            )

    def put_edits(
        self, campaigns: AbstractSet[str], day: date, edits: Sequence[MarkRecord]
    ) -> None:
        """Replace the marks of one day that record edits to campaign definitions.

        Args:
            campaigns: The campaigns whose marks are replaced.
            day: The day of the marks.
            edits: The new marks for this day and these campaigns. Their kinds are in `EDIT_KINDS`.
        """
        present = [
            mark
            for name in sorted(campaigns)
            for mark in self.marks(name)
            if mark.day == day and mark.kind in EDIT_KINDS
        ]
        if set(present) != set(edits):
            self._connection.execute(
                "DELETE FROM mark WHERE day = ? AND list_contains(?, campaign)"
                " AND list_contains(?, kind)",
                [day, sorted(campaigns), list(EDIT_KINDS)],
            )
            self._append("mark", sorted(edits, key=repr))

    def add_marks(self, marks: Iterable[MarkRecord]) -> None:
        """Add the marks that are not in the store yet."""
        present = {
            tuple(row)
            for row in self._rows(f"SELECT {_MARK_COLUMNS} FROM mark")  # noqa: S608 - a constant
        }
        self._append("mark", [tuple(mark) for mark in marks if tuple(mark) not in present])
