"""Generate a workspace of any size with a store, as if its repositories had been scanned.

No git repositories are created. The store is written by the same functions as in a scan. The result
depends only on the size and the day.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from headway.config.load import load_campaigns
from headway.config.teams_file import load_teams
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign, Rule
from headway.model.progress_reporter import SilentReporter
from headway.model.repository import Repository
from headway.model.store_records import (
    Cursor,
    MembershipSpan,
    RepositoryRecord,
    ScanRecord,
    TrackKey,
    UnknownRecord,
)
from headway.plugins import Scanners, load_scanners
from headway.progress.opening import Opening, Spot
from headway.scan.definition_changes import Definitions, settle_definitions
from headway.scan.ledger_writer import LedgerWriter
from headway.scan.owner_update import Ownership
from headway.scan.scope_periods import ScopePeriods
from headway.store.store_writer import ScanWriter, write_scan
from headway.version import __version__

_WEEK = timedelta(weeks=1)
_LEGACY = "legacy.{module}.{name}({argument}, timeout={number})  # was here before"
_MODULES = ("billing", "catalogue", "checkout", "identity", "ledger", "mail", "orders", "search")
_NAMES = ("fetch_all", "open_session", "parse_header", "read_config", "send_batch", "to_text")
_ARGUMENTS = ("customer", "order_id", "payload", "self.client", "settings.REGION")


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a generated organisation."""

    repositories: int = 10_000
    teams: int = 40
    campaigns: int = 20
    open_items: int = 500_000
    weeks: int = 156
    """The length of the history in weeks."""

    share: float = 0.25
    """The share of the repositories, from 0 to 1, in which each campaign has had items."""


def make_workspace(folder: Path, size: Size, today: date) -> None:
    """Write the files and the store of a workspace as they would be after a scan on `today`."""
    (folder / "campaigns").mkdir(parents=True)
    (folder / "headway.toml").write_text('[[sources]]\ntype = "local"\npath = "clones"\n')
    (folder / "teams.yaml").write_text(_teams(size))
    for number in range(size.campaigns):
        (folder / "campaigns" / f"campaign-{number:02}.yaml").write_text(
            _campaign(number, size, today)
        )
    scanners = load_scanners([shipped_folder() / "scanners"])
    loaded = load_campaigns(folder / "campaigns", scanners)
    teams = load_teams(folder)
    if loaded.problems or teams.problems:
        raise AssertionError([*loaded.problems, *teams.problems])
    now = datetime.combine(today, time(3), UTC)
    with write_scan(folder / "headway.duckdb", now) as writer:
        scan = _Scan(writer, size, today, {campaign.id: campaign for campaign in loaded.campaigns})
        definitions = scan.write(scanners)
        ownership = Ownership(writer.ownership, teams.teams, scan.records, today)
        scan.write_ledgers(definitions, ownership)
        writer.scans.add(
            ScanRecord(today, now, now, __version__, size.repositories, 0, len(scan.unknowns), 0, 0)
        )


def _teams(size: Size) -> str:
    lines = ["teams:"]
    for number in range(size.teams):
        name = f"team-{number:02}"
        lines += [f"  - name: {name}", f'    repositories: ["acme/{name}-*"]']
    return "\n".join(lines) + "\n"


def _campaign(number: int, size: Size, today: date) -> str:
    """Return a campaign file. Every fourth campaign has all kinds of optional settings."""
    module = "(?P<interface>[a-z]+)" if number % 4 == 0 else "[a-z]+"
    starts = today - _WEEK * size.weeks
    lines = [
        f"title: Leave the old interface {number}",
        "summary: The old interface goes; the new one has been there for years.",
        f"owner: platform-{number % 4}",
        f"guide: https://wiki.example.com/campaigns/{number}",
        f"starts: {starts}",
        f"due: {today + timedelta(days=30 * (number - 2))}",
        "deprecated:",
        f"  - {{id: call, scanner: regex, pattern: 'legacy\\.{module}\\.', weight: 1}}",
        f"  - {{id: settings, scanner: regex, pattern: 'LEGACY_{number}_[A-Z]+', weight: 3}}",
    ]
    if number % 4 == 0:
        lines += [
            "replacement:",
            "  - {id: client, scanner: file, paths: [client.toml]}",
            "milestones:",
            "  - name: First teams",
            f"    due: {today + timedelta(days=40)}",
            '    repositories: ["acme/team-0*"]',
            "exemptions:",
            "  - reason: Bought code",
            '    repositories: ["acme/team-01-*"]',
            '    paths: ["legacy/**"]',
            f"    until: {today + timedelta(days=90)}",
            "    approved_by: platform",
        ]
    return "\n".join(lines) + "\n"


class _Scan:
    """Writes the records that a scan of the organisation would have written."""

    def __init__(
        self, writer: ScanWriter, size: Size, today: date, campaigns: dict[str, Campaign]
    ) -> None:
        self._writer = writer
        self._size = size
        self._today = today
        self._campaigns = campaigns
        self._random = random.Random(f"{size} {today}")
        self.records = {record.listed.key: record for record in self._repositories()}
        self._keys = list(self.records)
        self._touched: set[tuple[str, str]] = set()
        always = [MembershipSpan(None, None, "")]
        self._spans = {(name, key): always for name in campaigns for key in self._keys}
        unreadable = self._keys[7::250]
        self.unknowns = {
            (name, key): UnknownRecord("cannot be fetched", today, today - _WEEK)
            for name in campaigns
            for key in unreadable
        }

    def _repositories(self) -> Iterator[RepositoryRecord]:
        first = self._today - _WEEK * self._size.weeks
        for number in range(self._size.repositories):
            team = f"team-{number % self._size.teams:02}" if number % 20 else "nobody"
            name = f"acme/{team}-service-{number:05}"
            yield RepositoryRecord(
                Repository(
                    f"forge.example.com/{number}",
                    name,
                    "github:acme",
                    f"https://forge.example.com/{name}.git",
                    default_branch="main",
                    tip=_commit(name, self._size.weeks),
                    web_url=f"https://forge.example.com/{name}",
                    link_style="github",
                    visibility="internal",
                ),
                first - _WEEK * 50,
                first,
                self._today,
                None,
            )

    def write(self, scanners: Scanners) -> Definitions:
        """Write all records except ledgers and snapshots, and return the recorded definitions."""
        writer = self._writer
        none = Definitions({}, {}, [], {})
        definitions = settle_definitions(none, self._campaigns, scanners, self._today).after
        writer.campaigns.put_records(definitions.campaigns)
        writer.campaigns.put_rules(definitions.rules)
        writer.exemptions.put_records(definitions.exemptions)
        writer.campaigns.put_definitions(definitions.histories)
        writer.repositories.put_records(self.records, writer.repositories.records(), self._today)
        writer.scope.put_memberships(self._spans)
        writer.states.put_unknowns(self.unknowns)
        self._starts = {name: record.starts for name, record in definitions.campaigns.items()}
        for campaign in self._campaigns.values():
            self._stage(campaign)
        writer.settle()
        return definitions

    def write_ledgers(self, definitions: Definitions, ownership: Ownership) -> None:
        """Compute ledgers and snapshots from the items in the store, and write them."""
        ledger = LedgerWriter(
            self._writer,
            self._campaigns,
            definitions,
            ScopePeriods(self._spans, frozenset()),
            ownership,
            self._today,
        )
        ledger.write_ledgers(self._touched, SilentReporter())
        ledger.write_snapshots(self.unknowns)

    def _stage(self, campaign: Campaign) -> None:
        chosen = self._random.sample(self._keys, round(len(self._keys) * self._size.share))
        # As in real organisations, a few repositories have most of the items.
        weights = [self._random.paretovariate(1.4) for _ in chosen]
        wanted = self._size.open_items / len(self._campaigns) / sum(weights)
        owed = 0.0
        for key, weight in zip(chosen, weights, strict=True):
            owed += weight * wanted
            count = int(owed)
            owed -= count
            self._touched.add((campaign.id, key))
            by_rule: dict[str, list[Opening]] = {rule.id: [] for rule in campaign.rules}
            for number in range(count):
                rule = campaign.deprecated[number % 10 == 9]
                by_rule[rule.id] += self._open_item(campaign, rule, key, number)
            for number in range(count, count + round(count * 1.1) + 1):
                rule = campaign.deprecated[number % 10 == 9]
                by_rule[rule.id].append(self._fixed_item(campaign, rule, key, number))
            for rule in campaign.replacement:
                if self._random.random() < 0.5:
                    by_rule[rule.id] += self._open_item(campaign, rule, key, 0)
            for rule in campaign.rules:
                cursor = Cursor(
                    rule.id, self._starts[campaign.id], _commit(key, self._size.weeks), 0
                )
                self._writer.walks.stage(
                    TrackKey(campaign.id, rule.id, key), by_rule[rule.id], cursor, afresh=True
                )

    def _open_item(self, campaign: Campaign, rule: Rule, key: str, number: int) -> list[Opening]:
        if self._random.random() < 0.02:
            fixed = self._fixed_item(campaign, rule, key, number)
            again = self._opening(campaign, rule, key, number, self._size.weeks - 1)
            if fixed.closed_on is not None and fixed.closed_on < again.opened_on:
                again.number, again.item, again.path = 2, fixed.item, fixed.path
                return [fixed, again]
        week = None if self._random.random() < 0.7 else self._random.randrange(self._size.weeks)
        return [self._opening(campaign, rule, key, number, week)]

    def _fixed_item(self, campaign: Campaign, rule: Rule, key: str, number: int) -> Opening:
        week = None if self._random.random() < 0.8 else self._random.randrange(self._size.weeks - 1)
        opening = self._opening(campaign, rule, key, number, week)
        closed = self._random.randrange(week + 1 if week is not None else 0, self._size.weeks)
        moment = self._moment(key, closed)
        opening.closed_at, opening.closed_on = int(moment.timestamp()), moment.date()
        opening.closed_commit, opening.closed_by = _commit(key, closed), "ada@example.com"
        return opening

    def _opening(
        self, campaign: Campaign, rule: Rule, key: str, number: int, week: int | None
    ) -> Opening:
        """Return an opening, which is a period during which an item is open.

        Args:
            campaign: The campaign.
            rule: The rule of the item.
            key: The key of the repository.
            number: The number of the item in the repository.
            week: The week in which the item is opened; None means before the campaign starts.
        """
        pick = self._random.choice
        folder = "legacy/" if number % 23 == 0 else ""
        path = f"{folder}services/{pick(_MODULES)}/{pick(_NAMES)}_{number // 3}.py"
        module = pick(_MODULES)
        excerpt = _LEGACY.format(
            module=module, name=pick(_NAMES), argument=pick(_ARGUMENTS), number=number
        )
        moment = self._moment(key, -2 if week is None else week)
        line = self._random.randrange(1, 900)
        captured = rule.id == "call" and bool(campaign.replacement)
        return Opening(
            item=_digest(campaign.id, rule.id, key, str(number))[:20],
            number=1,
            origin=path,
            path=path,
            blob=_digest(path, key)[:40],
            spot=Spot(excerpt, line, 5, excerpt, (("interface", module),) if captured else ()),
            opened_at=int(moment.timestamp()),
            opened_on=moment.date(),
            opened_commit=_commit(key, -2 if week is None else week),
            at_baseline=week is None,
            opened_by=None if week is None else "ada@example.com",
            origin_text=excerpt,
        )

    def _moment(self, key: str, week: int) -> datetime:
        """Return the time at which a repository's changes land in a week.

        The day of the week depends on the repository.
        """
        begins = self._today - _WEEK * self._size.weeks
        weekday = int(key.rpartition("/")[2]) % 7
        return datetime.combine(begins + _WEEK * week + timedelta(days=weekday), time(12), UTC)


def _commit(key: str, week: int) -> str:
    return hashlib.sha1(f"{key} {week}".encode(), usedforsecurity=False).hexdigest()


def _digest(*words: str) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
