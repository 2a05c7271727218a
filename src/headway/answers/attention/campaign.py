"""The whole of what one campaign needs attention for: reads the store, asks the pure parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

from headway.answers.attention.moves import moves_between, moves_by, with_hands
from headway.answers.attention.needs import needs
from headway.answers.attention.quiet import (
    dead_repositories,
    holdings,
    main_owners,
    stalled_teams,
)
from headway.answers.attention.records import (
    Attention,
    DeadRepository,
    Due,
    Held,
    MilestoneNews,
    ScopeChange,
    TeamAttention,
    Unseen,
)
from headway.answers.attention.sight import scope_changes, unseen
from headway.answers.attention.work import Step, movers, regressions, steps_of, works_of
from headway.answers.campaigns import (
    CampaignView,
    campaign_row,
    milestone_members,
    milestone_rows,
    repository_rows,
    team_rows,
    view,
)
from headway.answers.exemptions import WARN_BEFORE, exemptions
from headway.answers.forecast import (
    booked,
    booked_by_week,
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.answers.owners import contacts
from headway.answers.records import (
    ExemptionRow,
    ForecastAnswer,
    Mark,
    RepositoryFacts,
    StatusRow,
)
from headway.definition.campaign import Campaign
from headway.progress.ledger import ONE_DAY, Movement
from headway.progress.ownership import UNOWNED
from headway.store.ownership import waiver_of
from headway.store.reading import Reader
from headway.store.records import Booked

SOON = timedelta(weeks=4)


def attention(
    store: Reader,
    campaign: Campaign,
    *,
    since: date,
    today: date,
    seen: CampaignView | None = None,
) -> Attention:
    """What changed from `since` to `today` (both inclusive), why, and who must act.

    A period that begins before the campaign does begins with it. seen: the campaign today, for
    whoever has asked for that already.
    """
    seen = seen or view(store, campaign, today)
    found = _Period(store, campaign, since, today, seen).attention()
    return replace(found, needs=needs(found))


class _Period:
    """What is read of a store for one campaign and some days."""

    def __init__(
        self, store: Reader, campaign: Campaign, since: date, today: date, seen: CampaignView
    ) -> None:
        self.store = store
        self.campaign = campaign
        self.today = today
        self.seen = seen
        self.first = first = min(max(since, seen.first_day), today)
        self.movements = self._movements()
        self.names = {key: record.listed.name for key, record in seen.repositories.items()}
        self.steps = self._steps()
        self.by_repository = moves_by(self.movements, lambda each: each.repository, first, today)
        self.by_team = with_hands(
            moves_by(self.movements, lambda each: each.team, first, today),
            self._hands(),
            first,
            today,
        )
        self.held = holdings(self.movements, self.names, today)
        self.stalled = stalled_teams(self._by_team(), seen.first_day, today)
        # nobody knows how a campaign stood before it began
        self.before = (
            view(store, campaign, first - ONE_DAY, seen.repositories)
            if first > seen.first_day
            else None
        )

    def attention(self) -> Attention:
        """All of it but the needs."""
        campaign, seen, first, today = self.campaign, self.seen, self.first, self.today
        rows = repository_rows(seen, {})
        self.weeks = booked_by_week(self.store, seen)
        forecast = campaign_forecast(seen, self.weeks)
        forecast_before = self._forecast_before()
        waived = exemptions(self.store, [campaign], today=today)
        came, went = self._scope_changes()
        return Attention(
            campaign=campaign.id,
            title=campaign.title,
            owner=campaign.owner,
            guide=campaign.guide,
            first=first,
            last=today,
            scanned_on=seen.record.last_scanned_on if seen.record else None,
            status=campaign_row(seen, forecast),
            before=campaign_row(self.before, forecast_before)
            if self.before and forecast_before
            else None,
            forecast=forecast,
            forecast_before=forecast_before,
            moves=moves_between(self.movements, first, today),
            open_repositories=sum(1 for row in rows if row.open and row.state != "gone"),
            incomplete=tuple(
                row.repository for row in rows if row.repository and row.state == "incomplete"
            ),
            repositories=movers(
                self.by_repository, self.steps, lambda step: step.listed.key, self.names
            ),
            teams=movers(self.by_team, self.steps, lambda step: step.team),
            team_parts=self._team_parts(),
            regressions=regressions(self.steps, today),
            entered=came,
            left=went,
            stalled=self.stalled,
            dead=self._dead(rows),
            lapsing=tuple(row for row in waived if _lapses_soon(row)),
            lapsed=tuple(row for row in waived if _lapsed_since(row, first)),
            granted=tuple(row for row in waived if row.since is not None and row.since >= first),
            idle=tuple(row for row in waived if row.state == "in force" and not row.items),
            unseen=self._unseen(),
            milestones=self._milestones(),
            marks=self._marks(),
            needs=(),
            facts=self._facts(),
        )

    def _movements(self) -> list[Booked]:
        """What was booked in the period, and before it all that came to be by then.

        A campaign has few movements in a week and very many in years.
        """
        before = self.first - ONE_DAY
        stocks = [
            Booked(row.repository, row.rule, row.team, before, row.total)
            for row in self.store.stocks(self.campaign.id, before)
        ]
        moved = self.store.booked(self.campaign.id, self.today, self.first)
        return [each for each in (*stocks, *moved) if self.seen.is_deprecated(each.rule)]

    def _by_team(self) -> list[tuple[date, str, Movement]]:
        return [
            (day, team or UNOWNED, movement)
            for day, rule, team, movement in self.store.movements(self.campaign.id, by_team=True)
            if self.seen.is_deprecated(rule) and day <= self.today
        ]

    def _steps(self) -> list[Step]:
        moved = self.store.items_moved(self.campaign.id, self.first, self.today)
        return list(
            steps_of(
                [each for each in moved if self.seen.is_deprecated(each[0].rule)],
                {key: record.listed for key, record in self.seen.repositories.items()},
                self.seen.spans,
                [waiver_of(record) for record in self.store.exemptions(self.campaign.id)],
                self.first,
                self.today,
            )
        )

    def _hands(self) -> list[tuple[date, str | None, Movement]]:
        return [
            (day, team, movement)
            for day, rule, team, movement in self.store.movements(
                self.campaign.id, by_team=True, owners="then"
            )
            if self.seen.is_deprecated(rule)
        ]

    def _forecast_before(self) -> ForecastAnswer | None:
        if self.before is None:
            return None
        return campaign_forecast(self.before, booked_by_week(self.store, self.before))

    def _scope_changes(self) -> tuple[tuple[ScopeChange, ...], tuple[ScopeChange, ...]]:
        spans = self.store.scope_changes(self.campaign.id, self.first, self.today)
        return scope_changes(spans, self.names, self.by_repository, self.first, self.today)

    def _dead(self, rows: Sequence[StatusRow]) -> tuple[DeadRepository, ...]:
        last_commits = {
            self.names[key]: min(moment.date(), self.today)
            for key, moment in self.store.last_landings(self.campaign.id).items()
        }
        return dead_repositories(rows, last_commits, main_owners(self.held), self.today)

    def _unseen(self) -> tuple[Unseen, ...]:
        seen = self.seen
        return unseen(
            self.store.sightings(self.campaign.id),
            {key: seen.unknowns[key] for key in seen.members if key in seen.unknowns},
            self.names,
            {key: moves.open for key, moves in self.by_repository.items()},
            self.first,
            self.today,
        )

    def _milestones(self) -> tuple[MilestoneNews, ...]:
        if not self.campaign.milestones:
            return ()
        movements = booked(self.store, self.seen)
        now = milestone_rows(self.seen, milestone_forecasts(self.seen, movements))
        done_before: set[str | None] = set()
        if self.before is not None:
            earlier = [each for each in movements if each.day < self.first]
            forecasts = milestone_forecasts(self.before, earlier)
            done_before = {
                row.milestone
                for row in milestone_rows(self.before, forecasts)
                if row.health == "done"
            }
        return milestone_news(now, done_before, self.today, began=self.before is None)

    def _marks(self) -> tuple[Mark, ...]:
        return tuple(
            Mark(
                mark.day,
                mark.kind,
                mark.description,
                self.names.get(mark.repository) if mark.repository else None,
            )
            for mark in self.store.marks(self.campaign.id)
            if self.first <= mark.day <= self.today
        )

    def _facts(self) -> dict[str, RepositoryFacts]:
        return {
            listed.name: RepositoryFacts(listed.visibility, listed.web_url)
            for key in self.seen.spans
            if (listed := self.seen.repositories[key].listed)
        }

    def _team_parts(self) -> tuple[TeamAttention, ...]:
        by_team: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            by_team[step.team].append(step)
        stalled = {each.team: each for each in self.stalled}
        known = {each.team: each for each in contacts(self.store)}
        waves = self._waves()
        parts = []
        forecasts = team_forecasts(self.seen, self.weeks)
        for row in team_rows(self.seen, forecasts):
            team = row.team or ""
            works, more = works_of(by_team[team])
            left = self.held.get(team, ())
            parts.append(
                TeamAttention(
                    team=team,
                    status=row,
                    forecast=forecasts[team],
                    moves=self.by_team[team],
                    stalled=stalled.get(team),
                    due=due_next(self.campaign.due, waves, left),
                    left=left,
                    contact=known.get(team),
                    works=works,
                    more=more,
                )
            )
        return tuple(sorted(parts, key=lambda part: (-part.status.open, part.team)))

    def _waves(self) -> list[tuple[Due, frozenset[str]]]:
        return [
            (
                Due(milestone.due, milestone.name),
                frozenset(self.names[key] for key in milestone_members(self.seen, milestone)),
            )
            for milestone in self.campaign.milestones
        ]


def milestone_news(
    rows: Sequence[StatusRow], done_before: Collection[str | None], today: date, *, began: bool
) -> tuple[MilestoneNews, ...]:
    """What is to be said of milestones, by due date.

    done_before: names of those that were done before the period. began: the campaign began within
    it, so that nobody had reached anything before.
    """
    news = []
    for row in rows:
        if row.health == "done":
            if not began and row.milestone not in done_before and row.fixed:
                news.append(MilestoneNews("reached", row))
        elif row.due is not None and row.due < today:
            news.append(MilestoneNews("missed", row))
        elif row.due is not None and row.due - today <= SOON:
            news.append(MilestoneNews("due soon", row))
    return tuple(news)


def due_next(
    due: date | None, waves: Sequence[tuple[Due, frozenset[str]]], left: Sequence[Held]
) -> Due | None:
    """The earliest day by which something of what is left has to be done; None without any."""
    if not left:
        return None
    held = {each.repository for each in left}
    days = [wave for wave, members in waves if members & held]
    if due is not None:
        days.append(Due(due, None))
    return min(days, key=lambda each: (each.day, each.milestone or ""), default=None)


def _lapses_soon(row: ExemptionRow) -> bool:
    return row.days_left is not None and row.days_left <= WARN_BEFORE.days and row.items > 0


def _lapsed_since(row: ExemptionRow, first: date) -> bool:
    return row.state == "lapsed" and row.until is not None and row.until >= first - ONE_DAY
