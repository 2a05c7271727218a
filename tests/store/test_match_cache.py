"""The match cache never returns wrong matches, even after kills and damage."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from headway.store import match_cache
from headway.store.match_cache import MatchCache


def _named(*numbers: int) -> list[bytes]:
    return [b"%040d" % number for number in numbers]


def test_entries_are_found_by_their_names(tmp_path: Path) -> None:
    cache = MatchCache(tmp_path / "matches")
    one, two, three = _named(1, 2, 3)
    assert cache.get([one]) == {}
    cache.put({one: b"first", two: b""})
    assert cache.get([one, two, three]) == {one: b"first", two: b""}
    cache.put({one: b"second"})
    assert cache.get([one]) == {one: b"second"}


def test_the_cache_remains_within_its_size_and_keeps_what_is_used(tmp_path: Path) -> None:
    cache = MatchCache(tmp_path / "matches", max_bytes=100_000)
    (used,) = _named(0)
    cache.put({used: b"used"})
    for number in range(1, 60):
        cache.put({b"%d" % number: b"x" * 5_000})
        assert cache.get([used]) == {used: b"used"}
        files = list(cache.folder.iterdir())
        assert len(files) <= 2
        assert sum(file.stat().st_size for file in files) < 150_000
    assert cache.get([b"1"]) == {}


def test_a_changed_byte_never_changes_an_answer(tmp_path: Path) -> None:
    names = _named(*range(300))
    entries = {name: b"value of " + name for name in names}
    chance = random.Random(7)
    for attempt in range(20):
        cache = MatchCache(tmp_path / str(attempt))
        cache.put(entries)
        file = cache.folder / "1.sqlite"
        content = bytearray(file.read_bytes())
        for _ in range(20):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        found = cache.get(names)
        assert found.items() <= entries.items()
        cache.put(entries)
        cache.put(entries)
        assert cache.get(names).items() <= entries.items()


def test_a_value_is_not_returned_for_another_name(tmp_path: Path) -> None:
    cache = MatchCache(tmp_path)
    one, two = _named(1, 2)
    cache.put({one: b"first", two: b"second"})
    with closing(sqlite3.connect(tmp_path / "1.sqlite")) as database, database:
        database.execute("UPDATE entry SET value = (SELECT max(value) FROM entry)")
    assert len(cache.get([one, two])) == 1


def test_a_file_that_is_no_database_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "4.sqlite").write_text("This is no database. " * 100)
    cache = MatchCache(tmp_path)
    (name,) = _named(1)
    assert cache.get([name]) == {}
    cache.put({name: b"value"})
    assert cache.get([name]) == {name: b"value"}


def test_a_folder_that_cannot_be_written_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "matches").write_text("a file")
    cache = MatchCache(tmp_path / "matches")
    cache.put({b"name": b"value"})
    assert cache.get([b"name"]) == {}
    assert (tmp_path / "matches").read_text() == "a file"


def test_another_process_holds_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_cache, "_LOCK_SECONDS", 0.0)
    cache = MatchCache(tmp_path)
    one, two = _named(1, 2)
    cache.put({one: b"first"})
    with closing(sqlite3.connect(tmp_path / "1.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cache.put({two: b"second"})
        assert cache.get([one, two]) == {one: b"first"}


_WRITER = """
import sys
from pathlib import Path
from headway.store.match_cache import MatchCache
cache = MatchCache(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    cache.put({b"%040d" % (number + place): b"%d" % (number + place) for place in range(500)})
    number += 500
"""


def test_killed_writers_leave_only_whole_entries(tmp_path: Path) -> None:
    for _ in range(3):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, os.fspath(tmp_path)], stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        while not MatchCache(tmp_path).get(_named(2_000)):
            pass
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        found = MatchCache(tmp_path).get(_named(*range(10_000)))
        assert found
        assert all(value == b"%d" % int(name) for name, value in found.items())
    assert {file.suffix for file in tmp_path.iterdir()} <= {".sqlite", ".sqlite-journal"}
