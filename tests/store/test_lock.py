"""The write lock allows one writer at a time, ignores dead writers and blocks no readers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from headway.store.lock import StoreBusyError, WriteLock, holder, lock_path
from tests.support.git import Repo
from tests.support.processes import PATIENCE, alive, begin, eventually
from tests.support.story import scan_days
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace

NOW = datetime(2020, 3, 2, 12, tzinfo=UTC)
HELD = """import time
from pathlib import Path
from headway import ContentScanner, Match, Options

class Held(ContentScanner[Options]):
    name = "held"

    def find(self, options, path, content):
        Path(__file__).with_name("asked").touch()
        while Path(__file__).with_name("hold").exists():
            time.sleep(0.01)
        return []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a scanned workspace whose next scan waits until `scanners/hold` is removed."""
    held = "title: Held\nstarts: 2020-01-06\ndeprecated: [{id: held, scanner: held}]\n"
    made = workspace(tmp_path / "ws", remove_six=REMOVE_SIX, held=held)
    (made / "scanners").mkdir()
    (made / "scanners" / "held.py").write_text(HELD)
    repo = Repo(made / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n"})
    headway(made, "scan", "--jobs", "1", "--today", "2020-03-02")
    repo.commit("2020-03-04", {"b.py": "from six import x\n"})
    (made / "scanners" / "asked").unlink()
    (made / "scanners" / "hold").touch()
    return made


@pytest.fixture
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    scan = begin(folder, "scan", "--jobs", "1", "--today", "2020-03-09")
    assert eventually((folder / "scanners" / "asked").exists)
    yield scan
    scan.kill()
    scan.communicate()


@pytest.mark.fault(8)
def test_the_second_scan_exits_and_names_the_holder(
    folder: Path, running: subprocess.Popen[str]
) -> None:
    before = (folder / "headway.duckdb").read_bytes()
    message = headway(folder, "scan", "--today", "2020-03-16", code=1).stderr
    assert f"headway.duckdb is in use by process {running.pid} on " in message
    assert "try again when that process has finished, or stop it" in message
    assert (folder / "headway.duckdb").read_bytes() == before
    (folder / "scanners" / "hold").unlink()
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, errors
    assert scan_days(folder / "headway.duckdb") == [date(2020, 3, 2), date(2020, 3, 9)]


@pytest.mark.fault(9)
def test_a_reader_sees_the_last_completed_scan(
    folder: Path, running: subprocess.Popen[str]
) -> None:
    assert len(rows(folder, "items")) == 1
    assert scan_days(folder / "headway.duckdb") == [date(2020, 3, 2)]
    headway(folder, "report")
    (folder / "scanners" / "hold").unlink()
    running.communicate(timeout=PATIENCE)
    assert len(rows(folder, "items")) == 2


@pytest.mark.fault(9)
def test_a_reader_does_not_block_a_scan(folder: Path, running: subprocess.Popen[str]) -> None:
    import duckdb

    with duckdb.connect(folder / "headway.duckdb", read_only=True) as reader:
        (folder / "scanners" / "hold").unlink()
        _, errors = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, errors
        assert reader.execute("SELECT count(*) FROM scans").fetchall() == [(1,)]
    assert len(scan_days(folder / "headway.duckdb")) == 2


@pytest.mark.fault(8)
def test_the_lock_of_a_dead_process_is_ignored(
    folder: Path, running: subprocess.Popen[str]
) -> None:
    running.kill()
    running.communicate()
    assert not alive(running.pid)
    assert f"process {running.pid} on " in holder(folder / "headway.duckdb")
    (folder / "scanners" / "hold").unlink()
    headway(folder, "scan", "--jobs", "1", "--today", "2020-03-09")
    assert len(rows(folder, "items")) == 2


@pytest.mark.fault(8)
def test_workers_of_a_dead_process_do_not_hold_the_lock(
    folder: Path, running: subprocess.Popen[str]
) -> None:
    """Worker processes outlive a killed scan for a moment, but they do not hold the lock."""
    running.kill()
    running.communicate()
    with WriteLock(folder / "headway.duckdb", NOW):
        pass


def test_the_lock_file_names_the_holder_until_the_lock_is_released(tmp_path: Path) -> None:
    store = tmp_path / "headway.duckdb"
    with WriteLock(store, NOW):
        written = json.loads(lock_path(store).read_text())
        assert written["since"] == "2020-03-02 12:00:00 UTC"
        with pytest.raises(StoreBusyError, match="since 2020-03-02 12:00:00 UTC"):
            WriteLock(store, NOW).__enter__()
    assert lock_path(store).read_bytes() == b""
    with WriteLock(store, NOW):
        pass


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[1, 2]", '"x"', "\x00", '{"process": 1}', pytest.param("[" * 100_000, id="deep")],
)
def test_a_lock_file_with_other_content(tmp_path: Path, content: str) -> None:
    store = tmp_path / "headway.duckdb"
    lock_path(store).write_text(content)
    assert holder(store) == "another process"
    with WriteLock(store, NOW):
        pass


@pytest.mark.fault(8)
@pytest.mark.fault(9)
def test_another_program_that_writes_to_the_store(folder: Path) -> None:
    (folder / "scanners" / "hold").unlink()
    program = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    tool = subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "headway.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tool.stdout is not None
    assert tool.stdout.readline() == "ready\n"
    for command in ("status", "scan"):
        message = headway(folder, command, code=1).stderr
        assert f"headway.duckdb is in use by process {tool.pid}; " in message
    tool.communicate()
    headway(folder, "scan", "--jobs", "1", "--today", "2020-03-09")
