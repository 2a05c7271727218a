"""One scan: list, plan, walk, and settle, in one transaction of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from headway.model.scope import name_matches
from headway.model.store_records import MarkRecord, RepositoryRecord, ScanRecord
from headway.scan.definition_changes import Definitions
from headway.scan.inventory import Inventory, doubtful, take_inventory
from headway.scan.job import Job, JobResult, Track
from headway.scan.job_runner import execute, load
from headway.scan.ledger_writer import LedgerWriter
from headway.scan.mirror_provider import MirrorProvider, ReadyMirror, Supplies
from headway.scan.owner_update import Ownership
from headway.scan.repository_changes import changes
from headway.scan.request import (
    NoSuchRepositoryError,
    NothingListedError,
    ScanOutcome,
    ScanRequest,
    UnknownPart,
)
from headway.scan.scope_periods import ScopePeriods
from headway.scan.snapshot_writer import Pair, unknown_record
from headway.scan.walk_plan import RuleNow, TrackPlan, plan_repository
from headway.store.store_writer import ScanWriter, write_scan
from headway.version import __version__
from headway.workers.pool import Workers
from headway.workers.sandbox import ProcessLimits

_BATCH = 200
_PARTLY_LISTED = "not everything could be listed: there may be repositories that are not shown"
"""For every page, so it names nobody; the scan itself says what was in the way."""
_JOBS_AT_HAND = 4
"""Repositories for each worker that are ready before reading begins, while others are fetched."""


def run_scan(request: ScanRequest) -> ScanOutcome:
    """Scans, and writes what was found; nothing is written when anything is raised.

    Raises `HeadwayError` for what the user must put right. Repositories that cannot be read or
    scanned are unknown in the outcome.
    """
    started = request.clock()
    limits = request.limits
    confinement = ProcessLimits(limits.memory_bytes)
    load(request.scanner_folders)
    with (
        # first: all that follows has threads
        Workers(
            request.workers,
            seconds=limits.scanner_seconds,
            confinement=confinement,
            preload=("headway.scan.walk", "headway.scan.job_runner"),
        ) as workers,
        write_scan(request.store, started, request.lock) as writer,
        MirrorProvider(request) as supply,
    ):
        return _Scan(request, writer, supply, started, workers).run()


class _Scan:
    def __init__(
        self,
        request: ScanRequest,
        writer: ScanWriter,
        supply: MirrorProvider,
        started: datetime,
        workers: Workers,
    ) -> None:
        self.request = request
        self.workers = workers
        self.writer = writer
        self.started = started
        last = writer.scans.last()
        # a clock that was set back must not put this scan before the last one
        self.today = max(request.today, last[1]) if last else request.today
        self.campaigns = {campaign.id: campaign for campaign in request.campaigns}
        self.definitions = Definitions(
            writer.campaigns.records(),
            writer.campaigns.rules(),
            writer.exemptions.records(),
            self.today,
        )
        self.scoping = ScopePeriods(writer.scope.memberships(), self.today)
        self.unknowns = writer.states.unknowns()
        self.cursors = writer.walks.cursors()
        self.supply = supply
        self.tips: dict[str, str] = {}
        self.owner_cursors = writer.ownership.cursors()
        self.reasons: dict[Pair, list[str]] = defaultdict(list)
        # exemptions lapse by themselves
        self.rebook: set[Pair] = writer.ledger.pairs_with_later_movements()
        self.known = writer.repositories.records()
        self.marks: list[MarkRecord] = []
        self.commits = self.blobs = 0

    def run(self) -> ScanOutcome:
        inventory = self._list()
        members = self.scoping.members(self.campaigns, inventory)
        rules = self._rules()
        plans = self._plan(inventory, members, rules)
        first_commits = self._walk(inventory, plans)
        records = {
            key: replace(
                record,
                listed=replace(record.listed, tip=self.tips.get(key, record.listed.tip)),
                first_commit_on=first_commits.get(key, record.first_commit_on),
            )
            for key, record in inventory.records.items()
        }
        self.scoping.settle(members, records, self.definitions.campaigns)
        self._settle_unknowns(members, records)
        self.definitions.settle(self.campaigns, self.request.scanners)
        self.writer.campaigns.put_records(self.definitions.campaigns)
        self.writer.campaigns.put_rules(self.definitions.rules)
        self.writer.exemptions.put_records(self.definitions.exemptions)
        self.writer.settle()
        self._book(records)
        in_scope = {key for keys in members.values() for key in keys}
        return self._finish(inventory, records, in_scope, len(in_scope) - len(plans))

    def _list(self) -> Inventory:
        request = self.request
        request.progress.stage("listing repositories", len(request.sources))
        listings = []
        for source in request.sources:
            listing = self.supply.resolve(source, source.list_repositories())
            if not request.accept_shrunk_listing:
                listing = doubtful(listing, self.writer.scans.last_repository_count(source.id))
            listings.append(listing)
            request.progress.advance(text=source.id)
            if listing.groups_unknown is not None:
                request.progress.note(listing.groups_unknown)
            if listing.complete:
                count = len(listing.repositories) + len(listing.unlisted)
                self.writer.scans.put_source(listing.source, self.today, True, count, "")
        inventory = take_inventory(listings, self.known, self.today)
        if not inventory.records:
            raise NothingListedError(request.sources)
        for problem in inventory.problems:
            request.progress.note(problem)
        if inventory.problems:
            self.marks += [
                MarkRecord(name, None, self.today, "listing", _PARTLY_LISTED)
                for name in self.campaigns
            ]
        return inventory

    def _rules(self) -> dict[str, list[RuleNow]]:
        """Campaign to its rules, as far as they can be carried out."""
        rules: dict[str, list[RuleNow]] = {}
        for name, campaign in self.campaigns.items():
            baseline = self.definitions.first_day(campaign)
            rules[name] = [
                RuleNow(name, rule, rule.fingerprint(scanner.version), baseline)
                for rule in campaign.rules
                if (name, rule.id) not in self.request.broken
                and (scanner := self.request.scanners.get(rule.scanner)) is not None
            ]
        return rules

    def _plan(
        self,
        inventory: Inventory,
        members: Mapping[str, Sequence[str]],
        rules: Mapping[str, list[RuleNow]],
    ) -> dict[str, list[TrackPlan]]:
        """Repository key to what is to be followed in it; repositories at rest are left out."""
        wanted: dict[str, list[RuleNow]] = defaultdict(list)
        for name, keys in members.items():
            for key in keys:
                wanted[key] += rules[name]
        plans = {}
        asked = 0
        for key, its_rules in wanted.items():
            record = inventory.records[key]
            tip = record.listed.tip
            if key in inventory.hidden or tip is None:
                self._fail_all(key, members, inventory.hidden.get(key, "it has no commit"))
                continue
            plan = plan_repository(key, tip, its_rules, self.cursors)
            if not name_matches(self.request.repositories, record.listed.name):
                for track in plan:
                    self._note_unscanned(track)
                continue
            asked += 1
            if plan:
                plans[key] = plan
        if self.request.repositories and not asked:
            raise NoSuchRepositoryError(self.request.repositories)
        return plans

    def _fail_all(self, key: str, members: Mapping[str, Sequence[str]], reason: str) -> None:
        for name, keys in members.items():
            if key in keys:
                self.reasons[name, key].append(reason)

    def _note_unscanned(self, track: TrackPlan) -> None:
        pair = track.key.campaign, track.key.repository
        if track.cursor is None and not self.reasons[pair]:
            self.reasons[pair].append("not scanned yet")

    def _walk(self, inventory: Inventory, plans: Mapping[str, list[TrackPlan]]) -> dict[str, date]:
        """Follows everything planned; gives the first commit's day where it came out."""
        progress = self.request.progress
        listed = [inventory.records[key].listed for key in plans]
        fetches = self.supply.fetches(listed)
        progress.stage("fetching and reading" if fetches else "reading histories", len(plans))
        first_commits: dict[str, date] = {}
        self.supply.begin(listed)
        for supplies in self.supply.ready(self.request.workers * _JOBS_AT_HAND):
            for result in self._results(inventory, plans, supplies):
                record = inventory.records[result.repository]
                progress.advance(text=record.listed.name)
                if result.first_commit_on is not None:
                    first_commits[result.repository] = result.first_commit_on
                self._take(record, result)
        return first_commits

    def _results(
        self, inventory: Inventory, plans: Mapping[str, list[TrackPlan]], supplies: Supplies
    ) -> Iterator[JobResult]:
        """What the workers find in these mirrors, but for those that need to be fetched again."""
        jobs = list(self._jobs(inventory, plans, supplies))
        for result in execute(jobs, self.request.scanner_folders, self.workers):
            key = result.repository
            if result.missing:
                self.supply.fill(key, result.missing)
            elif result.damaged and self.supply.heal(key):
                name = inventory.records[key].listed.name
                self.request.progress.note(f"{name}: its mirror was damaged, and is fetched afresh")
            else:
                yield result

    def _jobs(
        self, inventory: Inventory, plans: Mapping[str, list[TrackPlan]], supplies: Supplies
    ) -> Iterator[Job]:
        for key, reason in supplies.items():
            if isinstance(reason, str):
                self._fail_plans(inventory.records[key], plans[key], reason)
        ready = {key: it for key, it in supplies.items() if isinstance(it, ReadyMirror)}
        keys = list(ready)
        for first in range(0, len(keys), _BATCH):
            batch = keys[first : first + _BATCH]
            continued = [key for key in batch if any(plan.cursor for plan in plans[key])]
            openings = (
                self.writer.items.openings(continued, list(self.campaigns)) if continued else {}
            )
            for key in batch:
                listed = inventory.records[key].listed
                mirror = ready[key]
                self.tips[key] = mirror.tip
                tracks = tuple(
                    Track(
                        plan.key,
                        plan.now.rule,
                        plan.now.fingerprint,
                        plan.now.baseline,
                        plan.cursor,
                        tuple(openings.get(plan.key, ())) if plan.cursor else (),
                    )
                    for plan in plans[key]
                )
                yield Job(
                    key,
                    listed.name,
                    mirror.git_dir,
                    mirror.tip,
                    tracks,
                    self.today,
                    self.request.limits,
                    self.owner_cursors.get(key),
                )

    def _fail_plans(
        self, record: RepositoryRecord, plans: Sequence[TrackPlan], reason: str
    ) -> None:
        self.request.progress.note(f"unknown: {record.listed.name}: {reason}")
        for pair in {(plan.key.campaign, plan.key.repository) for plan in plans}:
            self.reasons[pair].append(reason)

    def _take(self, record: RepositoryRecord, result: JobResult) -> None:
        """Stages what one job found, and notes what it could not find."""
        self.commits += result.commits
        self.blobs += result.blobs
        for walked in result.walked:
            self.writer.walks.stage(
                walked.key, walked.openings, walked.cursor, afresh=walked.afresh
            )
            self.rebook.add((walked.key.campaign, walked.key.repository))
        files = result.owner_files
        if files is not None:
            self.writer.ownership.stage(
                result.repository, files.versions, files.cursor, afresh=files.afresh
            )
        for key, reason in result.failures:
            self.reasons[key.campaign, key.repository].append(reason)
        for reason in dict.fromkeys(reason for _, reason in result.failures):
            self.request.progress.note(f"unknown: {record.listed.name}: {reason}")
        if result.rewritten is not None:
            old, new = (commit[:12] for commit in result.rewritten)
            said = f"{record.listed.name}: history rewritten ({old} is not in {new})"
            self.request.progress.note(said)
            for name in {walked.key.campaign for walked in result.walked}:
                self.marks.append(
                    MarkRecord(name, result.repository, self.today, "history rewritten", said)
                )

    def _settle_unknowns(
        self, members: Mapping[str, Sequence[str]], records: Mapping[str, RepositoryRecord]
    ) -> None:
        for (name, rule), reason in self.request.broken.items():
            for key in members.get(name, ()):
                self.reasons[name, key].append(f"rule {rule}: {reason}")
        after = {pair: it for pair, it in self.unknowns.items() if pair[0] not in self.campaigns}
        walked = {(key.campaign, key.repository) for key in self.cursors}
        for name, keys in members.items():
            record = self.definitions.campaigns.get(name)
            for key in keys:
                pair = name, key
                reasons = self.reasons.get(pair)
                if not reasons and not self._was_looked_at(records[key]) and pair in self.unknowns:
                    after[pair] = self.unknowns[pair]
                elif reasons:
                    known = record.last_scanned_on if record and pair in walked else None
                    after[pair] = unknown_record(
                        list(dict.fromkeys(reasons)), self.unknowns.get(pair), self.today, known
                    )
        self.unknowns = after

    def _was_looked_at(self, record: RepositoryRecord) -> bool:
        return name_matches(self.request.repositories, record.listed.name)

    def _book(self, records: Mapping[str, RepositoryRecord]) -> None:
        spans, moved = self.scoping.spans, self.definitions.moved
        starts = {name: self.definitions.campaigns[name].starts for name in self.campaigns}
        booking = LedgerWriter(self.writer, self.campaigns, starts, self.today)
        ownership = Ownership(self.writer.ownership, self.request.teams, records, self.today)
        self.writer.ownership.put_team_lists(ownership.team_lists)
        self.writer.ownership.put_groups(ownership.groups)
        booked = self.writer.ledger.recorded_ownership()
        digests = {pair: ownership.digest(pair[1]) for pair in spans if pair[0] in self.campaigns}
        changed = self.rebook | self.scoping.changed
        changed |= {pair for pair in spans if pair[0] in moved}
        changed |= {pair for pair, digest in digests.items() if booked.get(pair) != digest}
        booking.book(changed, spans, ownership, self.definitions.waivers, self.request.progress)
        self.writer.ledger.put_recorded_ownership({**booked, **digests})
        members = {name: self.scoping.in_scope(name) for name in self.campaigns}
        left = {
            pair: ("gone" if records[pair[1]].gone_on else "out of scope", held[-1].reason)
            for pair, held in spans.items()
            if held and held[-1].last is not None
        }
        booking.put_snapshots(members, self.unknowns, left)

    def _mark_changes(self, records: Mapping[str, RepositoryRecord]) -> None:
        """Marks what happened to repositories, in every campaign that they are or were in."""
        for key, text in changes(self.known, records):
            self.request.progress.note(text)
            self.marks += [
                MarkRecord(name, key, self.today, "repository", text)
                for name in self.campaigns
                if (name, key) in self.scoping.spans
            ]

    def _finish(
        self,
        inventory: Inventory,
        records: Mapping[str, RepositoryRecord],
        in_scope: set[str],
        unchanged: int,
    ) -> ScanOutcome:
        writer = self.writer
        self.supply.tidy()
        writer.repositories.put_records(records, self.today)
        writer.scope.put_memberships(self.scoping.spans)
        writer.states.put_unknowns(self.unknowns)
        self._mark_changes(records)
        writer.campaigns.add_marks([*self.marks, *self.definitions.marks])
        unknown = tuple(
            UnknownPart(name, records[key].listed.name, record.reason)
            for (name, key), record in sorted(self.unknowns.items())
            if name in self.campaigns
        )
        writer.scans.add(
            ScanRecord(
                self.today,
                self.started,
                self.request.clock(),
                __version__,
                len(in_scope),
                unchanged,
                len(unknown),
                self.commits,
                self.blobs,
            )
        )
        return ScanOutcome(
            self.today,
            len(in_scope),
            unchanged,
            self.commits,
            self.blobs,
            unknown,
            inventory.problems,
        )
