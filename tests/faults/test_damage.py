"""If a disk flips bits, an error says how to restore the store. Numbers are never wrong."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from headway.store.database import StoreDamagedError
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

VIEWS = ("items", "movements", "repository_snapshots", "team_snapshots", "marks", "scans")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws")
    repo = Repo(made / "clones" / "shop")
    lines = "".join(f"import six  # {number}\n" for number in range(400))
    repo.commit("2020-02-10", {"a.py": lines})
    headway(made, "scan", "--today", "2020-03-02", "--jobs", "1")
    return made


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
    for block in reversed(range(3 * 4096, len(content), 1 << 18)):
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
