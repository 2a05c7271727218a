"""All numbers in the examples of docs/numbers.md are right.

The tests create and scan the organisation that the page describes, and run its examples:

    $ headway status --by team --today 2026-02-16
    web: open = 4, fixed = 1
    web: completion = 1 / (4 + 1) = 0.2

Each line after a command lists fields of one row with their values. If the command prints several
rows, the name before the colon selects the row. An expression between a field and its value must
have this value.
"""

from __future__ import annotations

import ast
import json
import operator
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import pytest
import yaml

from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import BurndownPoint, SeriesPoint, StatusRow
from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
CAMPAIGN, TEAMS, STORY = (text for language, text in BLOCKS if language == "yaml")
DUE = yaml.safe_load(CAMPAIGN)["due"]
ABOUT = ("campaign", "repository", "team", "milestone", "reason", "value", "date", "day")
"""The fields by which a line of an example can select a row."""
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Claim(NamedTuple):
    """A line of an example, with the command that it belongs to."""

    command: str
    row: str
    """The name that selects the row; empty if the command prints only one row."""
    text: str


def claims() -> Iterator[Claim]:
    for language, text in BLOCKS:
        command = ""
        for line in text.splitlines() if language == "example" else ():
            if line.startswith("$ headway "):
                command = line.removeprefix("$ headway ")
                continue
            named = re.match(r"([^=<]+?): (?=\w+ [=<])", line)
            yield Claim(command, named[1] if named else "", line[named.end() if named else 0 :])


CLAIMS = list(claims())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of the organisation on the page, after all scans."""
    folder = workspace(tmp_path_factory.mktemp("numbers"), remove_six=CAMPAIGN)
    (folder / "teams.yaml").write_text(TEAMS)
    file = folder / "campaigns" / "remove-six.yaml"
    story = yaml.safe_load(STORY)
    late = {name for step in story["scans"] for name in step.get("listed for the first time", ())}
    pending = sorted(story["commits"], key=lambda commit: commit["day"])
    for step in story["scans"]:
        late -= set(step.get("listed for the first time", ()))
        for commit in list(pending):
            if commit["day"] <= step["day"] and commit["in"] not in late:
                repo = Repo(folder / "clones" / commit["in"])
                repo.commit(str(commit["day"]), {**commit["files"]})
                pending.remove(commit)
        for name in step.get("cannot be read", ()):
            shutil.rmtree(folder / "clones" / name / ".git" / "objects")
        for name in step.get("no longer listed", ()):
            shutil.rmtree(folder / "clones" / name)
        due = f"due: {step.get('due date at the time', DUE)}"
        file.write_text(CAMPAIGN.replace(f"due: {DUE}", due, 1))
        scan(folder, step["day"])
    assert not pending
    return folder


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.row} {claim.text}".strip())
def test_every_number_on_the_page_is_right(folder: Path, claim: Claim) -> None:
    row = chosen(rows(folder, *shlex.split(claim.command)), claim.row)
    for clause in claim.text.split(", "):
        if " < " in clause:
            assert holds(clause, row), clause
            continue
        name, *between, value = clause.split(" = ")
        assert agrees(row[name], value), (clause, row[name])
        for sum_ in between:
            assert agrees(calculated(ast.parse(sum_, mode="eval").body), value), clause


def chosen(found: list[dict[str, Any]], named: str) -> dict[str, Any]:
    about = set(named.split(" on ")) - {""}
    matching = [row for row in found if about <= {row.get(name) for name in ABOUT}]
    assert len(matching) == 1, (named, len(matching))
    return matching[0]


def agrees(found: Any, shown: str) -> bool:
    """Return whether a value, rounded to the decimals on the page, equals the value on the page."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        decimals = len(shown.partition(".")[2])
        return bool(abs(found - float(shown)) <= 0.5000001 * 10**-decimals)
    if isinstance(found, dict):
        return json.dumps(found) == shown
    return ("null" if found is None else str(found)) == shown


def calculated(node: ast.expr) -> float:
    if isinstance(node, ast.BinOp):
        return _ARITHMETIC[type(node.op)](calculated(node.left), calculated(node.right))
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    return float(node.value)


def holds(clause: str, row: dict[str, Any]) -> bool:
    left, right = (row[word] if word in row else float(word) for word in clause.split(" < "))
    return bool(left < right)


@pytest.mark.parametrize("record", [StatusRow, BurndownPoint, SeriesPoint, CampaignForecast])
def test_every_field_is_on_the_page_and_every_number_in_an_example(record: type[Any]) -> None:
    shown = " ".join(claim.text for claim in CLAIMS)
    for name, kind in get_type_hints(record).items():
        assert f"`{name}`" in PAGE, name
        if {int, float} & {kind, *get_args(kind)} and name != "horizon":
            assert re.search(rf"\b{name} [=<]", shown), name


def test_an_example_that_is_wrong_is_found() -> None:
    assert not agrees(0.34, "0.333")
    assert not agrees(8, "7")
    assert agrees(calculated(ast.parse("(1 + 2) / 9", mode="eval").body), "0.333")
    assert date.fromisoformat("2026-01-05").isoweekday() == 1
