"""Memberships: the spans of days on which repositories are in the scope of campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from headway.model.days import ALWAYS, Span
from headway.model.store_records import MembershipSpan
from headway.store.connection import StorePart
from headway.store.sql_expressions import in_scope_on

MEMBERS = f"""
    SELECT DISTINCT repository FROM membership WHERE campaign = $campaign AND {in_scope_on()}
"""  # noqa: S608 - a constant
"""SQL for the keys of the repositories in the scope of $campaign on $day."""


class ScopeTables(StorePart):
    """Reads memberships: the spans of days on which a repository is in a campaign's scope."""

    def memberships(self) -> dict[tuple[str, str], list[MembershipSpan]]:
        """Return the spans of each (campaign, repository) pair, oldest first."""
        spans: dict[tuple[str, str], list[MembershipSpan]] = defaultdict(list)
        for row in self._rows(
            "SELECT campaign, repository, first_day, last_day, reason FROM membership "
            "ORDER BY campaign, repository, first_day NULLS FIRST"
        ):
            span = MembershipSpan(row.first_day, row.last_day, row.reason)
            spans[row.campaign, row.repository].append(span)
        return spans

    def spans(self, campaign: str) -> dict[str, tuple[Span, ...]]:
        """Return the spans in a campaign's scope, oldest first, by repository key."""
        spans: dict[str, tuple[Span, ...]] = {}
        for row in self._rows(
            "SELECT repository, first_day, last_day FROM membership WHERE campaign = ? "
            "ORDER BY repository, first_day NULLS FIRST",
            [campaign],
        ):
            always = row.first_day is None and row.last_day is None
            # Most repositories are always in scope, so they share one tuple.
            added = ALWAYS if always else (Span(row.first_day, row.last_day),)
            spans[row.repository] = (*spans.get(row.repository, ()), *added)
        return spans

    def changes(self, campaign: str, first: date, last: date) -> dict[str, list[MembershipSpan]]:
        """Return the spans that began or ended from `first` to `last`, by repository key.

        Both days are inclusive. A span ends on the day after its last day.
        """
        spans: dict[str, list[MembershipSpan]] = defaultdict(list)
        for row in self._rows(
            "SELECT repository, first_day, last_day, reason FROM membership "
            "WHERE campaign = $campaign AND (first_day BETWEEN $first AND $last "
            "OR last_day + 1 BETWEEN $first AND $last) ORDER BY ALL",
            {"campaign": campaign, "first": first, "last": last},
        ):
            span = MembershipSpan(row.first_day, row.last_day, row.reason)
            spans[row.repository].append(span)
        return spans

    def members(self, campaign: str, day: date) -> list[str]:
        """Return the keys of the repositories that are in scope on `day`."""
        rows = self._rows(MEMBERS, {"campaign": campaign, "day": day})
        return [row.repository for row in rows]


class ScopeWriter(ScopeTables):
    """Writes memberships."""

    def put_memberships(
        self, memberships: Mapping[tuple[str, str], Sequence[MembershipSpan]]
    ) -> None:
        """Replace the memberships of all campaigns."""
        present = {key: list(spans) for key, spans in memberships.items() if spans}
        if present != dict(self.memberships()):
            self._replace(
                "membership", [(*key, *span) for key, spans in present.items() for span in spans]
            )
