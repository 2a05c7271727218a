"""One scan: list, plan, walk, and settle, in one transaction of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from headway.definition.campaign import Campaign
from headway.definition.scope import name_matches, reason_outside
from headway.errors import HeadwayError
from headway.forges.interface import Source
from headway.git.mirrors import Mirrors
from headway.progress.ledger import Span, book
from headway.scan.execute import execute
from headway.scan.inventory import Inventory, doubtful, take_inventory
from headway.scan.job import Job, JobResult, Track
from headway.scan.limits import DEFAULT_LIMITS, Limits
from headway.scan.membership import exclude, include
from headway.scan.plan import RuleNow, TrackPlan, first_day, plan_repository
from headway.scan.plugins import Scanners
from headway.scan.progress import Progress, Silent
from headway.scan.settle import (
    Pair,
    scanned_snapshots,
    team_snapshots,
    unknown_record,
    walked_snapshots,
)
from headway.store.records import (
    CampaignRecord,
    MarkRecord,
    RepositoryRecord,
    RuleRecord,
    ScanRecord,
)
from headway.store.writing import ScanWriter, write_scan
from headway.version import __version__

_BATCH = 200


class NothingListedError(HeadwayError):
    """The sources hold no repository, and never did."""

    def __init__(self, sources: Sequence[Source]) -> None:
        if sources:
            named = ", ".join(source.id for source in sources)
            sentence = (
                f"there is no git repository in {named}; correct the sources in headway.toml."
            )
        else:
            sentence = "headway.toml names no source of repositories; add a [[sources]] table."
        super().__init__(sentence)


class NoSuchRepositoryError(HeadwayError):
    """`--repository` matches nothing that the sources list."""

    def __init__(self, globs: Sequence[str]) -> None:
        super().__init__(
            f"no listed repository matches {' or '.join(globs)}; `headway repositories` lists them."
        )


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan, and how.

    campaigns: those to scan. broken: (campaign, rule) to why the rule cannot be carried out.
    today: the day that everything counts to. clock: the time, for the scan log. repositories:
    patterns over names; empty means all. mirrors: folder of the mirrors.
    """

    campaigns: tuple[Campaign, ...]
    scanners: Scanners
    scanner_folders: tuple[Path, ...]
    sources: tuple[Source, ...]
    store: Path
    mirrors: Path
    today: date
    clock: Callable[[], datetime]
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    workers: int = 1
    repositories: tuple[str, ...] = ()
    accept_shrunk_listing: bool = False
    limits: Limits = DEFAULT_LIMITS
    progress: Progress = Silent()  # noqa: RUF009 - has no state


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """One repository that one campaign can say nothing certain of."""

    campaign: str
    repository: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """repositories: in scope of any campaign. unchanged: those of them where nothing was to be
    done. problems: why listings are incomplete. today: the day it counts to.
    """

    today: date
    repositories: int
    unchanged: int
    commits: int
    blobs: int
    unknown: tuple[UnknownPart, ...]
    problems: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything could be seen."""
        return not self.unknown and not self.problems


def run_scan(request: ScanRequest) -> ScanOutcome:
    """Scans, and writes what was found; nothing is written when anything is raised.

    Raises `HeadwayError` for what the user must put right. Repositories that cannot be read or
    scanned are unknown in the outcome.
    """
    started = request.clock()
    with write_scan(request.store, started) as writer:
        return _Scan(request, writer, started).run()


class _Scan:
    def __init__(self, request: ScanRequest, writer: ScanWriter, started: datetime) -> None:
        self.request = request
        self.writer = writer
        self.started = started
        last = writer.last_scan()
        # a clock that was set back must not put this scan before the last one
        self.today = max(request.today, last[1]) if last else request.today
        self.campaigns = {campaign.id: campaign for campaign in request.campaigns}
        self.campaign_records = writer.campaigns()
        self.rule_records = writer.rules()
        self.memberships = writer.memberships()
        self.unknowns = writer.unknowns()
        self.cursors = writer.cursors()
        self.reasons: dict[Pair, list[str]] = defaultdict(list)
        self.rebook: set[Pair] = set()
        self.marks: list[MarkRecord] = []
        self.commits = self.blobs = 0

    def run(self) -> ScanOutcome:
        inventory = self._list()
        members = self._members(inventory)
        rules = self._rules()
        plans = self._plan(inventory, members, rules)
        first_commits = self._walk(inventory, plans)
        records = {
            key: replace(record, first_commit_on=first_commits.get(key, record.first_commit_on))
            for key, record in inventory.records.items()
        }
        self._settle_memberships(members, records)
        self._settle_unknowns(members, records)
        self._settle_definitions()
        self.writer.settle_walks()
        self._book()
        in_scope = {key for keys in members.values() for key in keys}
        return self._finish(inventory, records, in_scope, len(in_scope) - len(plans))

    def _list(self) -> Inventory:
        request = self.request
        request.progress.stage("listing repositories", len(request.sources))
        listings = []
        for source in request.sources:
            listing = source.list_repositories()
            if not request.accept_shrunk_listing:
                listing = doubtful(listing, self.writer.last_count(source.id))
            listings.append(listing)
            request.progress.advance(text=source.id)
            if listing.complete:
                count = len(listing.repositories) + len(listing.unlisted)
                self.writer.put_source(listing.source, self.today, True, count, "")
        inventory = take_inventory(listings, self.writer.repositories(), self.today)
        if not inventory.records:
            raise NothingListedError(request.sources)
        for problem in inventory.problems:
            request.progress.note(problem)
        return inventory

    def _members(self, inventory: Inventory) -> dict[str, list[str]]:
        """Campaign to the keys of the repositories in its scope today; ends the others' spans."""
        members: dict[str, list[str]] = {name: [] for name in self.campaigns}
        for name, campaign in self.campaigns.items():
            for key, record in inventory.records.items():
                reason = self._outside(campaign, key, record, inventory)
                if reason is None:
                    members[name].append(key)
                else:
                    self._leave((name, key), reason)
        return members

    def _outside(
        self, campaign: Campaign, key: str, record: RepositoryRecord, inventory: Inventory
    ) -> str | None:
        if record.gone_on is not None:
            return "it is gone"
        if key in inventory.dropped:
            return "its source is no longer configured"
        if key in inventory.hidden:
            # what cannot be seen stays in scope, and its name must do where nothing else is known
            spans = self.memberships.get((campaign.id, key))
            if spans:
                return None if spans[-1].last is None else spans[-1].reason
            if not name_matches(campaign.scope.repositories, record.listed.name):
                return "its name does not match scope.repositories"
            return None
        return reason_outside(campaign.scope, record.listed)

    def _leave(self, pair: Pair, reason: str) -> None:
        before = self.memberships.get(pair, [])
        after = exclude(before, today=self.today, reason=reason)
        if after != before:
            self.memberships[pair] = after
            self.rebook.add(pair)

    def _rules(self) -> dict[str, list[RuleNow]]:
        """Campaign to its rules, as far as they can be carried out."""
        rules: dict[str, list[RuleNow]] = {}
        for name, campaign in self.campaigns.items():
            baseline = self._first_day(campaign)
            rules[name] = [
                RuleNow(name, rule, rule.fingerprint(scanner.version), baseline)
                for rule in campaign.rules
                if (name, rule.id) not in self.request.broken
                and (scanner := self.request.scanners.get(rule.scanner)) is not None
            ]
        return rules

    def _first_day(self, campaign: Campaign) -> date:
        record = self.campaign_records.get(campaign.id)
        return first_day(campaign, record.first_scanned_on if record else self.today)

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
        progress.stage("reading histories", len(plans))
        first_commits: dict[str, date] = {}
        jobs = self._jobs(inventory, plans)
        results = execute(list(jobs), self.request.scanner_folders, self.request.workers)
        for result in results:
            record = inventory.records[result.repository]
            progress.advance(text=record.listed.name)
            if result.first_commit_on is not None:
                first_commits[result.repository] = result.first_commit_on
            self._take(record, result)
        return first_commits

    def _jobs(self, inventory: Inventory, plans: Mapping[str, list[TrackPlan]]) -> Iterator[Job]:
        mirrors = Mirrors(self.request.mirrors)
        keys = list(plans)
        for first in range(0, len(keys), _BATCH):
            batch = keys[first : first + _BATCH]
            continued = [key for key in batch if any(plan.cursor for plan in plans[key])]
            openings = self.writer.openings(continued, list(self.campaigns)) if continued else {}
            for key in batch:
                listed = inventory.records[key].listed
                assert listed.tip is not None
                git_dir = mirrors.borrow(key, Path(listed.clone_url), listed.tip)
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
                    key, listed.name, git_dir, listed.tip, tracks, self.today, self.request.limits
                )

    def _take(self, record: RepositoryRecord, result: JobResult) -> None:
        """Stages what one job found, and notes what it could not find."""
        self.commits += result.commits
        self.blobs += result.blobs
        for walked in result.walked:
            self.writer.stage(walked.key, walked.openings, walked.cursor, afresh=walked.afresh)
            self.rebook.add((walked.key.campaign, walked.key.repository))
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

    def _settle_memberships(
        self, members: Mapping[str, Sequence[str]], records: Mapping[str, RepositoryRecord]
    ) -> None:
        for name, keys in members.items():
            record = self.campaign_records.get(name)
            last = record.last_scanned_on if record else None
            for key in keys:
                before = self.memberships.get((name, key), [])
                after = include(
                    before,
                    today=self.today,
                    last_scan=last,
                    first_commit_on=records[key].first_commit_on,
                )
                if after != before:
                    self.memberships[name, key] = after
                    self.rebook.add((name, key))

    def _settle_unknowns(
        self, members: Mapping[str, Sequence[str]], records: Mapping[str, RepositoryRecord]
    ) -> None:
        for (name, rule), reason in self.request.broken.items():
            for key in members.get(name, ()):
                self.reasons[name, key].append(f"rule {rule}: {reason}")
        after = {pair: it for pair, it in self.unknowns.items() if pair[0] not in self.campaigns}
        walked = {(key.campaign, key.repository) for key in self.cursors}
        for name, keys in members.items():
            record = self.campaign_records.get(name)
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

    def _settle_definitions(self) -> None:
        """Remembers campaigns and rules as they are now, and marks the day of what changed."""
        for name, campaign in self.campaigns.items():
            before = self.campaign_records.get(name)
            starts = self._first_day(campaign)
            if before is not None and before.starts != starts:
                self.rebook |= {pair for pair in self.memberships if pair[0] == name}
            self.campaign_records[name] = CampaignRecord(
                before.first_scanned_on if before else self.today, self.today, starts, ""
            )
            self._settle_rules(campaign, known=before is not None)
        self.writer.put_campaigns(self.campaign_records)
        self.writer.put_rules(self.rule_records)

    def _settle_rules(self, campaign: Campaign, *, known: bool) -> None:
        defined = {rule.id for rule in campaign.rules}
        for key in [key for key in self.rule_records if key[0] == campaign.id]:
            if key[1] not in defined:
                del self.rule_records[key]
                self._mark(campaign, f"rule {key[1]} removed")
        for rule in campaign.rules:
            scanner = self.request.scanners.get(rule.scanner)
            before = self.rule_records.get((campaign.id, rule.id))
            if scanner is None:
                continue
            fingerprint = rule.fingerprint(scanner.version)
            since = self.today
            if before is not None and before.fingerprint == fingerprint:
                since = before.since
            elif known:
                change = f"rule {rule.id} changed" if before else f"rule {rule.id} added"
                self._mark(campaign, change)
            self.rule_records[campaign.id, rule.id] = RuleRecord(
                rule.role, fingerprint, rule.weight, since
            )

    def _mark(self, campaign: Campaign, text: str) -> None:
        self.marks.append(MarkRecord(campaign.id, None, self.today, "definition", text))

    def _book(self) -> None:
        """Books the pairs of which anything changed, and their past weeks."""
        pairs = sorted(pair for pair in self.rebook if pair[0] in self.campaigns)
        starts = {name: self.campaign_records[name].starts for name in self.campaigns}
        self.request.progress.stage("booking", len(pairs))
        for first in range(0, len(pairs), _BATCH):
            batch = pairs[first : first + _BATCH]
            ledgers = []
            for pair, episodes in self.writer.episodes(batch):
                spans = tuple(Span(span.first, span.last) for span in self.memberships[pair])
                ledgers.append((pair, book(episodes, first_day=starts[pair[0]], in_scope=spans)))
                self.request.progress.advance()
            self.writer.put_ledgers(batch, ledgers)
            rows = walked_snapshots(ledgers, self.campaigns, starts, self.today)
            self.writer.put_walked_snapshots(batch, list(rows))

    def _finish(
        self,
        inventory: Inventory,
        records: Mapping[str, RepositoryRecord],
        in_scope: set[str],
        unchanged: int,
    ) -> ScanOutcome:
        writer = self.writer
        writer.put_repositories(records, self.today)
        writer.put_memberships(self.memberships)
        writer.put_unknowns(self.unknowns)
        writer.add_marks(self.marks)
        self._put_snapshots()
        unknown = tuple(
            UnknownPart(name, records[key].listed.name, record.reason)
            for (name, key), record in sorted(self.unknowns.items())
            if name in self.campaigns
        )
        writer.add_scan(
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

    def _put_snapshots(self) -> None:
        repositories = []
        walked_teams, scanned_teams = [], []
        for name, campaign in self.campaigns.items():
            members = [
                key
                for (campaign_id, key), spans in self.memberships.items()
                if campaign_id == name and spans and spans[-1].last is None
            ]
            repositories += scanned_snapshots(
                self.writer, campaign, members, self.unknowns, self.today
            )
            first = self.campaign_records[name].starts
            walked, scanned = team_snapshots(self.writer, campaign, first, self.today)
            walked_teams += walked
            scanned_teams += scanned
        names = list(self.campaigns)
        self.writer.put_scanned_snapshots(names, self.today, repositories)
        self.writer.put_walked_team_snapshots(names, walked_teams)
        self.writer.put_team_snapshots(names, self.today, scanned_teams)
