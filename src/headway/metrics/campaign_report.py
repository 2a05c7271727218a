"""The report of one campaign: the contents of its page, with a limited number of items."""

from __future__ import annotations

from datetime import UTC
from itertools import islice

from headway.metrics.campaign_forecast import forecast_record
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.capture_series import all_capture_series
from headway.metrics.change_log import ChangeLogReader
from headway.metrics.open_items import OpenItemReader
from headway.metrics.records import CampaignReport, ItemRow, StatusRow

MOST_ITEMS = 5_000
"""The maximum number of items on a campaign's own pages."""

_VALUES = 5
"""The maximum number of captured values that have their own series in a chart.

Charts have seven colours. Two of them are reserved for the series of all other values.
"""


def newest_items(reader: OpenItemReader, status: StatusRow) -> tuple[ItemRow, ...]:
    """Return the items that a campaign's own pages list: regressed items, then the latest ones."""
    # The reader also counts exempt items, so increase the limit by their number.
    most = MOST_ITEMS + status.exempt
    return tuple(islice(reader.newest(status.campaign, most), MOST_ITEMS))


def campaign_report(
    metrics: CampaignMetrics, items: tuple[ItemRow, ...] | None = None
) -> CampaignReport:
    """Return the report of a campaign.

    Args:
        metrics: The metrics of the campaign.
        items: The result of `newest_items`. None means that the items are read.
    """
    store, campaign, view, today = metrics.store, metrics.campaign, metrics.view, metrics.today
    last = store.scans.last()
    series = metrics.burndowns
    now = series.by_team("current")
    then = series.by_team("historical") if store.ledger.owners_changed(campaign.id) else now
    if items is None:
        reader = OpenItemReader(store, [campaign], view.repositories, today=today)
        items = newest_items(reader, metrics.status)
    return CampaignReport(
        campaign=campaign.id,
        title=campaign.title,
        summary=campaign.summary,
        owner=campaign.owner,
        guide=campaign.guide,
        starts=view.first_day,
        due=campaign.due,
        today=today,
        scanned_at=last[0].replace(tzinfo=UTC) if last else None,
        status=metrics.status,
        forecast=metrics.forecast,
        repositories=metrics.repository_rows,
        teams=metrics.team_rows,
        days=tuple(series.whole("day")),
        weeks=tuple(series.whole("week")),
        milestones=metrics.milestone_rows,
        exemptions=metrics.exemptions,
        contacts=metrics.contacts,
        items=items,
        definition=campaign,
        marks=tuple(mark for mark in metrics.marks if mark.date >= view.first_day),
        team_weeks=now,
        team_weeks_then=then if then != now else {},
        rule_weeks=series.by_rule(),
        capture_series=all_capture_series(store, view, _VALUES),
        record=forecast_record(view, metrics.ledger),
        changes=ChangeLogReader(store, view.repositories, today).of_campaign(campaign),
        facts={
            view.repositories[key].listed.name: metrics.facts[key]
            for key in (*view.members, *view.absent)
        },
    )
