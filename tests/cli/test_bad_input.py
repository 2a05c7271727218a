"""Bad input causes one error message with the next step, and the right exit code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, rows, scan, workspace

TODAY = date(2020, 3, 2)


def only_error(folder: Path, *arguments: str, code: int = 1) -> str:
    """Run a command, check that its only output is an error message, and return the message."""
    result = headway(folder, *arguments, code=code)
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize(
    "command", ["scan", "status", "items", "report", "validate", "repositories"]
)
def test_a_folder_outside_a_workspace(tmp_path: Path, command: str) -> None:
    error = only_error(tmp_path, command)
    assert "is not inside a Headway workspace" in error
    assert "headway init" in error


def test_a_folder_without_repositories(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    error = only_error(folder, "scan")
    assert error == (
        "error: no git repositories were found in local:clones; "
        "correct the sources in headway.toml."
    )


@pytest.mark.parametrize("command", ["status", "items", "report"])
def test_a_failed_first_scan_creates_no_store(tmp_path: Path, command: str) -> None:
    folder = workspace(tmp_path)
    headway(folder, "scan", code=1)
    assert "run `headway scan` first" in only_error(folder, command)


def test_a_missing_folder_of_a_source(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "clones").rmdir()
    error = only_error(folder, "scan")
    assert "there is no such folder" in error
    assert "correct `path` of this source in headway.toml" in error


@pytest.mark.fault(21)
def test_a_repository_without_commits_is_out_of_scope(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "new")
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "scan")
    listed = rows(folder, "repositories")
    reasons = {row["repository"]: row["reason"] for row in listed}
    assert reasons == {"new": "it is empty", "shop": None}


@pytest.mark.fault(23)
def test_a_corrupt_repository_is_unknown_and_does_not_affect_others(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    broken = Repo(folder / "clones" / "broken")
    broken.commit("2020-01-10", {"a.py": "import six\n"})
    for blob in (broken.path / ".git" / "objects").glob("??/*"):
        blob.chmod(0o600)
        blob.write_bytes(b"damaged")
    result = headway(folder, "scan", code=3)
    assert "unknown: broken" in result.stderr
    by_name = {row["repository"]: row for row in rows(folder, "status", "--by", "repository")}
    assert (by_name["shop"]["state"], by_name["shop"]["open"]) == ("open", 1)
    assert by_name["broken"]["state"] == "unknown"
    assert by_name["broken"]["reason"]
    (whole,) = rows(folder, "status")
    assert whole["coverage"] == 0.5


@pytest.mark.fault(23)
def test_damage_after_a_scan_keeps_the_last_items(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2020-01-10", {"a.py": "import six\n"})
    scan(folder, TODAY)
    tip = shop.commit("2020-02-10", {"a.py": "x = 1\n"})
    loose = shop.path / ".git" / "objects" / tip[:2] / tip[2:]
    loose.chmod(0o600)
    loose.write_bytes(b"damaged")
    assert not scan(folder, date(2020, 3, 9)).complete
    (row,) = rows(folder, "status", "--by", "repository", "--today", "2020-03-09")
    assert (row["state"], row["open"], row["since"]) == ("unknown", 1, "2020-03-09")
    assert len(rows(folder, "items")) == 1


def test_a_campaign_that_matches_nothing_is_reported(tmp_path: Path) -> None:
    folder = workspace(tmp_path, nothing=REMOVE_SIX.replace("import six", "import sixty"))
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import os\n"})
    headway(folder, "scan")
    assert "no rule has ever matched anything" in headway(folder, "status").stderr


def test_a_campaign_with_an_empty_scope_is_not_done(tmp_path: Path) -> None:
    text = REMOVE_SIX + "scope: {repositories: [other/*]}\n"
    folder = workspace(tmp_path, nothing=text)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "scan")
    (row,) = rows(folder, "status")
    assert (row["state"], row["reason"]) == ("unknown", "no repository is in scope")
    assert row["health"] != "done"


def test_a_campaign_added_after_the_scan_is_not_done(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "scan")
    (folder / "campaigns" / "second.yaml").write_text(REMOVE_SIX)
    second = rows(folder, "status", "second")[0]
    assert (second["state"], second["reason"]) == ("unknown", "not scanned yet")
    assert second["health"] != "done"
    assert "second: not scanned yet" in headway(folder, "status").stderr


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    (folder / "headway.toml").write_text(
        (folder / "headway.toml").read_text() + '[store]\npath = "taken/headway.duckdb"\n'
    )
    (folder / "taken").write_text("a file in place of a folder")
    error = only_error(folder, "scan")
    assert error.startswith("error: cannot write ")
    assert "choose another path" in error
    assert (folder / "taken").read_text() == "a file in place of a folder"


@pytest.mark.fault(11)
@pytest.mark.parametrize("command", ["scan", "status", "items", "report"])
def test_a_store_of_a_newer_version_is_not_changed(tmp_path: Path, command: str) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "scan")
    with duckdb.connect(folder / "headway.duckdb") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    before = (folder / "headway.duckdb").read_bytes()
    error = only_error(folder, command)
    assert "store version 99" in error
    assert "upgrade Headway" in error
    assert (folder / "headway.duckdb").read_bytes() == before


def test_a_file_that_is_not_a_store_is_not_changed(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    (folder / "headway.duckdb").write_bytes(b"years of work" * 1000)
    for command in ("scan", "status"):
        error = only_error(folder, command)
        assert "cannot be read" in error
        assert "move the file away" in error
    assert (folder / "headway.duckdb").read_bytes() == b"years of work" * 1000


def test_a_workspace_without_campaigns(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "campaigns" / "remove-six.yaml").unlink()
    result = headway(folder, "scan", code=1)
    assert result.stderr == (
        f"error: there are no campaigns in {folder / 'campaigns'}; "
        "write one, or run `headway init` to create one.\n"
    )


def test_an_invalid_campaign_stops_the_scan_and_keeps_the_store(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "--today", "2020-03-01", "scan", "--jobs", "1")
    before = (folder / "headway.duckdb").read_bytes()
    (folder / "campaigns" / "other.yaml").write_text("titel: a\n")
    result = headway(folder, "--today", "2020-03-02", "scan", "--jobs", "1", code=1)
    assert "--> campaigns/other.yaml:1:1" in result.stderr
    assert (folder / "headway.duckdb").read_bytes() == before
