"""A rule's fingerprint changes if and only if the rule's history must be recomputed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headway.model.campaign import Rule
from tests.support.definitions import loaded

RULE = Rule("six", "deprecated", "regex", {"pattern": "six", "flags": []}, ("*.py", "!x.py"))

FILE = """
title: Remove six
owner: platform
starts: 2026-01-05
deprecated:
  - id: import-six
    scanner: regex
    pattern: six
    paths: ["*.py"]
    weight: 1
    sample: import six
"""


def fingerprint(folder: Path, text: str) -> str:
    return loaded(folder, text).rules[0].fingerprint("1")


@pytest.mark.parametrize(
    "other",
    [
        replace(RULE, scanner="grep"),
        replace(RULE, options={"pattern": "six", "flags": ["ignore-case"]}),
        replace(RULE, options={"pattern": "sixx", "flags": []}),
        replace(RULE, paths=()),
        replace(RULE, paths=("!x.py", "*.py")),
    ],
)
def test_settings_that_affect_matches_change_the_fingerprint(other: Rule) -> None:
    assert other.fingerprint("1") != RULE.fingerprint("1")


def test_a_new_version_of_the_scanner_changes_the_fingerprint() -> None:
    assert RULE.fingerprint("1") != RULE.fingerprint("2")


@pytest.mark.parametrize(
    "same",
    [
        replace(RULE, id="other"),
        replace(RULE, weight=3.0),
        replace(RULE, samples=("import six",)),
        replace(RULE, role="required"),
        replace(RULE, options={"flags": [], "pattern": "six"}),
    ],
)
def test_settings_that_do_not_affect_matches_keep_the_fingerprint(same: Rule) -> None:
    assert same.fingerprint("1") == RULE.fingerprint("1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Remove six", "title: Away with six"),
        ("owner: platform", "owner: somebody"),
        ("starts: 2026-01-05", "starts: 2026-01-06\ndue: 2026-12-31"),
        ("weight: 1", "weight: 5"),
        ("sample: import six", "sample: [six, import six]"),
        ('paths: ["*.py"]', "paths: '*.py'"),
        ("pattern: six", 'pattern: "six"'),
        ("pattern: six", "pattern: six\n    flags: []"),
    ],
)
def test_editing_unrelated_keys_keeps_the_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    assert old in FILE
    assert fingerprint(tmp_path, FILE.replace(old, new)) == fingerprint(tmp_path, FILE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pattern: six", "pattern: import six"),
        ("pattern: six", "pattern: six\n    flags: [ignore-case]"),
        ('paths: ["*.py"]', 'paths: ["*.pyi"]'),
        ('paths: ["*.py"]', "paths: []"),
    ],
)
def test_editing_a_rule_changes_its_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    assert fingerprint(tmp_path, FILE.replace(old, new)) != fingerprint(tmp_path, FILE)


def test_rules_are_found_by_id_and_deprecated_rules_come_first(tmp_path: Path) -> None:
    text = FILE + "replacement: [{id: new, scanner: file, paths: a.py}]\n"
    campaign = loaded(tmp_path, text)
    assert [rule.id for rule in campaign.rules] == ["import-six", "new"]
    assert campaign.rule("new").role == "required"
    with pytest.raises(KeyError):
        campaign.rule("old")
