"""If the disk flips bits, commands print no wrong numbers and say how to restore the store."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from headway.store.database import StoreDamagedError
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

VIEWS = ("items", "movements", "repository_snapshots", "team_snapshots", "marks", "scans")


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace(tmp_path_factory.mktemp("scanned"))
    repo = Repo(made / "clones" / "shop")
    lines = "".join(f"import six  # {number}\n" for number in range(400))
    repo.commit("2020-02-10", {"a.py": lines})
    headway(made, "scan", "--today", "2020-03-02", "--jobs", "1")
    return made


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "ws", symlinks=True)


COMMANDS = {
    "status": (),
    "items": (),
    "burndown": ("remove-six",),
    "forecast": ("remove-six",),
    "digest": (),
    "exemptions": (),
    "owners": ("shop",),
    "query": ("SELECT count(*) FROM items",),
    "report": ("--jobs", "1"),
    "export": ("out",),
    "scan": ("--jobs", "1"),
}
"""The commands that read the store, with arguments."""


def everything(store: Path) -> dict[str, list[object]]:
    with open_store(store) as opened:
        return {view: sorted(opened.query(f"SELECT * FROM {view}")[1], key=repr) for view in VIEWS}


def flipped(content: bytes, bit: int) -> bytes:
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@pytest.mark.fault(5)
def test_a_flipped_bit_never_gives_wrong_numbers(folder: Path, tmp_path: Path) -> None:
    store = folder / "headway.duckdb"
    whole, content = everything(store), store.read_bytes()
    rng = random.Random(5)
    answers = []
    for _ in range(40):
        damaged = tmp_path / "harmed.duckdb"
        damaged.write_bytes(flipped(content, rng.randrange(len(content) * 8)))
        answers.append(answer(damaged))
    assert {result for result in answers if result != repr(whole)} == {"cannot be read"}


def answer(store: Path) -> str:
    try:
        return repr(everything(store))
    except StoreDamagedError:
        return "cannot be read"


@pytest.mark.fault(5)
@pytest.mark.parametrize("command", ["status", "items", "scan"])
def test_every_command_names_the_damage_and_how_to_restore(folder: Path, command: str) -> None:
    """Change all blocks after the headers, so that all data that commands read is damaged."""
    store = folder / "headway.duckdb"
    content = bytearray(store.read_bytes())
    for position in range(3 * 4096 + 512, len(content), 256):
        content[position] ^= 1
    store.write_bytes(content)
    message = headway(folder, command, "--today", "2020-03-09", code=1).stderr
    assert "cannot be read" in message
    assert "headway import --replace" in message
    assert store.read_bytes() == content


@pytest.mark.fault(5)
def test_every_command_notices_a_store_that_is_cut_off(folder: Path) -> None:
    store = folder / "headway.duckdb"
    content = store.read_bytes()
    lengths = [0, 1, 4096, 12288, *range(100_000, len(content) - 4096, len(content) // 5)]
    for command in COMMANDS:
        for length in lengths:
            store.write_bytes(content[:length])
            message = message_of(folder, command)
            assert " cannot be read (" in message, (command, length, message)
            assert "headway import --replace" in message
            assert store.stat().st_size == length


def message_of(folder: Path, command: str) -> str:
    """Return the only line that a failing command writes to standard error."""
    arguments = [str(folder / name) if name == "out" else name for name in COMMANDS[command]]
    result = headway(folder, command, *arguments, code=1)
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.fault(5)
def test_every_command_notices_blocks_that_are_exchanged_or_empty(folder: Path) -> None:
    """Exchanged blocks have the right checksums, but are in the wrong positions."""
    store = folder / "headway.duckdb"
    content, size, rng = store.read_bytes(), 1 << 18, random.Random(6)
    places = range(3 * 4096, len(content) - size, size)
    for command in COMMANDS:
        one, other = rng.sample(places, 2)
        for block in (content[other : other + size], bytes(size)):
            store.write_bytes(content[:one] + block + content[one + size :])
            assert "some blocks are in the wrong position" in message_of(folder, command)


def make_pipe(store: Path) -> None:
    os.mkfifo(store)


def make_loop(store: Path) -> None:
    store.symlink_to(store)


def make_foreign(store: Path) -> None:
    with duckdb.connect(store) as connection:
        connection.execute("CREATE TABLE schema_version AS SELECT 42 AS theirs")


NO_FILE = "is not a regular file; move it away, or set another `path` under [store]"
FOREIGN = "is the database of another program; move it away, or set another `path`"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_pipe, NO_FILE),
        (Path.mkdir, NO_FILE),
        (make_loop, "error: cannot "),
        (make_foreign, FOREIGN),
    ],
)
def test_every_command_names_a_store_that_is_none(
    folder: Path, make: Callable[[Path], object], said: str
) -> None:
    store = folder / "headway.duckdb"
    store.unlink()
    make(store)
    for command in COMMANDS:
        assert said in message_of(folder, command)


def test_another_program_may_delete_tables_of_its_own(folder: Path) -> None:
    """DuckDB then shortens the file and removes Headway's trailer, but damages nothing."""
    store, before = folder / "headway.duckdb", rows(folder, "items")
    for sql in ("CREATE TABLE theirs AS FROM range(900000)", "DROP TABLE theirs"):
        with duckdb.connect(store) as connection:
            connection.execute(sql)
    assert rows(folder, "items") == before
    headway(folder, "scan", "--jobs", "1", "--today", "2020-03-09")
    assert rows(folder, "items") == before


@pytest.mark.fault(5)
def test_a_truncated_store_is_restored_from_its_export(folder: Path) -> None:
    store = folder / "headway.duckdb"
    items = rows(folder, "items")
    store.write_bytes(store.read_bytes()[:5000])
    message = headway(folder, "status", code=1).stderr
    assert message.startswith("error: ")
    assert "headway import --replace" in message
    headway(folder, "import", "--replace", str(folder / "headway.duckdb.export"))
    assert rows(folder, "items") == items


def test_without_any_store_the_history_is_computed_again(folder: Path) -> None:
    items = rows(folder, "items")
    (folder / "headway.duckdb").unlink()
    shutil.rmtree(folder / "headway.duckdb.export")
    headway(folder, "scan", "--today", date(2020, 3, 9).isoformat(), "--jobs", "1")
    assert rows(folder, "items") == items


@pytest.mark.fault(5)
def test_damage_found_by_a_worker_is_reported_for_the_store(tmp_path: Path) -> None:
    made = workspace(tmp_path / "ws")
    lines = "".join(f"import six  # {number}\n" for number in range(5000))
    Repo(made / "clones" / "shop").commit("2020-02-10", {"a.py": lines})
    headway(made, "scan", "--today", "2020-03-02", "--jobs", "1")
    store = made / "headway.duckdb"
    content = store.read_bytes()
    for block in reversed(range(3 * 4096, len(content) - 4096, 1 << 18)):
        store.write_bytes(flipped(content, (block + 1000) * 8))
        result = headway(made, "report", "--today", "2020-03-02", "--jobs", "2", code=None)
        if can_be_opened(store) and result.exit_code:
            break
    assert result.stderr.startswith(f"error: {store} cannot be read (")


def can_be_opened(store: Path) -> bool:
    try:
        with open_store(store) as opened:
            return bool(opened.repositories.records())
    except StoreDamagedError:
        return False
