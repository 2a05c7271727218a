"""The ranges of values prevent valid definitions from making later commands fail."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from headway.config.document import MAX_NODES, MAX_PROBLEMS
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

CAMPAIGN = """title: T
starts: {starts}
due: {due}
deprecated:
  - {{id: six, scanner: regex, pattern: six, weight: {weight}, paths: ["*.py"]}}
exemptions:
  - {{reason: r, paths: [b.py], until: {until}}}
milestones:
  - {{name: M, due: {due}, repositories: ["*"]}}
"""
VALUES = {"starts": "2020-01-06", "due": "2030-01-01", "weight": "1", "until": "2030-01-01"}
TOO_LARGE = "write 0, or a number from 0.000001 to 1,000,000"
TOO_FAR = "write a date from 1970-01-01 to 2199-12-31"


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("key", "value", "place", "message"),
    [
        ("starts", "0001-01-01", "2:9", TOO_FAR),
        ("starts", "9999-12-31", "2:9", TOO_FAR),
        ("due", "9999-12-31", "3:6", TOO_FAR),
        ("until", "9999-12-31", "7:39", TOO_FAR),
        ("weight", "1e308", "5:53", TOO_LARGE),
        ("weight", "1e-320", "5:53", TOO_LARGE),
    ],
)
def test_a_value_out_of_range_is_an_error_at_its_place(
    tmp_path: Path, key: str, value: str, place: str, message: str
) -> None:
    folder = workspace(tmp_path, t=CAMPAIGN.format(**{**VALUES, key: value}))
    done = headway(folder, "validate", code=1)
    assert f"t.yaml:{place}" in done.output
    assert message in done.output


@pytest.mark.parametrize(
    "values",
    [
        {"starts": "1970-01-01", "due": "2199-12-31", "until": "2199-12-31", "weight": "1000000"},
        {"starts": "2199-12-31", "due": "2199-12-31", "until": "1970-01-01", "weight": "0.000001"},
    ],
)
@pytest.mark.parametrize("today", ["1970-01-01", "2020-03-01", "2199-12-31"])
def test_values_at_the_ends_of_their_ranges_can_be_used(
    tmp_path: Path, values: dict[str, str], today: str
) -> None:
    folder = workspace(tmp_path, t=CAMPAIGN.format(**values))
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-10", {"a.py": "six\n", "b.py": "six\n"})
    repo.commit("2020-02-10", {"a.py": "seven\n", "c.py": "six\n"})
    headway(folder, "validate")
    headway(folder, "scan", "--today", today, code=None)
    for command in ("status", "burndown t", "forecast t", "items", "digest", "report"):
        done = headway(folder, *command.split(), "--today", today, code=None)
        assert "crashed" not in done.output
        assert "nan" not in done.output.casefold().split()


@pytest.mark.parametrize("today", ["0001-01-01", "9999-12-31"])
def test_today_is_in_the_range_of_dates(tmp_path: Path, today: str) -> None:
    done = headway(workspace(tmp_path), "status", "--today", today, code=2)
    assert "is not a date from 1970-01-01 to 2199-12-31" in done.output


@pytest.mark.parametrize("command", ["scan", "items", "try remove-six"])
@pytest.mark.parametrize(
    "glob", ["[z-a]", "[a-\\d]", "!", "\\", "x\\", "[[:alpha:]]", "[a[:::]x", "[\\]a]"]
)
def test_a_glob_that_git_would_not_understand_is_refused(
    tmp_path: Path, command: str, glob: str
) -> None:
    done = headway(workspace(tmp_path), *command.split(), "--repository", glob, code=2)
    assert f"the pattern `{glob}`" in done.output.replace("\n", " ")


@pytest.mark.parametrize(
    "setting",
    [
        "[cache]\ngigabytes = inf",
        "[limits]\nscanner_seconds = 1e300",
        "[limits]\nfiles = 1" + "0" * 18,
    ],
)
def test_settings_have_ranges(tmp_path: Path, setting: str) -> None:
    folder = workspace(tmp_path)
    with (folder / "headway.toml").open("a") as config:
        config.write(setting)
    assert "headway.toml:5:" in headway(folder, "validate", code=1).output


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: {" + "a," * 500_000 + "b}\n", f"more than {MAX_NODES:,} keys and values"),
        ("x: [" + "a," * 500_000 + "b]\n", f"more than {MAX_NODES:,} keys and values"),
        ("x: {" + "a," * 49_000 + "b}\n", "more errors"),
        ("".join(f"k{key}: 1\n" for key in range(49_000)), "more errors here"),
    ],
    ids=["keys", "values", "duplicates", "unknown keys"],
)
def test_a_file_with_very_many_keys_is_refused_quickly(
    tmp_path: Path, text: str, message: str
) -> None:
    folder = workspace(tmp_path, t=f"title: T\n{text}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    done = headway(folder, "validate", code=1)
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    assert message in done.output
    assert done.output.count("error: ") <= MAX_PROBLEMS + 1
    assert seconds < 3
