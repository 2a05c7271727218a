"""The nightly jobs write a summary, and save no history that others could read."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from headway.config.ci_templates import GITHUB_PATH, GITLAB_PATH, github_files, gitlab_files
from tests.support.ci_forge import Forge
from tests.support.ci_pipeline import run_pipeline
from tests.support.ci_workflow import run_workflow
from tests.support.git import Repo, git
from tests.support.workspaces import workspace

SOURCE = "git+https://git.example.com/tools/headway@" + "a1" * 20
WORKFLOW = github_files(SOURCE, enterprise_server=False)[GITHUB_PATH]
PIPELINE = gitlab_files(SOURCE)[GITLAB_PATH]
TODAY = "2026-03-02"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Return a forge with an open item, an item fixed today, and an unreadable repository."""
    root = workspace(tmp_path / "workspace")
    repo = Repo(root / "clones" / "app")
    repo.commit("2026-02-02", {"a.py": "import six\n", "b.py": "import six\n"})
    repo.commit(TODAY, {"b.py": "x = 1\n"})
    unknown = Repo(root / "clones" / "secret")
    unknown.commit("2026-02-02", {"a.py": "import six\n"})
    git(unknown.path, "symbolic-ref", "HEAD", "refs/heads/gone")
    programs = {
        "headway": f'#!/bin/sh\nexec "{sys.executable}" -m headway --today {TODAY} "$@"\n',
        "git": f'#!/bin/sh\nexec "{shutil.which("git")}" "$@"\n',
    }
    return Forge(tmp_path / "forge", workspace=root, programs=programs)


def check_summary(text: str) -> None:
    assert "# Remove six: 50% done, 1 open, 1 unknown" in text
    assert "- 2 open yesterday, −1 fixed:" in text
    assert "- **secret**: unknown since" in text
    assert "## Actions needed" in text


def test_the_workflow_summarises_a_night_and_saves_nothing_that_others_may_not_see(
    forge: Forge,
) -> None:
    run = run_workflow(forge, WORKFLOW, 1)
    # One repository is unknown, so the run fails, but its results are saved.
    assert (run.conclusion, run.outcomes["Save the history"]) == ("failure", "success")
    check_summary(run.summary)
    saved = forge.saved_files
    assert saved

    forge.set("visibility", "public")
    refused = run_workflow(forge, WORKFLOW, 2)
    assert refused.outcomes["Scan"] == "failure"
    assert "scanned repositories (2 are restricted)" in refused.log
    assert "secret" not in refused.log
    assert (forge.saved_files, refused.summary) == (saved, "")


def test_the_pipeline_summarises_a_night_and_saves_nothing_that_others_may_not_see(
    forge: Forge,
) -> None:
    forge.variables["HEADWAY_FIRST_NIGHT"] = "true"
    run = run_pipeline(forge, PIPELINE, 1)
    assert run.code == 3, run.log
    check_summary(run.artifacts["summary.md"])

    forge.set("visibility", "public")
    refused = run_pipeline(forge, PIPELINE, 2, HEADWAY_HISTORY_JOB="1")
    assert (refused.code, refused.artifacts) == (1, {})
    assert "scanned repositories (2 are restricted)" in refused.log
    assert "secret" not in refused.log
