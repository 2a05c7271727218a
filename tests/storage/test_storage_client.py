"""Each operation on object storage works, tested without the commands that use it."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_httpserver import HTTPServer

from headway.model.object_address import parse_object_address
from headway.process_tree import children_of
from headway.storage.bucket import Bucket, ListedObject
from headway.storage.export_transfers import save_export
from headway.storage.messages import ObjectVersion, Patience
from headway.storage.storage_client import StorageClient
from headway.storage.storage_errors import StorageError
from tests.support.object_storage import (
    KEY,
    SECRET,
    URL,
    Answer,
    Call,
    Fault,
    Storage,
    status,
    times,
)

STORE = r"/headway\.duckdb$"
WRITERS = 4


@pytest.fixture
def client(storage: Storage) -> StorageClient:
    address = parse_object_address(URL)
    assert address is not None
    return StorageClient(address, os.environ, Patience(retries=1))


def saved(client: StorageClient, file: Path, expected: ObjectVersion | None) -> str:
    """Save a file. Return the content of the file, or the kind of the error."""
    try:
        client.save(file, expected)
    except StorageError as error:
        return error.kind
    return file.read_text()


@pytest.mark.fault(43)
def test_one_of_several_writers_wins_each_time(
    client: StorageClient, storage: Storage, tmp_path: Path
) -> None:
    files = [tmp_path / str(number) for number in range(WRITERS)]
    expected = None
    for attempt in range(3):
        for number, file in enumerate(files):
            file.write_text(f"content {number} of attempt {attempt}")
        with ThreadPoolExecutor(WRITERS) as pool:
            results = list(pool.map(saved, repeat(client), files, repeat(expected)))
        winners = [result for result in results if result != "changed"]
        assert len(winners) == 1, results
        assert storage.get() == winners[0].encode()
        expected = client.version()


@pytest.mark.fault(44)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (status(503, "SlowDown"), "status 503 (SlowDown); try again"),
        (status(403, "AccessDenied"), "status 403 (AccessDenied); allow these credentials"),
        (status(403, "InvalidAccessKeyId"), "no valid credentials (InvalidAccessKeyId); set AWS_"),
        (
            status(400, "AuthorizationHeaderMalformed"),
            "not in the region that AWS_REGION names; set",
        ),
        (status(301), "not in the region that AWS_REGION names; set AWS_REGION"),
        (status(404, "NoSuchBucket"), "there is no such bucket; create it, or correct `path`"),
        (status(501, "NotImplemented"), "status 501 (NotImplemented); use a service that supports"),
        (status(418, "Teapot"), "status 418 (Teapot); correct the storage settings"),
    ],
)
def test_an_answer_that_is_an_error_is_explained(
    client: StorageClient, storage: Storage, tmp_path: Path, answer: Fault, expected: str
) -> None:
    storage.put(b"a store")
    storage.inject("GET", STORE, answer)
    storage.inject("PUT", STORE, answer)
    version = client.version()
    file = tmp_path / "file"
    file.write_text("new")
    for operation in (
        lambda: client.fetch([], tmp_path / "target"),
        lambda: client.save(file, version),
    ):
        with pytest.raises(StorageError) as caught:
            operation()
        message = str(caught.value)
        assert message.startswith(f"{URL} cannot be used: ")
        assert expected in message
        assert SECRET not in message
    assert storage.get() == b"a store"


def test_a_missing_container_on_azure_is_not_called_a_bucket(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "<?xml version='1.0'?><Error><Code>ContainerNotFound</Code></Error>"
    httpserver.expect_request(re.compile(".*")).respond_with_data(text, status=404)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acme")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", httpserver.url_for("/acme"))
    address = parse_object_address("az://history/headway.duckdb")
    assert address is not None
    with pytest.raises(StorageError, match="there is no such container; create it"):
        Bucket(address, os.environ, Patience(retries=0)).check_exists()


def test_an_export_does_not_replace_one_that_another_process_has_written(
    client: StorageClient, storage: Storage, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text('{"version": 1, "tables": {}}')
    client.save_export(tmp_path, None)
    first = storage.get(f"{KEY}.export/manifest.json")
    (tmp_path / "manifest.json").write_text('{"version": 2, "tables": {}}')
    client.save_export(tmp_path, None)
    assert storage.get(f"{KEY}.export/manifest.json") == first


class RecordingBucket:
    """A bucket that contains the files of three exports, and records what is deleted."""

    def __init__(self, manifest: bytes, ages: dict[str, int]) -> None:
        self._manifest = manifest
        self._ages = ages
        self.deleted: list[str] = []

    def read(self, _: str) -> tuple[bytes, None]:
        return self._manifest, None

    def listing(self, _: str) -> Iterator[ListedObject]:
        now = datetime(2026, 3, 2, tzinfo=UTC)
        return (ListedObject(key, now - timedelta(days=days)) for key, days in self._ages.items())

    def replace(self, *_: object) -> None:
        pass

    def delete(self, keys: list[str]) -> None:
        self.deleted += keys


def test_files_that_no_manifest_lists_are_deleted_after_a_day(tmp_path: Path) -> None:
    def manifest(letter: str) -> dict[str, Any]:
        entry = {"rows": 1, "sha256": letter * 64, "content": letter}
        return {"version": 1, "tables": {"item": entry}}

    (tmp_path / "manifest.json").write_text(json.dumps(manifest("c")))
    names = {letter: f"x.export/item.{letter * 16}.parquet" for letter in "abcd"}
    ages = {names["a"]: 3, names["b"]: 2, names["c"]: 9, names["d"]: 0, "x.export/other.txt": 9}
    bucket = RecordingBucket(json.dumps(manifest("b")).encode(), ages)
    assert save_export(cast("Bucket", bucket), "x.export", tmp_path, None)
    assert bucket.deleted == [names["a"]]


def kill_agent(call: Call, server: Callable[[], Answer]) -> None:
    """Kill the storage agent after the server has carried out the request."""
    server()
    for process in children_of(os.getpid()):
        if b"headway.storage.agent" in Path(f"/proc/{process}/cmdline").read_bytes():
            os.kill(process, signal.SIGKILL)


@pytest.mark.fault(44)
@pytest.mark.parametrize(
    ("method", "pattern"),
    [("GET", STORE), ("PUT", STORE), ("PUT", r"\.kept$"), ("PUT", r"manifest\.json$")],
)
def test_a_killed_process_is_started_again_and_loses_nothing(
    client: StorageClient, storage: Storage, tmp_path: Path, method: str, pattern: str
) -> None:
    file, export = tmp_path / "file", tmp_path / "export"
    export.mkdir()
    (export / "manifest.json").write_text('{"tables": {}}')
    file.write_bytes(b"old")
    old = client.save(file, None)
    storage.inject(method, pattern, times(1, kill_agent))
    file.write_bytes(b"new")
    client.save(file, old, f"{KEY}.kept")
    client.save_export(export, None)
    answer = client.fetch([], tmp_path / "copy")
    assert answer.downloaded
    assert (tmp_path / "copy").read_bytes() == b"new"
    assert (storage.get(), storage.get(f"{KEY}.kept")) == (b"new", b"old")
    assert storage.get(f"{KEY}.export/manifest.json")


@pytest.mark.fault(44)
def test_a_process_that_is_always_killed_is_an_error(
    client: StorageClient, storage: Storage
) -> None:
    storage.inject("GET", STORE, kill_agent)
    storage.inject("HEAD", STORE, kill_agent)
    with pytest.raises(StorageError, match="was killed by signal 9; try again"):
        client.version()
    assert storage.sent("HEAD", STORE) == 4
