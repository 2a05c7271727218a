"""The JSON Schema accepts exactly the campaign files that Headway accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from headway.config.document import parse_document
from headway.config.json_schema import campaign_schema
from headway.config.workspace import shipped_folder
from tests.support.definitions import SHIPPED, problems_in

SCHEMA = campaign_schema(SHIPPED)
VALIDATOR = Draft202012Validator(SCHEMA)
CATALOGUE = sorted((shipped_folder() / "campaigns").glob("*.yaml"))


def data(text: str | bytes) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    document = parse_document(Path("six.yaml"), content)
    assert not document.problems
    return document.data


def campaign(line: str = "", rule: str = "scanner: regex, pattern: six") -> str:
    title = "" if line.startswith("title:") else "title: a\n"
    return f"{title}deprecated: [{{id: one, {rule}}}]\n{line}\n"


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_the_shipped_campaigns_are_valid(file: Path) -> None:
    assert list(VALIDATOR.iter_errors(data(file.read_bytes()))) == []


LOG4J = "scanner: dependency, ecosystem: maven, package: 'log4j:log4j'"
ACCEPTED = [
    campaign(),
    campaign("starts: 2026-01-05"),
    campaign("guide: https://wiki.example.com/x"),
    campaign("scope: {repositories: 'acme/*', topics: [python], archived: true}"),
    campaign("scope: {visibility: [public, internal]}"),
    campaign("milestones: [{name: Tier 1, due: 2026-03-31, repositories: 'acme/*'}]"),
    campaign("exemptions: [{reason: a, rules: one, until: 2026-09-30, approved_by: b}]"),
    campaign("exemptions: [{reason: a, paths: ['**'], repositories: [b], until: 2026-09-30}]"),
    campaign("replacement: [{id: two, scanner: file, paths: pyproject.toml}]"),
    campaign(rule="scanner: regex, pattern: six, flags: [ignore-case], sample: six, weight: 0"),
    campaign(rule="scanner: regex, pattern: six, weight: 2.5, paths: ['*.py']"),
    campaign(rule="scanner: file, paths: setup.py"),
    campaign(rule="scanner: regex, pattern: six, not_sample: seven, sample_paths: [a.py]"),
    campaign(rule="scanner: file, paths: a, sample_paths: a, not_sample_paths: [b]"),
    campaign(rule=f"{LOG4J}"),
    campaign(rule=f"{LOG4J}, versions: '(,2)', cases: [locked, unpinned]"),
    campaign(rule=f"{LOG4J}, not_sample: {{pom.xml: <project/>}}"),
    campaign(rule=f"{LOG4J}, not_sample: [{{pom.xml: <project/>}}, {{a/pom.xml: <project/>}}]"),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_schema_and_loader_accept_the_same_files(tmp_path: Path, text: str) -> None:
    assert problems_in(tmp_path, text) == ""
    assert list(VALIDATOR.iter_errors(data(text))) == []


REFUSED = [
    "deprecated: [{id: one, scanner: regex, pattern: six}]\n",
    "title: a\n",
    "title: a\ndeprecated: []\n",
    campaign("title: 5"),
    campaign('title: ""'),
    campaign("titel: a"),
    campaign("guide: ftp://x"),
    campaign("starts: 5"),
    campaign("starts: next week"),
    campaign("due: 2026-6-1"),
    campaign("scope: {topcs: a}"),
    campaign("scope: {topics: 5}"),
    campaign("scope: {archived: yes}"),
    campaign("scope: {visibility: publik}"),
    campaign("scope: {visibility: [public, publik]}"),
    campaign("milestones: [{name: a}]"),
    campaign("milestones: [{name: a, due: soon}]"),
    campaign("exemptions: [{rules: one}]"),
    campaign("exemptions: [{reason: a}]"),
    campaign("exemptions: [{reason: a, until: 5}]"),
    campaign(rule="scanner: regexx, pattern: six"),
    campaign(rule="scanner: regex"),
    campaign(rule="scanner: regex, pattern: 5"),
    campaign(rule='scanner: regex, pattern: ""'),
    campaign(rule="scanner: regex, pattern: a, pahts: b"),
    campaign(rule="scanner: regex, pattern: a, flags: [ignorecase]"),
    campaign(rule="scanner: regex, pattern: a, weight: -1"),
    campaign(rule="scanner: regex, pattern: a, weight: heavy"),
    campaign(rule="scanner: regex, pattern: a, weight: '2'"),
    campaign(rule="scanner: file, paths: a, pattern: b"),
    campaign(rule="scanner: file"),
    campaign(rule="scanner: file, paths: []"),
    campaign("deprecated2: []"),
    "title: a\ndeprecated: [{id: Not An Id, scanner: regex, pattern: six}]\n",
    "title: a\ndeprecated: [{scanner: regex, pattern: six}]\n",
    campaign(rule="scanner: file, paths: a, sample: [b]"),
    campaign(rule="scanner: regex, pattern: a, sample: {b: a}"),
    campaign(rule="scanner: regex, pattern: a, sample: [[a]]"),
    campaign(rule=f"{LOG4J}, not_sample: a"),
    campaign(rule=f"{LOG4J}, not_sample: [a]"),
    campaign(rule=f"{LOG4J}, not_sample: {{}}"),
    campaign(rule=f"{LOG4J}, cases: [lock]"),
    campaign(rule=f"{LOG4J}, cases: []"),
    campaign(rule="scanner: dependency, ecosystem: mavn, package: 'log4j:log4j'"),
    campaign(rule="scanner: dependency, package: 'log4j:log4j'"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_schema_and_loader_refuse_the_same_files(tmp_path: Path, text: str) -> None:
    assert problems_in(tmp_path, text) != ""
    assert list(VALIDATOR.iter_errors(data(text))) != []


def test_every_key_of_a_campaign_has_a_description() -> None:
    for name in ("title", "owner", "guide", "starts", "due", "deprecated", "replacement"):
        assert SCHEMA["properties"][name]["description"]
