"""A short run of `python -m tests.faults.kills` finds no problem. Its comparisons can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headway.store.database import connect_to_fill
from tests.support.kills.launcher import Ended, Running
from tests.support.kills.round import wrong_ending
from tests.support.kills.strike import CHILD, COMMAND, Hit, Plan, has_killed, strike
from tests.support.kills.twins import Workspace, described_export, differences

ROOT = Path(__file__).parents[2]


@pytest.mark.fault(2)
@pytest.mark.slow
def test_killed_commands_lose_nothing_and_change_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.faults.kills", "--rounds", "1", "--days", "1"]
    # In pytest's temporary folder, the paths of sockets would be too long.
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


def workspace(folder: Path) -> Workspace:
    folder.mkdir()
    return Workspace(folder, folder.with_name(f"{folder.name}.output"))


def store(folder: Path, rows: list[str], scans: int) -> Workspace:
    made = workspace(folder)
    connection = connect_to_fill(made.store, datetime(2026, 1, 5, tzinfo=UTC))
    connection.executemany("INSERT INTO source (id) VALUES (?)", [[row] for row in rows])
    connection.executemany("INSERT INTO scan (id) VALUES (?)", [[at] for at in range(scans)])
    connection.close()
    return made


def test_other_rows_are_a_difference_except_in_the_scan_log(tmp_path: Path) -> None:
    twin = store(tmp_path / "twin", ["a", "b"], 1).tables()
    assert "scan" not in twin
    assert not list(differences(store(tmp_path / "same", ["b", "a"], 2).tables(), twin))
    for name, rows in (("fewer", ["a"]), ("other", ["a", "c"])):
        found = list(differences(store(tmp_path / name, rows, 1).tables(), twin))
        assert found == [f"the table source differs ({len(rows)} rows instead of 2)"]


def test_an_export_with_other_rows_is_a_difference() -> None:
    one, twin = (
        described_export(json.dumps({"tables": {"rule": {"rows": 3, "content": content}}}).encode())
        for content in ("a", "b")
    )
    assert list(differences(one, twin)) == ["the table rule differs (3 rows instead of 3)"]


def test_a_file_that_only_one_workspace_has_is_found(tmp_path: Path) -> None:
    twin, one = (workspace(tmp_path / name) for name in ("twin", "one"))
    (one.folder / "headway.duckdb.new").touch()
    assert list((one.files() - twin.files()).elements()) == ["headway.duckdb.new"]


@pytest.mark.parametrize(
    ("code", "number", "kind", "counts"),
    [
        (-9, signal.SIGKILL, COMMAND, True),
        (0, signal.SIGKILL, COMMAND, False),
        (130, signal.SIGINT, COMMAND, True),
        (0, signal.SIGINT, COMMAND, False),
        (0, signal.SIGKILL, "worker", True),
    ],
)
def test_a_signal_after_the_end_of_a_command_is_no_kill(
    code: int, number: signal.Signals, kind: str, counts: bool
) -> None:
    assert has_killed(code, Hit((kind,), 0.1, number)) == counts


def test_a_signal_that_a_child_process_ignores_is_replaced(tmp_path: Path) -> None:
    script = (
        "import os, signal, time\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(100)\n"
        "os.waitpid(child, 0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running = Running(process.pid, time.monotonic(), tmp_path)
        hit = strike(running, Plan(CHILD, signal.SIGTERM, 0), 0, tmp_path)
        assert hit is not None
        assert hit.signal == signal.SIGKILL
        assert running.ends_within(60)
        assert strike(running, Plan(COMMAND, signal.SIGTERM, 0), 0, tmp_path) is None


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
    planned, hit = Plan(target, number, 0.5), Hit((kind,), 0.1, number)
    assert bool(list(wrong_ending(Ended(code, "", errors), planned, hit))) != good
