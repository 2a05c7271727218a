"""The action, component, image, hook and release behave like the nightly jobs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.config.ci_wrappers import (
    ACTION_PATH,
    COMPONENT_PATH,
    github_action,
    gitlab_component,
)
from tests.support.ci_forge import Forge
from tests.support.ci_pipeline import run_pipeline
from tests.support.ci_workflow import run_workflow

ROOT = Path(__file__).parents[2]
ACTION, COMPONENT = github_action(), gitlab_component()
RELEASE = ROOT / ".github" / "workflows" / "release.yml"
STEPS = [step["name"] for step in yaml.safe_load(ACTION)["runs"]["steps"] if "name" in step]


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "forge")


def schema_errors(file: Path, schema: str) -> str:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def test_the_files_are_generated_from_the_nightly_jobs() -> None:
    assert (ROOT / ACTION_PATH).read_text("utf-8") == ACTION, "run `python3 tasks.py docs`"
    assert (ROOT / COMPONENT_PATH).read_text("utf-8") == COMPONENT, "run `python3 tasks.py docs`"


def test_the_files_match_the_published_schemas() -> None:
    assert schema_errors(ROOT / ACTION_PATH, "vendor.github-actions") == ""
    assert schema_errors(RELEASE, "vendor.github-workflows") == ""


def test_the_action_continues_the_history_of_the_night_before(forge: Forge) -> None:
    for night in (1, 2):
        run = run_workflow(forge, ACTION, night)
        assert run.conclusion == "success", run.log
    assert forge.history == ["night 1", "night 2"]
    assert "@" not in re.sub(r"uses: \S+@", "", ACTION.partition("runs:")[2].replace("%@*", ""))


@pytest.mark.parametrize("step", STEPS)
def test_the_action_loses_no_history_if_it_is_cancelled(forge: Forge, step: str) -> None:
    forge.variables["HEADWAY_PAGES"] = "true" if step == "Upload the pages for publishing" else ""
    run_workflow(forge, ACTION, 1)
    assert run_workflow(forge, ACTION, 2, cancel_at=step).conclusion == "cancelled"
    assert run_workflow(forge, ACTION, 3).conclusion == "success"
    assert (forge.history[0], forge.history[-1]) == ("night 1", "night 3")


def test_the_action_uses_its_inputs(forge: Forge) -> None:
    inputs = yaml.safe_load(ACTION)["inputs"]
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.partition("runs:")[2]))
    assert used == set(inputs)
    run_workflow(forge, ACTION, 1)
    run_workflow(forge, ACTION, 2, new_history=True)
    assert forge.history == ["night 2"]


def test_the_component_continues_the_history_in_the_cache(forge: Forge) -> None:
    assert run_pipeline(forge, COMPONENT, 1, HEADWAY_FIRST_NIGHT="true").code == 0
    run = run_pipeline(forge, COMPONENT, 2)
    assert (run.code, run.artifacts["headway.duckdb"]) == (0, "night 1\nnight 2\n"), run.log


def test_the_component_installs_only_the_commit_that_it_is_given() -> None:
    spec, jobs = yaml.safe_load_all(COMPONENT)
    inputs = spec["spec"]["inputs"]
    assert set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", COMPONENT)) == set(inputs)
    assert re.fullmatch(inputs["commit"]["regex"], "a1" * 20)
    assert not re.fullmatch(inputs["commit"]["regex"], "main")
    assert "HEADWAY_SOURCE" not in COMPONENT
    assert "--require-hashes" in jobs["headway"]["script"][0]


def test_every_action_of_the_release_is_pinned_and_permissions_are_minimal() -> None:
    used = re.findall(r"uses: (.*)", RELEASE.read_text("utf-8"))
    assert used
    for line in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line
    release: dict[Any, Any] = yaml.safe_load(RELEASE.read_text("utf-8"))
    assert release["permissions"] == {}
    assert release["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in RELEASE.read_text("utf-8")


@pytest.mark.parametrize(("tag", "code"), [("v{version}", 0), ("v9.9.9", 1)])
def test_a_release_fails_if_its_tag_is_not_the_version(tag: str, code: int) -> None:
    from headway.version import __version__

    steps = yaml.safe_load(RELEASE.read_text("utf-8"))["jobs"]["build"]["steps"]
    (check,) = (step for step in steps if step.get("name") == "Check that the tag is the version")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", check["run"]],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "GITHUB_REF_NAME": tag.format(version=__version__)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout


def test_the_image_contains_what_the_build_copies() -> None:
    listed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert listed[0] == "*"
    kept = {line[1:] for line in listed if line.startswith("!")}
    assert {"src", "campaigns", "scanners", "reports", "pyproject.toml", "README.md"} <= kept
    assert all((ROOT / name).exists() for name in kept)
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (requirements,) = re.findall(r"--requirement /headway/(\S+)", text)
    assert (ROOT / requirements).is_file()
    # The last stage must not run as root.
    assert re.findall(r"^(?:FROM|USER) .*", text, re.MULTILINE)[-1] == "USER headway"


@pytest.mark.parametrize(
    ("path", "checked"),
    [
        ("headway.toml", True),
        ("teams.yaml", True),
        ("campaigns/remove-six.yaml", True),
        ("scanners/own.py", True),
        ("src/campaigns/x.yaml", False),
        ("README.md", False),
    ],
)
def test_the_hook_runs_if_a_file_of_the_workspace_has_changed(path: str, *, checked: bool) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (re.search(hook["files"], path) is not None) == checked
    assert (hook["entry"], hook["pass_filenames"]) == ("headway validate", False)
