"""Write the snapshots, and the ledgers of changed (campaign, repository) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from headway.model.campaign import Campaign
from headway.model.days import Span
from headway.model.progress_reporter import ProgressReporter
from headway.model.store_records import SnapshotRow, UnknownRecord
from headway.progress.exemptions import exemption_periods_for
from headway.progress.ledger_input import Episodes
from headway.scan.definition_changes import Definitions
from headway.scan.owner_update import Ownership
from headway.scan.scope_periods import Pair, ScopePeriods
from headway.scan.snapshot_writer import scanned_snapshots, team_snapshots, walked_snapshots
from headway.store.store_writer import ScanWriter

_BATCH = 200
"""The number of (campaign, repository) pairs whose ledgers are in memory at a time."""


class LedgerWriter:
    """Writes ledgers and snapshots from the results of the earlier steps of a scan."""

    def __init__(
        self,
        writer: ScanWriter,
        campaigns: Mapping[str, Campaign],
        definitions: Definitions,
        scope: ScopePeriods,
        ownership: Ownership,
        today: date,
    ) -> None:
        self._writer = writer
        self._campaigns = campaigns
        self._exemptions = definitions.exemption_periods()
        self._scope = scope
        self._ownership = ownership
        self._today = today
        self._first_days = {name: definitions.campaigns[name].starts for name in campaigns}
        self._not_counted = {
            name: frozenset(rule.id for rule in campaign.rules if rule not in campaign.counted)
            for name, campaign in campaigns.items()
        }

    def write_ledgers(self, changed: Iterable[Pair], progress: ProgressReporter) -> None:
        """Write the ledger and past weekly snapshots of each changed pair.

        Args:
            changed: (Campaign, repository) pairs with changed openings, scope or exemptions. This
                method adds the pairs with changed owners.
            progress: Receives progress reports, one step per pair.
        """
        writer, ownership = self._writer, self._ownership
        writer.ownership.put_team_lists(ownership.team_lists)
        writer.ownership.put_groups(ownership.groups)
        recorded = writer.ledger.recorded_ownership()
        owners = {
            pair: ownership.fingerprint(pair[1])
            for pair in self._scope.periods
            if pair[0] in self._campaigns
        }
        reassigned = {pair for pair, owner in owners.items() if recorded.get(pair) != owner}
        pairs = sorted(pair for pair in {*changed, *reassigned} if pair[0] in self._campaigns)
        progress.stage("writing the ledger", len(pairs))
        for first in range(0, len(pairs), _BATCH):
            self._write_batch(pairs[first : first + _BATCH], progress)
        writer.ledger.put_recorded_ownership({**recorded, **owners})

    def _write_batch(self, pairs: Sequence[Pair], progress: ProgressReporter) -> None:
        ledgers, by_historical_owner, transfers = [], [], set()
        histories = self._ownership.histories(sorted({repository for _, repository in pairs}))
        for pair, rows in self._writer.items.episodes(pairs):
            campaign, repository = pair
            in_scope = tuple(
                Span(span.first, span.last) for span in self._scope.periods.get(pair, ())
            )
            episodes = Episodes(
                rows,
                histories[repository],
                exemption_periods_for(
                    self._exemptions.get(campaign, ()), self._ownership.name(repository)
                ),
                self._first_days[campaign],
                self._not_counted[campaign],
            )
            ledgers.append((pair, episodes.book_now(in_scope)))
            ledger_then = episodes.book_then(in_scope)
            if ledger_then is not None:
                by_historical_owner.append((pair, ledger_then))
            transfers |= {(repository, *transfer) for transfer in episodes.changed_hands()}
            progress.advance()
        self._writer.ledger.put(pairs, ledgers, by_historical_owner)
        if transfers:
            self._writer.items.put_teams(sorted(transfers))
        snapshots = walked_snapshots(ledgers, self._campaigns, self._first_days)
        self._writer.states.put_walked(pairs, list(snapshots))

    def write_snapshots(self, unknowns: Mapping[Pair, UnknownRecord]) -> None:
        """Write today's snapshot of each repository and each team.

        Args:
            unknowns: The (campaign, repository) pairs with unknown states.
        """
        today = self._today
        repositories = []
        walked_teams, scanned_teams = [], []
        for name, campaign in self._campaigns.items():
            members = self._scope.in_scope(name)
            repositories += scanned_snapshots(self._writer, campaign, members, unknowns, today)
            repositories += self._left_scope(name)
            walked, scanned = team_snapshots(self._writer, campaign, self._first_days[name], today)
            walked_teams += walked
            scanned_teams += scanned
        names = list(self._campaigns)
        self._writer.states.put_scanned(names, today, repositories)
        self._writer.states.put_walked_teams(names, walked_teams)
        self._writer.states.put_scanned_teams(names, today, scanned_teams)

    def _left_scope(self, campaign: str) -> list[SnapshotRow]:
        """Return snapshots without items for the repositories that have left a campaign's scope."""
        rows = []
        for pair, periods in sorted(self._scope.periods.items()):
            if pair[0] == campaign and periods and periods[-1].last is not None:
                state = "gone" if self._ownership.repositories[pair[1]].gone_on else "out of scope"
                reason = periods[-1].reason
                rows.append(SnapshotRow(*pair, self._today, "scan", state, 0, 0, 0, None, reason))
        return rows
