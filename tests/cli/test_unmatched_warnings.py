"""`validate` and `scan` warn about parts of definitions that match nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

CAMPAIGN = """title: Remove six
starts: 2020-01-06
scope:
  repositories: ['*', nothing-*, '!none']
  {scope}
deprecated:
  - {{id: one, scanner: regex, pattern: six, paths: ['*.py', '*.pyx', '!tests/', '!vendor/']}}
  - {{id: two, scanner: regex, pattern: no such thing}}
replacement:
  - {{id: new, scanner: file, paths: [pyproject.toml]}}
milestones:
  - {{name: First, due: 2020-03-01, repositories: [shop, nobody]}}
  - {{name: Second, due: 2020-04-01, repositories: [other]}}
exemptions:
  - {{reason: Later, until: 2021-01-01, repositories: [sohp], paths: ['*.py']}}
  - {{reason: Never, until: 2021-01-01, paths: ['*.txt']}}
"""
TEAMS = """teams:
  - {name: web, repositories: [wbe]}
  - {name: pay, repositories: [shop], paths: [payments/, '*.py']}
"""
EVERYTHING = [
    ("campaigns/six.yaml:4:23", "the pattern `nothing-*` matches no repository"),
    ("campaigns/six.yaml:4:34", "the pattern `!none` matches no repository"),
    ("campaigns/six.yaml:7:61", "the patterns `*.pyx` and `!tests/` match no file"),
    ("campaigns/six.yaml:8:5", "the rule `two` has never matched anything"),
    ("campaigns/six.yaml:10:5", "the rule `new` has never matched anything"),
    ("campaigns/six.yaml:10:38", "the pattern `pyproject.toml` matches no file"),
    ("campaigns/six.yaml:12:57", "the pattern `nobody` matches no repository"),
    ("campaigns/six.yaml:13:52", "the pattern `other` matches no repository"),
    ("campaigns/six.yaml:15:55", "the pattern `sohp` matches no repository"),
    ("campaigns/six.yaml:16:48", "the pattern `*.txt` matches no file"),
    ("teams.yaml:2:32", "the pattern `wbe` matches no repository"),
    ("teams.yaml:3:47", "the pattern `payments/` matches no file"),
]


def warnings(text: str) -> list[tuple[str, str]]:
    """Return the location and message of each warning in the output."""
    found = re.findall(r"^warning: (.+)\n  --> (\S+)$", text, re.MULTILINE)
    return [(place, message) for message, place in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workspace(tmp_path, six=CAMPAIGN.format(scope="forks: false"))
    Repo(tmp_path / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    return tmp_path


def test_validate_names_everything_that_matches_nothing(folder: Path) -> None:
    assert warnings(headway(folder, "validate").stderr) == []
    (folder / "teams.yaml").write_text(TEAMS)
    scan = headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01").stderr
    assert warnings(scan) == [found for found in EVERYTHING if "no file" not in found[1]]
    result = headway(folder, "validate")
    assert warnings(result.stderr) == EVERYTHING
    assert "1 campaign checked: no errors" in result.stdout


def test_equal_lists_of_patterns_and_rules_of_one_role_are_one_warning(tmp_path: Path) -> None:
    paths = "paths: [Dockerfile, 'Dockerfile.*', '*.Dockerfile']"
    rules = (f"  - {{id: {name}, scanner: regex, pattern: {name}, {paths}}}" for name in "abc")
    folder = workspace(tmp_path, six="title: T\ndeprecated:\n" + "\n".join(rules) + "\n")
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"Dockerfile": "a\n"})
    headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01")
    assert warnings(headway(folder, "validate").stderr) == [
        (
            "campaigns/six.yaml:3:61",
            "the patterns `Dockerfile.*` and `*.Dockerfile` match no file (in 3 rules)",
        ),
        ("campaigns/six.yaml:4:5", "the rules `b` and `c` have never matched anything"),
    ]


def test_a_rule_that_was_edited_after_the_scan_is_not_judged(folder: Path) -> None:
    headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01")
    campaign = folder / "campaigns" / "six.yaml"
    campaign.write_text(campaign.read_text().replace("no such thing", "import os"))
    assert "the rule `two`" not in headway(folder, "validate").stderr


def test_a_topic_and_a_language_that_no_repository_has_are_named(folder: Path) -> None:
    headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01")
    text = CAMPAIGN.format(scope="topics: [pyhton]\n  languages: [Cobol]")
    (folder / "campaigns" / "six.yaml").write_text(text)
    found = warnings(headway(folder, "validate").stderr)
    assert ("campaigns/six.yaml:5:12", "no repository has `pyhton` in its topics") in found
    assert ("campaigns/six.yaml:6:15", "no repository has `Cobol` in its languages") in found
    assert ("campaigns/six.yaml:4:3", "no repository is in scope") in found


def test_a_pattern_that_matched_in_one_of_several_repositories_is_fine(folder: Path) -> None:
    Repo(folder / "clones" / "zoo").commit("2020-01-10", {"b.pyx": "", "tests/t.py": ""})
    headway(folder, "scan", "--jobs", "1", "--today", "2020-02-01")
    found = warnings(headway(folder, "validate").stderr)
    assert not any("pyx" in message or "tests" in message for _, message in found)


def test_a_message_says_that_not_all_repositories_were_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, six=CAMPAIGN.format(scope=""))
    for name in ("pay", "shop"):
        Repo(folder / "clones" / name).commit("2020-01-06", {"a.py": "six\n"})
    monkeypatch.setattr("headway.cli.unmatched_warnings._MOST_TREES", 1)
    headway(folder, "scan", "--today", "2020-02-01")
    shown = headway(folder, "validate").stderr
    assert "matches no file\n" not in shown
    assert "path patterns match no file in the first 1 repositories by name" in shown
