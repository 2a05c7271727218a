"""Each command has the right output and exit code in a small workspace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from headway.model.movement import FLOW_SIGNS
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

TODAY = ("--today", "2020-03-01")


def create(folder: Path) -> Path:
    """Create a workspace with one repository, in which one of two items is fixed."""
    workspace(folder)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2020-01-10", {"a.py": "import six\n", "b.py": "import six\n"})
    shop.commit("2020-02-10", {"a.py": "pass\n"})
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return create(tmp_path / "work")


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create(tmp_path_factory.mktemp("scanned"))
    headway(folder, *TODAY, "scan", "--jobs", "1")
    return folder


@pytest.fixture
def scanned(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "work", symlinks=True)


def damage(repository: Path) -> None:
    """Overwrite every object of a repository, so that only its references remain readable."""
    for stored in (repository / ".git" / "objects").glob("??/*"):
        stored.chmod(0o600)
        stored.write_bytes(b"damaged")


def test_scan_prints_its_summary_on_standard_error(folder: Path) -> None:
    result = headway(folder, *TODAY, "scan", "--jobs", "1")
    assert result.stdout == ""
    assert "1 repository in scope: 1 read (2 commits, 2 file versions)" in result.stderr


def test_scan_exits_with_3_if_a_repository_cannot_be_read(folder: Path) -> None:
    broken = Repo(folder / "clones" / "broken")
    broken.commit("2020-01-10", {"a.py": "import six\n"})
    damage(broken.path)
    result = headway(folder, *TODAY, "scan", "--jobs", "1", code=3)
    assert "unknown: broken" in result.stderr
    states = {
        row["repository"]: row for row in rows(folder, *TODAY, "status", "--by", "repository")
    }
    assert states["broken"]["state"] == "unknown"
    assert states["broken"]["reason"]
    (campaign,) = rows(folder, *TODAY, "status")
    assert (campaign["open"], campaign["fixed"], campaign["coverage"]) == (1, 1, 0.5)


def test_scan_of_a_folder_without_repositories(tmp_path: Path) -> None:
    result = headway(workspace(tmp_path), "scan", code=1)
    assert "no git repositories were found in local:clones" in result.stderr


def test_scan_of_a_repository_that_is_not_listed(folder: Path) -> None:
    result = headway(folder, "scan", "--repository", "nobody/*", code=1)
    assert "no listed repository matches nobody/*" in result.stderr


@pytest.mark.parametrize("command", ["scan", "status", "items", "burndown", "validate"])
def test_an_unknown_campaign_is_an_error_with_a_suggestion(scanned: Path, command: str) -> None:
    result = headway(scanned, command, "remove-sx", code=1)
    assert "there is no campaign `remove-sx`; did you mean `remove-six`?" in result.stderr


def test_status(scanned: Path) -> None:
    (row,) = rows(scanned, *TODAY, "status")
    wanted = {"campaign": "remove-six", "state": "open", "open": 1, "fixed": 1, "exempt": 0}
    assert wanted.items() <= row.items()
    assert row["completion"] == 0.5
    assert "50%" in headway(scanned, *TODAY, "status").stdout


def test_status_has_the_documented_json_fields(scanned: Path) -> None:
    names = {"campaign", "state", "open", "fixed", "exempt", "completion", "coverage", "health"}
    names |= {"p50", "p85", "due"}
    assert names <= rows(scanned, "status")[0].keys()
    assert names | {"repository"} <= rows(scanned, "status", "--by", "repository")[0].keys()
    assert names | {"team"} <= rows(scanned, "status", "--by", "team")[0].keys()


def test_status_reports_a_campaign_that_never_matched(tmp_path: Path) -> None:
    text = "title: T\ndeprecated:\n  - {id: a, scanner: regex, pattern: nowhere}\n"
    folder = workspace(tmp_path, nothing=text)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, *TODAY, "scan", "--jobs", "1")
    assert "nothing: no rule has ever matched anything" in headway(folder, *TODAY, "status").stderr


def test_items(scanned: Path) -> None:
    (row,) = rows(scanned, "items")
    assert (row["path"], row["line"], row["excerpt"]) == ("b.py", 1, "import six")
    assert len(rows(scanned, "items", "--state", "all")) == 2
    assert len(rows(scanned, "items", "--repository", "sh*")) == 1
    (scanned / "teams.yaml").write_text("teams: [{name: web}]\n")
    assert rows(scanned, "items", "--team", "web") == []
    assert len(rows(scanned, "items", "--rule", "import-six")) == 1
    assert "b.py:1" in headway(scanned, "items").stdout


def test_a_column_with_the_same_value_in_every_row_is_hidden(scanned: Path) -> None:
    heading = headway(scanned, "items").stdout.splitlines()[0].split()
    assert heading == ["repository", "location", "rule", "since", "code"]
    assert "state" in headway(scanned, "items", "--state", "all").stdout.splitlines()[0]


def test_items_have_the_documented_json_fields(scanned: Path) -> None:
    names = (
        "item campaign rule role repository path line column excerpt captures team state regressed "
        "opened_at opened_commit opened_by opened_before_baseline closed_at closed_commit "
        "closed_by url opened_by_all closed_by_all changed_by"
    )
    for row in rows(scanned, "items", "--state", "all"):
        assert set(names.split()) <= row.keys()


def test_an_empty_list_of_items_is_reported(scanned: Path) -> None:
    result = headway(scanned, "items", "--state", "exempt")
    assert result.stderr == "no items\n"


def test_burndown_balances(scanned: Path) -> None:
    points = rows(scanned, *TODAY, "burndown", "remove-six", "--by", "month")
    assert [(point["date"], point["open"]) for point in points] == [
        ("2020-01-31", 2),
        ("2020-02-29", 1),
        ("2020-03-01", 1),
    ]
    before = 0
    for point in points:
        change = sum(sign * point[column] for column, sign in FLOW_SIGNS.items())
        assert point["open"] == before + change
        before = point["open"]


def test_repositories_gives_the_reason_for_being_out_of_scope(folder: Path) -> None:
    text = (
        "title: T\nscope: {repositories: ['pay*']}\n"
        "deprecated: [{id: a, scanner: regex, pattern: a}]\n"
    )
    (folder / "campaigns" / "payments.yaml").write_text(text)
    found = {row["campaign"]: row for row in rows(folder, "repositories")}
    assert found["remove-six"]["in_scope"] is True
    assert found["payments"]["in_scope"] is False
    assert found["payments"]["reason"]


def test_validate_prints_every_error_of_every_file(folder: Path) -> None:
    (folder / "campaigns" / "one.yaml").write_text("title: One\ndeprecatd: []\n")
    (folder / "campaigns" / "two.yaml").write_text("title: Two\ndue: 2026-13-01\n")
    result = headway(folder, "validate", code=1)
    assert result.stdout == ""
    assert "--> campaigns/one.yaml:2:1" in result.stderr
    assert "--> campaigns/two.yaml:2:6" in result.stderr
    assert headway(folder, "validate", "remove-six").stdout == "1 campaign checked: no errors\n"


def test_an_invalid_campaign_stops_every_command_that_reads_it(scanned: Path) -> None:
    (scanned / "campaigns" / "one.yaml").write_text("title: One\n")
    for command in ("scan", "status", "items", "report"):
        assert "--> campaigns/one.yaml:1:1" in headway(scanned, command, code=1).stderr


def test_schema_contains_the_scanners(tmp_path: Path) -> None:
    schema = json.loads(headway(tmp_path, "schema").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "regex" in json.dumps(schema)


@pytest.mark.parametrize("command", ["status", "items", "burndown remove-six", "report"])
def test_before_the_first_scan_the_error_names_the_next_step(folder: Path, command: str) -> None:
    result = headway(folder, *command.split(), code=1)
    assert "headway scan" in result.stderr
    assert not list(folder.glob("headway.duckdb*"))


@pytest.mark.parametrize(
    "command", ["items", "burndown remove-six", "forecast remove-six", "digest"]
)
def test_an_unknown_team_is_an_error_with_a_suggestion(scanned: Path, command: str) -> None:
    errors = headway(scanned, *command.split(), "--team", "unwoned", code=1).stderr
    assert errors == "error: there is no team `unwoned`; did you mean `unowned`?\n"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--rule=import-sux", "there is no rule `import-sux`; did you mean `import-six`?"),
        ("--rule=x", "there is no rule `x`; allowed here: import-six"),
        ("--repository=shpo", "no repository matches `shpo`; did you mean `shop`?"),
        (
            "--repository=x/*",
            "no repository matches `x/*`; `headway repositories` lists the repositories.",
        ),
    ],
)
def test_a_filter_that_cannot_match_is_an_error(scanned: Path, option: str, sentence: str) -> None:
    assert headway(scanned, "items", option, code=1).stderr == f"error: {sentence}\n"


def test_query_returns_rows(scanned: Path) -> None:
    found = rows(scanned, "query", "SELECT path, state FROM items ORDER BY path")
    assert [row["path"] for row in found] == ["a.py", "b.py"]
    views = rows(scanned, "query", "--views")
    assert all(view["what"] for view in views)
    for view in views:
        headway(scanned, "query", f"FROM {view['view']}")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE opening",
        "CREATE TABLE mine AS SELECT 1",
        "COPY (SELECT 1) TO '{folder}/stolen.csv'",
        "SELECT * FROM read_text('{folder}/headway.toml')",
        "ATTACH '{folder}/other.db'",
        "nonsense",
    ],
)
def test_query_cannot_write_or_read_files(scanned: Path, sql: str) -> None:
    result = headway(scanned, "query", sql.format(folder=scanned), code=1)
    assert "the query failed" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (scanned / "stolen.csv").exists()


def test_query_without_sql_is_wrong_usage(scanned: Path) -> None:
    assert "Give a query, or --views" in headway(scanned, "query", code=2).stderr


def test_a_date_beyond_the_horizon_is_not_reported_as_too_little_history(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    slow = Repo(folder / "clones" / "slow")
    lines = [f"import six  # {number}\n" for number in range(3000)]
    slow.commit("2020-01-07", {"a.py": "".join(lines)})
    for day in ("01-21", "02-11", "03-03", "03-24", "04-14"):
        del lines[:100]
        slow.commit(f"2020-{day}", {"a.py": "".join(lines)})
    for number in range(16):
        other = Repo(folder / "clones" / f"other-{number}")
        other.commit("2020-01-07", {"a.py": "import six\n"})
    at = ("--today", "2020-05-01")
    headway(folder, *at, "scan", "--jobs", "1")
    (row,) = rows(folder, *at, "status")
    assert row["p50"] is not None
    assert (row["p85"], row["horizon"], row["forecast_reason"]) == (None, "2025-04-25", None)
    assert "after 2025" in headway(folder, *at, "status").stdout
    headway(folder, *at, "report")
    for page in ("index.html", "campaigns/remove-six/index.html"):
        text = (folder / "site" / page).read_text("utf-8")
        assert "after 2025" in text
        assert "not enough history" not in text


def test_too_little_history_is_reported(scanned: Path) -> None:
    (row,) = rows(scanned, "--today", "2020-02-20", "status")
    assert (row["p50"], row["horizon"]) == (None, None)
    assert row["forecast_reason"].startswith("not enough history: ")


@pytest.mark.parametrize(("former", "name"), [("now", "current"), ("then", "historical")])
def test_former_names_of_owners_are_accepted(scanned: Path, former: str, name: str) -> None:
    burndown = ("burndown", "remove-six", "--owners")
    assert rows(scanned, *burndown, former) == rows(scanned, *burndown, name)


def test_scan_ends_with_what_changed_and_the_next_step(folder: Path) -> None:
    first = headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01")
    assert "remove-six: 2 open in 1 repository, 0 fixed since 2020-01-06\n" in first.stderr
    second = headway(folder, "scan", "--jobs", "1", *TODAY)
    assert "remove-six: 1 open in 1 repository, −1 since 2020-02-01: −1 fixed\n" in second.stderr
    third = headway(folder, "scan", "--jobs", "1", "--today", "2020-03-02")
    changes, _, next_steps = third.stderr.rpartition("\nNext:\n")
    assert changes.endswith("remove-six: 1 open in 1 repository, no changes since 2020-03-01\n")
    status, report = next_steps.splitlines()
    assert status.endswith(" status   # progress and forecast")
    assert report.endswith(" report   # build the pages")
    again = headway(folder, "scan", "--jobs", "1", "--today", "2020-03-02")
    assert "remove-six: 1 open in 1 repository, no changes since 2020-03-01\n" in again.stderr
