"""The CI files are valid, pin everything that they install and request few permissions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.cli.install_source import source_of
from headway.config.ci_templates import (
    GITHUB_PATH,
    GITHUB_REQUIREMENTS,
    GITLAB_PATH,
    GITLAB_REQUIREMENTS,
    github_files,
    gitlab_files,
)
from tests.support.git import Repo, git

COMMIT = "a1" * 20
SOURCE = f"git+https://git.example.com/tools/headway@{COMMIT}"
WORKFLOW = github_files(SOURCE, enterprise_server=False)[GITHUB_PATH]
ENTERPRISE_WORKFLOW = github_files(SOURCE, enterprise_server=True)[GITHUB_PATH]
PIPELINE = gitlab_files(SOURCE)[GITLAB_PATH]


@pytest.fixture
def workflow() -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(WORKFLOW)
    return loaded


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (WORKFLOW, ["vendor.github-workflows"]),
        (WORKFLOW, ["custom.github-workflows-require-timeout"]),
        (ENTERPRISE_WORKFLOW, ["vendor.github-workflows"]),
        (
            PIPELINE,
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


@pytest.mark.parametrize("text", [WORKFLOW, ENTERPRISE_WORKFLOW])
def test_every_action_is_pinned_by_commit_with_its_release(text: str) -> None:
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == 8
    for line in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+(-node20)?", line), line


def test_github_enterprise_server_gets_artifact_actions_that_it_supports() -> None:
    found = re.findall(r"uses: (actions/\S+)@\w+  # v(\d+)", ENTERPRISE_WORKFLOW)
    assert {action: int(version) for action, version in found if "pages" in action} == {
        "actions/upload-pages-artifact": 2,
        "actions/deploy-pages": 3,
    }
    assert {version for action, version in found if action == "actions/upload-artifact"} == {"3"}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        (github_files(SOURCE, enterprise_server=False), GITHUB_REQUIREMENTS),
        (gitlab_files(SOURCE), GITLAB_REQUIREMENTS),
    ],
)
def test_jobs_install_only_what_is_pinned(files: dict[str, str], path: str) -> None:
    job = next(text for name, text in files.items() if name in (GITHUB_PATH, GITLAB_PATH))
    assert re.findall(r"pip install (.*)", job) == [
        f"--require-hashes --requirement {path}",
        '--no-deps --no-build-isolation "headway @ $HEADWAY_SOURCE"',
    ]
    assert f'HEADWAY_SOURCE: "{SOURCE}"' in job
    requirements = re.findall(r"^([^\s#-].*)$", files[path], re.MULTILINE)
    assert len(requirements) > 20
    for requirement in requirements:
        assert re.match(r"[\w.\[\]-]+==[\w.]+ ", requirement), requirement
    assert files[path].count("--hash=sha256:") > len(requirements)
    assert any(requirement.startswith("hatchling==") for requirement in requirements)


@pytest.mark.parametrize(
    ("record", "source"),
    [
        (
            {
                "url": "https://git.example.com/tools/headway",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            },
            SOURCE,
        ),
        (
            {
                "url": "ssh://git@git.example.com/tools/headway.git",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            },
            SOURCE,
        ),
        (
            {
                "url": "https://user:secret@git.example.com/tools/headway",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            },
            None,
        ),
        ({"url": "https://files.example.com/headway.whl", "archive_info": {}}, None),
        ({"url": "file:///no/such/folder", "dir_info": {"editable": True}}, None),
        ({}, None),
    ],
)
def test_the_source_is_the_repository_that_headway_was_installed_from(
    record: dict[str, Any], source: str | None
) -> None:
    assert source_of(json.loads(json.dumps(record))) == source


def test_a_copy_that_was_installed_from_a_clone_has_the_source_of_the_clone(
    tmp_path: Path,
) -> None:
    repo = Repo(tmp_path / "clone")
    repo.commit("2026-01-05", {"pyproject.toml": ""})
    record = {"url": repo.path.as_uri(), "dir_info": {"editable": True}}
    assert source_of(record) is None
    git(repo.path, "remote", "add", "origin", "git@git.example.com:tools/headway.git")
    commit = git(repo.path, "rev-parse", "HEAD").strip()
    assert source_of(record) == f"git+https://git.example.com/tools/headway@{commit}"


def test_jobs_have_minimal_permissions(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["scan"]["permissions"] == {
        "contents": "read",
        "actions": "read",
        "pages": "read",
    }
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    with_secret = [step["name"] for step in jobs["scan"]["steps"] if "secrets." in str(step)]
    assert with_secret == ["Scan"]
    assert "secrets." not in str(jobs["publish"])


def test_pages_are_published_only_on_request(workflow: dict[Any, Any]) -> None:
    assert "vars.HEADWAY_PAGES == 'true'" in workflow["jobs"]["publish"]["if"]
    for rule in yaml.safe_load(PIPELINE)["pages"]["rules"]:
        assert rule["if"].startswith('$HEADWAY_PAGES == "true" && ')


def test_scripts_contain_no_expressions() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOW)
    for job in workflow["jobs"].values():
        assert not any("${{" in step.get("run", "") for step in job["steps"])


def test_a_project_without_a_pipeline_includes_the_jobs_of_headway() -> None:
    assert yaml.safe_load(gitlab_files(SOURCE)[".gitlab-ci.yml"]) == {
        "include": [{"local": GITLAB_PATH}]
    }
