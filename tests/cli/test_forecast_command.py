"""`headway forecast` shows forecasts and backtests, and explains missing forecasts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from headway.cli.forecast_table import facts
from tests.support import statuses
from tests.support.git import Repo
from tests.support.workspaces import SIX, headway, rows, workspace

TODAY = ("--today", "2020-06-29")
CAMPAIGN = rf"""title: Remove six
starts: 2020-01-06
due: 2020-10-31
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
milestones:
  - {{name: Tier 1, due: 2020-08-31, repositories: [shop]}}
"""
TEAMS = """teams:
  - name: payments
    repositories: [shop]
"""


def organisation(tmp_path: Path) -> Path:
    """Return a workspace with two repositories.

    In `shop`, a file is fixed every other week. In `library`, no file is ever fixed.
    """
    folder = workspace(tmp_path, remove_six=CAMPAIGN)
    (folder / "teams.yaml").write_text(TEAMS)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2019-12-01", {f"{number}.py": "import six\n" for number in range(40)})
    for number in range(12):
        month, day = divmod(number * 14 + 7, 28)
        shop.commit(f"2020-{month + 1:02}-{day + 1:02}", {f"{number}.py": "pass\n"})
    library = Repo(folder / "clones" / "library")
    library.commit("2019-12-01", {"a.py": "import six\n"})
    return folder


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = organisation(tmp_path_factory.mktemp("forecast"))
    headway(folder, *TODAY, "scan", "--jobs", "1")
    return folder


def test_the_forecast_fits_into_80_columns(scanned: Path) -> None:
    shown = headway(scanned, *TODAY, "forecast", "remove-six").stdout
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    for part in (
        "50% by",
        "85% by",
        "stall",
        "due",
        "throughput",
        "needed",
        "scope growth",
        "25 weeks",
    ):
        assert part in shown


def test_json_and_csv_contain_every_number(scanned: Path) -> None:
    (row,) = rows(scanned, *TODAY, "forecast", "remove-six")
    assert (row["campaign"], row["team"], row["open"], row["due"]) == (
        "remove-six",
        None,
        29,
        "2020-10-31",
    )
    assert [quantile["chance"] for quantile in row["quantiles"]] == [
        0.05,
        0.15,
        0.25,
        0.5,
        0.75,
        0.85,
        0.95,
    ]
    by_share = {quantile["chance"]: quantile["date"] for quantile in row["quantiles"]}
    assert (row["p50"], row["p85"]) == (by_share[0.5], by_share[0.85])
    assert (row["weeks"], row["fixing_weeks"], row["reason"]) == (25, 12, None)
    assert 0 <= row["chance"] <= 1
    assert row["fan"][0] == {"date": "2020-06-29", "low": 29, "median": 29, "high": 29}
    (heading, line) = headway(
        scanned, *TODAY, "forecast", "remove-six", "--format", "csv"
    ).stdout.splitlines()
    assert heading.startswith("campaign,team,today,open,due,reason,p50,p85")
    assert line.startswith("remove-six,,2020-06-29,29,2020-10-31,")


def test_status_and_forecast_agree(scanned: Path) -> None:
    (status,) = rows(scanned, *TODAY, "status")
    (forecast,) = rows(scanned, *TODAY, "forecast", "remove-six")
    for name in ("open", "p50", "p85", "due", "chance", "pace"):
        assert status[name] == forecast[name]


def test_a_team_has_its_own_forecast(scanned: Path) -> None:
    (row,) = rows(scanned, *TODAY, "forecast", "remove-six", "--team", "payments")
    assert (row["team"], row["open"]) == ("payments", 28)
    table = headway(scanned, *TODAY, "forecast", "remove-six", "--by", "team")
    assert [line.split()[0] for line in table.stdout.splitlines()] == [
        "team",
        "payments",
        "unowned",
    ]
    assert (
        "unowned: the number of open items has not yet fallen by 10% within 26 weeks"
        in table.stderr
    )


def test_a_milestone_has_its_own_due_date(scanned: Path) -> None:
    (row,) = rows(scanned, *TODAY, "forecast", "remove-six", "--by", "milestone")
    assert (row["milestone"], row["due"], row["open"]) == ("Tier 1", "2020-08-31", 28)


def test_markdown_is_a_table(scanned: Path) -> None:
    shown = headway(scanned, *TODAY, "forecast", "remove-six", "--format", "markdown").stdout
    assert all(line.startswith("|") for line in shown.splitlines())
    assert "| 50% by |" in shown


def test_too_little_history_is_explained(scanned: Path) -> None:
    shown = headway(scanned, "--today", "2020-02-10", "forecast", "remove-six").stdout
    assert "not enough history: 5 of 8 weeks" in shown
    assert "50% by" not in shown
    (row,) = rows(scanned, "--today", "2020-02-10", "forecast", "remove-six")
    assert (row["p50"], row["chance"], row["quantiles"]) == (None, None, [])


def test_a_campaign_without_a_scan_has_no_forecast(scanned: Path) -> None:
    (scanned / "campaigns" / "later.yaml").write_text(CAMPAIGN)
    (row,) = rows(scanned, *TODAY, "forecast", "later")
    assert (row["reason"], row["chance"]) == ("not scanned yet", None)


def test_a_team_without_items_is_reported(scanned: Path) -> None:
    (scanned / "teams.yaml").write_text("teams: [{name: nobody}]\n")
    result = headway(scanned, *TODAY, "forecast", "remove-six", "--team", "nobody")
    assert "nobody has never had an item in remove-six" in result.stderr


def test_team_and_by_cannot_be_combined(scanned: Path) -> None:
    headway(scanned, "forecast", "remove-six", "--team", "a", "--by", "team", code=2)


def test_an_unknown_campaign(scanned: Path) -> None:
    result = headway(scanned, "forecast", "remove-sx", code=1)
    assert "did you mean `remove-six`?" in result.stderr


def test_an_unfinished_campaign_has_no_backtest(scanned: Path) -> None:
    result = headway(scanned, *TODAY, "forecast", "remove-six", "--backtest", code=1)
    assert "remove-six is not finished: 29 items are open" in result.stderr
    assert "--residual 29" in result.stderr


def test_a_backtest_shows_how_often_the_forecasts_held(scanned: Path) -> None:
    backtest = ("forecast", "remove-six", "--backtest", "--residual", "29")
    result = headway(scanned, *TODAY, *backtest)
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert result.stdout.splitlines()[-1].split()[0] == "all"
    assert "finished on 2020-06-" in result.stderr
    assert "with 29 still open" in result.stderr
    (record,) = rows(scanned, *TODAY, *backtest)
    assert record["judged"] == len(record["points"]) == record["whole"]["weeks"]
    assert sum(part["weeks"] for part in record["quarters"]) == record["judged"]
    held = [
        point["p85"] is None or point["p85"] >= record["finished"] for point in record["points"]
    ]
    assert record["whole"]["p85_held"] == sum(held) / len(held)
    assert "| all |" in headway(scanned, *TODAY, *backtest, "--format", "markdown").stdout
    csv = headway(scanned, *TODAY, *backtest, "--format", "csv").stdout
    assert csv.startswith("campaign,team,finished,residual,weeks,judged,whole,quarters,points\n")


def test_a_backtest_of_one_team(scanned: Path) -> None:
    backtest = ("forecast", "remove-six", "--backtest", "--residual", "28", "--team", "payments")
    (record,) = rows(scanned, *TODAY, *backtest)
    assert (record["team"], record["residual"]) == ("payments", 28)
    (scanned / "teams.yaml").write_text("teams: [{name: nobody}]\n")
    nobody = (*backtest[:-1], "nobody")
    result = headway(scanned, *TODAY, *nobody, code=1)
    assert "nobody has never had an item in remove-six" in result.stderr


@pytest.mark.parametrize("options", [("--residual", "1"), ("--backtest", "--by", "team")])
def test_options_that_cannot_be_combined(scanned: Path, options: tuple[str, ...]) -> None:
    headway(scanned, "forecast", "remove-six", *options, code=2)


def test_a_sentence_reconciles_the_chance_with_the_throughput(tmp_path: Path) -> None:
    """The last four weeks had many fixes, and the year before had hardly any."""
    folder = workspace(tmp_path, remove_six=CAMPAIGN)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2019-12-01", {f"{number}.py": "import six\n" for number in range(90)})
    for number, day in enumerate(("01-20", "02-10", "03-02", "03-23", "04-20", "05-11")):
        shop.commit(f"2020-{day}", {f"{number}.py": "pass\n"})
    shop.commit("2020-06-15", {f"{number}.py": "pass\n" for number in range(10, 40)})
    headway(folder, *TODAY, "scan")
    (row,) = rows(folder, *TODAY, "forecast", "remove-six")
    assert row["pace"] >= row["pace_needed"]
    assert row["chance"] < 0.8
    shown = headway(folder, *TODAY, "forecast", "remove-six").stderr
    assert "remove-six: " in shown
    assert "likely to meet the due date: fixes averaged 7.5 per week over the last 4" in shown


@pytest.mark.parametrize(("days_after_due", "note"), [(0, ""), (1, "past")])
def test_a_due_date_is_past_from_the_next_day_on(days_after_due: int, note: str) -> None:
    due = statuses.TODAY - timedelta(days=days_after_due)
    (fact,) = (fact for fact in facts(statuses.forecast(due=due)) if fact.name == "due")
    assert fact.note == note
