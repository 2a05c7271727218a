"""`headway init` creates a valid workspace and overwrites no files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headway.config import catalogue as shipped
from tests.support.workspaces import headway

CATALOGUE = {
    "remove-six": "title: Remove six\ndeprecated:\n  - {id: a, scanner: regex, pattern: six}\n",
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
        "written  .gitignore",
    ]
    assert "validate" in result.stderr
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
