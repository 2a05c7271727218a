"""Law 5 of ARCHITECTURE.md holds, regardless of what happens between two scans.

Teams and owners change. Exemptions begin, lapse and are removed. Repositories enter scope, leave
scope, are archived and reappear.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.forges.sources.local import LocalSource
from headway.metrics.burndown_series import Burndowns, burndown
from headway.metrics.campaign_status import status
from headway.metrics.campaign_view import CampaignView, campaign_view
from headway.metrics.capture_series import capture_series
from headway.metrics.item_rows import items
from headway.metrics.records import BurndownPoint
from headway.model.campaign import Campaign
from headway.model.movement import FLOW_SIGNS
from headway.model.repository import Listing
from headway.plugins import load_scanners
from headway.store.store_reader import Store, open_store
from tests.support.histories import Commit, Edit, History, build, edits, point
from tests.support.thorough import repeat
from tests.support.workspaces import SIX, scan, workspace

STARTS = date(2020, 10, 1)
NAMES = ("one", "two")
OWNERS: tuple[Literal["current"], Literal["historical"]] = ("current", "historical")
SCANNERS = load_scanners([shipped_folder() / "scanners"])

CAMPAIGN = rf"""title: Remove six
starts: {STARTS}
deprecated:
  - {{id: import-six, scanner: regex, pattern: '{SIX}', weight: 2}}
  - {{id: which, scanner: regex, pattern: '(?P<which>import|from) six', paths: ["*.py"]}}
replacement:
  - {{id: has-a, scanner: file, paths: ["a.py"]}}
"""
_TEAMS = (
    None,
    "teams: [{name: red, repositories: [one]}, {name: blue, aliases: ['@acme/blue']}]",
    "teams: [{name: red, paths: ['lib/**']}, {name: blue, repositories: [one, two]}]",
)
_OWNERS = (b"* @acme/blue\n", b"lib/ @acme/red\n*.py @acme/green\n", b"# nobody\n")
_EXEMPTIONS = (
    "",
    "exemptions: [{reason: a, paths: ['lib/**'], until: 2021-01-31}]\n",
    """exemptions:
  - {reason: b, repositories: [two], until: 2021-06-30}
  - {reason: c, rules: [which], paths: ['b.py'], until: 2020-12-24}
""",
)
_SCOPES = ("", "scope: {repositories: [one]}\n", "scope: {archived: true}\n")


@dataclass(frozen=True)
class Night:
    """A nightly scan, with the settings and repositories that it finds."""

    after: int
    """The number of days since the previous scan."""
    teams: int
    exemptions: int
    scope: int
    archived: frozenset[int]
    """The indices of the repositories that are archived."""
    missing: frozenset[int]
    """The indices of the repositories that are missing from the listing."""
    steps: tuple[int, int]
    """The number of commits that land in each repository before the scan."""


_one_of_them = st.frozensets(st.integers(0, 1), max_size=1)
nights = st.builds(
    Night,
    st.integers(0, 60),
    st.integers(0, len(_TEAMS) - 1),
    st.integers(0, len(_EXEMPTIONS) - 1),
    st.integers(0, len(_SCOPES) - 1),
    _one_of_them,
    _one_of_them,
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
_owner_edits = st.builds(Edit, st.just("write"), st.just(b"CODEOWNERS"), st.sampled_from(_OWNERS))
_commits = st.builds(
    Commit,
    st.lists(st.one_of(edits, edits, _owner_edits), min_size=1, max_size=4).map(tuple),
    st.integers(0, 40 * 86_400),
)
organisations = st.tuples(*(st.lists(_commits, min_size=1, max_size=6).map(History) for _ in NAMES))


class Changing:
    """A local source that reports archived and missing repositories, like a forge."""

    def __init__(self, folder: Path, night: Night) -> None:
        self._source = LocalSource(folder / "clones", "clones")
        self._night = night
        self.id = self._source.id

    def list_repositories(self) -> Listing:
        listing = self._source.list_repositories()
        named = {name: number for number, name in enumerate(NAMES)}
        return replace(
            listing,
            repositories=tuple(
                replace(listed, archived=named[listed.name] in self._night.archived)
                for listed in listing.repositories
                if named[listed.name] not in self._night.missing
            ),
        )


@settings(max_examples=repeat(3, thorough=60), deadline=None)
@given(organisations, st.lists(nights, min_size=1, max_size=4))
def test_all_sums_agree_after_any_events_between_scans(
    histories: Sequence[History], nightly: Sequence[Night]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        chains = [
            build(history, folder / "clones" / repository)
            for repository, history in zip(NAMES, histories, strict=True)
        ]
        today, at, reported = date(2020, 10, 10), [0, 0], dict[date, tuple[int, int, int]]()
        for night in nightly:
            today += timedelta(days=night.after)
            for number, chain in enumerate(chains):
                at[number] = min(at[number] + night.steps[number], len(chain) - 1)
                point(folder / "clones" / NAMES[number], chain[at[number]])
            campaign = prepare(folder, night)
            scan(folder, today, source=Changing(folder, night))
            with open_store(folder / "headway.duckdb") as store:
                check_rows(store, campaign, today)
                check_series(store, campaign, today + timedelta(days=90))
                last = burndown(store, campaign, today=today)[-1]
                reported[today] = last.open, last.fixed_total, last.exempt
                check_snapshots(store, campaign, reported, today)


def prepare(folder: Path, night: Night) -> Campaign:
    text = CAMPAIGN + _EXEMPTIONS[night.exemptions] + _SCOPES[night.scope]
    (folder / "campaigns" / "law.yaml").write_text(text)
    teams = _TEAMS[night.teams]
    (folder / "teams.yaml").unlink(missing_ok=True)
    if teams is not None:
        (folder / "teams.yaml").write_text(teams)
    (campaign,) = load_campaigns(folder / "campaigns", SCANNERS).campaigns
    return campaign


def check_series(store: Store, campaign: Campaign, today: date) -> None:
    """Check that ledgers balance and teams add up to the total, for both kinds of owners."""
    seen = campaign_view(store, campaign, today)
    series = Burndowns(store, seen)
    check_ledger(series.whole("day"))
    check_transfers(store, seen, series)
    whole = series.whole("week")
    for owners in OWNERS:
        teams = series.by_team(owners)
        for points in teams.values():
            check_ledger(points)
        for total, *parts in zip(whole, *teams.values(), strict=True) if teams else ():
            for name in ("open", "exempt", "fixed_total", "new", "regressed", "lapsed", "fixed"):
                assert sum(getattr(part, name) for part in parts) == getattr(total, name), name
            assert sum(part.exempted for part in parts) == total.exempted
            # Transfers do not change the total: each item that a team receives leaves another team.
            assert sum(part.scope_added - part.received for part in parts) == total.scope_added
            assert (
                sum(part.scope_removed - part.handed_over for part in parts) == total.scope_removed
            )
            assert sum(part.received - part.handed_over for part in parts) == 0


def check_transfers(store: Store, seen: CampaignView, series: Burndowns) -> None:
    """Check that transfers between teams equal those in the series by historical owners."""
    then = series.by_team("historical")
    assert store.ledger.owners_changed(seen.campaign.id) or then == series.by_team("current")
    rules = [rule.id for rule in seen.campaign.deprecated]
    transfers = store.ledger.transfers_by_team(seen.campaign.id, seen.first_day, seen.today, rules)
    sums = {
        team: (
            sum(point.received for point in points),
            sum(point.handed_over for point in points),
        )
        for team, points in then.items()
    }
    assert transfers == {team: counts for team, counts in sums.items() if any(counts)}


def check_ledger(points: Sequence[BurndownPoint]) -> None:
    for before, after in itertools.pairwise(points):
        assert after.open == before.open + sum(
            sign * getattr(after, column) for column, sign in FLOW_SIGNS.items()
        )
        assert min(after.open, after.exempt, after.fixed_total) >= 0


def check_rows(store: Store, campaign: Campaign, today: date) -> None:
    """Check that status rows, items and series of captured values have the same counts."""
    (row,) = status(store, [campaign], today=today)
    for by in ("team", "repository"):
        parts = status(store, [campaign], today=today, by=by)
        for name in ("open", "fixed", "exempt"):
            assert sum(getattr(part, name) for part in parts) == getattr(row, name), (by, name)
    listed = {
        state: Counter(item.team for item in items(store, [campaign], state=state, today=today))
        for state in ("open", "exempt")
    }
    for part in status(store, [campaign], today=today, by="team"):
        assert listed["open"][part.team or ""] == part.open
        assert listed["exempt"][part.team or ""] == part.exempt
    last = burndown(store, campaign, today=today)[-1]
    assert (last.open, last.exempt, last.fixed_total) == (row.open, row.exempt, row.fixed)
    graded = capture_series(store, campaign_view(store, campaign, today), "which", period="day")
    which = [item for item in items(store, [campaign], today=today) if item.rule == "which"]
    assert sum(line[-1].open for line in graded) == len(which)
    for line in graded:
        assert all(min(point.open, point.exempt, point.fixed_total) >= 0 for point in line)


def check_snapshots(
    store: Store, campaign: Campaign, reported: dict[date, tuple[int, int, int]], today: date
) -> None:
    """Check the snapshots against the daily burndown and against the status on scan days."""
    days = burndown(store, campaign, today=today, period="day")
    walked = {point.date: (point.open, point.fixed_total, point.exempt) for point in days}
    for table in ("team_weeks", "repository_weeks"):
        for day, counts in sums(store, table).items():
            assert counts == walked[day], (table, day)
    for table in ("team_scans", "repository_scans"):
        found = sums(store, table)
        assert {day: found.get(day, (0, 0, 0)) for day in reported} == reported, table


def sums(store: Store, table: str) -> dict[date, tuple[int, int, int]]:
    """Return (open, fixed, exempt) by day, summed over all teams or repositories."""
    totals: dict[date, Any] = defaultdict(lambda: (0, 0, 0))
    for day, *counts in store.query(f'SELECT day, "open", fixed, exempt FROM {table}')[1]:
        totals[day] = tuple(map(sum, zip(totals[day], counts, strict=True)))
    return dict(totals)
