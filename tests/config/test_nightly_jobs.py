"""The nightly jobs never lose the history and never publish private code."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from headway.config.ci_templates import GITHUB_PATH, GITLAB_PATH, github_files, gitlab_files
from tests.support.ci_forge import Forge
from tests.support.ci_pipeline import project_settings, run_pipeline
from tests.support.ci_queue import Queue
from tests.support.ci_workflow import Run, run_workflow

SOURCE = "git+https://git.example.com/tools/headway@" + "a1" * 20
WORKFLOW = github_files(SOURCE, enterprise_server=False)[GITHUB_PATH]
PIPELINE = gitlab_files(SOURCE)[GITLAB_PATH]
STEPS = [
    step.get("name") or step["uses"].split("@")[0]
    for step in yaml.safe_load(WORKFLOW)["jobs"]["scan"]["steps"]
]
LINES = len(yaml.safe_load(PIPELINE)["headway"]["script"])


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "forge")


def nights(run: Run, forge: Forge) -> list[str]:
    """Check that a run succeeded, and return the stored history."""
    assert run.conclusion == "success", run.log
    return forge.history


def test_every_night_continues_the_history_of_the_night_before(forge: Forge) -> None:
    for night in (1, 2, 3):
        run = run_workflow(forge, WORKFLOW, night)
    assert nights(run, forge) == ["night 1", "night 2", "night 3"]
    assert forge.cached("mirror") == ["1\n", "2\n", "3\n"]


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_is_cancelled_at_any_step_loses_no_history(forge: Forge, step: str) -> None:
    if step == "Upload the pages for publishing":
        forge.variables["HEADWAY_PAGES"] = "true"
    run_workflow(forge, WORKFLOW, 1)
    cancelled = run_workflow(forge, WORKFLOW, 2, cancel_at=step)
    assert cancelled.conclusion == "cancelled"
    assert forge.history[0] == "night 1"
    lines = nights(run_workflow(forge, WORKFLOW, 3), forge)
    # If a scan ended before the cancellation, its results are saved, unless the check or the upload
    # was cancelled. In that case, the next scan reads the same commits again.
    lost = ("Check that private repositories stay private", "Save the history")
    saved = STEPS.index(step) >= STEPS.index("Scan") and step not in lost
    assert lines == ["night 1", *(["night 2"] if saved else []), "night 3"]


@pytest.mark.parametrize("step", STEPS)
def test_a_first_run_that_is_cancelled_can_be_repeated(forge: Forge, step: str) -> None:
    run_workflow(forge, WORKFLOW, 1, cancel_at=step)
    assert nights(run_workflow(forge, WORKFLOW, 2), forge)[-1] == "night 2"


def test_the_history_is_saved_although_something_is_unknown(forge: Forge) -> None:
    forge.set("scan-exit", 3)
    run = run_workflow(forge, WORKFLOW, 1)
    assert run.conclusion == "failure"
    assert run.outcomes["Write the pages"] == "success"
    assert forge.history == ["night 1"]
    forge.variables["HEADWAY_TOLERATE_UNKNOWN"] = "true"
    run = run_workflow(forge, WORKFLOW, 2)
    assert nights(run, forge) == ["night 1", "night 2"]
    assert "::warning::the state of some repositories is unknown" in run.log


def test_history_and_mirrors_survive_a_scan_that_is_killed_by_a_timeout(forge: Forge) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.set("killed-by-timeout", 1)
    killed = run_workflow(forge, WORKFLOW, 2)
    assert (killed.conclusion, killed.outcomes["Scan"]) == ("failure", "failure")
    assert forge.history == ["night 1"]
    assert forge.cached("mirror") == ["1\n", "2\n"]
    (forge.folder / "killed-by-timeout").unlink()
    assert nights(run_workflow(forge, WORKFLOW, 3), forge) == ["night 1", "night 3"]


def test_history_and_mirrors_survive_a_gitlab_scan_that_is_killed_by_a_timeout(
    forge: Forge,
) -> None:
    run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    forge.set("killed-by-timeout", 1)
    killed = run_pipeline(forge, PIPELINE, 2)
    assert killed.code != 0
    assert killed.artifacts == {"headway.duckdb": "night 1\n"}
    assert forge.cached("headway.duckdb") == ["night 1\n"]
    assert forge.cached(".headway/mirror") == ["2\n"]
    (forge.folder / "killed-by-timeout").unlink()
    assert run_pipeline(forge, PIPELINE, 3).code == 0
    assert forge.history == ["night 1", "night 3"]


def test_a_run_fails_if_the_history_has_expired(forge: Forge) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.expire_artifacts()
    run = run_workflow(forge, WORKFLOW, 2)
    assert (run.conclusion, run.outcomes["Scan"]) == ("failure", "skipped")
    assert forge.history == []
    assert nights(run_workflow(forge, WORKFLOW, 3, new_history=True), forge) == ["night 3"]


def test_a_run_fails_if_the_history_of_a_successful_run_was_deleted(forge: Forge) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.forget_artifacts()
    run = run_workflow(forge, WORKFLOW, 2)
    assert (run.conclusion, run.outcomes["Scan"]) == ("failure", "skipped")
    assert "run 1 succeeded, but its artifact headway-history is gone" in run.log


def test_the_history_is_found_after_the_default_branch_was_renamed(forge: Forge) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.branch = "trunk"
    assert nights(run_workflow(forge, WORKFLOW, 2), forge) == ["night 1", "night 2"]


def test_runs_started_by_hand_on_another_branch_are_ignored(forge: Forge) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.branch = "experiment"
    run_workflow(forge, WORKFLOW, 2, event="workflow_dispatch")
    forge.branch = "main"
    assert nights(run_workflow(forge, WORKFLOW, 3), forge) == ["night 1", "night 3"]


UNGROUPED_WORKFLOW = WORKFLOW.replace("concurrency:\n  group: headway\n", "other:\n")
UNGROUPED_PIPELINE = PIPELINE.replace("  resource_group: headway\n", "")
AFTER_RESTORE = [step for step in STEPS if STEPS.index(step) > STEPS.index("Restore the history")]


def run_two_at_once(forge: Forge, text: str, step: str) -> list[str]:
    """Start run 3 when run 2 reaches a step, and return the history after run 4."""
    run_workflow(forge, text, 1)
    queue = Queue()

    def run(night: int, **meanwhile: Callable[[], None]) -> None:
        done = run_workflow(forge, text, night, meanwhile=meanwhile)
        assert done.conclusion == "success", done.log

    second = partial(queue.start, text, partial(run, 3))
    queue.start(text, partial(run, 2, **{step: second}))
    return nights(run_workflow(forge, text, 4), forge)


@pytest.mark.parametrize("step", AFTER_RESTORE)
def test_two_runs_at_once_keep_the_history_of_both(forge: Forge, step: str) -> None:
    assert yaml.safe_load(WORKFLOW)["concurrency"]["cancel-in-progress"] is False
    lines = run_two_at_once(forge, WORKFLOW, step)
    assert lines == ["night 1", "night 2", "night 3", "night 4"]


def test_without_its_group_a_second_run_would_drop_the_history_of_the_first(forge: Forge) -> None:
    lines = run_two_at_once(forge, UNGROUPED_WORKFLOW, "Scan")
    assert lines == ["night 1", "night 3", "night 4"]


@pytest.mark.parametrize("text", [PIPELINE, UNGROUPED_PIPELINE], ids=["as generated", "ungrouped"])
def test_two_gitlab_jobs_at_once_keep_the_history_of_both(forge: Forge, text: str) -> None:
    run_pipeline(forge, text, 1, HEADWAY_FIRST_NIGHT="true")
    queue = Queue()

    def second() -> None:
        assert run_pipeline(forge, text, 3).code == 0

    def first() -> None:
        meanwhile = partial(queue.start, text, second)
        assert run_pipeline(forge, text, 2, meanwhile=meanwhile).code == 0

    queue.start(text, first)
    last = run_pipeline(forge, text, 4).artifacts["headway.duckdb"].splitlines()
    lost = ["night 3"] if text == UNGROUPED_PIPELINE else []
    assert last == [f"night {night}" for night in (1, 2, 3, 4) if f"night {night}" not in lost]


def test_the_scan_ends_before_the_job_is_killed() -> None:
    job = yaml.safe_load(WORKFLOW)["jobs"]["scan"]
    (scan,) = (step for step in job["steps"] if step.get("name") == "Scan")
    assert "--stop-after 5h" in scan["run"]
    assert 5 * 60 < scan["timeout-minutes"] < job["timeout-minutes"] < 360
    job = yaml.safe_load(PIPELINE)["headway"]
    assert any("--stop-after 5h" in line for line in job["script"])
    assert (job["variables"]["RUNNER_SCRIPT_TIMEOUT"], job["timeout"]) == ("5h 40m", "6h")


@pytest.mark.parametrize(
    ("visibility", "pages", "site_is_public", "audience"),
    [
        ("private", "", None, "internal"),
        ("internal", "", None, "internal"),
        ("public", "", None, "public"),
        ("private", "true", "true", "public"),
        ("private", "true", "false", "internal"),
        (
            "private",
            "true",
            "null",
            "public",
        ),  # GitHub Enterprise Server does not answer.
        ("private", "true", None, "public"),  # The settings of the site cannot be read.
        ("public", "true", "false", "public"),
    ],
)
def test_pages_quote_code_only_for_those_who_can_read_them(
    forge: Forge, visibility: str, pages: str, site_is_public: str | None, audience: str
) -> None:
    forge.set("visibility", visibility)
    forge.variables["HEADWAY_PAGES"] = pages
    if site_is_public:
        forge.set("site-is-public", site_is_public)
    run = run_workflow(forge, WORKFLOW, 1)
    assert run.conclusion == "success", run.log
    assert f"the audience: {audience}" in run.log
    assert f"--audience {audience} " in run.summary
    if pages == "true":
        assert forge.published == f"audience={audience}\nnight 1\n"
    else:
        assert forge.published is None


@pytest.mark.parametrize("visibility", ["public", "internal", "null"])
@pytest.mark.parametrize("cancel_at", [None, "Scan"])
def test_a_repository_that_others_can_read_saves_and_publishes_nothing_about_private_ones(
    forge: Forge, cancel_at: str | None, visibility: str
) -> None:
    forge.set("visibility", visibility)
    forge.set("hidden", 2)
    forge.variables["HEADWAY_PAGES"] = "true"
    run = run_workflow(forge, WORKFLOW, 1, cancel_at=cancel_at)
    assert run.conclusion == ("cancelled" if cancel_at else "failure")
    assert (forge.saved_files, forge.published, run.summary) == ([], None, "")


@pytest.mark.parametrize("visibility", ["public", "internal"])
@pytest.mark.parametrize("killed", [False, True])
def test_a_repository_that_was_private_saves_nothing_of_its_history_again(
    forge: Forge, visibility: str, *, killed: bool
) -> None:
    run_workflow(forge, WORKFLOW, 1)
    saved = forge.saved_files
    forge.set("visibility", visibility)
    forge.set("hidden", 2)
    run = run_workflow(forge, WORKFLOW, 2, cancel_at="Scan" if killed else None)
    assert run.conclusion == ("cancelled" if killed else "failure")
    assert "scanned repositories (2 are restricted)" in run.log
    assert f"who can read this {visibility} repository has access" in run.log
    assert (forge.saved_files, run.summary) == (saved, "")


def test_a_repository_that_was_private_does_not_restore_the_mirrors_of_private_ones(
    forge: Forge,
) -> None:
    run_workflow(forge, WORKFLOW, 1)
    forge.set("visibility", "public")
    forge.set("killed-by-timeout", 1)
    restored = run_workflow(forge, WORKFLOW, 2, new_history=True)
    assert restored.outcomes["Restore the mirrors"] == "success"
    assert "1\n" not in [
        path.read_text() for path in (forge.folder / "cache").glob("*public*/mirror")
    ]


def test_a_workflow_without_a_source_says_what_to_set(forge: Forge) -> None:
    run = run_workflow(forge, github_files("", enterprise_server=False)[GITHUB_PATH], 1)
    assert run.conclusion == "failure"
    assert "::error::set HEADWAY_SOURCE in this workflow to git+https://" in run.log
    pipeline = run_pipeline(forge, gitlab_files("")[GITLAB_PATH], 1, HEADWAY_FIRST_NIGHT="true")
    assert pipeline.code == 1
    assert f"set HEADWAY_SOURCE in {GITLAB_PATH} to git+https://" in pipeline.log


def test_the_gitlab_job_continues_the_history_in_the_cache(forge: Forge) -> None:
    lost = run_pipeline(forge, PIPELINE, 1)
    assert (lost.code, "the history was lost with the cache" in lost.log) == (1, True)
    assert run_pipeline(forge, PIPELINE, 2, HEADWAY_FIRST_NIGHT="true").code == 0
    last = run_pipeline(forge, PIPELINE, 3)
    assert (last.code, last.artifacts["headway.duckdb"]) == (0, "night 2\nnight 3\n"), last.log
    assert "digest --since 1d --audience internal" in last.artifacts["summary.md"]


@pytest.mark.parametrize("line", range(LINES))
def test_a_gitlab_job_that_is_cancelled_at_any_line_loses_no_history(
    forge: Forge, line: int
) -> None:
    run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    run_pipeline(forge, PIPELINE, 2, killed_at=line)
    assert run_pipeline(forge, PIPELINE, 3).code == 0
    assert forge.history == ["night 1", "night 3"]


def test_a_gitlab_job_restores_the_history_of_an_earlier_job(forge: Forge) -> None:
    run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    for file in (forge.folder / "cache").rglob("*.duckdb"):
        file.unlink()
    assert run_pipeline(forge, PIPELINE, 2).code == 1
    assert run_pipeline(forge, PIPELINE, 3, HEADWAY_HISTORY_JOB="1").code == 0
    assert forge.history == ["night 1", "night 3"]
    arguments = (forge.folder / "curl-arguments").read_text()
    assert "jobs/1/artifacts/headway.duckdb" in arguments
    assert "token" not in re.sub("TOKEN: ", "", arguments)
    assert (forge.folder / "curl-config").read_text() == 'header = "JOB-TOKEN: token-of-the-job"\n'


@pytest.mark.parametrize(("scan_exit", "code"), [(0, 0), (3, 3)])
def test_the_gitlab_job_ends_with_the_exit_code_of_the_scan(
    forge: Forge, scan_exit: int, code: int
) -> None:
    forge.set("scan-exit", scan_exit)
    run = run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    assert run.code == code
    assert "site/index.html" in run.artifacts


@pytest.mark.parametrize(
    ("visibility", "pages", "level", "audience"),
    [
        ("private", "", "enabled", "internal"),
        ("public", "", "enabled", "public"),
        ("private", "true", "enabled", "internal"),
        ("private", "true", "private", "internal"),
        ("private", "true", "public", "public"),
        ("internal", "true", "enabled", "public"),
        ("public", "true", "enabled", "public"),
        ("public", "true", "private", "internal"),
        ("private", "true", None, "public"),  # An old GitLab does not answer.
    ],
)
def test_gitlab_pages_quote_code_only_for_those_who_can_read_them(
    forge: Forge, visibility: str, pages: str, level: str | None, audience: str
) -> None:
    forge.set("visibility", visibility)
    forge.set("project", project_settings(**({"pages_access_level": level} if level else {})))
    forge.variables |= {"HEADWAY_PAGES": pages, "HEADWAY_FIRST_NIGHT": "true"}
    run = run_pipeline(forge, PIPELINE, 1)
    assert run.code == 0, run.log
    assert run.artifacts["site/index.html"].startswith(f"audience={audience}\n")


@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_a_gitlab_project_that_others_can_read_saves_nothing_about_private_repositories(
    forge: Forge, visibility: str
) -> None:
    forge.set("visibility", visibility)
    forge.set("hidden", 2)
    run = run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    assert (run.code, run.artifacts, forge.saved_files) == (1, {}, [])


@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_a_gitlab_project_that_was_private_does_not_restore_its_history(
    forge: Forge, visibility: str
) -> None:
    run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    saved = forge.saved_files
    forge.set("visibility", visibility)
    forge.set("hidden", 2)
    forge.set("killed-by-timeout", 1)
    run = run_pipeline(forge, PIPELINE, 2)
    assert (run.code, "the history was lost with the cache" in run.log) == (1, True)
    assert (run.artifacts, forge.saved_files) == ({}, saved)


@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_a_private_history_that_is_restored_by_hand_is_not_saved_by_a_project_that_others_can_read(
    forge: Forge, visibility: str
) -> None:
    run_pipeline(forge, PIPELINE, 1, HEADWAY_FIRST_NIGHT="true")
    saved = forge.saved_files
    forge.set("visibility", visibility)
    forge.set("hidden", 2)
    run = run_pipeline(forge, PIPELINE, 2, HEADWAY_HISTORY_JOB="1")
    assert (run.code, "scanned repositories (2 are restricted)" in run.log) == (1, True)
    assert (run.artifacts, forge.saved_files) == ({}, saved)


def test_only_developers_can_download_what_a_gitlab_job_saves() -> None:
    job = yaml.safe_load(PIPELINE)["headway"]
    assert job["artifacts"]["access"] == "developer"
