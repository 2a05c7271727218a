"""Runs one scan, from the listing of repositories to the ledger, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from headway.model.store_records import MarkRecord, RepositoryRecord, ScanRecord
from headway.scan.context import ScanContext, scan_day
from headway.scan.definition_changes import Definitions, first_days, settle_definitions
from headway.scan.job_runner import load
from headway.scan.ledger_writer import LedgerWriter
from headway.scan.mirror_provider import MirrorProvider
from headway.scan.owner_update import Ownership
from headway.scan.repository_changes import changes
from headway.scan.repository_walks import walk_repositories
from headway.scan.request import ScanOutcome, ScanRequest, UnknownPart
from headway.scan.scope_periods import Periods, decide_scope, settle_scope
from headway.scan.source_listing import list_repositories
from headway.scan.unknown_pairs import broken_rules, settle_unknowns
from headway.scan.walk_plan import current_rules, plan_scan
from headway.store.store_writer import write_scan
from headway.version import __version__
from headway.workers.pool import Workers
from headway.workers.sandbox import ProcessLimits

_PARTLY_LISTED = "not everything could be listed: some repositories may be missing here"
"""Shown on every page, so it names no source; the scan itself reports each problem in full."""


def run_scan(request: ScanRequest) -> ScanOutcome:
    """Scans, and stores what it found; stores nothing if it raises.

    Repositories that cannot be read or scanned do not raise: they are unknown in the outcome.

    Raises:
        HeadwayError: Something that the user must correct.
    """
    started_at = request.clock()
    limits = request.limits
    load(request.scanner_folders)
    with (
        # the pool comes first because it forks, which is safe only before threads are started
        Workers(
            request.workers,
            scanner_seconds=limits.scanner_seconds,
            limits=ProcessLimits(limits.memory_bytes),
            preload=("headway.scan.walk", "headway.scan.job_runner"),
        ) as workers,
        write_scan(request.store, started_at, request.lock) as writer,
        MirrorProvider(request) as mirrors,
    ):
        today = scan_day(request, writer)
        return _scan(ScanContext(request, writer, mirrors, workers, started_at, today))


def _scan(scan: ScanContext) -> ScanOutcome:
    request, writer, today, campaigns = scan.request, scan.writer, scan.today, scan.campaigns

    # What earlier scans recorded.
    repositories_before = writer.repositories.records()
    definitions_before = Definitions(
        writer.campaigns.records(), writer.campaigns.rules(), writer.exemptions.records()
    )
    periods_before = writer.scope.memberships()
    cursors = writer.walks.cursors()
    # exemptions lapse on their day, whether or not anything is scanned on it
    moved_on = writer.ledger.pairs_with_later_movements()

    # List the repositories of every source, and decide which campaigns they are in scope of.
    inventory = list_repositories(scan, repositories_before)
    scope = decide_scope(campaigns, inventory, periods_before)

    # Plan what to read, and read it.
    starts = first_days(campaigns, definitions_before.campaigns, today)
    rules = current_rules(request, campaigns, starts)
    plan = plan_scan(request, inventory, scope, rules, cursors)
    walks = walk_repositories(scan, inventory, plan)

    # Settle what changed: repositories, scope, unknown states and definitions.
    repositories = walks.updated(inventory.records)
    periods = settle_scope(scope, periods_before, repositories, definitions_before.campaigns, today)
    unknowns = settle_unknowns(
        scan,
        scope,
        repositories,
        chain(plan.unknown, walks.unknown, broken_rules(request.broken, scope)),
        definitions_before.campaigns,
        {(key.campaign, key.repository) for key in cursors},
    )
    definitions = settle_definitions(definitions_before, campaigns, request.scanners, today)
    writer.campaigns.put_records(definitions.after.campaigns)
    writer.campaigns.put_rules(definitions.after.rules)
    writer.exemptions.put_records(definitions.after.exemptions)
    writer.settle()

    # Write the ledger of every pair that changed, and the state of everything today.
    ownership = Ownership(writer.ownership, request.teams, repositories, today)
    ledger = LedgerWriter(writer, campaigns, definitions.after, periods, ownership, today)
    redefined = {pair for pair in periods.periods if pair[0] in definitions.campaigns}
    changed = walks.walked | moved_on | periods.changed | redefined
    ledger.write_ledgers(changed, request.progress)
    ledger.write_snapshots(unknowns)

    # Record the scan itself.
    scan.mirrors.tidy()
    writer.repositories.put_records(repositories, today)
    writer.scope.put_memberships(periods.periods)
    writer.states.put_unknowns(unknowns)
    writer.campaigns.add_marks(
        [
            *(_partly_listed(scan) if inventory.problems else ()),
            *walks.marks,
            *_repository_marks(scan, repositories_before, repositories, periods.periods),
            *definitions.marks,
        ]
    )
    in_scope = len(scope.repositories)
    outcome = ScanOutcome(
        today,
        in_scope,
        in_scope - len(plan.tracks),
        walks.commits,
        walks.blobs,
        tuple(
            UnknownPart(campaign, repositories[key].listed.name, record.reason)
            for (campaign, key), record in sorted(unknowns.items())
            if campaign in campaigns
        ),
        inventory.problems,
    )
    writer.scans.add(_scan_record(scan, outcome))
    return outcome


def _partly_listed(scan: ScanContext) -> Iterator[MarkRecord]:
    for campaign in scan.campaigns:
        yield MarkRecord(campaign, None, scan.today, "listing", _PARTLY_LISTED)


def _repository_marks(
    scan: ScanContext,
    before: Mapping[str, RepositoryRecord],
    after: Mapping[str, RepositoryRecord],
    periods: Periods,
) -> Iterator[MarkRecord]:
    """Marks each change of a repository in the campaigns that it is or was in scope of."""
    for key, text in changes(before, after):
        scan.request.progress.note(text)
        for campaign in scan.campaigns:
            if (campaign, key) in periods:
                yield MarkRecord(campaign, key, scan.today, "repository", text)


def _scan_record(scan: ScanContext, outcome: ScanOutcome) -> ScanRecord:
    return ScanRecord(
        today=outcome.today,
        started_at=scan.started_at,
        finished_at=scan.request.clock(),
        headway=__version__,
        repositories=outcome.repositories,
        unchanged=outcome.unchanged,
        unknown=len(outcome.unknown),
        commits=outcome.commits,
        blobs=outcome.blobs,
    )
