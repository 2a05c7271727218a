"""The change log of campaigns: the commits and scope changes that changed the open count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.change_records import Change
from headway.metrics.exemption_rows import is_exempt
from headway.metrics.permalinks import commit_link
from headway.model.campaign import Campaign
from headway.model.store_records import RepositoryRecord
from headway.progress.exemptions import ExemptionPeriod
from headway.store.change_tables import CommitCount
from headway.store.exemption_tables import exemption_period_of
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class ChangeLogReader:
    """Reads change logs from a store."""

    store: Store
    repositories: Mapping[str, RepositoryRecord]
    """All repositories in the store, by key."""
    today: date
    """The last day in the logs."""

    def of_campaign(self, campaign: Campaign) -> tuple[Change, ...]:
        """Return all changes in a campaign: latest day first, then most items first."""
        others = self.store.changes.without_commit(_rules([campaign]), self.today)
        changes = [
            *self._by_commit([campaign]),
            *(
                Change(
                    row.campaign,
                    self.repositories[row.repository].listed.name,
                    row.day,
                    None,
                    None,
                    0,
                    0,
                    row.moved_in,
                    row.scope_added,
                    row.lapsed,
                    0,
                    row.moved_out,
                    row.scope_removed,
                    row.exempted,
                    None,
                )
                for row in others
            ),
        ]
        return tuple(sorted(changes, key=_order))

    def of_repositories(
        self, campaigns: Sequence[Campaign], since: Mapping[str, date]
    ) -> dict[str, list[Change]]:
        """Return the changes that commits made, by repository name, latest day first.

        Args:
            campaigns: The campaigns whose items to count.
            since: Maps each repository key to the first day whose changes are returned.
        """
        found: dict[str, list[Change]] = defaultdict(list)
        for change in sorted(self._by_commit(campaigns, since), key=_order):
            found[change.repository].append(change)
        return found

    def _by_commit(
        self, campaigns: Sequence[Campaign], since: Mapping[str, date] | None = None
    ) -> list[Change]:
        periods = self._exemptions(campaigns)
        rows = self.store.changes.by_commit(
            _rules(campaigns), self.today, since=since, by_path=list(periods)
        )
        # There may be a million rows. Rows of campaigns without exemptions are already summed.
        changes = [self._change(*row[:5], *row[-3:]) for row in rows if row.campaign not in periods]
        counts: dict[tuple[str, str, date, str, str | None], list[int]] = {}
        for row in rows if periods else ():
            if row.campaign in periods and not self._is_exempt(periods[row.campaign], row):
                sums = counts.setdefault(row[:5], [0, 0, 0])
                sums[:] = map(sum, zip(sums, row[-3:], strict=True))
        return changes + [self._change(*place, *sums) for place, sums in counts.items()]

    def _change(
        self,
        campaign: str,
        key: str,
        day: date,
        commit: str,
        author: str | None,
        new: int,
        regressed: int,
        fixed: int,
    ) -> Change:
        listed = self.repositories[key].listed
        url = commit_link(listed, commit)
        return Change(
            campaign, listed.name, day, commit, author, new, regressed, 0, 0, 0, fixed, 0, 0, 0, url
        )

    def _exemptions(self, campaigns: Sequence[Campaign]) -> dict[str, list[ExemptionPeriod]]:
        """Return the exemptions of each campaign that has any."""
        ids = {campaign.id for campaign in campaigns}
        periods: dict[str, list[ExemptionPeriod]] = defaultdict(list)
        for record in self.store.exemptions.records():
            if record.campaign in ids:
                periods[record.campaign].append(exemption_period_of(record))
        return periods

    def _is_exempt(self, periods: Sequence[ExemptionPeriod], row: CommitCount) -> bool:
        """Return whether the items were exempt on the day of the change."""
        name = self.repositories[row.repository].listed.name
        in_force = tuple(period for period in periods if period.span.covers(row.day))
        return is_exempt(in_force, name, row.rule or "", row.path or "")


def _rules(campaigns: Sequence[Campaign]) -> list[tuple[str, str]]:
    return [(campaign.id, rule.id) for campaign in campaigns for rule in campaign.counted]


def _order(change: Change) -> tuple[int, int, str, str, str]:
    return (
        -change.day.toordinal(),
        -change.items,
        change.repository,
        change.commit or "",
        change.author or "",
    )
