"""`headway digest` supports all documented periods and formats, and digests of teams."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

TODAY = date(2020, 2, 10)


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one repository, in which one of two items is fixed."""
    folder = workspace(tmp_path_factory.mktemp("scanned"))
    (folder / "teams.yaml").write_text(
        "teams:\n  - {name: alpha, repositories: [one], aliases: ['@acme/a']}\n  - {name: beta}\n"
    )
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-01", {"a.py": "import six\n", "b.py": "import six # b\n"})
    repo.commit("2020-02-05", {"a.py": None})
    scan(folder, TODAY)
    return folder


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path, symlinks=True, dirs_exist_ok=True)


def digest(folder: Path, *arguments: str, code: int = 0) -> str:
    result = headway(folder, "digest", "--today", TODAY.isoformat(), *arguments, code=code)
    return result.stdout if code == 0 else result.stderr


def test_the_default_format_is_text(folder: Path) -> None:
    text = digest(folder)
    assert text.startswith("Remove six: 50% done, 1 open, ")
    assert "4 to 10 February 2020" in text
    assert "Actions needed" not in text or "- " in text


@pytest.mark.parametrize(
    ("since", "period"),
    [
        ("7d", "4 to 10 February 2020"),
        ("1d", "10 February 2020"),
        ("2w", "28 January to 10 February 2020"),
        ("2020-02-01", "1 to 10 February 2020"),
        ("monday", "10 February 2020"),
        ("Tuesday", "4 to 10 February 2020"),
    ],
)
def test_the_period_starts_at_since(folder: Path, since: str, period: str) -> None:
    assert period in digest(folder, "--since", since)


def test_today_is_accepted_before_and_after_the_command(folder: Path) -> None:
    after = headway(folder, "digest", "--since", "7d", "--today", "2020-02-10").stdout
    before = headway(folder, "--today", "2020-02-10", "digest", "--since", "7d").stdout
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--since", "soon"),
            "'soon' is not a number of days (7d) or weeks (4w), a weekday (monday) or a date",
        ),
        (("--since", "0d"), "'0d' is not a number of days"),
        (("--since", "2020-13-01"), "'2020-13-01' is not a number of days"),
        (("--since", "2020-02-11"), "2020-02-11 is after today (2020-02-10)."),
        (("--site", "javascript:x"), "'javascript:x' does not start with https:// or http://."),
        (("--format", "csv"), "'csv' is not one of"),
    ],
)
def test_an_invalid_value_is_rejected(
    folder: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in digest(folder, *arguments, code=2)


def test_the_format_is_accepted_before_the_command(folder: Path) -> None:
    def before(name: str, code: int = 0) -> str:
        result = headway(folder, "--today", "2020-02-10", "--format", name, "digest", code=code)
        return result.stdout or result.stderr

    assert before("markdown").startswith("# Remove six")
    assert json.loads(before("json"))[0]["campaign"] == "remove-six"
    # `table` is the default format of other commands. The digest treats it as `text`.
    assert before("table") == digest(folder)
    assert "a digest cannot be written as csv" in before("csv", code=2)


def test_an_unsuitable_format_from_the_environment_means_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "csv")
    assert digest(folder).startswith("Remove six")


def test_a_team_is_found_by_name_or_alias(folder: Path) -> None:
    text = digest(folder, "--team", "alpha")
    assert text.startswith("alpha: 1 open item in 1 campaign")
    assert "  - one, b.py:1" in text
    assert digest(folder, "--team", "@acme/a") == text
    (found,) = json.loads(digest(folder, "--team", "alpha", "--format", "json"))
    assert [part["team"] for part in found["team_parts"]] == ["alpha"]


def test_a_team_without_items(folder: Path) -> None:
    assert "beta has never had an item in these campaigns." in digest(folder, "--team", "beta")


def test_an_unknown_team_is_an_error_with_a_suggestion(folder: Path) -> None:
    error = digest(folder, "--team", "alpah", code=1)
    assert error == "error: there is no team `alpah`; did you mean `alpha`?\n"


def test_only_the_named_campaigns_are_included(folder: Path) -> None:
    other = (folder / "campaigns" / "remove-six.yaml").read_text().replace("Remove six", "Other")
    (folder / "campaigns" / "other.yaml").write_text(other)
    assert digest(folder).startswith("2 campaigns: ")
    assert digest(folder, "remove-six").startswith("Remove six: ")
    assert "Other has no data: not scanned yet." in digest(folder, "other")
    assert "there is no campaign `nothing`" in digest(folder, "nothing", code=1)


def test_before_the_first_scan_the_error_names_the_next_step(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    assert "headway scan" in digest(folder, code=1)
