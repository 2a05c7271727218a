"""Exemptions, and the periods during which they apply."""

from __future__ import annotations

from collections.abc import Sequence

from headway.model.days import Span
from headway.model.store_records import ExemptionRecord
from headway.progress.exemptions import ExemptionPeriod
from headway.store.connection import StorePart


class ExemptionTables(StorePart):
    """Reads exemptions."""

    def records(self, campaign: str | None = None) -> list[ExemptionRecord]:
        """Return the periods of exemptions, sorted by campaign, exemption and first day.

        Args:
            campaign: The campaign to read. None means all campaigns.
        """
        rows = self._rows(
            "SELECT campaign, id, repositories, paths, rules, reason, approved_by, until, "
            "first_day, last_day FROM exemption WHERE campaign = coalesce(?, campaign) "
            "ORDER BY campaign, id, first_day NULLS FIRST",
            [campaign],
        )
        return [
            ExemptionRecord(
                campaign=row.campaign,
                id=row.id,
                repositories=_patterns(row.repositories),
                paths=_patterns(row.paths),
                rules=_patterns(row.rules),
                reason=row.reason,
                approved_by=row.approved_by,
                until=row.until,
                first_day=row.first_day,
                last_day=row.last_day,
            )
            for row in rows
        ]


class ExemptionWriter(ExemptionTables):
    """Writes exemptions."""

    def put_records(self, records: Sequence[ExemptionRecord]) -> None:
        """Replace the exemptions of all campaigns."""
        if list(records) != self.records():
            self._replace(
                "exemption",
                [
                    tuple(
                        "\n".join(value) if isinstance(value, tuple) else value for value in record
                    )
                    for record in records
                ],
            )


def exemption_period_of(record: ExemptionRecord) -> ExemptionPeriod:
    """Return the parts of an exemption that affect the numbers."""
    span = Span(record.first_day, record.last_day)
    return ExemptionPeriod(record.repositories, record.paths, record.rules, span)


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
