"""The nightly jobs work with a history in object storage and the real Headway."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from headway.config.ci_templates import GITHUB_PATH, GITLAB_PATH, github_files, gitlab_files
from headway.model.object_address import ObjectAddress, Scheme, parse_object_address
from tests.support.ci_forge import Forge
from tests.support.ci_pipeline import run_pipeline
from tests.support.ci_workflow import run_workflow
from tests.support.object_storage import KEY, SECRET, URL, Storage, another_machine, cut
from tests.support.workspaces import headway

SOURCE = "git+https://git.example.com/tools/headway@" + "a1" * 20
ADDRESS = parse_object_address(URL)
WORKFLOW = github_files(SOURCE, enterprise_server=False, storage=ADDRESS)[GITHUB_PATH]
PIPELINE = gitlab_files(SOURCE, ADDRESS)[GITLAB_PATH]
ENDPOINTS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL_S3")


def forge_for(folder: Path, storage: Storage) -> Forge:
    """Return a forge on which night N runs Headway on day N of March 2020."""
    values = " ".join(f"{name}={shlex.quote(storage.variables[name])}" for name in ENDPOINTS)
    command = f'env {values} "{sys.executable}" -m headway --today 2020-03-0$NIGHT "$@"'
    programs = {
        "headway": f"#!/bin/sh\nexec {command}\n",
        "git": f'#!/bin/sh\nexec "{shutil.which("git")}" "$@"\n',
    }
    return Forge(folder.with_name("forge"), workspace=folder, programs=programs)


def nights(folder: Path) -> list[str]:
    sql = "SELECT DISTINCT today::VARCHAR AS day FROM scan ORDER BY day"
    return headway(folder, "query", "--format", "csv", sql).stdout.split()[1:]


def test_every_night_continues_the_history_in_object_storage(
    scanned: Path, storage: Storage
) -> None:
    forge = forge_for(another_machine(scanned), storage)
    run = run_workflow(forge, WORKFLOW, 3)
    assert run.conclusion == "success", run.log
    pipeline = run_pipeline(forge, PIPELINE, 4)
    assert pipeline.code == 0, pipeline.log
    assert nights(scanned) == ["2020-03-02", "2020-03-03", "2020-03-04"]
    assert "# Remove six" in pipeline.artifacts["summary.md"]
    saved = [*forge.saved_files, *pipeline.artifacts]
    assert not any(".duckdb" in name for name in saved), saved
    assert SECRET not in run.log + pipeline.log


@pytest.mark.fault(44)
def test_a_night_without_storage_fails_and_loses_nothing(scanned: Path, storage: Storage) -> None:
    before = storage.get()
    storage.inject("PUT", rf"/{KEY}$", cut)
    run = run_workflow(forge_for(another_machine(scanned), storage), WORKFLOW, 3)
    assert (run.conclusion, run.outcomes["Scan"]) == ("failure", "failure")
    assert f"{URL} cannot be used" in run.log
    assert storage.get() == before


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_only_steps_that_run_headway_get_the_credentials(scheme: Scheme) -> None:
    address = ObjectAddress(scheme, "acme", "headway.duckdb")
    text = github_files(SOURCE, enterprise_server=True, storage=address)[GITHUB_PATH]
    jobs = yaml.safe_load(text)["jobs"]
    steps = {step.get("name"): step for step in jobs["scan"]["steps"]}
    for name in ("Restore the mirrors", "Save the mirrors"):
        assert steps[name]["with"]["path"].split() == [".headway/mirrors", ".headway/matches"]
    for step in steps.values():
        runs = any(
            f"headway {name} " in step.get("run", "")
            for name in ("scan", "query", "report", "digest")
        )
        prefix = {"s3": "AWS_", "gs": "GOOGLE_", "az": "AZURE_"}[scheme]
        assert runs == any(name.startswith(prefix) for name in step.get("env", {})), step
    assert "headway-history" not in text
    assert "new_history" not in text
    pipeline = gitlab_files(SOURCE, address)[GITLAB_PATH]
    assert "HEADWAY_HISTORY_JOB" not in pipeline
    cached = yaml.safe_load(pipeline)["headway"]["cache"]["paths"]
    assert cached == [".headway/mirrors/", ".headway/matches/"]


def test_init_writes_a_workspace_whose_store_is_in_object_storage(tmp_path: Path) -> None:
    made = tmp_path / "new"
    headway(tmp_path, "init", str(made), "--ci", "github", "--store", URL)
    assert f'path = "{URL}"' in (made / "headway.toml").read_text()
    assert "AWS_SECRET_ACCESS_KEY" in (made / GITHUB_PATH).read_text()
    wrong = headway(tmp_path, "init", str(made), "--store", "ftp://acme/x", code=2)
    assert "must begin with s3://, gs:// or az://" in wrong.output
