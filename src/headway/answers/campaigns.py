"""How far: the status of campaigns, and of the repositories and teams in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Literal

from headway.answers.forecast import (
    booked,
    booked_by_week,
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.answers.records import ForecastAnswer, StatusRow
from headway.definition.campaign import Campaign, Milestone
from headway.definition.scope import name_matches
from headway.progress.forecast import HORIZON_WEEKS
from headway.progress.health import health_of
from headway.progress.ledger import Span
from headway.progress.snapshots import RuleTerms, Standing, Tally
from headway.progress.state import Holdings, State, repository_state
from headway.progress.weeks import WEEK
from headway.store.reading import Reader
from headway.store.records import CampaignRecord, RepositoryRecord, StockRow, UnknownRecord

By = Literal["repository", "team", "milestone"]
UNOWNED = "unowned"


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
    stocks: tuple[StockRow, ...]
    by_repository: Mapping[str, Sequence[StockRow]]
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


def view(
    store: Reader,
    campaign: Campaign,
    today: date,
    repositories: Mapping[str, RepositoryRecord] | None = None,
) -> CampaignView:
    """Reads what is needed to answer for `campaign` on `today`.

    repositories: all that the store has, for whoever has read them already.
    """
    if repositories is None:
        repositories = store.repositories()
    outlined = outline(store, campaign, today)
    spans, terms, unknowns = outlined.spans, outlined.terms, outlined.unknowns
    members = [key for key, held in spans.items() if any(span.covers(today) for span in held)]
    absent = [
        key
        for key in spans.keys() - set(members)
        if (gone := repositories[key].gone_on) is not None and gone <= today
    ]
    members.sort(key=lambda key: (repositories[key].listed.name, key))
    absent.sort(key=lambda key: (repositories[key].listed.name, key))
    stocks = tuple(store.stocks(campaign.id, today))
    by_repository = _by(stocks, lambda row: row.repository)
    dark = {key for key, record in unknowns.items() if record.since <= today}
    return replace(
        outlined,
        repositories=repositories,
        members=tuple(members),
        absent=tuple(absent),
        stocks=stocks,
        by_repository=by_repository,
        standings={
            **_standings(members, by_repository, terms, today, unknown=dark),
            **_standings(absent, by_repository, terms, today, gone=True),
        },
    )


def outline(store: Reader, campaign: Campaign, today: date) -> CampaignView:
    """A view that knows of no repository how it stands: for what needs the whole and its coverage
    alone.
    """
    spans = {
        key: tuple(Span(span.first, span.last) for span in held)
        for (_, key), held in store.memberships(campaign.id).items()
    }
    unknowns = {key: record for (_, key), record in store.unknowns(campaign.id).items()}
    return replace(_bare(store, campaign, today), spans=spans, unknowns=unknowns)


def _bare(
    store: Reader, campaign: Campaign, today: date, stocks: tuple[StockRow, ...] = ()
) -> CampaignView:
    """A view without repositories. stocks: sums for all of them together."""
    return CampaignView(
        campaign=campaign,
        record=store.campaigns().get(campaign.id),
        today=today,
        terms={
            rule.id: RuleTerms(rule.weight, rule.role == "replacement") for rule in campaign.rules
        },
        repositories={},
        members=(),
        spans={},
        absent=(),
        unknowns={},
        stocks=stocks,
        by_repository={},
        standings={},
    )


def _standings(
    keys: Iterable[str],
    by_repository: Mapping[str, Sequence[StockRow]],
    terms: Mapping[str, RuleTerms],
    today: date,
    *,
    unknown: AbstractSet[str] = frozenset(),
    gone: bool = False,
) -> dict[str, tuple[Standing, State]]:
    """How each repository stands; most of them hold nothing, and stand alike."""
    nothing = Tally(terms).standing(today)
    found = {}
    for key in keys:
        stocks = by_repository.get(key)
        standing = standing_of(stocks, terms, today) if stocks else nothing
        state = repository_state(standing.holdings, unknown=key in unknown, gone=gone)
        found[key] = standing, state
    return found


def status(
    store: Reader, campaigns: Sequence[Campaign], *, today: date, by: By | None = None
) -> list[StatusRow]:
    """One row a campaign, or one for each of its repositories or teams."""
    if by is None:
        return [_counted_row(store, campaign, today) for campaign in campaigns]
    rows: list[StatusRow] = []
    repositories = store.repositories()
    for campaign in campaigns:
        seen = view(store, campaign, today, repositories)
        if by == "repository":
            rows += repository_rows(seen, store.oldest_open(campaign.id, today))
        elif by == "team":
            rows += team_rows(seen, team_forecasts(seen, booked_by_week(store, seen)))
        else:
            rows += milestone_rows(seen, milestone_forecasts(seen, booked(store, seen)))
    return rows


def _counted_row(store: Reader, campaign: Campaign, today: date) -> StatusRow:
    """The campaign as a whole, where nothing else is asked: its repositories are counted, not
    read.
    """
    seen = _bare(store, campaign, today, stocks=tuple(store.totals(campaign.id, today)))
    deprecated = [rule for rule in seen.terms if seen.is_deprecated(rule)]
    alike = store.alike(
        campaign.id, today, deprecated, [rule for rule in seen.terms if rule not in deprecated]
    )
    states: list[State] = []
    for each in alike:
        holdings = Holdings(each.open, each.fixed, each.exempt, each.missing)
        states += [repository_state(holdings, unknown=each.unknown)] * each.repositories
    dark = sum(each.repositories for each in alike if each.dark)
    noted = sum(each.repositories for each in alike if each.noted)
    booked = store.booked_by_week(campaign.id, today, by_team=False)
    moved = [each for each in booked if seen.is_deprecated(each.rule)]
    forecast = campaign_forecast(seen, moved, unknown=noted)
    return _whole_row(seen, forecast, states, 1 - dark / len(states) if states else None)


def campaign_row(seen: CampaignView, forecast: ForecastAnswer) -> StatusRow:
    """The campaign as a whole."""
    states = [seen.standings[key][1] for key in seen.members]
    return _whole_row(seen, forecast, states, seen.coverage(seen.today))


def _whole_row(
    seen: CampaignView, forecast: ForecastAnswer, states: Sequence[State], coverage: float | None
) -> StatusRow:
    total = _standing(seen, seen.stocks)
    last_fix = _last_fix(seen, seen.stocks)
    unseen = _why_unseen(seen, states)
    return _row(
        seen,
        total,
        "unknown" if unseen else _whole_state(states),
        coverage=coverage,
        reason=unseen,
        states=states,
        last_fix=last_fix,
        forecast=forecast,
    )


def repository_rows(seen: CampaignView, oldest: Mapping[str, date]) -> list[StatusRow]:
    """One row for each repository in scope, and each that is gone, by name."""
    rows = []
    for key in (*seen.members, *seen.absent):
        standing, state = seen.standings[key]
        record = seen.unknowns.get(key)
        rows.append(
            _row(
                seen,
                standing,
                state,
                repository=seen.repositories[key].listed.name,
                coverage=0.0 if state == "unknown" else 1.0,
                states=[state],
                reason=record.reason if record and state == "unknown" else None,
                since=record.since if record and state == "unknown" else None,
                last_fix=_last_fix(seen, seen.by_repository.get(key, ())),
                oldest_open=oldest.get(key),
            )
        )
    return rows


def team_rows(seen: CampaignView, forecasts: Mapping[str, ForecastAnswer]) -> list[StatusRow]:
    """One row for each team that has or had items, by name."""
    rows = []
    relevant = [row for row in seen.stocks if seen.is_deprecated(row.rule)]
    by_team = _by(relevant, lambda row: row.team)
    for team, stocks in sorted(by_team.items()):
        standing = _standing(seen, stocks)
        touched = {row.repository for row in stocks} & set(seen.members)
        # whether a replacement is missing is known of repositories, not of teams
        states = [seen.standings[key][1] for key in touched]
        unknown = states.count("unknown")
        held = replace(standing.holdings, missing=states.count("incomplete"))
        rows.append(
            _row(
                seen,
                standing,
                "unknown" if unknown and not held.open else repository_state(held),
                team=team,
                coverage=1 - unknown / len(touched) if touched else None,
                states=states,
                last_fix=_last_fix(seen, stocks),
                forecast=forecasts.get(team),
            )
        )
    return rows


def milestone_rows(seen: CampaignView, forecasts: Mapping[str, ForecastAnswer]) -> list[StatusRow]:
    """One row for each milestone, by due date: the repositories in scope that it is about."""
    rows = []
    whole = [seen.standings[key][1] for key in seen.members]
    for milestone in sorted(seen.campaign.milestones, key=lambda each: (each.due, each.name)):
        members = milestone_members(seen, milestone)
        stocks = [row for key in members for row in seen.by_repository.get(key, ())]
        states = [seen.standings[key][1] for key in members]
        unseen = _why_unseen(seen, whole) or (
            None if members else "no repository in scope matches it"
        )
        rows.append(
            _row(
                seen,
                _standing(seen, stocks),
                "unknown" if unseen else _whole_state(states),
                milestone=milestone,
                coverage=1 - states.count("unknown") / len(members) if members else None,
                states=states,
                reason=unseen,
                last_fix=_last_fix(seen, stocks),
                forecast=forecasts.get(milestone.name),
            )
        )
    return rows


def milestone_members(seen: CampaignView, milestone: Milestone) -> list[str]:
    """Keys of the repositories in scope today that a milestone is about."""
    return [
        key
        for key in seen.members
        if name_matches(milestone.repositories, seen.repositories[key].listed.name)
    ]


def _row(
    seen: CampaignView,
    standing: Standing,
    state: State,
    *,
    coverage: float | None,
    states: Sequence[State],
    repository: str | None = None,
    team: str | None = None,
    milestone: Milestone | None = None,
    reason: str | None = None,
    since: date | None = None,
    last_fix: date | None = None,
    oldest_open: date | None = None,
    forecast: ForecastAnswer | None = None,
) -> StatusRow:
    campaign, held = seen.campaign, standing.holdings
    due = milestone.due if milestone else campaign.due
    chance = forecast.chance if forecast else None
    return StatusRow(
        campaign=campaign.id,
        title=campaign.title,
        repository=repository,
        team=team,
        state=state,
        open=held.open,
        fixed=held.fixed,
        exempt=held.exempt,
        completion=standing.completion,
        coverage=coverage,
        health=health_of(
            state=state,
            open_items=held.open,
            due=due,
            last_fix=last_fix,
            first_day=seen.first_day,
            today=seen.today,
            chance=chance,
        ),
        p50=forecast.p50 if forecast else None,
        p85=forecast.p85 if forecast else None,
        due=due,
        owner=campaign.owner,
        guide=campaign.guide,
        repositories=len(states),
        unknown=states.count("unknown"),
        incomplete=states.count("incomplete"),
        pace=forecast.pace if forecast else None,
        chance=chance,
        reason=reason,
        since=since,
        last_fix=last_fix,
        oldest_open=oldest_open,
        milestone=milestone.name if milestone else None,
        horizon=_horizon(forecast),
        forecast_reason=forecast.reason if forecast else None,
    )


def _horizon(forecast: ForecastAnswer | None) -> date | None:
    if forecast is None or forecast.reason is not None:
        return None
    return forecast.today + WEEK * HORIZON_WEEKS


def _standing(seen: CampaignView, stocks: Iterable[StockRow]) -> Standing:
    return standing_of(stocks, seen.terms, seen.today)


def standing_of(
    stocks: Iterable[StockRow], terms: Mapping[str, RuleTerms], today: date
) -> Standing:
    """What these movements amount to."""
    tally = Tally(terms)
    for row in stocks:
        total = row.total
        tally.add(row.rule, total.open_change, total.fixed_change, total.exempt_change)
    return tally.standing(today)


def _why_unseen(seen: CampaignView, states: Sequence[State]) -> str | None:
    """Why nothing at all is known of a campaign; None when something is.

    states: those of all repositories in scope.
    """
    if seen.record is None:
        return "not scanned yet"
    return None if states else "no repository is in its scope"


def _whole_state(states: Sequence[State]) -> State:
    """Open when anything is; unknown never counts as done."""
    order: tuple[State, ...] = ("open", "unknown", "incomplete", "done", "exempt")
    return next((state for state in order if state in states), "not affected")


def _last_fix(seen: CampaignView, stocks: Iterable[StockRow]) -> date | None:
    days = [row.last_fix for row in stocks if row.last_fix and seen.is_deprecated(row.rule)]
    return max(days, default=None)


def _by(stocks: Iterable[StockRow], key: Callable[[StockRow], str]) -> dict[str, list[StockRow]]:
    groups: dict[str, list[StockRow]] = defaultdict(list)
    for row in stocks:
        groups[key(row)].append(row)
    return groups
