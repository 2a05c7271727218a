"""`headway init` creates a valid workspace and overwrites no files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from headway.config import catalogue as shipped
from headway.config.teams_file import load_teams
from headway.progress.path_owners import Team
from tests.support.git import Repo
from tests.support.workspaces import headway

CATALOGUE = {
    "remove-six": "title: Remove six\ndeprecated:\n  - {id: a, scanner: regex, pattern: six}\n",
    "code-owners": "title: Owners\nrequired:\n  - {id: a, scanner: file, paths: CODEOWNERS}\n",
    "no-travis": "title: No Travis\ndeprecated:\n  - {id: a, scanner: file, paths: .travis.yml}\n",
}


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name, text in CATALOGUE.items():
        (folder / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(shipped, "catalogue_folder", lambda: folder)


def test_the_new_workspace_is_valid(tmp_path: Path) -> None:
    result = headway(tmp_path, "init", "work")
    assert result.stdout.splitlines() == [
        "written  headway.toml",
        "written  campaigns/remove-six.yaml",
        "written  campaigns/campaign.schema.json",
        "written  teams.yaml",
        "written  .gitignore",
    ]
    assert "/work doctor " in result.stderr
    assert headway(tmp_path / "work", "validate").stdout == "1 campaign checked: no errors\n"


def test_the_schema_file_equals_the_output_of_the_schema_command(tmp_path: Path) -> None:
    headway(tmp_path, "init")
    written = json.loads((tmp_path / "campaigns" / "campaign.schema.json").read_text())
    assert written == json.loads(headway(tmp_path, "schema").stdout)


def test_existing_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text("# mine\n")
    (tmp_path / ".gitignore").write_text("*.log\n")
    result = headway(tmp_path, "init", "--ci", "github")
    assert "kept     headway.toml" in result.stdout
    assert "added to .gitignore" in result.stdout
    assert (tmp_path / "headway.toml").read_text() == "# mine\n"
    assert (tmp_path / ".gitignore").read_text().startswith("*.log\n")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    again = headway(tmp_path, "init", "--ci", "github")
    assert "written" not in again.stdout
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["--github", "acme"], {".github/workflows/headway.yml"}),
        (["--gitlab", "acme/platform"], {".gitlab/headway.yml", ".gitlab-ci.yml"}),
        (["--github", "acme", "--ci", "none"], set()),
        (["--local", "clones"], set()),
    ],
)
def test_the_nightly_job_fits_the_forge(
    tmp_path: Path, arguments: list[str], files: set[str]
) -> None:
    headway(tmp_path, "init", "work", *arguments)
    work = tmp_path / "work"
    written = {str(file.relative_to(work)) for file in work.rglob("*") if file.is_file()}
    assert {name for name in written if name.endswith(".yml")} == files


def test_an_existing_pipeline_is_kept_and_the_missing_line_is_printed(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text("stages: [test]\n")
    result = headway(tmp_path, "init", "--gitlab", "acme")
    assert "kept     .gitlab-ci.yml (add `include: [local: .gitlab/headway.yml]`" in result.stdout


def test_the_campaign_can_be_chosen(tmp_path: Path) -> None:
    headway(tmp_path, "init", "--campaign", "no-travis")
    assert "title: No Travis" in (tmp_path / "campaigns" / "no-travis.yaml").read_text()


def test_an_unknown_campaign_writes_nothing(tmp_path: Path) -> None:
    result = headway(tmp_path, "init", "work", "--campaign", "remove-sixx", code=1)
    assert "did you mean `remove-six`?" in result.stderr
    assert not (tmp_path / "work").exists()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    result = headway(tmp_path, "init", "work", code=1)
    assert "cannot write" in result.stderr


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Create a folder with three clones, two of which have a Travis file."""
    folder = tmp_path / "here"
    owners = "* @acme/shop\n/ci/ @acme/platform ada@example.com\n/docs/ @Acme/Shop\n"
    shop = Repo(folder / "shop")
    shop.commit("2026-01-01", {"six.py": "six\n" * 9, ".travis.yml": "", "CODEOWNERS": owners})
    pay = Repo(folder / "team" / "pay")
    pay.commit("2026-01-01", {".travis.yml": "", ".github/CODEOWNERS": "* @acme/platform\n"})
    Repo(folder / "lib").commit("2026-01-01", {"a.py": ""})
    return folder


NOW = ("--today", "2026-02-01")


def configured_path(workspace: Path) -> str:
    (source,) = tomllib.loads((workspace / "headway.toml").read_text())["sources"]
    return str(source["path"])


def campaigns(workspace: Path) -> list[str]:
    return sorted(file.stem for file in (workspace / "campaigns").glob("*.yaml"))


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ((), "."),
        (("work",), ".."),
        (("work", "--local", "team"), "../team"),
        (("work", "--local", "nowhere"), "nowhere"),
        (("--local", "team"), "team"),
    ],
)
def test_clones_are_found_where_the_user_is(
    clones: Path, arguments: tuple[str, ...], path: str
) -> None:
    headway(clones, *NOW, "init", *arguments)
    workspace = clones / "work" if "work" in arguments else clones
    assert configured_path(workspace) == path
    if path != "nowhere":
        listed = headway(workspace, "repositories", "--format", "csv").stdout
        assert "pay" in listed
        assert ("shop" in listed) == (path in (".", ".."))


def test_a_folder_called_clones_comes_first(clones: Path) -> None:
    Repo(clones / "work" / "clones" / "own").commit("2026-01-01", {"six.py": "six\n"})
    result = headway(clones, *NOW, "init", "work")
    assert configured_path(clones / "work") == "clones"
    assert "searching 1 repository for matches of the campaigns in the catalogue\n" in result.stderr
    assert campaigns(clones / "work") == ["remove-six"]


def test_the_campaign_that_finds_something_in_most_repositories_is_chosen(clones: Path) -> None:
    result = headway(clones, *NOW, "init", "work")
    table = result.stdout.splitlines()[:4]
    assert [line.split()[:3] for line in table[1:]] == [
        ["no-travis", "2", "2"],
        ["remove-six", "9", "1"],
        ["code-owners", "1", "1"],
    ]
    assert "3 of 3 campaigns in the catalogue find something in 3 repositories." in result.stderr
    assert campaigns(clones / "work") == ["no-travis"]
    reason = "no other campaign that removes something finds items in more repositories"
    assert (
        f"The first campaign of the workspace is `no-travis`, because {reason}.\n" in result.stderr
    )
    assert "work catalog add CAMPAIGN`" in result.stderr
    headway(clones / "work", "validate")
    # Running `init` again adds no other campaign, searches nothing and changes nothing.
    again = headway(clones, *NOW, "init", "work", "--local", "team")
    assert {line.split()[0] for line in again.stdout.splitlines()} == {"kept"}
    assert "kept     campaigns/no-travis.yaml\n" in again.stdout
    assert "searching" not in again.stderr


def test_a_campaign_with_a_deadline_comes_first(clones: Path, tmp_path: Path) -> None:
    dated = CATALOGUE["remove-six"] + "due: 2026-01-15\n"
    (tmp_path / "catalogue" / "remove-six.yaml").write_text(dated)
    result = headway(clones, *NOW, "init", "work")
    assert campaigns(clones / "work") == ["remove-six"]
    reason = "no other campaign with a deadline finds items in more repositories"
    assert (
        f"The first campaign of the workspace is `remove-six`, because {reason}.\n" in result.stderr
    )


def test_the_first_table_says_what_it_leaves_out_and_shows_the_choice(
    clones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.cli.catalog_suggestions._FIRST_SHOWN", 1)
    result = headway(clones, *NOW, "init", "work")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:2]] == ["no-travis"]
    assert "… and 2 more; `" in result.stderr
    assert "work catalog suggest` shows all\n" in result.stderr


def test_a_campaign_that_is_named_needs_no_search(clones: Path) -> None:
    result = headway(clones, *NOW, "init", "work", "--campaign", "remove-six")
    assert "searching" not in result.stderr
    assert campaigns(clones / "work") == ["remove-six"]


def test_the_search_ends_after_a_minute(clones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headway.cli.first_clones._SEARCH_TIME", timedelta(0))
    result = headway(clones, *NOW, "init", "work")
    assert "find something in 0 repositories." in result.stderr
    assert "not searched: 3" in result.stderr
    assert campaigns(clones / "work") == ["remove-six"]


def test_teams_are_those_that_files_name(clones: Path) -> None:
    headway(clones, *NOW, "init", "work")
    loaded = load_teams(clones / "work")
    assert loaded.problems == ()
    assert loaded.teams == (
        Team("platform", aliases=("@acme/platform",)),
        Team("shop", aliases=("@acme/shop",)),
    )
    text = (clones / "work" / "teams.yaml").read_text()
    assert "# named in shop and 1 more" in text
    assert "#   lib: Ada Example (1 of 1 commits)\n" in text


def test_a_repository_without_owner_and_recent_commits_is_listed(clones: Path) -> None:
    Repo(clones / "old").commit("2023-01-01", {"a.py": ""})
    headway(clones, *NOW, "init", "work", "--campaign", "remove-six")
    text = (clones / "work" / "teams.yaml").read_text()
    assert "#   lib: Ada Example (1 of 1 commits)\n#   old: nobody committed in" in text


def test_the_start_date_is_explained(clones: Path) -> None:
    result = headway(clones, *NOW, "init", "work")
    assert "campaigns/no-travis.yaml is about a year ago; the first scan reads" in result.stderr
    text = (clones / "work" / "campaigns" / "no-travis.yaml").read_text()
    assert "# The first day of the burndown. It is in the past," in text
    assert "\nstarts: 2025-02-01\n" in text


@pytest.mark.slow
def test_the_printed_commands_work_as_printed(clones: Path) -> None:
    program = Path(sys.executable).with_name("headway")
    empty = {**os.environ, "PATH": "/usr/bin:/bin"}
    shown = subprocess.run(
        [program, "init", "my work", "--campaign", "remove-six"],
        cwd=clones, env=empty, capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    commands = re.findall(r"^  (\S.*?) +# ", shown, re.MULTILINE)
    assert [command.split()[-1] for command in commands] == ["scan", "report", "suggest"]
    for command in commands[:2]:
        subprocess.run(command, shell=True, cwd=clones, env=empty, capture_output=True, check=True)
    assert (clones / "my work" / "site" / "index.html").is_file()
