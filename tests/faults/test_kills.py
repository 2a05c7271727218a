"""A short run of `python -m tests.faults.kills` finds no problem, and its comparisons can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.kills.launcher import Ended
from tests.support.kills.round import wrong_ending
from tests.support.kills.strike import CHILD, COMMAND, Hit, Plan
from tests.support.kills.twins import Workspace, compare_stores

ROOT = Path(__file__).parents[2]


@pytest.mark.fault(2)
@pytest.mark.slow
def test_killed_commands_lose_nothing_and_change_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.faults.kills", "--rounds", "1", "--days", "1"]
    # The paths of sockets in the folder of pytest would be too long.
    with tempfile.TemporaryDirectory(prefix="kills-", dir="/tmp") as short:
        done = subprocess.run(
            [*command, "--kills", "4", "--seed", "test", "--log", str(log)],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": short},
            capture_output=True,
            text=True,
            check=False,
        )
    assert log.exists(), done.stderr
    (tally,) = map(json.loads, log.read_text().splitlines())
    # On a busy machine, a command may end before its signal.
    assert tally["kills"] + tally["missed"] == 4, tally
    assert tally["comparisons"]
    assert not tally["lost"]
    assert not tally["different"]


def workspace(folder: Path, rows: int, content: str) -> Workspace:
    (folder / "exp").mkdir(parents=True)
    tables = {"rule": {"rows": rows, "content": content}, "scan": {"rows": rows, "content": "x"}}
    (folder / "exp" / "manifest.json").write_text(json.dumps({"tables": tables}))
    return Workspace(folder, folder.with_name(f"{folder.name}.output"))


def test_other_rows_are_a_difference_except_in_the_scan_log(tmp_path: Path) -> None:
    twin = workspace(tmp_path / "twin", 3, "a")
    assert not list(compare_stores(workspace(tmp_path / "same", 3, "a"), twin, "exp"))
    for name, rows, content in (("fewer", 2, "a"), ("other", 3, "b")):
        found = list(compare_stores(workspace(tmp_path / name, rows, content), twin, "exp"))
        assert found == [f"the table rule differs ({rows} rows instead of 3)"]


def test_a_file_that_only_one_workspace_has_is_found(tmp_path: Path) -> None:
    twin, one = (workspace(tmp_path / name, 3, "a") for name in ("twin", "one"))
    (one.folder / "headway.duckdb.new").touch()
    assert list((one.files() - twin.files()).elements()) == ["headway.duckdb.new"]


INTERRUPTED = "error: interrupted; no partial results were saved.\n"


@pytest.mark.parametrize(
    ("code", "errors", "number", "target", "good"),
    [
        (0, "", signal.SIGTERM, COMMAND, True),
        (-9, "", signal.SIGKILL, COMMAND, True),
        (130, INTERRUPTED, signal.SIGINT, COMMAND, True),
        (130, "Aborted!\n", signal.SIGINT, COMMAND, False),
        (143, INTERRUPTED, signal.SIGINT, COMMAND, False),
        (1, "error: x\n", signal.SIGTERM, COMMAND, False),
        (0, "", signal.SIGKILL, CHILD, True),
        (3, "", signal.SIGKILL, CHILD, False),
        (1, "error: this is a fault of Headway (EOFError)\n", signal.SIGKILL, CHILD, False),
        (-6, "", signal.SIGKILL, CHILD, False),
    ],
)
def test_endings_are_judged(
    code: int, errors: str, number: signal.Signals, target: str, good: bool
) -> None:
    kind = "worker" if target == CHILD else COMMAND
    planned, hit = Plan(target, number, 0.5), Hit((kind,), 0.1)
    assert bool(list(wrong_ending(Ended(code, "", errors), planned, hit))) != good
