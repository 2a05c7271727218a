"""An unreadable file version affects one rule at one path until the next version."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.model.limits import DEFAULT_LIMITS, Limits
from tests.support.git import Repo, git
from tests.support.processes import begin
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2020, 6, 1)
TWO = """title: Six
starts: 2020-01-06
deprecated:
  - {id: six, scanner: regex, pattern: '^import six', paths: ["*.py"]}
  - {id: tabs, scanner: regex, pattern: '^tab', paths: ["*.txt"]}
"""
OTHER = """title: Texts
starts: 2020-01-06
deprecated: [{id: texts, scanner: file, paths: ["*.py"]}]
"""
SMALL = Limits(max_text_bytes=1000)
LARGE = "import six\n" + "#" * 2000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path / "ws", six=TWO, texts=OTHER)


@pytest.fixture
def repo(folder: Path) -> Repo:
    repo = Repo(folder / "clones" / "app")
    files: dict[str, str | bytes | None] = {
        "a.py": "import six\n",
        "b.py": "import six  # b\n",
        "c.txt": "tab\n",
    }
    repo.commit("2020-01-01", files)
    return repo


def loose(repo: Repo, path: str) -> Path:
    """Return the object file of a path's content in the last commit."""
    blob = git(repo.path, "rev-parse", f"HEAD:{path}").strip()
    return repo.path / ".git" / "objects" / blob[:2] / blob[2:]


def lose(repo: Repo, path: str) -> bytes:
    """Remove a path's content in the last commit from the repository. Return the object file."""
    file = loose(repo, path)
    content = file.read_bytes()
    file.chmod(0o600)
    file.unlink()
    return content


def status(folder: Path, campaign: str = "six", today: date = TODAY) -> dict[str, Any]:
    (row,) = rows(folder, "status", campaign, "--today", str(today))
    return row


def gaps(folder: Path) -> list[dict[str, Any]]:
    return rows(folder, "query", "SELECT * FROM gaps ORDER BY opened_at, path")


def counts(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["open"], row["fixed"], row["unknown"]


def test_a_gap_in_the_past_leaves_today_known_and_marks_its_days(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-03", {"a.py": "import six\nimport six\n"})
    lose(repo, "a.py")
    repo.commit("2020-03-02", {"a.py": "", "b.py": ""})
    assert scan(folder, TODAY).complete
    row = status(folder)
    assert counts(row) == (1, 2, 0)
    assert row["coverage"] == 1
    assert row["inexact"] == [
        {"first": "2020-02-03", "last": "2020-03-02", "versions": 1, "repositories": 1}
    ]
    days = {
        point["date"]: point
        for point in rows(folder, "burndown", "six", "--by", "day", "--today", str(TODAY))
    }
    found = [
        (days[day]["open"], days[day]["coverage"], days[day]["inexact"])
        for day in ("2020-02-02", "2020-02-03", "2020-03-01", "2020-03-02", "2020-03-03")
    ]
    assert found == [
        (3, 1.0, False),
        (3, 0.0, True),
        (3, 0.0, True),
        (1, 1.0, True),
        (1, 1.0, False),
    ]
    assert status(folder, "texts")["inexact"] == []
    before = status(folder, today=date(2020, 2, 20))
    assert (before["unknown"], before["coverage"], before["open"]) == (1, 0, 3)


def test_matches_that_were_only_in_unread_versions_make_no_campaign_done(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-03", {"d.txt": "other\n"})
    (folder / "campaigns" / "six.yaml").write_text(
        TWO.replace("^import six", "^import nose").replace("^tab", "^other")
    )
    lose(repo, "d.txt")
    repo.commit("2020-03-02", {"d.txt": None})
    scan(folder, TODAY)
    assert (status(folder)["state"], status(folder)["health"]) == ("no matches", "no matches")
    said = headway(folder, "status", "six", "--today", str(TODAY)).stderr
    assert (
        "six: no rule has ever matched anything in the versions of files that could be read;"
        in said
    )


def test_the_commands_say_between_which_days_numbers_are_not_exact(
    folder: Path, repo: Repo
) -> None:
    repo.commit("2020-02-03", {"a.py": "import six\nimport six\n"})
    lose(repo, "a.py")
    repo.commit("2020-03-02", {"a.py": ""})
    scan(folder, TODAY)
    said = (
        "six: numbers from 2020-02-03 to 2020-03-02 are not exact: 1 version of a file could not "
        "be read"
    )
    assert said in headway(folder, "status", "six", "--today", str(TODAY)).stderr
    assert said in headway(folder, "burndown", "six", "--today", str(TODAY)).stderr
    (gap,) = gaps(folder)
    assert (gap["rule"], gap["path"], gap["repository"]) == ("six", "a.py", "app")


def test_a_gap_at_the_tip_makes_the_repository_unknown_for_its_campaign(
    folder: Path, repo: Repo
) -> None:
    commit = repo.commit("2020-02-03", {"a.py": "import six\nimport six\n", "b.py": ""})
    lose(repo, "a.py")
    outcome = scan(folder, TODAY)
    (part,) = outcome.unknown
    assert part.campaign == "six"
    assert f"rule six: a.py could not be read at commit {commit[:12]}: object" in part.reason
    row = status(folder)
    # b.py was fixed. The items of a.py keep their state.
    assert counts(row) == (2, 1, 1)
    assert row["health"] != "done"
    assert counts(status(folder, "texts")) == (2, 0, 0)
    (repository,) = rows(folder, "status", "six", "--by", "repository", "--today", str(TODAY))
    assert (repository["state"], repository["since"]) == ("unknown", "2020-02-03")
    assert repository["reason"] == part.reason


def test_a_gap_at_the_baseline(folder: Path, repo: Repo) -> None:
    lose(repo, "a.py")
    repo.commit("2020-03-02", {"a.py": "import six\nimport six\n"})
    scan(folder, TODAY)
    assert counts(status(folder)) == (4, 0, 0)
    (run,) = status(folder)["inexact"]
    assert (run["first"], run["last"]) == ("2020-01-06", "2020-03-02")
    (gap,) = gaps(folder)
    assert gap["opened_before_baseline"]


def test_pairing_continues_with_the_last_version_that_was_read(folder: Path, repo: Repo) -> None:
    # This version is always readable, because the empty blob is built into git.
    repo.commit("2020-02-03", {"a.py": ""})
    repo.commit("2020-02-04", {"a.py": "import six\n# lost\n"})
    lose(repo, "a.py")
    repo.commit("2020-02-05", {"a.py": "import six  # kept\n"})
    scan(folder, TODAY)
    items = [
        item
        for item in rows(folder, "items", "six", "--state", "all", "--today", str(TODAY))
        if item["path"] == "a.py"
    ]
    assert [(item["opened_at"][:10], item["state"]) for item in items] == [
        ("2020-01-01", "fixed"),
        ("2020-02-05", "open"),
    ]


@pytest.mark.parametrize("scans", [1, 2, 3])
def test_a_renamed_file_that_cannot_be_read_takes_its_items_along(
    folder: Path, repo: Repo, scans: int
) -> None:
    repo.commit("2020-02-03", {"a.py": LARGE + "\n"})
    if scans > 1:
        scan(folder, TODAY, limits=SMALL)
    repo.git("mv", "a.py", "z.py")
    repo.commit("2020-02-04")
    if scans > 2:
        scan(folder, TODAY, limits=SMALL)
    repo.commit("2020-02-05", {"z.py": "import six\n"})
    scan(folder, TODAY, limits=SMALL)
    assert counts(status(folder)) == (3, 0, 0)
    assert [gap["path"] for gap in gaps(folder)] == ["a.py", "z.py"]


def test_a_file_over_the_limit_is_read_when_the_limit_is_raised(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-03", {"a.py": LARGE, "b.py": ""})
    scan(folder, TODAY, limits=SMALL)
    assert counts(status(folder)) == (2, 1, 1)
    assert "exceeds the limit of 1,000" in gaps(folder)[0]["reason"]
    again = scan(folder, TODAY, limits=SMALL)
    assert again.unchanged == 1
    assert not again.complete
    scan(folder, TODAY)
    assert counts(status(folder)) == (2, 1, 0)
    assert gaps(folder) == []


def test_a_restored_content_closes_its_gap(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-03", {"a.py": "import six\nimport six\n"})
    content = lose(repo, "a.py")
    repo.commit("2020-03-02", {"a.py": ""})
    scan(folder, TODAY)
    assert len(gaps(folder)) == 1
    repo.git("checkout", "-q", "HEAD")
    git(repo.path, "hash-object", "-w", "--stdin", stdin=b"import six\nimport six\n")
    assert content
    scan(folder, TODAY)
    assert gaps(folder) == []
    assert counts(status(folder)) == (2, 2, 0)


def test_the_repository_is_missing_from_the_coverage_of_the_day_at_once(
    folder: Path, repo: Repo
) -> None:
    assert scan(folder, TODAY).complete
    (repo.path / ".git" / "objects").rename(repo.path / ".git" / "gone")
    (repo.path / ".git" / "objects").mkdir()
    repo_head = repo.path / ".git" / "refs" / "heads" / "main"
    repo_head.write_text("1" * 40 + "\n")
    assert not scan(folder, TODAY).complete
    row = status(folder)
    assert (row["unknown"], row["coverage"]) == (1, 0)
    assert status(folder, today=date(2020, 5, 31))["coverage"] == 1


FRAIL = """
from headway import ContentScanner, Match, Options

class Frail(ContentScanner[Options]):
    name = "frail"
    version = "{version}"

    def find(self, options, path, content):
        if b"{harm}" in content:
            raise ValueError("too hard")
        for number, line in enumerate(content.decode().split("\\n"), 1):
            if line.startswith("import six"):
                yield Match(text=line, line=number)
"""
FRAIL_RULES = """title: Frail
starts: 2020-01-06
deprecated:
  - {id: frail, scanner: frail, paths: ["*.py"]}
  - {id: frail-texts, scanner: frail, paths: ["*.txt"]}
"""


def test_a_scanner_that_fails_on_one_content(folder: Path, repo: Repo) -> None:
    (folder / "campaigns" / "frail.yaml").write_text(FRAIL_RULES)
    (folder / "scanners").mkdir()
    scanner = folder / "scanners" / "frail.py"
    scanner.write_text(FRAIL.format(version=1, harm="hard"))
    repo.commit("2020-02-03", {"a.py": "import six\nimport six  # hard\n"})
    repo.commit("2020-03-02", {"a.py": "import six\n", "d.txt": "import six  # hard\n"})
    headway(folder, "scan", "--today", str(TODAY), code=3)
    found = [(gap["rule"], gap["path"], gap["closed_commit"] is None) for gap in gaps(folder)]
    assert found == [("frail", "a.py", False), ("frail-texts", "d.txt", True)]
    reason = "scanner frail failed: ValueError: too hard"
    assert {gap["reason"] for gap in gaps(folder)} == {reason}
    assert counts(status(folder, "frail")) == (2, 0, 1)
    assert counts(status(folder, "six")) == (3, 1, 0)
    # After the version of a scanner changes, it reads the files on which it failed again.
    scanner.write_text(FRAIL.format(version=2, harm="never"))
    # This process has loaded the old scanner.
    process = begin(folder, "scan", "--today", str(TODAY))
    process.communicate()
    assert process.returncode == 0
    assert gaps(folder) == []
    assert counts(status(folder, "frail")) == (3, 1, 0)


def test_an_unreadable_owner_file_keeps_the_owners_before_it(folder: Path, repo: Repo) -> None:
    repo.commit("2020-02-03", {"CODEOWNERS": "* @acme/one\n"})
    repo.commit("2020-02-10", {"CODEOWNERS": "* @acme/two\n"})
    content = lose(repo, "CODEOWNERS")
    assert scan(folder, TODAY, limits=DEFAULT_LIMITS).complete
    assert {item["team"] for item in rows(folder, "items", "six")} == {"acme/one"}
    blob = loose(repo, "CODEOWNERS")
    blob.write_bytes(content)
    repo.commit("2020-02-11", {"new.txt": "tab\n"})
    scan(folder, TODAY)
    assert {item["team"] for item in rows(folder, "items", "six")} == {"acme/two"}


FAILING_TREE = """
from headway import Match, Options, TreeScanner

class Notes(TreeScanner[Options]):
    name = "notes"

    def find(self, options, paths):
        if "harm.txt" in paths:
            raise ValueError("too hard")
        return [Match(text="note", path=path) for path in paths if path == "note.txt"]
"""


def test_a_tree_scanner_that_fails_keeps_the_items_of_files_that_the_commit_edits(
    folder: Path, repo: Repo
) -> None:
    (folder / "campaigns" / "notes.yaml").write_text(
        "title: Notes\nstarts: 2020-01-06\ndeprecated: [{id: notes, scanner: notes}]\n"
    )
    (folder / "scanners").mkdir()
    (folder / "scanners" / "notes.py").write_text(FAILING_TREE)
    repo.commit("2020-02-03", {"note.txt": "one\n"})
    repo.commit("2020-02-04", {"note.txt": "two\n", "harm.txt": "harm\n"})
    headway(folder, "scan", "--today", str(TODAY), code=3)
    assert counts(status(folder, "notes")) == (1, 0, 1)
    repo.commit("2020-02-05", {"note.txt": "three\n", "harm.txt": None})
    headway(folder, "scan", "--today", str(TODAY))
    assert counts(status(folder, "notes")) == (1, 0, 0)
