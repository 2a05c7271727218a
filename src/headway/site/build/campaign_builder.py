"""Build the pages, tables and record file of one campaign."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial

from headway.metrics.attention.attention_records import Attention
from headway.metrics.attention.campaign_attention import attention
from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_report import campaign_report, newest_items
from headway.metrics.records import CampaignReport, ItemRow
from headway.metrics.redaction import attention_for, report_for
from headway.site import feeds_and_badges
from headway.site.attention_section import first_of_week
from headway.site.build.build_plan import BuildPlan
from headway.site.build.data_tables import table
from headway.site.build.incremental_output import Unit
from headway.site.build.page_writer import PageWriter
from headway.site.build.record_files import write_records
from headway.site.build.store_source import StoreSource
from headway.site.campaign_changes import changes_pages
from headway.site.campaign_items import FIRST_ITEMS, items_pages
from headway.site.campaign_page import campaign_context, repositories_pages, scanned_on
from headway.site.campaign_slices import (
    RepositorySlice,
    campaign_summary,
    repository_slices,
    team_needs,
    team_slices,
)
from headway.site.weekly_tables import campaign_tables
from headway.store.store_reader import damage_reported
from headway.urls import badge_file, campaign_data, campaign_file, campaign_page, feed_file

_Report = tuple[CampaignReport, Attention, HiddenCounts | None]

_TEMPLATES = ("campaign.html", "repositories.html", "changes.html", "feed.xml", "badge.svg")


class CampaignBuilder:
    """Builds the files of one campaign, except the table of all its open items.

    The pages that list items are built separately from all other files. They change whenever a line
    moves, but the report of the campaign, which takes a long time to compute, does not.
    """

    def __init__(
        self, plan: BuildPlan, number: int, source: StoreSource, writer: PageWriter
    ) -> None:
        """Args:
        plan: The plan of the build.
        number: The index of the campaign in `BuildPlan.campaigns`.
        source: The data of the store.
        writer: Writes the files.
        """
        self._plan = plan
        self._campaign = plan.campaigns[number]
        self._records = plan.records(number)
        self._source = source
        self._writer = writer

    def build(self) -> None:
        """Write or reuse all files."""
        plan, campaign, output = self._plan, self._campaign, self._writer.output
        lists = Unit(
            f"campaigns/{campaign.id}/items", plan.campaign_source(campaign), ("items.html",)
        )
        first = f"{lists.name}/first"
        if not output.reuse(lists):
            with output.building(lists):
                # The campaign's own page shows the first items.
                with output.building(Unit(first, self._items[:FIRST_ITEMS])):
                    pass
                self._write_lists()
        counts = plan.campaign_counts(campaign)
        pages = Unit(f"campaigns/{campaign.id}", (counts, output.fingerprint(first)), _TEMPLATES)
        tables = Unit(f"data/campaigns/{campaign.id}", counts)
        if not output.reuse(pages):
            with output.building(pages):
                self._write_pages(*self._report)
        if not output.reuse(tables):
            with output.building(tables):
                self._write_tables(self._report[0])
        if not self._records.path.exists():
            self._write_records(*self._report)

    @cached_property
    def _metrics(self) -> CampaignMetrics:
        source, plan = self._source, self._plan
        return CampaignMetrics(
            source.store, self._campaign, plan.today, source.repositories, team_fans=False
        )

    @cached_property
    def _items(self) -> tuple[ItemRow, ...]:
        """The listed items, without those that the readers are not allowed to see."""
        # The record file exists only if the report is unchanged since the last build.
        known = self._records.path.exists()
        with damage_reported(self._plan.store):
            status = self._records.summary().status if known else self._metrics.status
            return newest_items(self._source.open_items, status)

    @cached_property
    def _report(self) -> _Report:
        """The report, the changes of the last week, and the totals of hidden repositories.

        The report and the changes contain only data that the site's readers are allowed to see. The
        totals are None if no repository is hidden.
        """
        plan = self._plan
        with damage_reported(plan.store):
            whole = campaign_report(self._metrics, self._items)
            report, hidden = report_for(plan.audience, whole)
            week = attention(self._metrics, first_of_week(plan.today))
            return report, attention_for(plan.audience, week), hidden

    def _write_lists(self) -> None:
        plan, campaign = self._plan, self._campaign
        known = self._records.path.exists()
        status = self._records.summary().status if known else self._report[0].status
        several = len(campaign.counted) > 1
        for page in items_pages(status, self._items, plan.today, plan.scanned_on, several=several):
            self._writer.render_if_changed("items.html", page, page.frame.path)

    def _write_pages(
        self, report: CampaignReport, week: Attention, hidden: HiddenCounts | None
    ) -> None:
        # The pages are large, so each one is rendered only if a change in the campaign affects it.
        page = campaign_context(report, week, hidden)
        self._writer.render_if_changed("campaign.html", page, campaign_page(report.campaign))
        for listed in repositories_pages(report):
            self._writer.render_if_changed("repositories.html", listed, listed.frame.path)
        for changes in changes_pages(report, scanned_on(report)):
            self._writer.render_if_changed("changes.html", changes, changes.frame.path)
        definition = report.definition.file
        if definition is not None:
            self._writer.output.write(campaign_file(report.campaign), definition.read_bytes())
        self._writer.render("feed.xml", feeds_and_badges.feed(report), feed_file(report.campaign))
        badge = feeds_and_badges.campaign_badge(report)
        self._writer.write_badge(badge, badge_file("campaigns", report.campaign))

    def _write_tables(self, report: CampaignReport) -> None:
        for name, record, rows in campaign_tables(report):
            with table(
                self._writer.output, partial(campaign_data, report.campaign, name), record
            ) as out:
                out.add_all(rows)

    def _write_records(
        self, report: CampaignReport, week: Attention, _: HiddenCounts | None
    ) -> None:
        batches = self._batches(repository_slices(report, week))
        summary = campaign_summary(report, week)
        teams, needs = team_slices(report, week), team_needs(week)
        write_records(self._records.path, summary, teams, needs, batches)

    def _batches(self, slices: Iterable[RepositorySlice]) -> list[list[RepositorySlice]]:
        batches: list[list[RepositorySlice]] = [[] for _ in self._plan.batches]
        for part in sorted(slices, key=lambda part: part.row.repository or ""):
            batches[self._plan.batch_of(part.row.repository or "")].append(part)
        return batches
