"""One campaign on one day: what is in its scope, and how each repository in it stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from headway.model.campaign import Campaign, Milestone
from headway.model.days import Span
from headway.model.scope import name_matches
from headway.model.store_records import CampaignRecord, LedgerTotal, RepositoryRecord, UnknownRecord
from headway.progress.snapshots import RuleTerms, Standing, Tally
from headway.progress.state import State, repository_state
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign in one store on one day, with what every question about it needs.

    members: keys of the repositories in scope today. absent: those that were in scope and are
    gone. stocks: sums of movements up to today. standings: how each member and absent one stands.
    """

    campaign: Campaign
    record: CampaignRecord | None
    today: date
    terms: Mapping[str, RuleTerms]
    repositories: Mapping[str, RepositoryRecord]
    members: tuple[str, ...]
    spans: Mapping[str, tuple[Span, ...]]
    absent: tuple[str, ...]
    unknowns: Mapping[str, UnknownRecord]
    totals_by_repository: tuple[LedgerTotal, ...]
    by_repository: Mapping[str, Sequence[LedgerTotal]]
    standings: Mapping[str, tuple[Standing, State]]

    @property
    def first_day(self) -> date:
        """The burndown's first day; today where nothing was scanned yet."""
        if self.record is not None:
            return self.record.starts
        return self.campaign.starts or self.today

    def is_deprecated(self, rule: str) -> bool:
        """Whether items of this rule have to go."""
        return rule in self.terms and not self.terms[rule].replacement

    def coverage(self, day: date) -> float | None:
        """Share of the repositories in scope on a day whose state on it is known."""
        return self.coverages([day])[0]

    def coverages(self, days: Sequence[date]) -> list[float | None]:
        """The same for many days, oldest first; costs little for each of them."""
        scope, unknown = ([0] * (len(days) + 1) for _ in range(2))
        for key, spans in self.spans.items():
            record = self.unknowns.get(key)
            dark = len(days)
            if record is not None:
                known = record.known_until
                dark = bisect_right(days, known) if known is not None else 0
            for span in spans:
                begin = bisect_left(days, span.first) if span.first is not None else 0
                end = bisect_right(days, span.last) if span.last is not None else len(days)
                if begin < end:
                    scope[begin] += 1
                    scope[end] -= 1
                if max(begin, dark) < end:
                    unknown[max(begin, dark)] += 1
                    unknown[end] -= 1
        sums = zip(accumulate(scope[:-1]), accumulate(unknown[:-1]), strict=True)
        return [1 - dim / whole if whole else None for whole, dim in sums]


def campaign_view(
    store: Store,
    campaign: Campaign,
    today: date,
    repositories: Mapping[str, RepositoryRecord] | None = None,
) -> CampaignView:
    """Reads what is needed to answer for `campaign` on `today`.

    repositories: all that the store has, for whoever has read them already.
    """
    if repositories is None:
        repositories = store.repositories.records()
    outlined = outline_view(store, campaign, today)
    spans, terms, unknowns = outlined.spans, outlined.terms, outlined.unknowns
    members = [key for key, held in spans.items() if any(span.covers(today) for span in held)]
    absent = [
        key
        for key in spans.keys() - set(members)
        if (gone := repositories[key].gone_on) is not None and gone <= today
    ]
    members.sort(key=lambda key: (repositories[key].listed.name, key))
    absent.sort(key=lambda key: (repositories[key].listed.name, key))
    totals_by_repository = tuple(store.ledger.totals_by_repository(campaign.id, today))
    by_repository: dict[str, list[LedgerTotal]] = defaultdict(list)
    for row in totals_by_repository:
        by_repository[row.repository].append(row)
    dark = {key for key, record in unknowns.items() if record.since <= today}
    return replace(
        outlined,
        repositories=repositories,
        members=tuple(members),
        absent=tuple(absent),
        totals_by_repository=totals_by_repository,
        by_repository=by_repository,
        standings={
            **_standings(members, by_repository, terms, today, unknown=dark),
            **_standings(absent, by_repository, terms, today, gone=True),
        },
    )


def outline_view(store: Store, campaign: Campaign, today: date) -> CampaignView:
    """A view that knows of no repository how it stands: for what needs the whole and its coverage
    alone.
    """
    unknowns = {key: record for (_, key), record in store.states.unknowns(campaign.id).items()}
    return replace(
        bare_view(store, campaign, today), spans=store.scope.spans(campaign.id), unknowns=unknowns
    )


def bare_view(
    store: Store,
    campaign: Campaign,
    today: date,
    totals_by_repository: tuple[LedgerTotal, ...] = (),
) -> CampaignView:
    """A view without repositories. stocks: sums for all of them together."""
    return CampaignView(
        campaign=campaign,
        record=store.campaigns.records().get(campaign.id),
        today=today,
        terms={
            rule.id: RuleTerms(rule.weight, rule.role == "replacement") for rule in campaign.rules
        },
        repositories={},
        members=(),
        spans={},
        absent=(),
        unknowns={},
        totals_by_repository=totals_by_repository,
        by_repository={},
        standings={},
    )


def milestone_members(view: CampaignView) -> dict[Milestone, list[str]]:
    """Keys of the repositories in scope today that each milestone is about."""
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
    """How each repository stands; most of them hold nothing, and stand alike."""
    nothing = Tally(terms).standing(today)
    count_repository_states = {
        dark: (nothing, repository_state(nothing.holdings, unknown=dark, gone=gone))
        for dark in (False, True)
    }
    found = {}
    for key in keys:
        totals_by_repository, dark = by_repository.get(key), key in unknown
        if totals_by_repository:
            standing = standing_of(totals_by_repository, terms, today)
            found[key] = standing, repository_state(standing.holdings, unknown=dark, gone=gone)
        else:
            found[key] = count_repository_states[dark]
    return found


def standing_of(
    totals_by_repository: Iterable[LedgerTotal], terms: Mapping[str, RuleTerms], today: date
) -> Standing:
    """What these movements amount to."""
    tally = Tally(terms)
    for row in totals_by_repository:
        total = row.total
        tally.add(row.rule, total.open_change, total.fixed_change, total.exempt_change)
    return tally.standing(today)
