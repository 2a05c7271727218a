"""The CI files are valid, pin all actions, request few permissions and never lose the history."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.config.ci_templates import (
    GITLAB_PATH,
    github_workflow,
    gitlab_include,
    gitlab_pipeline,
)


@pytest.fixture
def workflow() -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(github_workflow("1.2.3"))
    return loaded


@pytest.fixture
def steps(workflow: dict[Any, Any]) -> dict[str, dict[str, Any]]:
    """Return the steps of the job `scan` by name."""
    named = [step for step in workflow["jobs"]["scan"]["steps"] if "name" in step]
    return {step["name"]: step for step in named}


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (github_workflow("1.2.3"), ["vendor.github-workflows"]),
        (github_workflow("1.2.3"), ["custom.github-workflows-require-timeout"]),
        (
            gitlab_pipeline("1.2.3"),
            ["vendor.gitlab-ci", "--data-transform=gitlab-ci", "--regex-variant=nonunicode"],
        ),
    ],
)
def test_files_match_the_published_schemas(tmp_path: Path, text: str, schema: list[str]) -> None:
    def check(content: str) -> int:
        (tmp_path / "file.yml").write_text(content)
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema]
        return subprocess.run(
            [*command, "file.yml"], cwd=tmp_path, capture_output=True, check=False
        ).returncode

    assert check(text) == 0
    # An unknown key must fail, which shows that the check works.
    assert (
        check(re.sub("^( +)(timeout|timeout-minutes):", r"\1time_out:", text, flags=re.MULTILINE))
        != 0
    )


def test_every_action_is_pinned_by_commit_with_its_release() -> None:
    used = re.findall(r"uses: (.*)", github_workflow("1.2.3"))
    assert len(used) == 8
    for line in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line


def test_jobs_have_minimal_permissions(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["scan"]["permissions"] == {"contents": "read", "actions": "read"}
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    with_secret = [step["name"] for step in jobs["scan"]["steps"] if "secrets." in str(step)]
    assert with_secret == ["Scan"]
    assert "secrets." not in str(jobs["publish"])


def test_pages_are_published_only_on_request(workflow: dict[Any, Any]) -> None:
    assert "vars.HEADWAY_PAGES == 'true'" in workflow["jobs"]["publish"]["if"]
    for rule in yaml.safe_load(gitlab_pipeline("1.2.3"))["pages"]["rules"]:
        assert rule["if"].startswith('$HEADWAY_PAGES == "true" && ')


def test_scripts_contain_no_expressions() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(github_workflow("1.2.3"))
    for job in workflow["jobs"].values():
        assert not any("${{" in step.get("run", "") for step in job["steps"])


def test_pages_and_history_are_saved_after_an_unknown(
    steps: dict[str, dict[str, Any]],
) -> None:
    names = list(steps)
    for name in names[names.index("Scan") + 1 :]:
        assert steps[name]["if"].startswith("${{ !cancelled()")
    assert "continue-on-error" not in steps["Scan"]


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(tmp_path: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does. Programs in the folder `bin` replace the real ones."""
    path = os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={"PATH": path, "GITHUB_REF_NAME": "main", "GH_REPO": "acme/headway", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("exit_code", "tolerate", "code"), [(0, "", 0), (3, "", 3), (3, "true", 0), (1, "true", 1)]
)
def test_a_run_with_unknowns_fails_unless_that_is_tolerated(
    tmp_path: Path, steps: dict[str, dict[str, Any]], exit_code: int, tolerate: str, code: int
) -> None:
    program(tmp_path / "bin", "headway", f"exit {exit_code}")
    assert run(tmp_path, steps["Scan"]["run"], TOLERATE=tolerate).returncode == code


@pytest.mark.parametrize(
    ("runs", "stored", "download", "code", "downloaded"),
    [
        ("", "", 0, 0, ""),  # This is the first run.
        ("3\n2\n1", "2", 0, 0, "2"),  # Run 2 is the newest run with a history.
        ("3\n2\n1", "", 0, 0, ""),  # All earlier runs failed before they saved a history.
        ("3\n2\n1", "3", 1, 1, "3"),  # The history has expired and cannot be downloaded.
    ],
)
def test_an_existing_history_is_restored_or_the_run_fails(
    tmp_path: Path,
    steps: dict[str, dict[str, Any]],
    runs: str,
    stored: str,
    download: int,
    code: int,
    downloaded: str,
) -> None:
    gh = f"""case "$1 $2" in
    "run list") printf '%s\\n' "{runs}" ;;
    "run download") echo "$3" > downloaded; exit {download} ;;
    "api $ARTIFACTS") echo 1 ;;
    *) echo 0 ;;
    esac"""
    program(tmp_path / "bin", "gh", gh)
    artifacts = f"repos/acme/headway/actions/runs/{stored or 'none'}/artifacts?name=headway-history"
    done = run(tmp_path, steps["Restore the history"]["run"], ARTIFACTS=artifacts)
    assert done.returncode == code, done.stderr
    found = tmp_path / "downloaded"
    assert (found.read_text().strip() if found.exists() else "") == downloaded
    assert ("starts a new one" in done.stdout) == (not downloaded)


def test_a_run_fails_if_it_cannot_list_earlier_runs(
    tmp_path: Path, steps: dict[str, dict[str, Any]]
) -> None:
    program(tmp_path / "bin", "gh", "echo HTTP 502 >&2; exit 1")
    assert run(tmp_path, steps["Restore the history"]["run"]).returncode == 1


def test_both_install_this_version() -> None:
    for text in (github_workflow("1.2.3"), gitlab_pipeline("1.2.3")):
        assert 'python -m pip install "headway==1.2.3"\n' in text


def test_the_pipeline_writes_pages_and_ends_with_the_code_of_the_scan() -> None:
    job = yaml.safe_load(gitlab_pipeline("1.2.3"))["headway"]
    assert job["script"][2:] == [
        "code=0; headway scan || code=$?",
        "headway report",
        "exit $code",
    ]
    assert job["artifacts"]["when"] == job["cache"]["when"] == "always"


def test_a_pipeline_without_a_history_fails_unless_it_is_the_first(tmp_path: Path) -> None:
    script = yaml.safe_load(gitlab_pipeline("1.2.3"))["headway"]["script"][1]
    program(tmp_path / "bin", "curl", 'cat > config; touch headway.duckdb; echo "$@" > arguments')
    lost = run(tmp_path, script)
    assert (lost.returncode, "the history was lost" in lost.stdout) == (1, True)
    assert run(tmp_path, script, HEADWAY_FIRST_NIGHT="true").returncode == 0
    job = {"HEADWAY_HISTORY_JOB": "7", "CI_JOB_TOKEN": "secret-of-the-job"}
    assert run(tmp_path, script, **job).returncode == 0
    assert "jobs/7/artifacts/headway.duckdb" in (tmp_path / "arguments").read_text()
    assert "secret-of-the-job" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "config").read_text() == 'header = "JOB-TOKEN: secret-of-the-job"\n'
    assert run(tmp_path, script).returncode == 0


def test_a_project_without_a_pipeline_includes_the_jobs_of_headway() -> None:
    assert yaml.safe_load(gitlab_include()) == {"include": [{"local": GITLAB_PATH}]}
