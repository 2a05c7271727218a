"""Workflows, pipelines and hooks refer to other repositories by tags, branches and commits."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given

from scanners._ecosystems import github_actions, gitlab, pre_commit
from scanners._ecosystems.git_references import repository_name
from scanners._ecosystems.records import Ecosystem, Finding
from scanners._ecosystems.version_sets import ALL
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, place_of, read_hostile

GITHUB: Ecosystem = github_actions.ECOSYSTEM
GITLAB: Ecosystem = gitlab.ECOSYSTEM
PRE_COMMIT: Ecosystem = pre_commit.ECOSYSTEM

# Modelled on the workflows of pip and Kafka. For YAML, but not for git, U+2028 ends a line.
WORKFLOW = dedent("""\
    name: "CI \u2028 not a line of its own"
    on: push
    jobs:
      test:
        steps:
          - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
          - uses: "actions/setup-python@v5"
          - uses: re-actors/alls-green@05ac9388f0aebcb5727afa17fcccfecd6f8ec5fe  # release/v1
          - uses: GitHub/codeql-action/init@v2
          - uses: docker://alpine:3.8
          - uses: ./.github/actions/setup
          - uses: astral-sh/setup-uv@main
          - uses: a/ratchet@3d3c42e5aac5ba805825da76410c181273ba90b1 # ratchet:a/ratchet@v2.1
          - uses: a/plain@3d3c42e5aac5ba805825da76410c181273ba90b1 # the newest
          - run: |
              echo "uses: not/this@v1"
          - uses: a/slash/@v3
      call:
        uses: org/shared/.github/workflows/build.yml@v1.2 # not v1.1
    """)


@pytest.mark.parametrize(
    ("action", "version", "line"),
    [
        ("actions/checkout", "v7.0.1", 6),
        ("Actions/Setup-Python", "v5", 7),
        ("re-actors/alls-green", "release/v1", 8),
        ("github/codeql-action", "v2", 9),
        ("github/codeql-action/init", "v2", 9),
        ("astral-sh/setup-uv", "main", 12),
        ("a/ratchet", "v2.1", 13),
        ("a/plain", "3d3c42e5aac5ba805825da76410c181273ba90b1", 14),
        ("a/slash", "v3", 17),
        ("org/shared", "v1.2", 19),
        ("org/shared/.github/workflows/build.yml", "v1.2", 19),
    ],
)
def test_actions_of_a_workflow(action: str, version: str, line: int) -> None:
    (found,) = findings_in(GITHUB, action, {".github/workflows/ci.yml": WORKFLOW})
    assert (found.constraint, found.line, found.unresolved) == (version, line, "")


@pytest.mark.parametrize("action", ["not/this", "github/actions", "alpine/alpine"])
def test_other_texts_are_no_actions(action: str) -> None:
    assert not findings_in(GITHUB, action, {".github/workflows/ci.yml": WORKFLOW})


def test_place_is_that_of_the_value() -> None:
    (found,) = findings_in(GITHUB, "actions/checkout", {"action.yml": WORKFLOW})
    assert (found.line, found.column) == place_of("actions/checkout", WORKFLOW)


def test_template_of_a_workflow_is_read_by_lines() -> None:
    text = "steps:\n{% if a %}\n  - uses: actions/checkout@v3\n{% endif %}\n  - uses: a/b@{{ c }}\n"
    files = {"template/.github/workflows/ci.yml": text}
    assert findings_in(GITHUB, "actions/checkout", files)[0].constraint == "v3"
    assert findings_in(GITHUB, "a/b", files)[0].unresolved


def test_broken_workflow_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2"):
        GITHUB.read(".github/workflows/ci.yml", b"uses: a/b@v1\n x: [")


PIPELINE = dedent("""\
    include:
      - project: Platform/ci-templates
        ref: v2.3.0
        file: /build.yml
      - project: platform/security
        file: [a.yml, b.yml]
      - project: platform/pinned
        ref: 3d3c42e5aac5ba805825da76410c181273ba90b1 # v1.4.0
      - component: $CI_SERVER_FQDN/components/opentofu/full-pipeline@1.0
      - component: gitlab.com/org/tools/lint@~latest
      - project: platform/variable
        ref: $TEMPLATES_REF
      - local: ci.yml
    job:
      trigger:
        project: not/included
    """)


@pytest.mark.parametrize(
    ("project", "version", "line", "unresolved"),
    [
        ("platform/ci-templates", "v2.3.0", 2, ""),
        ("platform/security", "", 5, ""),
        ("platform/pinned", "v1.4.0", 7, ""),
        ("components/opentofu/full-pipeline", "1.0", 9, ""),
        ("components/opentofu", "1.0", 9, ""),
        ("gitlab.com/org/tools/lint", "~latest", 10, ""),
        ("platform/variable", "$TEMPLATES_REF", 11, "$TEMPLATES_REF"),
    ],
)
def test_includes_of_a_pipeline(project: str, version: str, line: int, unresolved: str) -> None:
    (found,) = findings_in(GITLAB, project, {".gitlab-ci.yml": PIPELINE})
    assert (found.constraint, found.line, found.unresolved) == (version, line, unresolved)


def test_single_include_and_other_projects() -> None:
    text = "include:\n  project: a/b\n  ref: main\n"
    assert findings_in(GITLAB, "a/b", {".gitlab-ci.yml": text})[0].constraint == "main"
    assert not findings_in(GITLAB, "not/included", {".gitlab-ci.yml": PIPELINE})


def test_newest_component_is_any_version() -> None:
    assert GITLAB.versions("~latest") == ALL


# Modelled on the configurations of pip and Nova.
HOOKS = dedent("""\
    repos:
    - repo: https://github.com/pre-commit/pre-commit-hooks
      rev: v6.0.0
      hooks: [{id: check-toml}]
    - repo: https://opendev.org/openstack/hacking.git
      rev: 8.0.0
    - repo: git@gitlab.com:pycqa/flake8
      rev: "3.7.9"
    - repo: git://github.com/PSF/black
      sha: 5fda3b95a4ea91299a34e894583c3862153e4b97  # frozen: 23.1.0
    - repo: local
      hooks: []
    - repo: https://github.com/a/unpinned
    """)


@pytest.mark.parametrize(
    ("repository", "version", "line"),
    [
        ("pre-commit/pre-commit-hooks", "v6.0.0", 2),
        ("https://opendev.org/openstack/hacking", "8.0.0", 5),
        ("gitlab.com/pycqa/flake8", "3.7.9", 7),
        ("psf/black", "23.1.0", 9),
        ("a/unpinned", "", 13),
    ],
)
def test_repositories_of_hooks(repository: str, version: str, line: int) -> None:
    (found,) = findings_in(PRE_COMMIT, repository, {".pre-commit-config.yaml": HOOKS})
    assert (found.constraint, found.line) == (version, line)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("psf/black", "github.com/psf/black"),
        ("https://user:secret@github.com/psf/black.git/", "github.com/psf/black"),
        ("ssh://git@example.com:2222/a/b.git", "example.com/a/b"),
        ("git@github.com:psf/black.git", "github.com/psf/black"),
        ("git::https://example.com/network.git", "example.com/network"),
    ],
)
def test_spellings_of_one_repository(url: str, name: str) -> None:
    assert repository_name(url) == name


@pytest.mark.parametrize("name", ["", "local", "a b/c", "https://", "a" * 999])
@pytest.mark.parametrize("ecosystem", [GITHUB, GITLAB, PRE_COMMIT])
def test_other_names_are_no_repositories(ecosystem: Ecosystem, name: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        ecosystem.normalise(name)


CASES = [
    (GITHUB, ".github/workflows/ci.yml"),
    (GITLAB, ".gitlab-ci.yml"),
    (PRE_COMMIT, ".pre-commit-config.yaml"),
]


@pytest.mark.parametrize(("ecosystem", "path"), CASES)
@given(content=hostile_files(WORKFLOW, PIPELINE, HOOKS))
def test_damaged_files_are_read_or_are_value_errors(
    ecosystem: Ecosystem, path: str, content: bytes
) -> None:
    read_hostile(ecosystem, path, content)


def test_tag_is_compared_with_a_range() -> None:
    found: list[Finding] = findings_in(GITHUB, "actions/setup-python", {"action.yml": WORKFLOW})
    used = GITHUB.versions(found[0].constraint)
    assert used.is_subset(GITHUB.versions("<6"))
    assert used.intersection(GITHUB.versions("<5")).is_empty
    assert not used.is_subset(GITHUB.versions("<=5.2"))
