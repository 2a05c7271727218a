"""A campaign's page also groups open items by historical owner and by captured value."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.attention.campaign_attention import attention
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_report import campaign_report
from headway.metrics.records import CampaignReport, Mark, RepositoryFacts
from headway.metrics.redaction import report_for
from headway.model.campaign import Campaign
from headway.plugins import load_scanners
from headway.site.attention_section import first_of_week
from headway.site.campaign_page import campaign_context
from headway.site.template_context.campaign_context import CampaignPage
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

CAMPAIGN = r"""title: Django 5
starts: 2020-01-06
deprecated:
  - {id: old, scanner: regex, pattern: '^django==(?P<version>[1-4])', paths: [r.txt]}
replacement:
  - {id: new, scanner: regex, pattern: '^django==(?P<version>5)', paths: [r.txt]}
"""
TODAY = date(2020, 3, 29)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path, django=CAMPAIGN)
    one = Repo(folder / "clones" / "one")
    one.commit("2019-12-01", {"r.txt": "django==2\n", "CODEOWNERS": "* @acme/web\n"})
    one.commit("2020-02-12", {"CODEOWNERS": "* @acme/pay\n"})
    two = Repo(folder / "clones" / "two")
    two.commit("2019-12-01", {"r.txt": "django==2\n", "CODEOWNERS": "* @acme/web\n"})
    two.commit("2020-03-02", {"r.txt": "django==5\n"})
    return folder


def only_campaign(folder: Path) -> Campaign:
    scanners = load_scanners([shipped_folder() / "scanners"])
    (campaign,) = load_campaigns(folder / "campaigns", scanners).campaigns
    return campaign


def scanned_report(folder: Path) -> CampaignReport:
    scan(folder, TODAY)
    with open_store(folder / "headway.duckdb") as store:
        return campaign_report(CampaignMetrics(store, only_campaign(folder), TODAY))


def page_of(folder: Path) -> CampaignPage:
    report = scanned_report(folder)
    with open_store(folder / "headway.duckdb") as store:
        facts = attention(
            CampaignMetrics(store, only_campaign(folder), TODAY), first_of_week(TODAY)
        )
    return campaign_context(report, facts, None)


def test_a_transfer_shows_only_by_historical_owner(folder: Path) -> None:
    page = page_of(folder)
    assert page.by_team_then is not None
    values = {
        name: {row.day.isoformat(): row.values for row in chart.rows}
        for name, chart in (("now", page.by_team), ("then", page.by_team_then))
    }
    assert page.by_team.names == page.by_team_then.names == ("acme/pay", "acme/web")
    assert values["now"]["2020-02-09"] == (1, 1)
    assert values["then"]["2020-02-09"] == (0, 2)
    assert values["now"]["2020-02-16"] == values["then"]["2020-02-16"] == (1, 1)


def test_without_transfers_there_is_no_view_by_historical_owner(folder: Path) -> None:
    (folder / "teams.yaml").write_text("teams: [{name: all, repositories: [one, two]}]\n")
    assert page_of(folder).by_team_then is None


def test_each_captured_value_is_a_band_including_replacements(folder: Path) -> None:
    (capture,) = page_of(folder).captures
    assert (capture.name, capture.chart.names) == ("version", ("2", "5 (required)"))
    assert [row.values for row in capture.chart.rows][:: len(capture.chart.rows) - 1] == [
        (1, 1),
        (2, 0),
    ]
    assert capture.text == "Deprecated: 1 item: 2 (1). In their place: 1 item: 5 (1)."


def test_captured_values_are_hidden_if_a_repository_is_hidden(folder: Path) -> None:
    report = scanned_report(folder)
    private = replace(report, facts={**report.facts, "two": RepositoryFacts("private", None)})
    assert report_for("private", private)[0].capture_series
    assert not report_for("internal", private)[0].capture_series


def test_the_page_has_both_views_and_the_captured_values(folder: Path) -> None:
    scan(folder, TODAY)
    headway(folder, "report", "--today", TODAY.isoformat())
    text = (folder / "site" / "campaigns" / "django" / "index.html").read_text("utf-8")
    assert "Historical owners" in text
    assert ">By version <" in text


def test_captured_values_and_marks_are_published_as_tables(folder: Path) -> None:
    scan(folder, TODAY)
    campaign = folder / "campaigns" / "django.yaml"
    campaign.write_text(campaign.read_text("utf-8").replace("[1-4]", "[1-3]"))
    scan(folder, TODAY)
    options = ("--today", TODAY.isoformat())
    headway(folder, *options, "report")
    data = folder / "site" / "data" / "campaigns" / "django"
    printed = headway(
        folder, *options, "burndown", "django", "--series", "version", "--format", "json"
    )
    captured = json.loads((data / "captures.json").read_bytes())
    assert {row["value"] for row in captured} == {"2", "5"}
    assert captured == json.loads(printed.stdout)
    marks = json.loads((data / "marks.json").read_bytes())
    assert [(mark["date"], mark["kind"]) for mark in marks] == [("2020-03-29", "definition")]


def test_a_campaign_without_matches_says_so_and_has_no_charts(folder: Path) -> None:
    file = folder / "campaigns" / "django.yaml"
    file.write_text(file.read_text().replace("r.txt", "nowhere.txt"))
    assert not page_of(folder).ever
    headway(folder, "report", "--today", TODAY.isoformat())
    text = (folder / "site" / "campaigns" / "django" / "index.html").read_text("utf-8")
    assert "No rule has matched anything" in text
    assert 'class="plot' not in text


def test_long_lists_are_cut_and_counted(folder: Path) -> None:
    report = scanned_report(folder)
    with open_store(folder / "headway.duckdb") as store:
        facts = attention(
            CampaignMetrics(store, only_campaign(folder), TODAY), first_of_week(TODAY)
        )
    row = report.repositories[0]
    unknown = [row._replace(repository=f"u{n}", state="unknown") for n in range(120)]
    marks = tuple(Mark(TODAY, "gone", f"repository {n} is gone") for n in range(99))
    long = replace(report, repositories=tuple(unknown), marks=marks)
    page = campaign_context(long, facts, None)
    assert (len(page.unknown), page.unknown_count) == (100, 120)
    assert (page.marks[0], len(page.marks), page.more_marks) == (marks[-1], 60, 39)
