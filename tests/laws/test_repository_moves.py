"""Laws 2 and 5 of ARCHITECTURE.md hold when files move between repositories."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.movement import FLOW_SIGNS
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan, shared_connection, workspace

STARTS = date(2026, 1, 5)
TODAY = date(2026, 6, 1)
CAMPAIGN = f"""title: Remove six
starts: {STARTS}
deprecated:
  - {{id: six, scanner: regex, pattern: '^import six', paths: ['*.py']}}
  - {{id: any, scanner: regex, pattern: 'six', weight: 2}}
  - {{id: whole, scanner: file, paths: ['*.py']}}
exemptions:
  - {{repositories: [b], paths: ['lib/**'], reason: Legacy, until: 2026-03-15}}
"""
TEAMS = """teams:
  - {name: one, repositories: [a]}
  - {name: two, aliases: ["@two"]}
"""
REPOSITORIES = ("a", "b", "c")
FILES = ("m.py", "lib/m.py", "lib/n.py")
CONTENTS = (
    "import six\n",
    "import six\nimport six\n",
    "import six\n# six\nimport six  # again\n",
    "import six  # again\nx = 1\n",
    "x = 1\n",
)


class Step(NamedTuple):
    """A commit in one repository."""

    days: int
    """The number of days after the previous step."""
    kind: str
    """`write`, `remove`, `move` a file to `target`, or `copy` it there."""
    source: tuple[str, str]
    target: tuple[str, str]
    content: str


PLACES = st.tuples(st.sampled_from(REPOSITORIES), st.sampled_from(FILES))
STEPS = st.builds(
    Step,
    st.integers(0, 20),
    st.sampled_from(["write", "remove", "move", "move", "copy"]),
    PLACES,
    PLACES,
    st.sampled_from(CONTENTS),
)


def build(folder: Path, steps: Sequence[Step]) -> None:
    """Create the repositories. Each begins with two modules and a list of owners."""
    files: dict[tuple[str, str], str] = {}
    repos = {name: Repo(folder / "clones" / name) for name in REPOSITORIES}
    for name, repo in repos.items():
        for path in FILES[:2]:
            files[name, path] = f"{CONTENTS[0]}# {name}\n"
        first = {path: files[name, path] for path in FILES[:2]}
        repo.commit("2026-01-01", {**first, "CODEOWNERS": "lib/ @two\n"})
    day = STARTS
    for step in steps:
        day += timedelta(days=step.days)
        changes: dict[str, dict[str, str | bytes | None]] = {name: {} for name in REPOSITORIES}
        (repository, path), content = step.source, files.get(step.source)
        if step.kind == "write":
            files[step.source] = changes[repository][path] = step.content
        elif content is not None:
            if step.kind != "remove":
                files[step.target] = changes[step.target[0]][step.target[1]] = content
            if step.kind != "copy" and step.source != step.target:
                del files[step.source]
                changes[repository][path] = None
        for name, changed in changes.items():
            if changed:
                repos[name].commit(f"{day}", changed)


def everything(folder: Path) -> dict[str, Any]:
    """Return the rows of the views that do not depend on when scans run."""
    with open_store(folder / "headway.duckdb") as store:
        found = {
            view: sorted(store.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in ("items", "movements", "movements_then", "repository_weeks", "team_weeks")
        }
    return found | {"all": rows(folder, "items", "--state", "all", "--today", f"{TODAY}")}


@settings(max_examples=repeat(6, thorough=250), deadline=None)
@given(
    st.lists(STEPS, min_size=2, max_size=8),
    st.sets(st.integers(0, (TODAY - STARTS).days - 1), max_size=4),
    st.data(),
)
def test_any_split_into_scans_finds_the_same_moves(
    steps: Sequence[Step], stops: set[int], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        (folder / "teams.yaml").write_text(TEAMS)
        build(folder, steps)
        scan(folder, TODAY)
        once = everything(folder)
        (folder / "headway.duckdb").unlink()
        # The first scan of the new store also sees the exemption, so it covers the same days.
        for stop in sorted(stops):
            only = data.draw(st.sampled_from([(), *((name,) for name in REPOSITORIES)]))
            scan(folder, STARTS + timedelta(days=stop), repositories=only)
        scan(folder, TODAY)
        assert everything(folder) == once


@settings(max_examples=repeat(6, thorough=250), deadline=None)
@given(st.lists(STEPS, min_size=2, max_size=8))
def test_moves_balance_for_every_repository_team_and_day(steps: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        (folder / "teams.yaml").write_text(TEAMS)
        build(folder, steps)
        scan(folder, TODAY)
        today = ("--today", f"{TODAY}")
        with shared_connection(folder):
            total = rows(folder, "burndown", "law", "--by", "day", *today)
            check_balance(total)
            teams = [row["team"] for row in rows(folder, "status", "--by", "team", *today)]
            for owners in ("current", "historical"):
                parts = [
                    rows(
                        folder, "burndown", "law", "--by", "day", *today, "--team", team,
                        "--owners", owners,
                    )
                    for team in teams
                ]  # fmt: skip
                for points in parts:
                    check_balance(points)
                for column in ("open", "fixed_total", "new", "regressed", "fixed", *MOVES):
                    sums = [sum(point[column] for point in day) for day in zip(*parts, strict=True)]
                    assert sums == [point[column] for point in total], (owners, column)
            check_partners(rows(folder, "items", "--state", "all", *today))


MOVES = ("moved_in", "moved_out")


def check_balance(points: Sequence[dict[str, Any]]) -> None:
    for before, after in itertools.pairwise(points):
        change = sum(sign * after[column] for column, sign in FLOW_SIGNS.items())
        assert after["open"] == before["open"] + change
        assert min(after["open"], after["exempt"], after["fixed_total"]) >= 0


def check_partners(items: Sequence[dict[str, Any]]) -> None:
    """Check that each item that left one repository arrived in another, and vice versa."""
    went = Counter(
        (row["item"], row["moved_to"]["item"]) for row in items if row["moved_to"] is not None
    )
    came = Counter(
        (row["moved_from"]["item"], row["item"]) for row in items if row["moved_from"] is not None
    )
    assert went == came
    for row in items:
        assert (row["state"] == "moved") == (row["moved_to"] is not None)
        assert not (row["regressed"] and row["moved_from"])
