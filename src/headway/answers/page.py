"""Everything that one campaign's page shows."""

from __future__ import annotations

from datetime import UTC, date

from headway.answers.burndown import OWNERS, burndown_of, burndowns_by
from headway.answers.campaigns import (
    CampaignView,
    campaign_row,
    milestone_rows,
    repository_rows,
    team_rows,
    view,
)
from headway.answers.exemptions import exemptions
from headway.answers.forecast import (
    booked,
    booked_by_week,
    campaign_forecast,
    forecast_record,
    milestone_forecasts,
    team_forecasts,
)
from headway.answers.grades import all_grades
from headway.answers.left import Left
from headway.answers.owners import contacts
from headway.answers.records import CampaignAnswer, ForecastAnswer, Mark, RepositoryFacts
from headway.definition.campaign import Campaign
from headway.store.reading import Reader

_VALUES = 5
"""A chart has seven colours: so many captured values, and what is beyond them of both roles."""


def campaign_answer(
    store: Reader,
    campaign: Campaign,
    *,
    today: date,
    seen: CampaignView | None = None,
) -> CampaignAnswer:
    """The whole of one campaign on one day, but for its open items.

    seen: the campaign on that day, for whoever has asked for that already.
    """
    seen = seen or view(store, campaign, today)
    last = store.last_scan()
    movements = booked_by_week(store, seen)
    forecast = campaign_forecast(seen, movements)
    now, then = (burndowns_by(store, seen, "team", owners) for owners in OWNERS)
    left = Left(store, [campaign], seen.repositories, today=today)
    return CampaignAnswer(
        campaign=campaign.id,
        title=campaign.title,
        summary=campaign.summary,
        owner=campaign.owner,
        guide=campaign.guide,
        starts=seen.first_day,
        due=campaign.due,
        today=today,
        scanned_at=last[0].replace(tzinfo=UTC) if last else None,
        status=campaign_row(seen, forecast),
        forecast=forecast,
        repositories=tuple(repository_rows(seen, store.oldest_open(campaign.id, today))),
        teams=tuple(team_rows(seen, team_forecasts(seen, movements))),
        days=tuple(burndown_of(store, seen, period="day")),
        weeks=tuple(burndown_of(store, seen, period="week")),
        milestones=tuple(milestone_rows(seen, _milestone_forecasts(store, seen))),
        exemptions=tuple(exemptions(store, [campaign], today=today)),
        contacts=contacts(store),
        regressed=tuple(left.of_campaign(campaign.id, regressed=True)),
        definition=campaign,
        marks=tuple(
            Mark(
                mark.day,
                mark.kind,
                mark.description,
                seen.repositories[mark.repository].listed.name if mark.repository else None,
            )
            for mark in store.marks(campaign.id)
            if seen.first_day <= mark.day <= today
        ),
        team_weeks=now,
        team_weeks_then=then if then != now else {},
        rule_weeks=burndowns_by(store, seen, "rule"),
        grades=all_grades(store, seen, _VALUES),
        record=forecast_record(seen, movements),
        facts={
            listed.name: RepositoryFacts(listed.visibility, listed.web_url)
            for key in (*seen.members, *seen.absent)
            if (listed := seen.repositories[key].listed)
        },
    )


def _milestone_forecasts(store: Reader, seen: CampaignView) -> dict[str, ForecastAnswer]:
    """Milestones are about some of the repositories: what each moved counts only for them."""
    return milestone_forecasts(seen, booked(store, seen)) if seen.campaign.milestones else {}
