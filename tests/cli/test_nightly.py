"""The CI files: pinned, little allowed, nothing secret on a command line."""

from __future__ import annotations

import re
from typing import Any

import yaml

from headway.cli.nightly import (
    GITLAB_PATH,
    github_workflow,
    gitlab_include,
    gitlab_pipeline,
)


def test_every_action_is_pinned_by_commit_and_says_which_release_that_is() -> None:
    used = re.findall(r"uses: (.*)", github_workflow("1.2.3"))
    assert len(used) == 5
    for line in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line


def test_the_workflow_may_read_and_nothing_else() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(github_workflow("1.2.3"))
    assert workflow["permissions"] == {"contents": "read"}
    job = workflow["jobs"]["scan"]
    assert "permissions" not in job
    with_secret = [step["name"] for step in job["steps"] if "secrets." in str(step)]
    assert with_secret == ["Scan"]


def test_the_pages_and_the_history_are_kept_when_something_is_unknown() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(github_workflow("1.2.3"))
    steps = workflow["jobs"]["scan"]["steps"]
    scan = next(place for place, step in enumerate(steps) if step.get("run") == "headway scan")
    assert [step["if"] for step in steps[scan + 1 :]] == ["${{ !cancelled() }}"] * 3
    assert "continue-on-error" not in steps[scan]


def test_both_install_exactly_this_version() -> None:
    for text in (github_workflow("1.2.3"), gitlab_pipeline("1.2.3")):
        assert 'python -m pip install "headway==1.2.3"\n' in text


def test_the_pipeline_writes_pages_and_then_ends_as_the_scan_did() -> None:
    job = yaml.safe_load(gitlab_pipeline("1.2.3"))["headway"]
    assert job["script"][1:] == [
        "code=0; headway scan || code=$?",
        "headway report",
        "exit $code",
    ]
    assert job["artifacts"]["when"] == job["cache"]["when"] == "always"


def test_a_project_without_pipeline_includes_it() -> None:
    assert yaml.safe_load(gitlab_include()) == {"include": [{"local": GITLAB_PATH}]}
