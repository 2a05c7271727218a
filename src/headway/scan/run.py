"""Run one scan, from listing repositories to writing the ledger, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from headway.model.limits import Limits
from headway.model.store_records import (
    Cursor,
    MarkRecord,
    RepositoryRecord,
    ScanRecord,
    TrackKey,
    UnknownRecord,
)
from headway.progress.gaps import unknown_on
from headway.scan.conditional_items import write_conditional_items
from headway.scan.context import ScanContext, scan_day
from headway.scan.definition_changes import (
    DefinitionChanges,
    Definitions,
    first_days,
    settle_definitions,
)
from headway.scan.gap_retry import may_succeed
from headway.scan.job_runner import load
from headway.scan.ledger_writer import LedgerWriter
from headway.scan.local_executor import LocalExecutor
from headway.scan.mirror_provider import MirrorProvider
from headway.scan.move_writer import write_moves
from headway.scan.owner_update import Ownership
from headway.scan.repository_changes import changes
from headway.scan.repository_walks import walk_repositories
from headway.scan.request import ScanOutcome, ScanRequest, UnknownPart
from headway.scan.scope_periods import (
    Pair,
    Periods,
    Scope,
    ScopePeriods,
    decide_scope,
    left_scope,
    settle_scope,
)
from headway.scan.source_listing import list_repositories
from headway.scan.unknown_pairs import Reason, broken_rules, settle_unknowns
from headway.scan.walk_plan import ScanPlan, current_rules, plan_scan
from headway.store.store_writer import ScanWriter, write_scan
from headway.version import __version__

_PARTLY_LISTED = "some repositories could not be listed and may be missing here"
"""A message that names no source, because every page shows it. The scan reports each problem in
full.
"""


def run_scan(request: ScanRequest) -> ScanOutcome:
    """Run a scan and store its results. If the scan raises an exception, nothing is stored.

    A repository that cannot be read or scanned does not raise an exception. Instead, the outcome
    lists its state as unknown.

    Raises:
        HeadwayError: An error that the user must correct.
    """
    started_at = request.clock()
    load(request.scanner_files)
    with (
        # Enter the executor first, because it forks, which is safe only before threads are started.
        request.executor or LocalExecutor(request) as executor,
        write_scan(request.store, started_at, request.lock) as writer,
        MirrorProvider(request) as mirrors,
    ):
        today = scan_day(request, writer)
        return _scan(ScanContext(request, writer, mirrors, executor, started_at, today))


OUTDATED = (
    "an older version of Headway wrote the store; this scan reads every history again, "
    "because items are now followed through edits, landing times are more accurate, and files that "
    ".gitattributes marks as vendored or generated are excluded"
)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The results of earlier scans."""

    repositories: Mapping[str, RepositoryRecord]
    definitions: Definitions
    periods: Periods
    cursors: Mapping[TrackKey, Cursor]
    later_movements: frozenset[Pair]
    """Pairs whose ledgers have movements after the last scan.

    For example, an exemption lapses even on a day without a scan.
    """
    retries: frozenset[TrackKey]
    """Tracks with gaps that another attempt may close. See `may_succeed`."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """The state after this scan."""

    repositories: Mapping[str, RepositoryRecord]
    periods: ScopePeriods
    unknowns: Mapping[Pair, UnknownRecord]
    definitions: DefinitionChanges


def _scan(scan: ScanContext) -> ScanOutcome:
    request, campaigns, today = scan.request, scan.campaigns, scan.today
    recorded = _recorded(scan.writer, request.limits)

    inventory = list_repositories(scan, recorded.repositories)

    scope = decide_scope(campaigns, inventory, recorded.periods)

    starts = first_days(campaigns, recorded.definitions.campaigns, today)
    rules = current_rules(request, campaigns, starts)
    plan = plan_scan(request, inventory, scope, rules, recorded.cursors, recorded.retries)
    _note_repetitions(scan, plan, recorded)

    walks = walk_repositories(scan, inventory, plan)
    scan.writer.settle()

    repositories = walks.updated(inventory.records)
    reasons = chain(plan.unknown, walks.unknown, broken_rules(request.broken, scope))
    settled = _settle(scan, recorded, scope, repositories, reasons)

    _write_ledger(scan, settled, walks.walked | recorded.later_movements)

    scan.mirrors.tidy()
    scan.writer.repositories.put_records(settled.repositories, recorded.repositories, today)
    _put_settled(scan.writer, settled)
    partly_listed = _partly_listed(scan) if inventory.problems else ()
    changes_by_key = changes(recorded.repositories, settled.repositories, inventory.departures)
    changed = [*_repository_marks(scan, changes_by_key, settled)]
    changed += _scope_marks(scan, left_scope(scope, recorded.periods, inventory), settled, changed)
    marks = [*partly_listed, *walks.marks, *changed, *settled.definitions.marks]
    scan.writer.campaigns.add_marks(marks)
    scan.writer.campaigns.put_edits(campaigns.keys(), today, settled.definitions.edits)
    in_scope = len(scope.repositories)
    outcome = ScanOutcome(
        today=today,
        repositories=in_scope,
        unchanged=in_scope - len(plan.tracks),
        commits=walks.commits,
        blobs=walks.blobs,
        unknown=_unknown_parts(scan, settled),
        problems=inventory.problems,
    )
    scan.writer.scans.add(_scan_record(scan, outcome))
    return outcome


def _note_repetitions(scan: ScanContext, plan: ScanPlan, recorded: _Recorded) -> None:
    """Report which histories are read or computed again, and why."""
    progress = scan.request.progress
    if plan.reads_again(recorded.cursors):
        progress.note(OUTDATED)
    for campaign, rule, count in plan.recomputed(recorded.cursors):
        repositories = "1 repository" if count == 1 else f"{count:,} repositories"
        progress.note(
            f"{campaign}: the definition of rule {rule} has changed, so its history is computed "
            f"again in {repositories}"
        )


def _recorded(writer: ScanWriter, limits: Limits) -> _Recorded:
    return _Recorded(
        writer.repositories.records(),
        Definitions(
            writer.campaigns.records(),
            writer.campaigns.rules(),
            writer.exemptions.records(),
            writer.campaigns.definitions(),
        ),
        writer.scope.memberships(),
        writer.walks.cursors(),
        frozenset(writer.ledger.pairs_with_later_movements()),
        frozenset(
            key
            for key, causes in writer.gaps.causes().items()
            if any(may_succeed(cause, limits) for cause in causes)
        ),
    )


def _settle(
    scan: ScanContext,
    recorded: _Recorded,
    scope: Scope,
    repositories: Mapping[str, RepositoryRecord],
    reasons: Iterable[Reason],
) -> _Settled:
    """Update the results of earlier scans with the results of this scan."""
    campaigns = recorded.definitions.campaigns
    walked = {(key.campaign, key.repository) for key in recorded.cursors}
    rules = {(name, rule.id) for name in scope.members for rule in scan.campaigns[name].rules}
    spans = [span for span in scan.writer.gaps.spans() if (span.campaign, span.rule) in rules]
    gaps = unknown_on(spans, scan.today)
    for (_, key), record in sorted(gaps.items()):
        scan.request.progress.note(f"unknown: {repositories[key].listed.name}: {record.reason}")
    return _Settled(
        repositories,
        settle_scope(scope, recorded.periods, repositories, campaigns, scan.today),
        settle_unknowns(scan, scope, repositories, reasons, gaps, campaigns, walked),
        settle_definitions(recorded.definitions, scan.campaigns, scan.request.scanners, scan.today),
    )


def _write_ledger(scan: ScanContext, settled: _Settled, moved: set[Pair]) -> None:
    """Write the moves between repositories, the ledgers and the snapshots.

    Args:
        scan: Provides the campaigns and the store.
        settled: The state after this scan.
        moved: Pairs with changed openings, or with movements after the last scan.
    """
    writer, definitions, periods = scan.writer, settled.definitions, settled.periods
    writer.campaigns.put_records(definitions.after.campaigns)
    writer.campaigns.put_rules(definitions.after.rules)
    writer.campaigns.put_definitions(definitions.after.histories)
    writer.exemptions.put_records(definitions.after.exemptions)
    redefined = {pair for pair in periods.periods if pair[0] in definitions.campaigns}
    derived = write_conditional_items(writer, scan.campaigns, moved | redefined)
    changed = moved | write_moves(scan, periods, settled.repositories, derived)
    ownership = Ownership(writer.ownership, scan.request.teams, settled.repositories, scan.today)
    ledger = LedgerWriter(writer, scan.campaigns, definitions.after, periods, ownership, scan.today)
    ledger.write_ledgers(changed | periods.changed | redefined, scan.request.progress)
    ledger.write_snapshots(settled.unknowns)


def _put_settled(writer: ScanWriter, settled: _Settled) -> None:
    writer.scope.put_memberships(settled.periods.periods)
    writer.states.put_unknowns(settled.unknowns)


def _partly_listed(scan: ScanContext) -> Iterator[MarkRecord]:
    for campaign in scan.campaigns:
        yield MarkRecord(campaign, None, scan.today, "listing", _PARTLY_LISTED)


def _repository_marks(
    scan: ScanContext, changes_by_key: Iterable[tuple[str, str]], settled: _Settled
) -> Iterator[MarkRecord]:
    """Yield a mark for each change, in each campaign that ever had the repository in scope."""
    for key, text in changes_by_key:
        scan.request.progress.note(text)
        for campaign in scan.campaigns:
            if (campaign, key) in settled.periods.periods:
                yield MarkRecord(campaign, key, scan.today, "repository", text)


def _scope_marks(
    scan: ScanContext,
    left: Iterable[tuple[Pair, str]],
    settled: _Settled,
    changed: Iterable[MarkRecord],
) -> Iterator[MarkRecord]:
    """Yield a mark for each repository that left a scope.

    Repositories in `changed` are omitted, and so are campaigns with edited definitions.

    Args:
        scan: Provides the day and the progress.
        left: The pairs that left the scope, with the reasons.
        settled: The state after this scan.
        changed: The marks of changed repositories.
    """
    explained = {(mark.campaign, mark.repository) for mark in changed}
    edited = {mark.campaign for mark in settled.definitions.edits}
    for (campaign, key), reason in left:
        if (campaign, key) not in explained and campaign not in edited:
            text = f"{settled.repositories[key].listed.name} left the scope: {reason}"
            scan.request.progress.note(f"{campaign}: {text}")
            yield MarkRecord(campaign, key, scan.today, "repository", text)


def _unknown_parts(scan: ScanContext, settled: _Settled) -> tuple[UnknownPart, ...]:
    return tuple(
        UnknownPart(campaign, settled.repositories[key].listed.name, record.reason)
        for (campaign, key), record in sorted(settled.unknowns.items())
        if campaign in scan.campaigns
    )


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
