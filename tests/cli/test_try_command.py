"""`headway try` shows what a campaign finds at the tips, and records nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_unmatched_warnings import warnings
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

NOW = ("--today", "2020-03-01", "--jobs", "1")
CAMPAIGN = """title: Remove six
deprecated:
  - {id: import-six, scanner: regex, pattern: '^import six', paths: ['*.py']}
  - {id: setup, scanner: file, paths: [setup.py]}
required:
  - {id: pyproject, scanner: file, paths: [pyproject.toml]}
exemptions:
  - {reason: Later, until: 2020-06-01, repositories: [shop], paths: ['old/']}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "work", six=CAMPAIGN)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2020-01-10", {"gone.py": "import six\n", "pyproject.toml": ""})
    shop.commit("2020-02-01", {"gone.py": None})
    shop.commit(
        "2020-02-10",
        {
            "a.py": "import os\nimport six\n",
            "old/b.py": "import six\n",
            "data.py": b"import six\n\0",
            "vendor/v.py": "import six\n",
            "web/dist/bundle.py": "import six\n",
            ".gitattributes": "gen.py linguist-generated\n",
            "gen.py": "import six\n",
            "setup.py": "",
        },
    )
    Repo(folder / "clones" / "bank").commit("2020-01-10", {"c.py": "pass\n"})
    return folder


def tried(folder: Path, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """Run `headway try` with JSON output and return its rows."""
    result = headway(folder, "try", *arguments, *NOW, "--format", "json", code=code)
    parsed: list[dict[str, Any]] = json.loads(result.stdout)
    return parsed


def row_of(rows: list[dict[str, Any]], repository: str, rule: str) -> dict[str, Any]:
    (row,) = [row for row in rows if (row["repository"], row["rule"]) == (repository, rule)]
    return row


def files_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and the modification time of every file in a workspace."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_table_shows_matches_and_totals(folder: Path) -> None:
    result = headway(folder, "try", "six", *NOW)
    assert result.stdout.splitlines() == [
        "shop: 3 matches (1 exempt)",
        "  import-six: 2",
        "    a.py:2: import six",
        "    old/b.py:1 (exempt): import six",
        "  setup: 1",
        "    setup.py",
        "  pyproject (required): pyproject.toml",
        "",
        "no matches: bank",
        "",
        "six: 3 matches (1 exempt) in 1 of 2 repositories",
        "",
        *result.stdout.splitlines()[12:],
    ]
    heading, *totals = (line.split() for line in result.stdout.splitlines()[12:])
    assert heading[:7] == ["rule", "found", "in", "matches", "exempt", "files", "binary"]
    assert heading[7:] == ["excluded", "time"]
    assert [line[:7] for line in totals] == [
        ["import-six", "1", "2", "1", "5", "1", "3"],
        ["setup", "1", "1", "0", "1", "0", "0"],
        ["pyproject", "1", "1", "0", "1", "0", "0"],
    ]
    assert result.stderr.splitlines()[1] == (
        "excluded as vendored or generated code: 3 files, such as gen.py; to search them, set "
        "`include_vendored: true` in a rule or campaign"
    )


def test_json_has_one_row_per_repository_and_rule(folder: Path) -> None:
    rows = tried(folder, "six")
    assert [(row["repository"], row["rule"]) for row in rows] == [
        (repository, rule)
        for repository in ("bank", "shop")
        for rule in ("import-six", "setup", "pyproject")
    ]
    row = row_of(rows, "shop", "import-six")
    assert row.pop("seconds") > 0
    tip = row.pop("tip")
    assert row == {
        "campaign": "six",
        "repository": "shop",
        "rule": "import-six",
        "role": "deprecated",
        "matches": 2,
        "exempt": 1,
        "files": 4,
        "binary": 1,
        "excluded": 3,
        "unknown": None,
        "affected": True,
        "items": 1,
        "examples": [
            {
                "path": "a.py",
                "line": 2,
                "column": 1,
                "excerpt": "import six",
                "captures": {},
                "exempt": False,
                "url": None,
            },
            {
                "path": "old/b.py",
                "line": 1,
                "column": 1,
                "excerpt": "import six",
                "captures": {},
                "exempt": True,
                "url": None,
            },
        ],
    }
    assert tip == Repo(folder / "clones" / "shop").head


def test_the_number_of_excluded_files_is_that_of_items(folder: Path) -> None:
    tried_note = headway(folder, "try", "six", *NOW).stderr.splitlines()[1]
    headway(folder, "scan", *NOW)
    items_note = headway(folder, "items", *NOW[:2]).stderr
    assert items_note.partition(":")[2].partition(",")[0] == " 3 files"
    assert tried_note.partition(", such")[0] == items_note.partition(", such")[0]


def test_csv_and_markdown(folder: Path) -> None:
    csv = headway(folder, "try", "six", *NOW, "--format", "csv").stdout.splitlines()
    assert csv[0].startswith("campaign,repository,rule,role,matches,exempt,files,")
    assert len(csv) == 7
    markdown = headway(folder, "try", "six", *NOW, "--format", "markdown").stdout.splitlines()
    assert markdown[0].startswith("| repository | rule | matches |")
    assert len(markdown) == 8


def test_rule_and_limit_and_repository_narrow_the_output(folder: Path) -> None:
    (row,) = tried(folder, "six", "--rule", "setup", "--repository", "sh*")
    assert (row["repository"], row["rule"], row["matches"]) == ("shop", "setup", 1)
    row = row_of(tried(folder, "six", "--limit", "0"), "shop", "import-six")
    assert (row["matches"], row["examples"]) == (2, [])
    rows = tried(folder, "six", "--limit", "1")
    # All deprecated rules together have one limit.
    assert len(row_of(rows, "shop", "import-six")["examples"]) == 1
    assert row_of(rows, "shop", "setup")["examples"] == []
    result = headway(folder, "try", "six", "--rule", "stup", *NOW, code=1)
    assert "there is no rule `stup`; did you mean `setup`?" in result.stderr
    result = headway(folder, "try", "six", "--repository", "nobody", *NOW, code=1)
    assert "no listed repository matches nobody" in result.stderr


def test_only_a_required_rule_can_be_tried_alone(folder: Path) -> None:
    result = headway(folder, "try", "six", "--rule", "pyproject", *NOW)
    assert result.stdout.startswith("shop: 1 match\n  pyproject.toml\n")
    assert "six: 1 match in 1 of 2 repositories" in result.stdout


def test_nothing_in_the_workspace_changes(folder: Path) -> None:
    before = files_below(folder)
    headway(folder, "try", "six", *NOW)
    headway(folder, "try", "six", "--history", "--repository", "shop", *NOW)
    assert files_below(folder) == before
    headway(folder, "scan", *NOW)
    after_scan = files_below(folder)
    assert "headway.duckdb" in after_scan
    headway(folder, "try", "six", *NOW)
    headway(folder, "try", "six", "--history", "--repository", "shop", *NOW)
    assert files_below(folder) == after_scan


def test_a_draft_in_any_folder_and_a_catalogue_campaign_can_be_tried(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = folder.parent / "draft.yaml"
    draft.write_text(CAMPAIGN.replace("import six", "import os"))
    (row,) = tried(folder, str(draft), "--rule", "import-six", "--repository", "shop")
    assert (row["campaign"], row["matches"]) == ("draft", 1)
    monkeypatch.chdir(folder.parent)
    assert tried(folder, "draft.yaml")
    assert row_of(tried(folder, "remove-six"), "shop", "import-six")["matches"] == 2
    result = headway(folder, "try", "nowhere/six.yaml", *NOW, code=1)
    assert "there is no file nowhere/six.yaml" in result.stderr
    result = headway(folder, "try", "remov-six", *NOW, code=1)
    assert "there is no campaign `remov-six`; did you mean `remove-six`?" in result.stderr


def test_errors_in_other_campaigns_do_not_matter(folder: Path) -> None:
    (folder / "campaigns" / "broken.yaml").write_text("titel: Broken\n")
    assert tried(folder, "six")
    result = headway(folder, "try", "broken", *NOW, code=1)
    assert "campaigns/broken.yaml:1:1" in result.stderr


def test_everything_that_matches_nothing_is_named(folder: Path) -> None:
    text = """title: Remove six
scope: {repositories: [shop, '!none', bank]}
deprecated:
  - {id: one, scanner: regex, pattern: import six, paths: ['*.py', '*.pyx']}
  - {id: two, scanner: regex, pattern: no such thing}
required:
  - {id: new, scanner: file, paths: [tox.ini]}
milestones:
  - {name: First, due: 2020-03-01, repositories: [nobody]}
exemptions:
  - {reason: Later, until: 2021-01-01, repositories: [sohp]}
  - {reason: Wrong, until: 2021-01-01, repositories: [bank], paths: ['*.py']}
  - {reason: Over, until: 2020-02-01, repositories: [bank]}
"""
    (folder / "campaigns" / "six.yaml").write_text(text)
    assert warnings(headway(folder, "try", "six", *NOW).stderr) == [
        ("campaigns/six.yaml:2:30", "the pattern `!none` matches no repository"),
        ("campaigns/six.yaml:4:68", "the pattern `*.pyx` matches no file"),
        ("campaigns/six.yaml:5:5", "the rule `two` matches nothing"),
        ("campaigns/six.yaml:7:5", "the rule `new` matches nothing"),
        ("campaigns/six.yaml:7:38", "the pattern `tox.ini` matches no file"),
        ("campaigns/six.yaml:9:51", "the pattern `nobody` matches no repository"),
        ("campaigns/six.yaml:11:55", "the pattern `sohp` matches no repository"),
        ("campaigns/six.yaml:12:5", "the exemption covers no match"),
    ]
    only_one = warnings(headway(folder, "try", "six", "--rule", "two", *NOW).stderr)
    assert not any("*.pyx" in message or "`new`" in message for _, message in only_one)
    assert ("campaigns/six.yaml:5:5", "the rule `two` matches nothing") in only_one
    # A rule or pattern without matches in these repositories may have matches in others.
    some = warnings(headway(folder, "try", "six", "--repository", "bank", *NOW).stderr)
    assert not any("rule" in message or "file" in message for _, message in some)


def test_warnings_about_a_shipped_campaign_are_one_line(folder: Path) -> None:
    result = headway(folder, "try", "remove-six", *NOW)
    assert warnings(result.stderr) == []
    assert "of the campaign match nothing here, which is normal for a campaign" in result.stderr
    headway(folder, "catalog", "add", "remove-six")
    result = headway(folder, "try", "remove-six", *NOW)
    assert len(warnings(result.stderr)) > 1
    assert "which is usual" not in result.stderr


def test_a_repository_that_cannot_be_read_is_unknown(folder: Path) -> None:
    broken = Repo(folder / "clones" / "broken")
    broken.commit("2020-01-10", {"c.py": "import six\n"})
    for stored in (broken.path / ".git" / "objects").glob("??/*"):
        stored.chmod(0o600)
        stored.write_bytes(b"damaged")
    result = headway(folder, "try", "six", *NOW, code=3)
    assert "unknown: broken: " in result.stderr
    assert "six: 3 matches (1 exempt) in 1 of 3 repositories" in result.stdout
    assert "because not all repositories could be searched" in result.stderr
    assert warnings(result.stderr) == []
    row = row_of(tried(folder, "six", code=3), "broken", "setup")
    assert row["matches"] is None
    assert row["unknown"]


def test_a_rule_with_too_many_matches_is_unknown(folder: Path) -> None:
    config = folder / "headway.toml"
    config.write_text(config.read_text() + "[limits]\nmatches = 1\n")
    rows = tried(folder, "six", code=3)
    row = row_of(rows, "shop", "import-six")
    assert "there are more than 1 matches; narrow the pattern" in row["unknown"]
    assert row["matches"] is None
    assert row_of(rows, "shop", "setup")["matches"] == 1


def test_a_branch_without_commits_is_unknown(folder: Path) -> None:
    dangling = Repo(folder / "clones" / "dangling")
    dangling.commit("2020-01-10", {"c.py": "import six\n"})
    dangling.git("symbolic-ref", "HEAD", "refs/heads/gone")
    row = row_of(tried(folder, "six", code=3), "dangling", "import-six")
    assert row["unknown"].startswith("no default branch")


def test_a_rule_whose_scanner_cannot_be_loaded_is_unknown(folder: Path) -> None:
    (folder / "scanners").mkdir()
    (folder / "scanners" / "licence.py").write_text("raise RuntimeError('no licence')\n")
    campaign = folder / "campaigns" / "six.yaml"
    campaign.write_text(
        campaign.read_text().replace("required:", "  - {id: own, scanner: licence}\nrequired:")
    )
    rows = tried(folder, "six", code=3)
    assert "no licence" in row_of(rows, "shop", "own")["unknown"]
    assert row_of(rows, "shop", "import-six")["matches"] == 2


def test_a_repository_scanner_searches_the_work_tree(folder: Path) -> None:
    (folder / "scanners").mkdir()
    (folder / "scanners" / "shell.py").write_text(
        "from headway import Match, Options, RepositoryScanner\n\n\n"
        "class Shell(RepositoryScanner):\n"
        '    name = "shell"\n'
        "    Options = Options\n\n"
        "    def find(self, options, tree):\n"
        '        for file in sorted(tree.rglob("*.py")):\n'
        '            yield Match(text="x", path=file.relative_to(tree).as_posix())\n'
    )
    campaign = folder / "campaigns" / "six.yaml"
    rule = "  - {id: own, scanner: shell, paths: ['*.py', '!setup.py']}\nrequired:"
    campaign.write_text(campaign.read_text().replace("required:", rule))
    row = row_of(tried(folder, "six"), "shop", "own")
    assert [match["path"] for match in row["examples"]] == ["a.py"]
    assert (row["matches"], row["files"], row["excluded"]) == (3, 3, 3)
    assert row["seconds"] > 0
    headway(folder, "scan", *NOW)
    found = headway(folder, "items", "--rule", "own", "--state", "all", "--format", "json").stdout
    items = [item for item in json.loads(found) if item["repository"] == "shop"]
    assert [item["path"] for item in items] == ["a.py", "data.py", "old/b.py"]


def test_a_file_that_cannot_be_read_affects_only_the_rules_that_select_it(folder: Path) -> None:
    config = folder / "headway.toml"
    config.write_text(config.read_text() + "[limits]\nfile_megabytes = 0.001\n")
    Repo(folder / "clones" / "bank").commit("2020-02-01", {"big.py": "import six\n" * 200})
    rows = tried(folder, "six", code=3)
    row = row_of(rows, "bank", "import-six")
    assert "big.py could not be read" in row["unknown"]
    assert row["files"] == 2
    assert row_of(rows, "bank", "setup")["unknown"] is None
    assert row_of(rows, "shop", "import-six")["unknown"] is None


def test_a_scanner_that_crashes_fails_only_where_it_crashes(folder: Path) -> None:
    scanners = folder / "scanners"
    scanners.mkdir()
    (scanners / "fragile.py").write_text(
        "import os\n"
        "from headway import ContentScanner, Match, Options\n\n\n"
        "class Fragile(ContentScanner):\n"
        '    name = "fragile"\n'
        "    Options = Options\n\n"
        "    def find(self, options, path, content):\n"
        '        if path == "a.py":\n'
        "            os._exit(3)\n"
        '        yield Match(text="x", line=1)\n'
    )
    campaign = folder / "campaigns" / "six.yaml"
    campaign.write_text(
        campaign.read_text().replace("required:", "  - {id: own, scanner: fragile}\nrequired:")
    )
    rows = tried(folder, "six", code=3)
    row = row_of(rows, "shop", "own")
    assert "a.py could not be read: scanner fragile" in row["unknown"]
    # The other files are neither empty, binary nor excluded.
    assert {match["path"] for match in row["examples"]} <= {".gitattributes", "old/b.py"}
    assert row["matches"] == 2
    assert row_of(rows, "shop", "import-six")["unknown"] is None
    assert row_of(rows, "bank", "own")["unknown"] is None


def test_repositories_out_of_scope_are_counted_with_the_reason(folder: Path) -> None:
    campaign = folder / "campaigns" / "six.yaml"
    campaign.write_text(campaign.read_text() + "scope: {repositories: [shop]}\n")
    result = headway(folder, "try", "six", *NOW)
    assert (
        "out of scope: 1 repository (reason: its name does not match scope.repositories)"
        in result.stderr
    )
    assert {row["repository"] for row in tried(folder, "six")} == {"shop"}


def test_hostile_names_and_lines_cannot_control_the_terminal(folder: Path) -> None:
    evil = "\x1b[2J\u202e"
    shop = Repo(folder / "clones" / f"{evil}shop")
    shop.commit("2020-02-10", {f"{evil}\n.py": f"import six {evil}\n", "=cmd().py": "import six\n"})
    (Path(os.fsdecode(os.fsencode(shop.path) + b"/latin\xe9.py"))).write_text("import six\n")
    shop.commit("2020-02-11")
    for output_format in ("table", "markdown"):
        result = headway(folder, "try", "six", *NOW, "--format", output_format)
        assert not set("\x1b\u202e") & set(result.output)
    examples = [
        match
        for row in tried(folder, "six", "--limit", "9")
        if row["repository"].endswith("shop") and row["repository"] != "shop"
        for match in row["examples"]
    ]
    assert {match["path"] for match in examples} == {
        f"{evil}\n.py",
        "=cmd().py",
        '"latin\\351.py"',
    }


def test_a_past_day_shows_the_commit_that_had_landed(folder: Path) -> None:
    past = ("--today", "2020-01-15", "--jobs", "1", "--format", "json")
    rows = json.loads(headway(folder, "try", "six", *past).stdout)
    (match,) = row_of(rows, "shop", "import-six")["examples"]
    assert match["path"] == "gone.py"


def test_the_history_of_one_repository(folder: Path) -> None:
    result = headway(folder, "try", "six", "--history", "--repository", "shop", *NOW)
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines == [
        ["until", "open", "opened", "fixed", "exempt", "done"],
        ["2020-01-31", "1", "1", "0", "0", "0%"],
        ["2020-02-29", "2", "2", "1", "1", "33%"],
        ["2020-03-01", "2", "0", "0", "1", "33%"],
    ]
    assert result.stderr == "shop: 3 commits read; 3 opened, 1 fixed, 2 open\n"
    (first, *_) = tried(folder, "six", "--history", "--repository", "shop")
    assert first == {
        "campaign": "six",
        "repository": "shop",
        "date": "2020-01-31",
        "open": 1,
        "opened": 1,
        "fixed": 0,
        "exempt": 0,
        "completion": 0.0,
        "inexact": False,
    }
    result = headway(folder, "try", "six", "--history", *NOW, code=1)
    assert "--history needs exactly one repository, but bank, shop are selected" in result.stderr


def test_a_required_rule_has_no_history(folder: Path) -> None:
    arguments = ("--history", "--rule", "pyproject", "--repository", "shop")
    result = headway(folder, "try", "six", *arguments, *NOW, code=2)
    assert (
        "--history shows only rules that find items, but `pyproject` belongs to `required`"
        in result.stderr
    )


def test_the_table_of_a_history_omits_months_without_changes(folder: Path) -> None:
    Repo(folder / "clones" / "old").commit("2018-05-01", {"a.py": "import six\n"})
    arguments = ("six", "--history", "--repository", "old")
    result = headway(folder, "try", *arguments, *NOW)
    assert [line.split()[:3] for line in result.stdout.splitlines()[1:]] == [
        ["2018-05-31", "1", "1"],
        ["2020-03-01", "1", "0"],
    ]
    assert result.stderr.endswith("1 open; earlier months without changes are not shown\n")
    assert len(tried(folder, *arguments)) == 8 + 12 + 3


def test_the_history_of_a_damaged_repository_is_unknown(folder: Path) -> None:
    broken = Repo(folder / "clones" / "broken")
    broken.commit("2020-01-10", {"c.py": "import six\n"})
    for stored in (broken.path / ".git" / "objects").glob("??/*"):
        stored.chmod(0o600)
        stored.write_bytes(b"damaged")
    result = headway(folder, "try", "six", "--history", "--repository", "broken", *NOW, code=3)
    assert "unknown: broken: " in result.stderr
    assert "has ever matched" not in result.stderr


def test_the_history_of_a_repository_without_matches(folder: Path) -> None:
    result = headway(folder, "try", "six", "--history", "--repository", "bank", *NOW)
    assert result.stderr == "bank: 1 commit read, and no rule has ever matched anything\n"
