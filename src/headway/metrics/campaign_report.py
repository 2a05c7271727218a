"""Everything that one campaign's page shows."""

from __future__ import annotations

from datetime import UTC

from headway.metrics.campaign_forecast import forecast_record
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.capture_series import all_grades
from headway.metrics.open_items import OpenItemReader
from headway.metrics.records import CampaignReport

_VALUES = 5
"""A chart has seven colours: so many captured values, and what is beyond them of both roles."""


def campaign_report(asked: CampaignMetrics) -> CampaignReport:
    """The whole of one campaign on one day, but for its open items."""
    store, campaign, seen, today = asked.store, asked.campaign, asked.seen, asked.today
    last = store.scans.last()
    series = asked.burndowns
    now = series.by_team("current")
    then = series.by_team("historical") if store.ledger.owners_changed(campaign.id) else now
    left = OpenItemReader(store, [campaign], seen.repositories, today=today)
    return CampaignReport(
        campaign=campaign.id,
        title=campaign.title,
        summary=campaign.summary,
        owner=campaign.owner,
        guide=campaign.guide,
        starts=seen.first_day,
        due=campaign.due,
        today=today,
        scanned_at=last[0].replace(tzinfo=UTC) if last else None,
        status=asked.status,
        forecast=asked.forecast,
        repositories=asked.repository_rows,
        teams=asked.team_rows,
        days=tuple(series.whole("day")),
        weeks=tuple(series.whole("week")),
        milestones=asked.milestone_rows,
        exemptions=asked.exemptions,
        contacts=asked.contacts,
        regressed=tuple(left.regressed(campaign.id)),
        definition=campaign,
        marks=tuple(mark for mark in asked.marks if mark.date >= seen.first_day),
        team_weeks=now,
        team_weeks_then=then if then != now else {},
        rule_weeks=series.by_rule(),
        grades=all_grades(store, seen, _VALUES),
        record=forecast_record(seen, asked.booked),
        facts={
            seen.repositories[key].listed.name: asked.facts[key]
            for key in (*seen.members, *seen.absent)
        },
    )
