"""Build snapshots: the states of repositories and teams today and at the ends of past weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from headway.model.campaign import Campaign
from headway.model.store_records import SnapshotRow, UnknownRecord
from headway.progress.ledger import Ledger
from headway.progress.series import series
from headway.progress.snapshots import RulesByUse, Tally, terms_of, weekly
from headway.progress.state import repository_state
from headway.scan.scope_periods import Pair
from headway.store.store_writer import ScanWriter


def walked_snapshots(
    ledgers: Iterable[tuple[Pair, Ledger]],
    campaigns: Mapping[str, Campaign],
    starts: Mapping[str, date],
) -> Iterator[SnapshotRow]:
    """Yield the state of each pair at the ends of past weeks, derived from its ledger.

    Args:
        ledgers: The pairs and their ledgers.
        campaigns: The campaigns by ID.
        starts: Maps a campaign ID to the first day of the campaign's burndown.
    """
    for (campaign, repository), ledger in ledgers:
        terms = terms_of(campaigns[campaign])
        for standing in weekly(ledger, terms, starts[campaign]):
            held = standing.holdings
            yield SnapshotRow(
                campaign,
                repository,
                standing.day,
                "walk",
                repository_state(held),
                held.open,
                held.fixed,
                held.exempt,
                standing.completion,
                None,
            )


def scanned_snapshots(
    writer: ScanWriter,
    campaign: Campaign,
    members: Iterable[str],
    unknowns: Mapping[Pair, UnknownRecord],
    today: date,
) -> list[SnapshotRow]:
    """Return today's snapshot of each repository in scope.

    Args:
        writer: Reads the ledgers.
        campaign: The campaign.
        members: The keys of the repositories in the campaign's scope.
        unknowns: The pairs whose state is unknown.
        today: The day of this scan.
    """
    terms = terms_of(campaign)
    rules = RulesByUse.of(terms)
    tallies: dict[str, Tally] = defaultdict(lambda: Tally(terms, rules))
    for row in writer.ledger.totals_by_repository(campaign.id, today):
        tallies[row.repository].add(row.rule, row.total)
    nothing = Tally(terms).standing(today)
    rows = []
    for repository in sorted(members):
        tally = tallies.get(repository)
        standing = nothing if tally is None else tally.standing(today)
        unknown = unknowns.get((campaign.id, repository))
        held = standing.holdings
        rows.append(
            SnapshotRow(
                campaign.id,
                repository,
                today,
                "scan",
                repository_state(held, unknown=unknown is not None),
                held.open,
                held.fixed,
                held.exempt,
                standing.completion,
                unknown.reason if unknown else None,
            )
        )
    return rows


TeamRow = tuple[str, str, date, str, int, int, int, float | None]
"""(Campaign, team, day, basis, open, fixed, exempt, completion)."""


def team_snapshots(
    writer: ScanWriter, campaign: Campaign, first: date, today: date
) -> tuple[list[TeamRow], list[TeamRow]]:
    """Return the snapshots of each team.

    Returns:
        Rows for the ends of past weeks with changed states, and rows for today.
    """
    terms = terms_of(campaign)
    by_team = defaultdict(list)
    for day, rule, team, movement in writer.ledger.movements(campaign.id, by_team=True):
        if rule in terms and terms[rule].counted:
            by_team[team or "unowned"].append((day, terms[rule].weight, movement))
    walked: list[TeamRow] = []
    scanned: list[TeamRow] = []
    for team, moved in sorted(by_team.items()):
        before: tuple[int, int, int, float | None] | None = None
        for point in series(moved, first, today, "week"):
            now = (point.open, point.fixed, point.exempt, point.completion)
            if point.last == today:
                scanned.append((campaign.id, team, today, "scan", *now))
            elif now != before:
                walked.append((campaign.id, team, point.last, "walk", *now))
            before = now
    return walked, scanned
