"""The forecast names the parts that delay it, and counts inactive repositories."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, rows, scan, workspace

TODAY = date(2020, 7, 6)
TEAMS = """teams:
  - {name: web, repositories: [app, site]}
  - {name: data, repositories: [batch]}
"""
NO_EVAL = """title: Remove eval
starts: 2020-01-06
deprecated:
  - {id: eval, scanner: regex, pattern: 'eval\\('}
"""
NO_EXEC = NO_EVAL.replace("eval", "exec")


def calls(count: int) -> str:
    return "".join(f"eval('{number}')\n" for number in range(count))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with four repositories, one of which has had no commit for a year."""
    made = workspace(
        tmp_path_factory.mktemp("delays"),
        remove_six=REMOVE_SIX,
        remove_eval=NO_EVAL,
        remove_exec=NO_EXEC,
    )
    (made / "teams.yaml").write_text(TEAMS)
    app, site, batch, legacy = (
        Repo(made / "clones" / name) for name in ("app", "site", "batch", "legacy")
    )
    files: dict[str, str | bytes | None] = {f"{n}.py": "import six\n" for n in range(40)}
    app.commit("2019-12-02", {**files, "eval.py": calls(20)})
    site.commit("2019-12-02", {f"{n}.py": "import six\n" for n in range(5)})
    batch.commit("2019-12-02", {f"{n}.py": "import six\n" for n in range(20)})
    legacy.commit("2018-05-07", {f"{n}.py": "import six\n" for n in range(3)})
    for week in range(20):
        day = date(2020, 1, 14) + timedelta(weeks=week)
        app.commit(day.isoformat(), {f"{week}.py": "import os\n", "eval.py": calls(19 - week)})
    site.commit("2020-06-22", {"new.py": "exec(x)\n"})
    scan(made, TODAY)
    return made


def forecast(folder: Path, today: date = TODAY) -> dict[str, object]:
    (row,) = rows(folder, "forecast", "remove-six", "--today", today.isoformat())
    return row


def test_repositories_and_teams_with_most_items_make_it_latest(folder: Path) -> None:
    row = forecast(folder)
    late = row["late_repositories"]
    assert isinstance(late, list)
    assert [(part["repository"], part["open"]) for part in late][:2] == [("app", 20), ("batch", 20)]
    assert all(part["days"] >= 7 for part in late)
    assert [part["days"] for part in late] == sorted((p["days"] for p in late), reverse=True)
    teams = row["late_teams"]
    assert isinstance(teams, list)
    # Team web has two of the four repositories with open items.
    assert (teams[0]["team"], teams[0]["open"]) == ("web", 25)
    assert teams[0]["days"] > late[0]["days"]


def test_repositories_without_commits_for_a_year_are_counted_with_the_date_without_them(
    folder: Path,
) -> None:
    row = forecast(folder)
    quiet = row["quiet"]
    assert isinstance(quiet, dict)
    assert (quiet["repositories"], quiet["open"], quiet["since"]) == (1, 3, "2018-05-07")
    assert quiet["share"] == pytest.approx(1 - 3 / 68)
    assert quiet["p50"] < row["p50"]
    shown = headway(folder, "forecast", "remove-six", "--today", TODAY.isoformat()).stdout
    assert "no commit since 2018 and will not finish without a decision" in " ".join(shown.split())


def test_parts_have_no_delays_of_their_own(folder: Path) -> None:
    for row in rows(folder, "forecast", "remove-six", "--by", "team", "--today", TODAY.isoformat()):
        assert (row["late_repositories"], row["late_teams"], row["quiet"]) == ([], [], None)


def test_campaigns_whose_items_were_all_fixed_count_as_finished(folder: Path) -> None:
    with open_store(folder / "headway.duckdb") as store:
        # No item of remove-exec was ever fixed, and remove-six has open items.
        assert store.ledger.finished(TODAY) == ["remove-eval"]
        assert store.ledger.finished(date(2020, 5, 25)) == []


def test_finished_campaigns_of_the_workspace_change_the_forecast_of_the_others(
    folder: Path,
) -> None:
    assert forecast(folder)["own_campaigns"] == 1
    assert forecast(folder, date(2020, 5, 25))["own_campaigns"] == 0


def test_a_campaign_with_an_unknown_repository_has_not_finished(tmp_path: Path) -> None:
    made = workspace(tmp_path, remove_eval=NO_EVAL)
    for name in ("app", "site"):
        repo = Repo(made / "clones" / name)
        repo.commit("2019-12-02", {"a.py": "eval(x)\n"})
        repo.commit("2020-02-03", {"a.py": "x\n"})
    scan(made, TODAY)
    head = made / "clones" / "site" / ".git" / "HEAD"
    with open_store(made / "headway.duckdb") as store:
        assert store.ledger.finished(TODAY) == ["remove-eval"]
    head.write_text("damaged")
    scan(made, TODAY)
    with open_store(made / "headway.duckdb") as store:
        assert store.ledger.finished(TODAY) == []
