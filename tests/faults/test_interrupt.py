"""Ctrl-C and SIGTERM cause one error line and leave no processes or partial results."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.processes import PATIENCE, begin, eventually, has_open, interrupt, left_behind
from tests.support.story import story
from tests.support.thorough import repeat
from tests.support.workspaces import REMOVE_SIX, headway, workspace

TODAY = ("--today", "2020-03-02")
SLOW = """import itertools, time
from pathlib import Path
from headway import ContentScanner, Match, Options

class Slow(ContentScanner[Options]):
    name = "slow"
    path_matters = False

    def find(self, options, path, content):
        if Path(__file__).with_name("brake").exists():
            Path(__file__).with_name("called").touch()
            {wait}
        return [Match(text="slow", line=1)]
"""
SLEEPS = "time.sleep(0.05)"
HANGS_IN_C = "sum(itertools.repeat(0))"
MESSAGE = "error: interrupted; no partial results were saved.\n"


def slow(folder: Path, wait: str = SLEEPS) -> Path:
    """Create a workspace whose scan takes several seconds if the file `scanners/brake` exists."""
    slow = "title: Slow\nstarts: 2020-01-06\ndeprecated: [{id: slow, scanner: slow}]\n"
    workspace(folder, remove_six=REMOVE_SIX, slow=slow)
    (folder / "scanners").mkdir()
    (folder / "scanners" / "slow.py").write_text(SLOW.format(wait=wait))
    for name in ("one", "two", "three"):
        files: dict[str, str | bytes | None] = {
            f"{number:02}.py": f"import six  # {name} {number}\n" for number in range(40)
        }
        Repo(folder / "clones" / name).commit("2020-02-10", files)
    return folder


@pytest.mark.fault(31)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_headway_starts(tmp_path: Path, number: signal.Signals) -> None:
    loading = tmp_path / "loading"
    slow_click = f"import pathlib, time\npathlib.Path({str(loading)!r}).touch()\ntime.sleep(60)\n"
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "click.py").write_text(slow_click)
    status = begin(tmp_path, "status", under=["env", f"PYTHONPATH={tmp_path / 'modules'}"])
    assert eventually(loading.exists)
    os.killpg(status.pid, number)
    assert status.communicate(timeout=PATIENCE) == ("", MESSAGE)
    assert status.returncode == 128 + number


@pytest.mark.fault(31)
def test_an_import_is_completed_before_a_signal_ends_the_command(tmp_path: Path) -> None:
    """An exception during the import of a C++ module would abort the process."""
    (tmp_path / "interrupted.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nprint('imported', flush=True)\n"
    )
    code = """
from headway.cli import signals
import time
signals.expect(None)
signals.listen()
try:
    import interrupted
    time.sleep(60)
except KeyboardInterrupt:
    raise SystemExit(signals.exit_code())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, "imported\n", "")


def slow_down(folder: Path) -> Path:
    """Slow the scanner down. Return the path of a file that the scanner creates when called."""
    (folder / "scanners" / "brake").touch()
    called = folder / "scanners" / "called"
    called.unlink(missing_ok=True)
    return called


def assert_ended(folder: Path, scan: subprocess.Popen[str], code: int = 130) -> None:
    _, errors = scan.communicate(timeout=PATIENCE)
    assert (scan.returncode, errors) == (code, MESSAGE)
    assert eventually(lambda: not left_behind(folder)), left_behind(folder)
    assert not list(folder.glob(".headway/**/*.new*"))


def assert_next_scan_is_correct(folder: Path, undisturbed: Path) -> None:
    (folder / "scanners" / "brake").unlink()
    headway(folder, "scan", "--jobs", "2", *TODAY)
    if not (undisturbed / "headway.duckdb").exists():
        headway(slow(undisturbed), "scan", "--jobs", "2", *TODAY)
    assert story(folder / "headway.duckdb") == story(undisturbed / "headway.duckdb")


@pytest.mark.fault(31)
@pytest.mark.parametrize("times", [1, 2])
def test_control_c_while_scanners_run(tmp_path: Path, times: int) -> None:
    folder = slow(tmp_path / "ws")
    called = slow_down(folder)
    scan = begin(folder, "scan", "--jobs", "2", *TODAY)
    assert eventually(called.exists)
    for _ in range(times):
        interrupt(scan)
        time.sleep(0.1)
    assert_ended(folder, scan)
    assert_next_scan_is_correct(folder, tmp_path / "undisturbed")


@pytest.mark.fault(31)
def test_control_c_while_a_scanner_handles_no_signals(tmp_path: Path) -> None:
    folder = slow(tmp_path / "ws", HANGS_IN_C)
    called = slow_down(folder)
    scan = begin(folder, "scan", "--jobs", "2", *TODAY)
    assert eventually(called.exists)
    interrupt(scan)
    assert_ended(folder, scan)


@pytest.mark.fault(31)
def test_control_c_at_any_time(tmp_path: Path) -> None:
    """Interrupt scans at random times, even while workers start or the store is written."""
    folder = slow(tmp_path / "ws")
    lock = folder / "headway.duckdb.lock"
    rng = random.Random(31)
    for _ in range(repeat(2, thorough=40)):
        slow_down(folder)
        lock.unlink(missing_ok=True)
        scan = begin(folder, "scan", "--jobs", "2", *TODAY)
        assert eventually(lock.exists)
        time.sleep(rng.uniform(0, 1.5))
        interrupt(scan)
        assert_ended(folder, scan)
    assert_next_scan_is_correct(folder, tmp_path / "undisturbed")


@pytest.mark.fault(31)
def test_control_c_during_a_query(tmp_path: Path) -> None:
    """An interrupted query exits like other commands, although DuckDB raises its own error."""
    folder = slow(tmp_path / "ws")
    headway(folder, "scan", "--jobs", "1", *TODAY)
    called = begin(
        folder, "query", "SELECT sum(a.range + b.range) FROM range(10000000) a, range(10000000) b"
    )
    assert eventually(lambda: has_open(called.pid, folder / "headway.duckdb"))
    time.sleep(0.2)
    interrupt(called)
    assert_ended(folder, called)


def test_sigterm_to_the_coordinator_only(tmp_path: Path) -> None:
    folder = slow(tmp_path / "ws")
    called = slow_down(folder)
    scan = begin(folder, "scan", "--jobs", "2", *TODAY)
    assert eventually(called.exists)
    scan.send_signal(signal.SIGTERM)
    assert_ended(folder, scan, 143)


SLOW_PAGE = "{% for one in range(100000) %}{% for other in range(100000) %}{% endfor %}{% endfor %}"


@pytest.mark.fault(31)
@pytest.mark.parametrize(("jobs", "times"), [("1", 2), ("2", 1)])
def test_control_c_during_a_site_build(tmp_path: Path, jobs: str, times: int) -> None:
    folder = make_slow_site(tmp_path)
    report = begin(folder, "report", "--jobs", jobs, *TODAY)
    assert eventually(lambda: bool(list(folder.glob(".site.*/site/teams/*/index.html"))))
    for _ in range(times):
        interrupt(report)
        time.sleep(0.1)
    assert_only_the_old_site_is_left(folder, report)


@pytest.mark.fault(31)
def test_control_c_at_any_time_of_a_site_build(tmp_path: Path) -> None:
    """Interrupt site builds at random times, even while workers start."""
    folder = make_slow_site(tmp_path)
    rng = random.Random(7)
    for _ in range(repeat(2, thorough=40)):
        report = begin(folder, "report", "--jobs", "2", *TODAY)
        assert eventually(lambda: bool(list(folder.glob(".site.*/site"))))
        time.sleep(rng.uniform(0, 1))
        interrupt(report)
        assert_only_the_old_site_is_left(folder, report)


def make_slow_site(folder: Path) -> Path:
    """Create a workspace with a site and a template whose rendering never ends."""
    workspace(folder, remove_six=REMOVE_SIX)
    for name in ("one", "two"):
        Repo(folder / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    headway(folder, "scan", "--jobs", "1", *TODAY)
    headway(folder, "report", *TODAY)
    (folder / "reports").mkdir()
    (folder / "reports" / "repository.html").write_text(SLOW_PAGE)
    (folder / "before").write_bytes((folder / "site" / "index.html").read_bytes())
    return folder


def assert_only_the_old_site_is_left(folder: Path, report: subprocess.Popen[str]) -> None:
    assert_ended(folder, report)
    assert (folder / "site" / "index.html").read_bytes() == (folder / "before").read_bytes()
    assert not list(folder.glob(".*.headway-*"))


def test_an_interrupt_while_python_evaluates_a_text_does_not_change_the_exit_code(
    tmp_path: Path,
) -> None:
    # `python -m` ends with SIGINT after `exec("raise KeyboardInterrupt")`, even if the exception is
    # handled.
    (tmp_path / "program.py").write_text(
        "import sys\n"
        "from headway.cli import signals\n"
        "try:\n"
        "    exec('raise KeyboardInterrupt')\n"
        "except KeyboardInterrupt:\n"
        "    signals.ignore()\n"
        "    sys.exit(130)\n"
    )
    command = (sys.executable, "-m", "program")
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 130
