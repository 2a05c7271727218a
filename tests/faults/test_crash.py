"""Law 8 of ARCHITECTURE.md: after a killed scan, the store opens and rescans are correct.

The same applies to disks that fail to write, write incompletely, or flip bits.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from headway.store import atomic_update
from headway.store.atomic_update import StoreWriteError
from headway.store.database import StoreDamagedError, connect_to_fill
from tests.support.git import Repo
from tests.support.processes import PATIENCE, begin, eventually
from tests.support.programs import strace
from tests.support.story import Story, scan_days, story
from tests.support.thorough import repeat, sample
from tests.support.workspaces import REMOVE_SIX, headway, scan, workspace

FIRST, SECOND = date(2020, 3, 2), date(2020, 3, 9)
SECOND_SCAN = ("scan", "--jobs", "1", "--today", str(SECOND))
URLLIB3 = """title: Leave urllib3 1
starts: 2020-01-06
deprecated:
  - {id: old, scanner: dependency, ecosystem: pypi, package: urllib3, versions: "<2"}
"""
LOCK = '[[package]]\nname = "urllib3"\nversion = "{}"\n'
PROJECT = '[tool.poetry.dependencies]\nurllib3 = "*"\n'
LEFTOVERS = ("headway.duckdb.new*", "*.tmp", "*.wal")


@dataclass(frozen=True)
class DisturbedScan:
    """A workspace after its first scan, with a recording of an undisturbed second scan."""

    folder: Path
    before: bytes
    """The store after the first scan."""
    after: bytes
    """The store after the second scan."""
    old: Story
    """The content of the store after the first scan."""
    new: Story
    """The content of the store after the second scan."""
    calls: tuple[str, ...]
    """The system calls of the second scan on the files of the store, as strace prints them."""

    @property
    def store(self) -> Path:
        return self.folder / "headway.duckdb"

    @property
    def leftovers(self) -> list[Path]:
        return [path for pattern in LEFTOVERS for path in self.folder.glob(pattern)]


@pytest.fixture(scope="module")
def recorded_scan(tmp_path_factory: pytest.TempPathFactory) -> DisturbedScan:
    folder = workspace(
        tmp_path_factory.mktemp("crash") / "ws", remove_six=REMOVE_SIX, urllib3=URLLIB3
    )
    store = folder / "headway.duckdb"
    repo = Repo(folder / "clones" / "shop")
    lines = "".join(f"import six  # {number}\n" for number in range(300))
    locked = {"pyproject.toml": PROJECT, "poetry.lock": LOCK.format("1.26.5")}
    repo.commit("2020-02-10", {"a.py": lines, "b.py": "import six\n", **locked})
    headway(folder, "scan", "--jobs", "1", "--today", str(FIRST))
    before, old = store.read_bytes(), story(store)
    repo.commit("2020-03-04", {"a.py": lines + "from six import x\n", "b.py": None})
    repo.commit("2020-03-05", {"poetry.lock": LOCK.format("2.0.0"), "b.txt": ""})
    command = [sys.executable, "-m", "headway", "-C", str(folder), *SECOND_SCAN]
    log = folder / "calls"
    subprocess.run([*strace("-f", "-y", *watched(store), "-o", str(log)), *command], check=True)
    calls = tuple(log.read_text("utf-8", "replace").splitlines())
    return DisturbedScan(folder, before, store.read_bytes(), old, story(store), calls)


def watched(store: Path) -> list[str]:
    """Return options that restrict strace to the files of a store."""
    return [word for name in ("", ".new", ".new.wal") for word in ("-P", f"{store}{name}")]


@pytest.fixture
def case(recorded_scan: DisturbedScan) -> DisturbedScan:
    """Return the recorded scan, reset to the state after the first scan."""
    reset(recorded_scan)
    return recorded_scan


def reset(case: DisturbedScan) -> None:
    for path in case.leftovers:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    case.store.write_bytes(case.before)


def assert_next_scan_is_correct(case: DisturbedScan) -> None:
    scan(case.folder, SECOND)
    assert story(case.store) == case.new
    assert not case.leftovers


def test_the_comparisons_can_fail(case: DisturbedScan) -> None:
    assert case.old != case.new
    assert [len(result["items"]) for result in (case.old, case.new)] == [302, 303]


def test_one_atomic_rename_replaces_the_store(case: DisturbedScan) -> None:
    """The new store is synchronised to disk before it is renamed."""
    store = re.escape(str(case.store))
    touches = re.compile(rf"(?:<{store}>|\"{store}\")")
    changes = [line for line in case.calls if touches.search(line) and _may_change(line)]
    assert len(changes) == 1
    assert re.search(rf'rename\("{store}\.new", "{store}"\)', changes[0])
    order = [
        word
        for line in case.calls
        for word in ("pwrite64", "fdatasync", "fsync", "rename")
        if re.search(rf'{word}\((?:\d+<{store}\.new>|"{store}\.new")', line)
    ]
    assert order.count("pwrite64") > 3
    assert order[-3:] == ["pwrite64", "fsync", "rename"]


READING_CALLS = (
    "access close fcntl flock fstat ioctl lseek lstat mmap newfstatat pread64 read readlink "
    "readlinkat sendfile stat statx"
)


def _name(line: str) -> str:
    return line.split(maxsplit=1)[1].partition("(")[0]


def _may_change(line: str) -> bool:
    call = _name(line)
    return (
        "O_RDONLY" not in line if call in ("open", "openat") else call not in READING_CALLS.split()
    )


CHANGING_CALLS = (
    *("unlink", "chmod", "write", "pwrite64", "fdatasync"),
    *("ftruncate", "fsync", "rename"),
)


def test_all_calls_that_change_files_are_known(case: DisturbedScan) -> None:
    lines = [line for line in case.calls if re.match(r"\d+ +\w+\(", line)]
    calls = {_name(line) for line in lines if _may_change(line)}
    assert {"pwrite64", "fdatasync", "rename"} <= calls <= {*CHANGING_CALLS, "openat"}


@pytest.mark.fault(1)
@pytest.mark.slow
@pytest.mark.parametrize("call", CHANGING_CALLS)
def test_killed_at_every_call_that_changes_a_file(case: DisturbedScan, call: str) -> None:
    """A kill at any other call leaves the same files, or the same files and an empty new file."""
    planned = sample(_kills(case.calls, call), 3)
    kills = 0
    for options, when in planned:
        reset(case)
        command = strace(*options, "-qq", "-o", "/dev/null", *watched(case.store))
        command += ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
        process = begin(case.folder, *SECOND_SCAN, under=command)
        process.communicate(timeout=PATIENCE)
        kills += process.returncode == -9
        assert process.returncode in (0, -9)
        if case.store.read_bytes() != case.before:
            assert story(case.store) in (case.old, case.new)
        assert_next_scan_is_correct(case)
    assert bool(kills) == bool(planned)


def _kills(calls: tuple[str, ...], call: str) -> list[tuple[tuple[str, ...], int]]:
    """Return strace options and the call number for each call at which to kill the scan.

    Strace counts the calls of each thread. Without `-f`, it watches only the main thread. With
    `-f`, it watches all threads, and DuckDB may make the same call in any of them.
    """
    threads = Counter(line.split()[0] for line in calls if _name(line) == call)
    main = threads.pop(calls[0].split()[0], 0)
    most = max(threads.values(), default=0)
    # With the kernel filter (`--seccomp-bpf`), strace stops the scan only at this call.
    return [((), when) for when in range(1, main + 1)] + [
        (("-f", "--seccomp-bpf"), when) for when in range(1, most + 1)
    ]


@pytest.mark.fault(2)
def test_killed_at_random_times(case: DisturbedScan) -> None:
    rng = random.Random(8)
    lock = case.folder / "headway.duckdb.lock"
    for _ in range(repeat(2, thorough=40)):
        lock.unlink(missing_ok=True)
        process = begin(case.folder, *SECOND_SCAN)
        assert eventually(lock.exists)
        time.sleep(rng.uniform(0, 0.7))
        process.kill()
        process.communicate()
        assert story(case.store) in (case.old, case.new)
    assert_next_scan_is_correct(case)


@pytest.mark.fault(1)
@pytest.mark.fault(2)
def test_leftovers_of_a_killed_scan_are_ignored(case: DisturbedScan) -> None:
    rng = random.Random(2)
    new, log, spill = (case.folder / f"headway.duckdb.new{end}" for end in ("", ".wal", ".tmp"))
    for content in (b"", case.after, case.after[: rng.randrange(len(case.after))], b"\xff" * 9999):
        case.store.write_bytes(case.before)
        new.write_bytes(content)
        log.write_bytes(content[:5000])
        spill.mkdir()
        (spill / "block").write_bytes(content[:5000])
        assert story(case.store) == case.old
        assert_next_scan_is_correct(case)


@pytest.mark.fault(3)
@pytest.mark.parametrize("point", ["before_truncate", "before_header", "after_free_list_write"])
def test_an_aborted_checkpoint(
    case: DisturbedScan, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def aborting(
        path: Path, now: datetime, connection: duckdb.DuckDBPyConnection | None
    ) -> duckdb.DuckDBPyConnection:
        connection = connect_to_fill(path, now, connection=connection)
        connection.execute(f"SET debug_checkpoint_abort = '{point}'")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(atomic_update, "connect_to_fill", aborting)
        with pytest.raises(StoreWriteError, match="its history is unchanged"):
            scan(case.folder, SECOND)
    assert story(case.store) == case.old
    assert not case.leftovers
    assert_next_scan_is_correct(case)


@pytest.mark.fault(6)
@pytest.mark.fault(7)
@pytest.mark.parametrize(
    ("file", "fault", "message"),
    [
        (".new", "pwrite64:error=ENOSPC", "No space left on device"),
        (".new", "fdatasync:error=EIO", "fsync failed"),
        (".new.wal", "write:error=ENOSPC", "No space left on device"),
        (".new", "rename:error=EIO", "Input/output error"),
    ],
)
def test_write_errors(case: DisturbedScan, file: str, fault: str, message: str) -> None:
    call = fault.partition(":")[0]
    command = strace("-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-P")
    command += [f"{case.store}{file}", "-e", f"trace={call}", "-e", f"inject={fault}"]
    process = begin(case.folder, *SECOND_SCAN, under=command)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert re.fullmatch(rf"error: .*could not be written \(.*{message}.*\).* try again\.\n", errors)
    assert story(case.store) == case.old
    assert not case.leftovers
    assert_next_scan_is_correct(case)


@pytest.mark.fault(6)
def test_a_full_disk_before_the_scan_begins(case: DisturbedScan) -> None:
    process = begin(case.folder, *SECOND_SCAN, under=["prlimit", "--fsize=100000"])
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "headway.duckdb could not be written (File too large)" in errors
    assert not case.leftovers
    assert_next_scan_is_correct(case)


@pytest.mark.fault(6)
def test_a_full_disk_leaves_the_old_site(case: DisturbedScan) -> None:
    headway(case.folder, "report", "--today", str(FIRST))
    before = site(case.folder)
    process = begin(
        case.folder, "report", "--today", str(SECOND), under=["prlimit", "--fsize=2000"]
    )
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors.startswith("error: cannot write ")
    assert site(case.folder) == before
    assert not list(case.folder.glob(".site*"))


def site(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (folder / "site").rglob("*") if path.is_file()}


def leave_write_ahead_log(store: Path) -> bytes:
    """Write to the store like an external tool, and leave the changes in the write-ahead log."""
    with duckdb.connect(store) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute(
            "INSERT INTO mark (campaign, repository, day, kind, description)"
            " SELECT 'remove-six', NULL, DATE '2020-03-03', 'note',"
            " 'number ' || range FROM range(2000)"
        )
    return store.with_name(f"{store.name}.wal").read_bytes()


@pytest.mark.fault(4)
def test_a_truncated_log_leaves_a_prefix_of_whole_transactions(case: DisturbedScan) -> None:
    log = case.folder / "headway.duckdb.wal"
    content, rng = leave_write_ahead_log(case.store), random.Random(4)
    lengths = [
        0,
        1,
        *(rng.randrange(len(content)) for _ in range(repeat(2, thorough=60))),
        len(content),
    ]
    marks = []
    for length in lengths:
        case.store.write_bytes(case.before)
        log.write_bytes(content[:length])
        marks.append(len(story(case.store)["marks"]))
        assert story(case.store) | {"marks": []} == case.old | {"marks": []}
        scan(case.folder, SECOND)
        assert len(story(case.store)["marks"]) == marks[-1]
        assert story(case.store) | {"marks": []} == case.new | {"marks": []}
        assert not case.leftovers
    assert marks == [0] * (len(lengths) - 1) + [2000]


@pytest.mark.fault(5)
def test_a_flipped_bit_in_a_log_never_gives_wrong_numbers(case: DisturbedScan) -> None:
    log = case.folder / "headway.duckdb.wal"
    content, rng = leave_write_ahead_log(case.store), random.Random(5)
    whole = story(case.store)
    damages = []
    for _ in range(40):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        log.write_bytes(damaged)
        result = story_or_damage(case.store)
        if isinstance(result, str):
            damages.append(result)
        else:
            assert result in (case.old, whole)
    assert damages
    assert all("headway import --replace" in damage for damage in damages)


def story_or_damage(store: Path) -> Story | str:
    try:
        return story(store)
    except StoreDamagedError as error:
        return str(error)


def test_the_scan_log_contains_only_complete_scans(case: DisturbedScan) -> None:
    assert scan_days(case.store) == [FIRST]
    scan(case.folder, SECOND)
    assert scan_days(case.store) == [FIRST, SECOND]
