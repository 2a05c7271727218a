"""Books what a scan found: the ledger of every pair that changed, and the snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from headway.model.campaign import Campaign
from headway.model.days import Span
from headway.model.progress_reporter import ProgressReporter
from headway.model.store_records import MembershipSpan, SnapshotRow, UnknownRecord
from headway.progress.exemptions import ExemptionPeriod, exemption_periods_for
from headway.progress.ledger_input import Episodes
from headway.scan.owner_update import Ownership
from headway.scan.snapshot_writer import (
    Pair,
    scanned_snapshots,
    team_snapshots,
    walked_snapshots,
)
from headway.store.store_writer import ScanWriter

_BATCH = 200


class LedgerWriter:
    """starts: campaign to its first day."""

    def __init__(
        self,
        writer: ScanWriter,
        campaigns: Mapping[str, Campaign],
        starts: Mapping[str, date],
        today: date,
    ) -> None:
        self._writer = writer
        self._campaigns = campaigns
        self._starts = starts
        self._today = today

    def book(
        self,
        changed: Iterable[Pair],
        memberships: Mapping[Pair, Sequence[MembershipSpan]],
        ownership: Ownership,
        waivers: Mapping[str, Sequence[ExemptionPeriod]],
        progress: ProgressReporter,
    ) -> None:
        """Books the pairs of which anything changed, and their past weeks.

        waivers: campaign to its exemptions.
        """
        pairs = sorted(pair for pair in changed if pair[0] in self._campaigns)
        progress.stage("booking", len(pairs))
        for first in range(0, len(pairs), _BATCH):
            batch = pairs[first : first + _BATCH]
            ledgers, then, hands = [], [], set()
            tenures = ownership.tenures(sorted({repository for _, repository in batch}))
            for pair, rows in self._writer.items.episodes(batch):
                campaign, repository = pair
                spans = tuple(Span(span.first, span.last) for span in memberships[pair])
                concerned = exemption_periods_for(
                    waivers.get(campaign, ()), ownership.name(repository)
                )
                starts = self._starts[campaign]
                episodes = Episodes(rows, tenures[repository], concerned, starts)
                ledgers.append((pair, episodes.book_now(spans)))
                by_day = episodes.book_then(spans)
                if by_day is not None:
                    then.append((pair, by_day))
                hands |= {(repository, *hand) for hand in episodes.changed_hands()}
                progress.advance()
            self._writer.ledger.put(batch, ledgers, then)
            if hands:
                self._writer.items.put_teams(sorted(hands))
            snapshots = walked_snapshots(ledgers, self._campaigns, self._starts)
            self._writer.states.put_walked(batch, list(snapshots))

    def put_snapshots(
        self,
        members: Mapping[str, Sequence[str]],
        unknowns: Mapping[Pair, UnknownRecord],
        left: Mapping[Pair, tuple[str, str]],
    ) -> None:
        """How every repository and team stands. members: campaign to who is in its scope.

        left: state and reason of those that are there no longer.
        """
        repositories = []
        walked_teams, scanned_teams = [], []
        for name, campaign in self._campaigns.items():
            repositories += scanned_snapshots(
                self._writer, campaign, members[name], unknowns, self._today
            )
            repositories += [
                SnapshotRow(*pair, self._today, "scan", state, 0, 0, 0, None, reason)
                for pair, (state, reason) in sorted(left.items())
                if pair[0] == name
            ]
            walked, scanned = team_snapshots(
                self._writer, campaign, self._starts[name], self._today
            )
            walked_teams += walked
            scanned_teams += scanned
        names = list(self._campaigns)
        self._writer.states.put_scanned(names, self._today, repositories)
        self._writer.states.put_walked_teams(names, walked_teams)
        self._writer.states.put_scanned_teams(names, self._today, scanned_teams)
