"""Commands work with a store in object storage."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from headway.process_tree import descendants_of
from headway.storage.messages import Patience
from headway.store.database import connect_to_fill
from headway.store.lock import WriteLock
from headway.store.table_definitions import VERSION
from tests.support.git import Repo
from tests.support.object_storage import (
    KEY,
    SECRET,
    SESSION,
    URL,
    Answer,
    Call,
    Fault,
    Storage,
    another_machine,
    cut,
    cut_download,
    cut_upload,
    lose_answer,
    status,
    times,
)
from tests.support.processes import alive, begin, eventually
from tests.support.workspaces import CONFIG, headway, rows

STORE = r"/headway\.duckdb$"
PLUGIN = """
import os
from pathlib import Path
from headway import ContentScanner, Options

class Curious(ContentScanner[Options]):
    "Finds nothing."
    name = "curious"
    version = "1"
    Options = Options

    def find(self, options, path, content):
        Path(SEEN).write_text(repr(dict(os.environ)))
        return []
"""


def scan(folder: Path, day: int = 2, code: int = 0) -> str:
    """Scan on a day of March 2020, and return the messages."""
    return headway(folder, "scan", "--today", f"2020-03-{day:02}", "--jobs", "1", code=code).stderr


def open_items(folder: Path) -> int:
    (row,) = rows(folder, "status", "--today", "2020-03-09")
    return int(row["open"])


def scan_days(folder: Path) -> list[str]:
    """Return the days of all scans that the history contains."""
    sql = "SELECT DISTINCT today::VARCHAR AS day FROM scan ORDER BY day"
    return [row["day"] for row in rows(folder, "query", sql)]


def error(folder: Path, *command: str, code: int = 1) -> str:
    """Run a command that fails. Return its message, which must be one sentence without secrets."""
    message = headway(folder, *command, code=code).stderr.strip().splitlines()[-1]
    assert message.startswith("error: ")
    assert "Traceback" not in message
    assert SECRET not in message
    return message.removeprefix("error: ")


def scan_meanwhile(storage: Storage, other: Path) -> Fault:
    """Return a fault in which another machine scans before the request reaches the server."""

    def fault(_: Call, server: Callable[[], Answer]) -> Answer:
        storage.faults.clear()
        # Use a separate process, because the command under test has hidden the credentials.
        process = begin_scan(storage, other, "2020-03-04")
        messages = process.communicate()[1]
        assert process.returncode == 0, messages
        return server()

    return fault


def begin_scan(storage: Storage, folder: Path, day: str) -> subprocess.Popen[str]:
    variables = [f"{name}={value}" for name, value in storage.variables.items()]
    return begin(folder, "scan", "--today", day, "--jobs", "1", under=["env", *variables])


def test_a_scan_and_all_reading_commands_use_the_object(folder: Path, storage: Storage) -> None:
    assert error(folder, "status") == f"there is no history at {URL} yet; run `headway scan` first."
    assert f"there is no history at {URL} yet, so this scan begins one" in scan(folder)
    assert open_items(folder) == 2
    other = another_machine(folder)
    for arguments in (["items"], ["owners", "shop"], ["exemptions"]):
        assert rows(other, *arguments) == rows(folder, *arguments)
    for name in ("burndown", "forecast"):
        assert headway(other, name, "remove-six").stdout
    headway(other, "digest", "--since", "7d", "--today", "2020-03-02")
    headway(other, "report", "--today", "2020-03-02")
    headway(other, "validate")
    assert "a.py" in headway(other, "try", "remove-six").stdout
    assert not list(folder.glob("headway.duckdb*"))


def test_other_programs_can_open_the_object_and_read_its_export(
    scanned: Path, storage: Storage, tmp_path: Path
) -> None:
    (tmp_path / "copy.duckdb").write_bytes(storage.get() or b"")
    with duckdb.connect(tmp_path / "copy.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchall() == [(2,)]
    manifest = json.loads(storage.get(f"{KEY}.export/manifest.json") or b"")
    name = f"opening.{manifest['tables']['opening']['sha256'][:16]}.parquet"
    (tmp_path / "opening.parquet").write_bytes(storage.get(f"{KEY}.export/{name}") or b"")
    read = duckdb.read_parquet(str(tmp_path / "opening.parquet"))
    assert read.aggregate("count(*)").fetchall() == [(2,)]


def test_the_object_is_downloaded_only_if_it_has_changed(scanned: Path, storage: Storage) -> None:
    other = another_machine(scanned)
    for _ in range(2):
        assert open_items(other) == 2
    assert storage.sent("GET", STORE) == 1
    Repo(scanned / "clones" / "shop").commit("2020-03-03", {"a.py": None})
    scan(scanned, 4)
    assert open_items(other) == 1
    assert storage.sent("GET", STORE) == 2
    assert len(list(other.glob(".headway/storage/*/versions/*/headway.duckdb"))) == 2


def test_a_scan_on_another_machine_continues_the_history(scanned: Path, storage: Storage) -> None:
    other = another_machine(scanned)
    assert "0 read" in scan(other, 3)
    scan(scanned, 4)
    assert scan_days(other) == ["2020-03-02", "2020-03-03", "2020-03-04"]


def test_unchanged_tables_are_not_uploaded_again(folder: Path, storage: Storage) -> None:
    scan(folder)
    first = storage.sent("PUT", r"\.parquet")
    assert first > 20
    scan(another_machine(folder))
    assert storage.sent("PUT", r"\.parquet") <= first + 2


@pytest.mark.fault(43)
def test_the_second_of_two_scans_at_once_loses_no_data(scanned: Path, storage: Storage) -> None:
    other = another_machine(scanned)
    storage.inject("PUT", STORE, scan_meanwhile(storage, other))
    message = error(scanned, "scan", "--today", "2020-03-03", "--jobs", "1")
    kept = re.search(r"is kept in (\S+);", message)
    assert f"another process has replaced {URL}" in message
    assert "run the command again" in message
    assert kept is not None
    assert Path(kept[1]).stat().st_size > 0
    assert scan_days(other) == ["2020-03-02", "2020-03-04"]
    scan(scanned, 5)
    assert scan_days(other) == ["2020-03-02", "2020-03-04", "2020-03-05"]


@pytest.mark.fault(43)
def test_both_of_two_first_scans_at_once_cannot_win(folder: Path, storage: Storage) -> None:
    other = another_machine(folder)
    storage.inject("PUT", STORE, scan_meanwhile(storage, other))
    assert "another process has replaced" in error(folder, "scan", "--jobs", "1")
    assert scan_days(folder) == ["2020-03-04"]


@pytest.mark.fault(43)
def test_two_scans_on_one_machine_name_the_store(scanned: Path, storage: Storage) -> None:
    (lock,) = scanned.glob(".headway/storage/*/headway.duckdb.lock")
    with WriteLock(lock.with_suffix(""), datetime(2020, 3, 3, tzinfo=UTC)):
        assert error(scanned, "scan").startswith(f"{URL} is in use by process ")


@pytest.mark.fault(44)
def test_an_upload_that_is_cut_off_changes_nothing(scanned: Path, storage: Storage) -> None:
    before = storage.get()
    storage.inject("PUT", STORE, cut_upload(storage))
    message = error(scanned, "scan", "--today", "2020-03-03", "--jobs", "1")
    assert f"{URL} cannot be used: the connection was cut" in message
    assert storage.get() == before
    storage.faults.clear()
    command = re.search(r"`headway (import --replace \S+)` saves it", message)
    assert command is not None
    headway(scanned, *command[1].split())
    assert scan_days(another_machine(scanned)) == ["2020-03-02", "2020-03-03"]
    assert storage.get(f"{KEY}.replaced") == before


@pytest.mark.fault(44)
def test_a_lost_answer_to_an_upload_is_no_lost_race(scanned: Path, storage: Storage) -> None:
    storage.inject("PUT", STORE, times(1, lose_answer))
    scan(scanned, 3)
    storage.faults.clear()
    assert scan_days(another_machine(scanned)) == ["2020-03-02", "2020-03-03"]


@pytest.mark.fault(44)
@pytest.mark.parametrize("fault", [cut, cut_download, status(500, "InternalError")])
def test_a_download_is_repeated(scanned: Path, storage: Storage, fault: Fault) -> None:
    storage.inject("GET", STORE, times(1, fault))
    assert open_items(another_machine(scanned)) == 2


@pytest.mark.fault(44)
def test_a_download_that_is_always_cut_off_is_not_used(scanned: Path, storage: Storage) -> None:
    storage.inject("GET", STORE, cut_download)
    other = another_machine(scanned)
    assert f"{URL} cannot be used: the connection was cut; try again" in error(other, "status")
    storage.faults.clear()
    assert open_items(other) == 2


@pytest.mark.fault(44)
def test_a_service_that_does_not_answer_in_time(
    scanned: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = Patience(seconds=2, retries=0)
    monkeypatch.setattr("headway.cli.workspace_store.PATIENCE", patience)
    storage.inject("HEAD", STORE, lambda _, __: time.sleep(6))
    assert "it did not respond in time; try again" in error(scanned, "status")


@pytest.mark.fault(44)
def test_a_service_that_ignores_conditions_is_refused(folder: Path, storage: Storage) -> None:
    def ignore(call: Call, server: Callable[[], Answer]) -> Answer:
        for name in ("if-match", "if-none-match"):
            del call.headers[name]
        return server()

    storage.inject("PUT", "", ignore)
    assert "the service ignores the conditions of writes" in error(folder, "scan")
    assert storage.get() is None


@pytest.mark.fault(45)
def test_a_damaged_object_is_refused_and_can_be_restored(scanned: Path, storage: Storage) -> None:
    content = bytearray(storage.get() or b"")
    content[len(content) // 2] ^= 1
    other = another_machine(scanned)

    def damage(_: Call, server: Callable[[], Answer]) -> Answer:
        answer = server()
        answer.body = bytes(content)
        return answer

    storage.inject("GET", STORE, damage)
    message = error(other, "status")
    assert "the hash of its content differs from the hash that was saved" in message
    storage.faults.clear()
    storage.put(bytes(content[:-100_000]))
    message = error(other, "status")
    command = re.search(r"`headway (import --replace \S+)` restores", message)
    assert command is not None, message
    assert command[1].endswith(f"{URL}.export")
    assert "use --replace" in error(other, "import", f"{URL}.export")
    headway(other, *command[1].split())
    assert open_items(other) == 2
    assert storage.get(f"{KEY}.replaced") == bytes(content[:-100_000])


@pytest.mark.fault(45)
def test_a_damaged_local_copy_is_deleted(scanned: Path, storage: Storage) -> None:
    (copy,) = scanned.glob(".headway/storage/*/versions/*/headway.duckdb")
    content = bytearray(copy.read_bytes())
    content[20_000:] = bytes(len(content) - 20_000)
    copy.write_bytes(content)
    assert f"the local copy of {URL} was damaged" in error(scanned, "status")
    assert open_items(scanned) == 2


@pytest.mark.fault(45)
def test_an_object_that_is_no_store_is_refused(folder: Path, storage: Storage) -> None:
    storage.put(b"something else")
    for command in ("status", "scan"):
        assert error(folder, command).startswith(f"{URL} cannot be read (")
    assert storage.get() == b"something else"


@pytest.mark.fault(45)
def test_a_store_of_a_newer_version_is_refused(
    scanned: Path, storage: Storage, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.duckdb"
    newer.write_bytes(storage.get() or b"")
    with duckdb.connect(newer) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, 'future', now()::TIMESTAMP)")
    storage.put(newer.read_bytes())
    for command in ("status", "scan"):
        assert error(scanned, command).startswith(f"{URL} has store version 999")
    assert storage.get() == newer.read_bytes()


def test_a_store_of_an_older_version_is_migrated_by_a_scan_and_kept(
    folder: Path, storage: Storage, tmp_path: Path
) -> None:
    older = tmp_path / "older.duckdb"
    connect_to_fill(older, datetime(2020, 3, 1, tzinfo=UTC), VERSION - 1).close()
    storage.put(older.read_bytes())
    message = error(folder, "status")
    assert message.startswith(f"{URL} has store version {VERSION - 1}")
    assert "run `headway scan`" in message
    scan(folder)
    assert open_items(folder) == 2
    assert storage.get(f"{KEY}.version-{VERSION - 1}") == older.read_bytes()


def test_the_history_of_a_file_can_be_moved_to_object_storage(
    folder: Path, storage: Storage
) -> None:
    use_storage = (folder / "headway.toml").read_text()
    (folder / "headway.toml").write_text(CONFIG)
    scan(folder)
    (folder / "headway.toml").write_text(use_storage)
    headway(folder, "import", str(folder / "headway.duckdb.export"))
    assert scan_days(another_machine(folder)) == ["2020-03-02"]


def test_a_store_written_by_another_program_is_read(scanned: Path, storage: Storage) -> None:
    storage.put(storage.get() or b"")
    assert open_items(another_machine(scanned)) == 2


@pytest.mark.fault(44)
def test_a_scan_killed_during_an_upload(scanned: Path, storage: Storage) -> None:
    before = storage.get()
    storage.inject("PUT", STORE, lambda _, __: time.sleep(30))
    process = begin_scan(storage, scanned, "2020-03-03")
    assert eventually(lambda: storage.sent("PUT", STORE) == 2)
    children = descendants_of(process.pid)
    assert children
    process.kill()
    process.communicate()
    assert eventually(lambda: not any(map(alive, children)))
    assert storage.get() == before
    storage.faults.clear()
    scan(scanned, 4)
    assert scan_days(scanned) == ["2020-03-02", "2020-03-04"]
    assert not list(scanned.glob(".headway/storage/*/writing"))


@pytest.mark.fault(32)
def test_credentials_reach_no_plugin_and_no_file(
    folder: Path, storage: Storage, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    (folder / "scanners").mkdir()
    (folder / "scanners" / "curious.py").write_text(f"SEEN = {str(seen)!r}\n{PLUGIN}")
    text = "title: Curious\ndeprecated: [{id: any, scanner: curious, paths: '*.py'}]\n"
    (folder / "campaigns" / "curious.yaml").write_text(text)
    scan(folder)
    assert "PATH" in seen.read_text()
    for name in ("SECRET_ACCESS", "SESSION_TOKEN", SECRET, SESSION, "AKIAEXAMPLE"):
        assert name not in seen.read_text()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        assert SECRET.encode() not in file.read_bytes()
        assert SESSION.encode() not in file.read_bytes()


@pytest.mark.fault(44)
def test_missing_credentials_are_named(
    folder: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    # Without keys, obstore requests keys from the instance metadata service.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in error(folder, "status")


def test_an_endpoint_without_encryption_is_refused(
    folder: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://storage.example.com")
    message = error(folder, "status")
    assert message.endswith("the URL in AWS_ENDPOINT_URL_S3 does not use encryption; use https.")


def test_a_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "without").mkdir()
    (folder / "without" / "obstore.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(folder / "without"))
    expected = "the `obstore` package is not installed; install Headway with the `storage` extra."
    assert error(folder, "status").endswith(expected)


def test_doctor_checks_the_storage(folder: Path, storage: Storage) -> None:
    def said() -> str:
        done = headway(folder, "doctor", "--format", "json", code=None)
        (row,) = [row for row in json.loads(done.stdout) if row["check"] == "storage"]
        return str(row["said"])

    assert said() == f"there is no history at {URL} yet"
    scan(folder)
    assert said() == f"{URL} can be read"
    storage.inject("HEAD", STORE, status(403))
    assert "allow these credentials" in said()
