"""Law 8: killed at any instant, the store opens, and the next scan ends where an undisturbed one
would; the same for disks that refuse, tear or change what is written.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from headway.store import atomic_update as replacing
from headway.store.atomic_update import StoreWriteError
from headway.store.database import StoreDamagedError, connect_to_fill
from tests.support.git import Repo
from tests.support.processes import begin, eventually
from tests.support.story import Story, scan_days, story
from tests.support.workspaces import REMOVE_SIX, headway, scan, workspace

FIRST, SECOND = date(2020, 3, 2), date(2020, 3, 9)
SECOND_SCAN = ("scan", "--jobs", "1", "--today", str(SECOND))
LEFT = ("headway.duckdb.new*", "*.tmp", "*.wal")


@dataclass(frozen=True)
class Recorded:
    """A workspace between its first and its second scan, and how the second one goes.

    before: the store. after: what an undisturbed second scan makes of it. old, new: what they
    tell. calls: what that scan did to files of that name, as strace tells.
    """

    folder: Path
    before: bytes
    after: bytes
    old: Story
    new: Story
    calls: tuple[str, ...]

    @property
    def store(self) -> Path:
        return self.folder / "headway.duckdb"

    @property
    def left(self) -> list[Path]:
        return [path for pattern in LEFT for path in self.folder.glob(pattern)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = workspace(tmp_path_factory.mktemp("crash") / "ws", remove_six=REMOVE_SIX)
    store = folder / "headway.duckdb"
    repo = Repo(folder / "clones" / "shop")
    lines = "".join(f"import six  # {number}\n" for number in range(300))
    repo.commit("2020-02-10", {"a.py": lines, "b.py": "import six\n"})
    headway(folder, "scan", "--jobs", "1", "--today", str(FIRST))
    before, old = store.read_bytes(), story(store)
    repo.commit("2020-03-04", {"a.py": lines + "from six import x\n", "b.py": None})
    command = [sys.executable, "-m", "headway", "-C", str(folder), *SECOND_SCAN]
    log = folder / "calls"
    watched = [word for name in ("", ".new", ".new.wal") for word in ("-P", f"{store}{name}")]
    subprocess.run(["strace", "-f", "-y", *watched, "-o", log, *command], check=True)
    calls = tuple(log.read_text("utf-8", "replace").splitlines())
    return Recorded(folder, before, store.read_bytes(), old, story(store), calls)


@pytest.fixture
def it(recorded: Recorded) -> Recorded:
    """The same, whatever an earlier test has done to it."""
    for path in recorded.left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    recorded.store.write_bytes(recorded.before)
    return recorded


def assert_next_scan_makes_all_good(it: Recorded) -> None:
    scan(it.folder, SECOND)
    assert story(it.store) == it.new
    assert not it.left


def test_the_comparisons_can_fail(it: Recorded) -> None:
    assert it.old != it.new
    assert [len(told["items"]) for told in (it.old, it.new)] == [301, 302]


def test_at_every_call_the_store_is_the_old_one_or_the_new_one(it: Recorded) -> None:
    """One call changes it, and when that is made the disk has all of what takes its place."""
    store = re.escape(str(it.store))
    touches = re.compile(rf"(?:<{store}>|\"{store}\")")
    changes = [line for line in it.calls if touches.search(line) and _may_change(line)]
    assert len(changes) == 1
    assert re.search(rf'rename\("{store}\.new", "{store}"\)', changes[0])
    order = [
        word
        for line in it.calls
        for word in ("pwrite64", "fdatasync", "rename")
        if re.search(rf'{word}\((?:\d+<{store}\.new>|"{store}\.new")', line)
    ]
    assert order.count("pwrite64") > 3
    assert order[-2:] == ["fdatasync", "rename"]


LOOKS = (
    "access close fcntl flock fstat ioctl lseek lstat mmap newfstatat pread64 read readlink "
    "readlinkat sendfile stat statx"
)


def _may_change(line: str) -> bool:
    call = line.split(maxsplit=1)[1].partition("(")[0]
    return "O_RDONLY" not in line if call in ("open", "openat") else call not in LOOKS.split()


@pytest.mark.parametrize(
    ("file", "call", "when"),
    [
        (".new", "pwrite64", 4),
        (".new", "fdatasync", 2),
        (".new.wal", "write", 2),
        (".new", "rename", 1),
    ],
)
def test_killed_at_a_call(it: Recorded, file: str, call: str, when: int) -> None:
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", f"{it.store}{file}"]
    command += ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
    process = begin(it.folder, *SECOND_SCAN, under=command)
    process.communicate(timeout=120)
    assert process.returncode == -9
    assert it.left
    assert story(it.store) == it.old
    assert_next_scan_makes_all_good(it)


def test_killed_at_random(it: Recorded) -> None:
    chance = random.Random(8)
    lock = it.folder / "headway.duckdb.lock"
    for _ in range(4):
        lock.unlink(missing_ok=True)
        process = begin(it.folder, *SECOND_SCAN)
        assert eventually(lock.exists)
        time.sleep(chance.uniform(0, 0.7))
        process.kill()
        process.communicate()
        assert story(it.store) in (it.old, it.new)
    assert_next_scan_makes_all_good(it)


def test_whatever_a_killed_scan_has_left_counts_for_nothing(it: Recorded) -> None:
    chance = random.Random(2)
    new, log, spill = (it.folder / f"headway.duckdb.new{end}" for end in ("", ".wal", ".tmp"))
    for content in (b"", it.after, it.after[: chance.randrange(len(it.after))], b"\xff" * 9999):
        it.store.write_bytes(it.before)
        new.write_bytes(content)
        log.write_bytes(content[:5000])
        spill.mkdir()
        (spill / "block").write_bytes(content[:5000])
        assert story(it.store) == it.old
        assert_next_scan_makes_all_good(it)


@pytest.mark.parametrize("point", ["before_truncate", "before_header", "after_free_list_write"])
def test_an_abort_in_a_checkpoint(
    it: Recorded, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def aborting(path: Path, now: datetime) -> duckdb.DuckDBPyConnection:
        connection = connect_to_fill(path, now)
        connection.execute(f"SET debug_checkpoint_abort = '{point}'")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(replacing, "connect_to_fill", aborting)
        with pytest.raises(StoreWriteError, match="the history there is as it was"):
            scan(it.folder, SECOND)
    assert story(it.store) == it.old
    assert not it.left
    assert_next_scan_makes_all_good(it)


@pytest.mark.parametrize(
    ("file", "fault", "said"),
    [
        (".new", "pwrite64:error=ENOSPC", "No space left on device"),
        (".new", "fdatasync:error=EIO", "fsync failed"),
        (".new.wal", "write:error=ENOSPC", "No space left on device"),
        (".new", "rename:error=EIO", "Input/output error"),
    ],
)
def test_a_disk_that_refuses(it: Recorded, file: str, fault: str, said: str) -> None:
    call = fault.partition(":")[0]
    command = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-P"]
    command += [f"{it.store}{file}", "-e", f"trace={call}", "-e", f"inject={fault}"]
    process = begin(it.folder, *SECOND_SCAN, under=command)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert re.fullmatch(rf"error: .*could not be written \(.*{said}.*\).* try again\.\n", errors)
    assert story(it.store) == it.old
    assert not it.left
    assert_next_scan_makes_all_good(it)


def test_a_disk_that_is_full_before_the_scan_begins(it: Recorded) -> None:
    process = begin(it.folder, *SECOND_SCAN, under=["prlimit", "--fsize=100000"])
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "headway.duckdb could not be written (File too large)" in errors
    assert not it.left
    assert_next_scan_makes_all_good(it)


def test_a_disk_that_is_full_leaves_the_old_site(it: Recorded) -> None:
    headway(it.folder, "report", "--today", str(FIRST))
    before = site(it.folder)
    process = begin(it.folder, "report", "--today", str(SECOND), under=["prlimit", "--fsize=2000"])
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("error: cannot write ")
    assert site(it.folder) == before
    assert not list(it.folder.glob(".site*"))


def site(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (folder / "site").rglob("*") if path.is_file()}


def leave_a_log(store: Path) -> bytes:
    """Writes to the store as somebody's own tool might, and leaves it in the log."""
    with duckdb.connect(store) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute(
            "INSERT INTO mark SELECT 'remove-six', NULL, DATE '2020-03-03', 'note',"
            " 'number ' || range FROM range(2000)"
        )
    return store.with_name(f"{store.name}.wal").read_bytes()


def test_a_log_cut_short_leaves_a_prefix(it: Recorded) -> None:
    log = it.folder / "headway.duckdb.wal"
    content, chance = leave_a_log(it.store), random.Random(4)
    lengths = [0, 1, *(chance.randrange(len(content)) for _ in range(6)), len(content)]
    marks = []
    for length in lengths:
        it.store.write_bytes(it.before)
        log.write_bytes(content[:length])
        marks.append(len(story(it.store)["marks"]))
        assert story(it.store) | {"marks": []} == it.old | {"marks": []}
        scan(it.folder, SECOND)
        assert len(story(it.store)["marks"]) == marks[-1]
        assert story(it.store) | {"marks": []} == it.new | {"marks": []}
        assert not it.left
    assert marks == [0] * (len(lengths) - 1) + [2000]


def test_no_flipped_bit_in_a_log_ever_gives_other_numbers(it: Recorded) -> None:
    log = it.folder / "headway.duckdb.wal"
    content, chance = leave_a_log(it.store), random.Random(5)
    whole = story(it.store)
    damages = []
    for _ in range(40):
        harmed = bytearray(content)
        harmed[chance.randrange(len(harmed))] ^= 1 << chance.randrange(8)
        log.write_bytes(harmed)
        told = told_or_damage(it.store)
        if isinstance(told, str):
            damages.append(told)
        else:
            assert told in (it.old, whole)
    assert damages
    assert all("headway import --replace" in damage for damage in damages)


def told_or_damage(store: Path) -> Story | str:
    try:
        return story(store)
    except StoreDamagedError as error:
        return str(error)


def test_the_scan_log_tells_of_whole_scans_alone(it: Recorded) -> None:
    assert scan_days(it.store) == [FIRST]
    scan(it.folder, SECOND)
    assert scan_days(it.store) == [FIRST, SECOND]
