"""Every shipped scanner passes the checks of the test kit."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign, Rule
from headway.scan.walk_plan import current_rules
from headway.testing import Example, check_scanner
from tests.support.definitions import SHIPPED

SCANNERS = shipped_folder() / "scanners"
SARIF = """{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [
  {"ruleId": "old", "message": {"text": "old call"}, "locations": [{"physicalLocation":
    {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 2, "startColumn": 1}}}]}]}]}"""
REQUIREMENTS = "urllib3==1.26.5\nrequests>=2\n"
EXAMPLES: dict[str, tuple[Example, ...]] = {
    "regex": (
        Example(
            {"pattern": "^import six"},
            {"a.py": "import six\n\nimport six  # again\n", "b.py": "import os\n"},
            finds=[("a.py", 1, "import six"), ("a.py", 3, "import six  # again")],
        ),
        Example(
            {"pattern": "a.b", "flags": ["span-lines", "dot-all"]},
            {"a.txt": "xa\nby\n"},
            finds=[("a.txt", 1, "xa\nby")],
        ),
    ),
    "file": (Example({}, {"a/setup.py": "", "setup.py": ""}, finds=[
        ("a/setup.py", None, "setup.py"), ("setup.py", None, "setup.py")]),),
    "config": (
        Example(
            {"key": "spec.replicas", "less_than": 2},
            {"a.yaml": "spec:\n  replicas: 1\n", "b.yaml": "spec: {replicas: 3}\n"},
            finds=[("a.yaml", 2, "spec.replicas: 1")],
        ),
        Example({"key": "spec.replicas"}, {"a.yaml": "spec: [replicas\n"}, unknown=["a.yaml"]),
    ),
    "dependency": (
        Example(
            {"ecosystem": "pypi", "package": "urllib3", "versions": "<2"},
            {"requirements.txt": REQUIREMENTS},
            finds=[("requirements.txt", 1, "urllib3")],
        ),
    ),
    "sarif": (
        Example(
            {"files": ["*.sarif"], "sources": ["*.py"]},
            {"lint.sarif": SARIF, "a.py": "import os\nold()\n"},
            finds=[("a.py", 2, "old: old call")],
        ),
    ),
    "runtime": (
        Example(
            {"runtime": "python", "versions": "<3.9"},
            {".python-version": "3.8\n"},
            finds=[(".python-version", 1, "version")],
        ),
    ),
    "ast": (
        Example(
            {"language": "python", "symbol": "datetime.datetime.utcnow"},
            {"a.py": "from datetime import datetime as D\nx = D.utcnow()\n"},
            finds=[("a.py", 2, "x = D.utcnow()")],
        ),
        Example(
            {"language": "python", "pattern": "yaml.load($A)"},
            {"a.py": "yaml.load(yaml.load(a))\n# yaml.load(b)\n"},
            finds=[("a.py", 1, "yaml.load(yaml.load(a))"), ("a.py", 1, "yaml.load(yaml.load(a))")],
        ),
    ),
}  # fmt: skip


RUN_PROGRAMS = {"command", "command-project", "command-repository", "semgrep"}
"""Scanners that start programs. Their own tests give them hostile output."""
NEED_A_CHECKOUT = {"sarif-folder"}


def test_every_shipped_scanner_has_examples() -> None:
    assert set(SHIPPED.names) == EXAMPLES.keys() | RUN_PROGRAMS | NEED_A_CHECKOUT


@pytest.mark.parametrize("name", EXAMPLES)
def test_shipped_scanners_keep_to_the_interface(name: str) -> None:
    check_scanner(type(SHIPPED.by_name[name]), *EXAMPLES[name])


def test_the_file_of_a_scanner_is_accepted() -> None:
    assert check_scanner(SCANNERS / "file.py", *EXAMPLES["file"]).name == "file"


@pytest.mark.parametrize("name", SHIPPED.names)
def test_a_new_version_of_a_scanner_recomputes_the_history_of_its_rules(name: str) -> None:
    scanner = SHIPPED.by_name[name]
    newer = type(name, (type(scanner),), {"version": f"{scanner.version}+1"})()
    options = EXAMPLES[name][0].options if name in EXAMPLES else {}
    rule = Rule("old", "deprecated", name, options)
    assert _fingerprint(rule, scanner) == _fingerprint(rule, type(scanner)())
    assert _fingerprint(rule, scanner) != _fingerprint(rule, newer)


def _fingerprint(rule: Rule, scanner: Any) -> str:
    """Return the fingerprint with which a scan decides whether a history is still valid."""
    request = SimpleNamespace(broken={}, scanners={rule.scanner: scanner})
    campaign = cast("Campaign", SimpleNamespace(rules=(rule,), has_conditions=False))
    plan = current_rules(cast("Any", request), {"away": campaign}, {"away": date(2026, 1, 5)})
    return plan["away"][0].fingerprint
