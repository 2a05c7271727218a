"""Law 2 of ARCHITECTURE.md holds with wrong clocks, past scan dates and shallow clones."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.store.store_reader import open_store
from tests.laws.test_laws import (
    CAMPAIGN,
    STARTS,
    TODAY,
    check_splits,
    everything,
    scanned_workspace,
    walked,
)
from tests.support.git import git
from tests.support.histories import History, build, histories
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan, workspace

_YEAR = 365 * 86_400


def with_wrong_clocks(history: History, errors: dict[int, int]) -> History:
    """Shift the committer times of some commits.

    Args:
        history: The history whose times to shift.
        errors: Maps the index of each affected commit to the error of its time, in seconds.
    """
    commits = list(history.commits)
    for position, seconds in errors.items():
        for index, shift in ((position, seconds), (position + 1, -seconds)):
            if index < len(commits):
                commit = commits[index]
                commits[index] = replace(commit, seconds=commit.seconds + shift)
    return History(commits)


clocks = st.dictionaries(
    st.integers(0, 8),
    st.one_of(
        st.sampled_from([-20 * _YEAR, -_YEAR, _YEAR, 12 * _YEAR, 80 * _YEAR]),
        st.integers(-_YEAR, _YEAR),
    ),
    max_size=3,
)
wrong_histories = st.builds(with_wrong_clocks, histories, clocks)


def landed(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of the views that depend only on the git history, not on the scan dates."""
    return {name: rows for name, rows in walked(answers).items() if name != "marks"}


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(wrong_histories, st.data())
def test_any_split_into_scans_gives_the_same_landing_times(
    history: History, data: st.DataObject
) -> None:
    with scanned_workspace(history) as (folder, repository, chain):
        check_splits(folder, repository, chain, data, everything)


@settings(max_examples=repeat(4, thorough=150), deadline=None)
@given(
    wrong_histories,
    st.sets(st.integers(-30, 900), min_size=1, max_size=3),
    st.sampled_from([TODAY, TODAY + timedelta(days=800)]),
)
def test_a_scan_as_of_a_past_day_sees_only_what_had_landed(
    history: History, days: set[int], clock: date
) -> None:
    with scanned_workspace(history) as (folder, _repository, _chain):
        scan(folder, TODAY, clock=clock)
        once = everything(folder)
        whole = rows(folder, "items", "--state", "all", "--today", TODAY.isoformat())
        (folder / "headway.duckdb").unlink()
        for today in (STARTS + timedelta(days=day) for day in sorted(days)):
            scan(folder, today, clock=clock)
            seen = rows(folder, "items", "--state", "all", "--today", today.isoformat())
            expected = {
                (item["item"], item["opened_at"])
                for item in whole
                if item["opened_at"][:10] <= today.isoformat()
            }
            found = {(item["item"], item["opened_at"]) for item in seen}
            if today >= STARTS:
                assert found == expected
            else:
                # Before the first day of a campaign, scans also find items that are gone on that
                # day.
                assert found >= expected
                assert all(opened_at[:10] <= today.isoformat() for _, opened_at in found)
            with open_store(folder / "headway.duckdb") as store:
                (last,) = store.query("SELECT max(greatest(opened_on, closed_on)) FROM opening")[1]
            assert last[0] is None or last[0] <= today
        scan(folder, TODAY, clock=clock)
        assert landed(everything(folder)) == landed(once)


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(wrong_histories, st.data())
def test_a_shallow_clone_that_is_deepened_gives_the_whole_history(
    history: History, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name) / "workspace", law=CAMPAIGN)
        upstream = Path(name) / "upstream.git"
        chain = build(history, upstream)
        clone = folder / "clones" / "one.git"
        depth = data.draw(st.integers(1, len(chain)), label="depth")
        options = ("--bare", "--single-branch", f"--depth={depth}")
        git(folder, "clone", "-q", *options, f"file://{upstream}", os.fspath(clone))
        scan(folder, TODAY)
        shallow = everything(folder)
        scan(folder, TODAY)
        assert everything(folder) == shallow
        (status,) = rows(folder, "status", "--today", TODAY.isoformat())
        assert status["coverage"] == 1
        if (clone / "shallow").exists():
            git(clone, "fetch", "-q", "--unshallow", "origin")
        scan(folder, TODAY)
        deepened = everything(folder)
        (folder / "headway.duckdb").unlink()
        scan(folder, TODAY)
        assert landed(deepened) == landed(everything(folder))
