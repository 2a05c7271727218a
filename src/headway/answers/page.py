"""Everything that one campaign's page shows."""

from __future__ import annotations

from datetime import UTC, date

from headway.answers.burndown import burndown_of, burndowns_by
from headway.answers.campaigns import (
    campaign_row,
    milestone_rows,
    repository_rows,
    team_rows,
    view,
)
from headway.answers.exemptions import exemptions
from headway.answers.forecast import (
    booked,
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.answers.grades import all_grades
from headway.answers.items import items
from headway.answers.owners import contacts
from headway.answers.records import CampaignAnswer, Mark, RepositoryFacts
from headway.definition.campaign import Campaign
from headway.store.reading import Reader


def campaign_answer(store: Reader, campaign: Campaign, *, today: date) -> CampaignAnswer:
    """The whole of one campaign on one day."""
    seen = view(store, campaign, today)
    last = store.last_scan()
    movements = booked(store, seen)
    forecast = campaign_forecast(seen, movements)
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
        milestones=tuple(milestone_rows(seen, milestone_forecasts(seen, movements))),
        exemptions=tuple(exemptions(store, [campaign], today=today)),
        contacts=contacts(store),
        items=tuple(items(store, [campaign], today=today)),
        definition=campaign,
        marks=tuple(
            Mark(mark.day, mark.kind, mark.description)
            for mark in store.marks(campaign.id)
            if seen.first_day <= mark.day <= today
        ),
        team_weeks=burndowns_by(store, seen, "team"),
        rule_weeks=burndowns_by(store, seen, "rule"),
        grades=all_grades(store, seen),
        facts={
            listed.name: RepositoryFacts(listed.visibility, listed.web_url)
            for key in (*seen.members, *seen.absent)
            if (listed := seen.repositories[key].listed)
        },
    )
