"""A campaign on one day: its repositories in scope, and their states."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, chain

from headway.metrics.definition_history import DefinitionHistory, definition_history
from headway.metrics.inexact_days import inexact_days
from headway.metrics.open_since import OpenSince
from headway.metrics.records import InexactDays
from headway.metrics.workspace_prior import workspace_prior
from headway.model.campaign import Campaign, Milestone
from headway.model.days import Span
from headway.model.scope import name_matches
from headway.model.store_records import (
    CampaignRecord,
    GapSpan,
    LedgerTotal,
    RepositoryRecord,
    UnknownRecord,
)
from headway.progress.forecast_coefficients import Coefficients
from headway.progress.gaps import unknown_on
from headway.progress.snapshots import RuleTerms, Standing, Tally, terms_of
from headway.progress.state import State, repository_state
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class CampaignView:
    """The data of one campaign on one day. All its metrics are computed from this data."""

    campaign: Campaign
    record: CampaignRecord | None
    """The campaign's record from scans, or None if it was never scanned."""
    today: date
    terms: Mapping[str, RuleTerms]
    """The weight and role of each rule, by rule ID."""
    repositories: Mapping[str, RepositoryRecord]
    """All repositories in the store, by key."""
    members: tuple[str, ...]
    """The keys of the repositories in scope today, sorted by repository name."""
    spans: Mapping[str, tuple[Span, ...]]
    """The days on which each repository was in scope, by repository key."""
    absent: tuple[str, ...]
    """The keys of the repositories that were in scope and are gone, sorted by repository name."""
    unknowns: Mapping[str, UnknownRecord]
    """The repositories whose state was unknown at the latest scan, by repository key. They include
    repositories that are unknown today because of unreadable files or a shallow clone.
    """
    known_from: Mapping[str, date]
    """The first day on which a repository's state is known, by repository key. Only repositories
    with shallow or damaged clones have an entry.
    """
    gaps: Mapping[str, Sequence[GapSpan]]
    """The versions of files that a rule of the campaign could not read, by repository key."""
    totals_by_repository: tuple[LedgerTotal, ...]
    """The sums of all ledger entries up to today."""
    by_repository: Mapping[str, Sequence[LedgerTotal]]
    """The sums of all ledger entries up to today, by repository key."""
    standings: Mapping[str, tuple[Standing, State]]
    """The counts and state of each repository in `members` and `absent`, by repository key."""
    open_since: OpenSince
    """Finds the day since which the campaign, a team or a repository has had open items."""
    definition: DefinitionHistory
    """The changes to the campaign's definition."""
    prior: Coefficients
    """The coefficients of forecasts, based on the workspace's finished campaigns."""

    @property
    def first_day(self) -> date:
        """The first day of the burndown. Before the first scan, this is the planned start day."""
        return _first_day(self.campaign, self.record, self.today)

    @property
    def is_early(self) -> bool:
        """Return whether today is before the campaign's first day."""
        return self.today < self.first_day

    def is_counted(self, rule: str) -> bool:
        """Return whether items of this rule must be fixed."""
        return rule in self.terms and self.terms[rule].counted

    def inexact(self, keys: Iterable[str]) -> tuple[InexactDays, ...]:
        """Return the days on which the numbers of these repositories are inexact, oldest first."""
        if not self.gaps:
            return ()
        spans = chain.from_iterable(self.gaps.get(key, ()) for key in keys)
        return inexact_days(spans, self.first_day, self.today)

    def unknown_on(self, day: date, keys: Iterable[str]) -> set[str]:
        """Return the members of `keys` that are in scope and unknown at the end of `day`."""
        return {key for key in keys if self.coverages([day], [key]) == [0]}

    def coverages(
        self, days: Sequence[date], keys: Iterable[str] | None = None
    ) -> list[float | None]:
        """Return the coverage on several days, in one pass over the repositories.

        The coverage on a day is the share of the repositories in scope with a known state. The
        coverage is None if no repository is in scope.

        Args:
            days: The days, oldest first.
            keys: The repositories to count. None means all repositories.
        """
        all_spans = self.spans
        chosen = (
            all_spans if keys is None else {key: all_spans[key] for key in keys if key in all_spans}
        )
        scope, unknown = ([0] * (len(days) + 1) for _ in range(2))
        for key, spans in chosen.items():
            unknown_runs = self._unknown_runs(key, days)
            for span in spans:
                begin = bisect_left(days, span.first) if span.first is not None else 0
                end = bisect_right(days, span.last) if span.last is not None else len(days)
                if begin < end:
                    scope[begin] += 1
                    scope[end] -= 1
                for first, last in unknown_runs:
                    first_in_scope, last_in_scope = max(begin, first), min(end, last)
                    if first_in_scope < last_in_scope:
                        unknown[first_in_scope] += 1
                        unknown[last_in_scope] -= 1
        sums = zip(accumulate(scope[:-1]), accumulate(unknown[:-1]), strict=True)
        return [1 - missing / total if total else None for total, missing in sums]

    def _unknown_runs(self, key: str, days: Sequence[date]) -> list[tuple[int, int]]:
        """Return the first (inclusive) and last (exclusive) index of each run of unknown days."""
        runs = []
        record, first_known = self.unknowns.get(key), self.known_from.get(key)
        if record is not None:
            known = record.known_until
            runs.append((bisect_right(days, known) if known is not None else 0, len(days)))
        if first_known is not None:
            runs.append((0, bisect_left(days, first_known)))
        for gap in self.gaps.get(key, ()):
            first = bisect_left(days, gap.opened_on)
            last = bisect_left(days, gap.closed_on) if gap.closed_on is not None else len(days)
            runs.append((0 if gap.at_baseline else first, last))
        return _joined(runs) if len(runs) > 1 else runs


def campaign_view(
    store: Store,
    campaign: Campaign,
    today: date,
    repositories: Mapping[str, RepositoryRecord] | None = None,
) -> CampaignView:
    """Read the data of a campaign as of `today`.

    Args:
        store: The store.
        campaign: The campaign.
        today: The day of the view.
        repositories: All repositories in the store, by key. None means that they are read.
    """
    if repositories is None:
        repositories = store.repositories.records()
    outlined = outline_view(store, campaign, today)
    spans, terms = outlined.spans, outlined.terms
    members = [key for key, held in spans.items() if any(span.covers(today) for span in held)]
    absent = [
        key
        for key in spans.keys() - set(members)
        if (gone := repositories[key].gone_on) is not None and gone <= today
    ]
    members.sort(key=lambda key: (repositories[key].listed.name, key))
    absent.sort(key=lambda key: (repositories[key].listed.name, key))
    totals_by_repository = (
        () if outlined.is_early else tuple(store.ledger.totals_by_repository(campaign.id, today))
    )
    by_repository: dict[str, list[LedgerTotal]] = defaultdict(list)
    for row in totals_by_repository:
        by_repository[row.repository].append(row)
    unknown = outlined.unknown_on(today, members)
    return replace(
        outlined,
        repositories=repositories,
        members=tuple(members),
        absent=tuple(absent),
        totals_by_repository=totals_by_repository,
        by_repository=by_repository,
        standings={
            **_standings(members, by_repository, terms, today, unknown=unknown),
            **_standings(absent, by_repository, terms, today, gone=True),
        },
    )


def outline_view(store: Store, campaign: Campaign, today: date) -> CampaignView:
    """Read the data of a campaign without the states of repositories.

    This data is sufficient for the series and coverage of the whole campaign.
    """
    unknowns = {key: record for (_, key), record in store.states.unknowns(campaign.id).items()}
    bare = bare_view(store, campaign, today)
    known_from = store.walks.known_from(campaign.id)
    gaps = gaps_until(store, bare)
    for (_, key), record in unknown_on(chain.from_iterable(gaps.values()), today).items():
        known_until = unknowns[key].known_until if key in unknowns else today
        if known_until is not None and known_until >= today:
            unknowns[key] = record
    for key, day in known_from.items():
        if day > today:
            reason = f"the clone is shallow or damaged, so nothing is known before {day}"
            unknowns[key] = UnknownRecord(reason, min(bare.first_day, today), None)
    return replace(
        bare,
        spans=store.scope.spans(campaign.id),
        unknowns=unknowns,
        known_from=known_from,
        gaps=gaps,
    )


def gaps_until(store: Store, view: CampaignView) -> dict[str, list[GapSpan]]:
    """Return the campaign's gaps up to the day of the view, by repository key."""
    gaps: dict[str, list[GapSpan]] = defaultdict(list)
    for span in store.gaps.spans(view.campaign.id):
        if span.rule in view.terms and span.opened_on <= view.today:
            gaps[span.repository].append(span)
    return gaps


def bare_view(
    store: Store,
    campaign: Campaign,
    today: date,
    totals_by_repository: tuple[LedgerTotal, ...] = (),
) -> CampaignView:
    """Read the data of a campaign without its repositories.

    Args:
        store: The store.
        campaign: The campaign.
        today: The day of the view.
        totals_by_repository: The sums of all ledger entries up to today.
    """
    record = store.campaigns.records().get(campaign.id)
    return CampaignView(
        campaign=campaign,
        record=record,
        today=today,
        terms=terms_of(campaign),
        repositories={},
        members=(),
        spans={},
        absent=(),
        unknowns={},
        known_from={},
        gaps={},
        totals_by_repository=totals_by_repository,
        by_repository={},
        standings={},
        open_since=OpenSince(
            store,
            campaign.id,
            rules=tuple(rule.id for rule in campaign.counted),
            first_day=_first_day(campaign, record, today),
            today=today,
        ),
        definition=definition_history(store, campaign, today),
        prior=workspace_prior(store, today),
    )


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the runs in order, with overlapping and adjacent runs merged."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _first_day(campaign: Campaign, record: CampaignRecord | None, today: date) -> date:
    if record is not None:
        return record.starts
    return campaign.starts or today


def milestone_members(view: CampaignView) -> dict[Milestone, list[str]]:
    """Return the keys of the repositories in scope today that each milestone covers."""
    return {
        milestone: [
            key
            for key in view.members
            if name_matches(milestone.repositories, view.repositories[key].listed.name)
        ]
        for milestone in view.campaign.milestones
    }


def _standings(
    keys: Iterable[str],
    by_repository: Mapping[str, Sequence[LedgerTotal]],
    terms: Mapping[str, RuleTerms],
    today: date,
    *,
    unknown: AbstractSet[str] = frozenset(),
    gone: bool = False,
) -> dict[str, tuple[Standing, State]]:
    """Return the counts and the state of each repository, by repository key."""
    nothing = Tally(terms).standing(today)
    # Most repositories have no items, so they share one record.
    without_items = {
        is_unknown: (nothing, repository_state(nothing.holdings, unknown=is_unknown, gone=gone))
        for is_unknown in (False, True)
    }
    found = {}
    for key in keys:
        totals, is_unknown = by_repository.get(key), key in unknown
        if totals:
            standing = standing_of(totals, terms, today)
            state = repository_state(standing.holdings, unknown=is_unknown, gone=gone)
            found[key] = standing, state
        else:
            found[key] = without_items[is_unknown]
    return found


def standing_of(
    totals_by_repository: Iterable[LedgerTotal], terms: Mapping[str, RuleTerms], today: date
) -> Standing:
    """Compute the counts and the completion from sums of ledger entries."""
    tally = Tally(terms)
    for row in totals_by_repository:
        tally.add(row.rule, row.total)
    return tally.standing(today)
