"""The change log names the commits behind each change, and adds up to the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_report import campaign_report
from headway.metrics.change_log import ChangeLogReader
from headway.metrics.change_records import Change
from headway.metrics.records import CampaignReport, RepositoryFacts
from headway.metrics.redaction import report_for
from headway.model.audience import HIDDEN
from headway.model.days import end_of_week
from headway.model.movement import FLOW_SIGNS
from headway.plugins import load_scanners
from headway.site import campaign_changes
from headway.site.campaign_changes import changes_pages, movers, week_links
from headway.site.campaign_items import items_pages
from headway.site.charts.waterfall import waterfalls
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import scan, workspace

CAMPAIGN = """title: Remove six
starts: 2024-01-01
due: 2024-12-31
deprecated:
  - {id: import-six, scanner: regex, pattern: 'import six', paths: ["*.py"]}
exemptions:
  - {reason: Frozen, paths: ["frozen.py"], until: 2024-02-20, approved_by: ops}
"""
TODAY = date(2024, 3, 6)


def committed(repo: Repo, author: str, day: str, files: dict[str, str | bytes | None]) -> None:
    repo.commit(day, files)
    who = f"--author={author} <{author}@example.com>"
    repo.git("commit", "-q", "--amend", "--no-edit", who, at=day)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scan twice, with new, fixed, regressed, exempt, lapsed, added and removed items."""
    made = workspace(tmp_path_factory.mktemp("log"), remove_six=CAMPAIGN)
    shop = Repo(made / "clones" / "shop")
    six = "import six\n"
    shop.commit("2023-12-01", {"a.py": six, "b.py": six, "frozen.py": six * 2, "note.py": ""})
    committed(shop, "Ada", "2024-01-16", {"a.py": "", "frozen.py": six})
    committed(shop, "Bob", "2024-01-17", {"c.py": six, "frozen.py": six * 3})
    committed(shop, "Bob", "2024-02-27", {"b.py": ""})
    committed(shop, "Bob", "2024-02-28", {"a.py": six})
    Repo(made / "clones" / "bank").commit("2023-12-01", {"a.py": six})
    scan(made, date(2024, 2, 29))
    # The repository `late` enters scope, and `bank` leaves it.
    late = Repo(made / "clones" / "late")
    late.commit("2023-12-01", {"a.py": six, "b.py": six})
    (made / "campaigns" / "remove-six.yaml").write_text(
        f'{CAMPAIGN}scope: {{repositories: ["*", "!bank"]}}\n'
    )
    scan(made, TODAY)
    return made


@pytest.fixture(scope="module")
def report(folder: Path) -> CampaignReport:
    scanners = load_scanners([shipped_folder() / "scanners"])
    (campaign,) = load_campaigns(folder / "campaigns", scanners).campaigns
    with open_store(folder / "headway.duckdb") as store:
        return campaign_report(CampaignMetrics(store, campaign, TODAY))


def test_the_changes_of_every_day_add_up_to_the_ledger(report: CampaignReport) -> None:
    sums: Counter[tuple[date, str]] = Counter()
    for change in report.changes:
        for name in FLOW_SIGNS:
            sums[change.day, name] += getattr(change, name)
    expected = {
        (day.date, name): getattr(day, name)
        for day in report.days
        for name in FLOW_SIGNS
        if getattr(day, name)
    }
    assert +sums == expected
    happened = {name for _, name in expected}
    assert happened == {"new", "regressed", "scope_added", "lapsed", "fixed", "scope_removed"}


def test_a_change_names_its_commit_and_author(report: CampaignReport) -> None:
    by_author = {
        (change.day.isoformat(), change.author): in_numbers(change)
        for change in report.changes
        if change.commit
    }
    assert by_author == {
        ("2024-01-16", "Ada"): {"fixed": 1},
        ("2024-01-17", "Bob"): {"new": 1},
        ("2024-02-27", "Bob"): {"fixed": 1},
        ("2024-02-28", "Bob"): {"regressed": 1},
    }
    others = [change for change in report.changes if not change.commit]
    assert {change.repository for change in others} == {"bank", "late", "shop"}
    assert {change.author for change in others} == {None}


def in_numbers(change: Change) -> dict[str, int]:
    return {name: count for name in FLOW_SIGNS if (count := getattr(change, name))}


def test_changes_of_repositories_are_those_of_the_campaign(
    folder: Path, report: CampaignReport
) -> None:
    with open_store(folder / "headway.duckdb") as store:
        records = store.repositories.records()
        reader = ChangeLogReader(store, records, TODAY)
        key = next(key for key, record in records.items() if record.listed.name == "shop")
        everything = reader.of_repositories([report.definition], {key: date.min})
        latest = reader.of_repositories([report.definition], {key: date(2024, 2, 27)})
    by_commit = [
        change for change in report.changes if change.commit and change.repository == "shop"
    ]
    assert everything == {"shop": by_commit}
    assert latest == {"shop": [change for change in by_commit if change.day >= date(2024, 2, 27)]}
    assert 0 < len(latest["shop"]) < len(by_commit)


def test_readers_see_no_changes_and_items_of_hidden_repositories(report: CampaignReport) -> None:
    facts = {**report.facts, "shop": RepositoryFacts("private", None)}
    private = replace(report, facts=facts)
    seen, hidden = report_for("internal", private)
    assert hidden is not None
    assert {change.repository for change in seen.changes} == {"bank", "late"} & set(facts)
    assert {item.repository for item in seen.items} == {"late"}
    assert all(page.withheld for page in changes_pages(seen, None))
    assert HIDDEN not in str(seen.changes)


def test_every_week_links_to_the_page_with_its_changes(
    report: CampaignReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_changes, "_CHANGES_PER_PAGE", 3)
    pages = {page.frame.path.rpartition("/")[2]: page for page in changes_pages(report, None)}
    assert len(pages) == -(-len(report.changes) // 3)
    links = week_links(report, f"campaigns/{report.campaign}/index.html")
    assert links.keys() == {end_of_week(change.day, TODAY) for change in report.changes}
    for day, link in links.items():
        file, _, anchor = link.href.partition("#")
        assert anchor in {week.anchor for week in pages[file].weeks if week.day == day}


def test_old_changes_are_counted_but_not_listed(
    report: CampaignReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_changes, "_CHANGES_PER_PAGE", 2)
    monkeypatch.setattr(campaign_changes, "_MOST_PAGES", 1)
    (page,) = changes_pages(report, None)
    assert sum(len(week.changes) for week in page.weeks) == 2
    assert page.older == len(report.changes) - 2
    assert not page.withheld


def test_each_step_of_a_waterfall_names_who_caused_it(report: CampaignReport) -> None:
    periods = waterfalls(report.days)
    found = movers(report, periods, "campaigns/remove-six/index.html")
    for period in periods:
        steps = {step.name: step for step in period.steps if step.kind != "total"}
        for name, step in steps.items():
            assert sum(entry.items for entry in found[period.name][name].changes) == abs(
                step.change
            )
        assert not any(who.changes for name, who in found[period.name].items() if name not in steps)
    fixed = found["Since the start"]["Fixed"].changes
    assert {(entry.author, entry.items) for entry in fixed} == {("Ada", 1), ("Bob", 1)}


def test_items_are_listed_with_regressed_and_new_ones_first(report: CampaignReport) -> None:
    several = len(report.definition.counted) > 1
    (page,) = items_pages(report.status, report.items, report.today, None, several=several)
    assert page.listed == page.open == report.status.open
    places = [
        (entry.item.repository, entry.item.path, entry.item.regressed, entry.item.opened_by)
        for entry in page.items
    ]
    assert places[0] == ("shop", "a.py", True, "Bob")
    assert sorted(places[1:4]) == [
        ("shop", "c.py", False, "Bob"),
        ("shop", "frozen.py", False, "Bob"),
        ("shop", "frozen.py", True, "Bob"),
    ]
    assert places[4:] == [
        ("late", "a.py", False, None),
        ("late", "b.py", False, None),
        ("shop", "frozen.py", False, None),
    ]
