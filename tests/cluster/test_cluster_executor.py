"""Scans on a cluster handle lost workers, other versions, harmful scanners and credentials."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from headway.cluster import host_messages
from headway.cluster.host_handle import LOST
from headway.git.mirrors import Mirrors
from headway.process_tree import children_of
from tests.support.git import Repo
from tests.support.processes import eventually
from tests.support.thread_cluster import ThreadCluster
from tests.support.workspaces import headway, rows, workspace

TODAY = ("--today", "2020-03-02")
ONE, TWO = "tcp://127.0.0.1:1001", "tcp://127.0.0.1:1002"
NAMES = ("one", "two", "three", "four")
EXITS = """
import os
from headway import ContentScanner, Match, Options

class Exits(ContentScanner[Options]):
    name = "exits"

    def find(self, options, path, content):
        if b"harm" in content:
            os._exit(3)
        yield Match(text="note", line=1)
"""
EXITING = "title: Exits\nstarts: 2020-01-06\ndeprecated: [{id: exits, scanner: exits}]\n"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ThreadCluster:
    """Let `--executor` use a cluster of two workers."""
    made = ThreadCluster(ONE, TWO)
    monkeypatch.setattr("headway.cluster.dask_cluster.DaskCluster", lambda address: made)
    monkeypatch.setenv("HEADWAY_WORKER_CACHE", str(tmp_path / "workers"))
    monkeypatch.setattr("headway.cluster.seats._WAIT_SECONDS", 0.05)
    monkeypatch.setattr("headway.cluster.seats._LOOK_SECONDS", 0.05)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "workspace")
    for name in NAMES:
        repo = Repo(made / "clones" / name)
        repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
        repo.commit("2020-02-20", {"b.py": None})
    return made


@pytest.fixture(autouse=True)
def no_host_is_left() -> Iterator[None]:
    yield
    assert eventually(lambda: not hosts())


def hosts() -> list[int]:
    """Return the IDs of host processes, including ended ones that have not been reaped."""
    return [
        process
        for process in children_of(os.getpid())
        if b"cluster_host" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]


def scan(folder: Path, *arguments: str, code: int | None = 0) -> Result:
    return headway(
        folder, *TODAY, "scan", "--executor", "dask://127.0.0.1:1", *arguments, code=code
    )


def states(folder: Path) -> dict[str, str]:
    found = rows(folder, *TODAY, "status", "--by", "repository")
    return {row["repository"]: row["state"] for row in found}


def test_both_workers_read_repositories(folder: Path, cluster: ThreadCluster) -> None:
    result = scan(folder)
    assert "4 repositories in scope: 4 read" in result.stderr
    assert states(folder) == dict.fromkeys(NAMES, "open")
    assert {worker for worker, _ in cluster.sent} == {ONE, TWO}
    # The coordinator has no mirrors.
    assert not list((folder / ".headway").glob("mirrors/*/*"))


def test_the_first_chunk_of_a_worker_has_only_repositories_of_one_worker(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scan(folder)
    first = where(tmp_path)
    for name in NAMES:
        Repo(folder / "clones" / name).commit("2020-02-25", {"c.py": "import six\n"})
    again = ThreadCluster(ONE, TWO)
    monkeypatch.setattr("headway.cluster.dask_cluster.DaskCluster", lambda address: again)
    scan(folder)
    for worker in {worker for worker, _ in again.sent}:
        message = next(message for name, message in again.sent if name == worker)
        keys = [entry.key for entry in host_messages.decode(message).repositories]
        assert len({first[Mirrors(tmp_path).path(key).name] for key in keys}) == 1
    assert len(rows(folder, *TODAY, "items")) == 8


def where(folder: Path) -> dict[str, str]:
    """Map each mirror to the number of the host that has it."""
    mirrors = (folder / "workers").glob("*/local/*.git")
    return {mirror.name: mirror.parts[-3] for mirror in mirrors}


def test_the_repositories_of_a_lost_worker_are_read_by_another(
    folder: Path, cluster: ThreadCluster
) -> None:
    def vanish(worker: str) -> None:
        if worker == TWO:
            cluster.listed.pop(TWO, None)

    cluster.before_chunk = vanish
    result = scan(folder)
    assert f"({TWO}) is lost: its worker is gone; reading 1 repository again" in result.stderr
    assert states(folder) == dict.fromkeys(NAMES, "open")


def test_a_repository_that_loses_its_worker_three_times_is_unknown(
    folder: Path, cluster: ThreadCluster
) -> None:
    cluster.listed = {ONE: 1, TWO: 1}

    def lose(worker: str) -> tuple[str, str] | None:
        _, message = cluster.sent[-1]
        chunk = host_messages.decode(message)
        if any(entry.name == "two" for entry in chunk.repositories):
            return LOST, "its host ended with exit code -9"
        return None

    cluster.before_chunk = lose
    scan(folder, code=3)
    assert states(folder) == dict.fromkeys(NAMES, "open") | {"two": "unknown"}
    (unknown,) = (
        row
        for row in rows(folder, *TODAY, "status", "--by", "repository")
        if row["state"] == "unknown"
    )
    assert "3 attempts to read it on a worker failed: its host ended with exit code -9" in repr(
        unknown
    )


def test_a_lost_scheduler_leaves_the_rest_unknown(folder: Path, cluster: ThreadCluster) -> None:
    scan(folder)
    for name in NAMES:
        Repo(folder / "clones" / name).commit("2020-02-25", {"c.py": "import six\n"})

    def stop(worker: str) -> None:
        cluster.is_lost = True

    cluster.before_chunk = stop
    result = scan(folder, code=3)
    assert (
        "the connection to the scheduler of the cluster was lost (it was stopped)" in result.stderr
    )
    assert "unknown" in states(folder).values()
    # The next scan finds the items of the unknown repositories.
    headway(folder, *TODAY, "scan")
    assert len(rows(folder, *TODAY, "items")) == 8


def test_the_scan_ends_if_no_worker_is_left(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.cluster.cluster_executor._LOSS_SECONDS", 0.1)
    cluster.before_chunk = lambda worker: cluster.listed.clear()
    result = scan(folder, code=3)
    assert "the cluster no longer has a usable worker" in result.stderr
    assert set(states(folder).values()) == {"unknown"}


def test_a_worker_with_another_version_is_named_and_gets_no_chunks(
    folder: Path, cluster: ThreadCluster
) -> None:
    original = cluster._call

    def other(command: str, slot: int, settings: bytes, message: bytes) -> tuple[str, bytes | str]:
        kind, content = original(command, slot, settings, message)
        if command.endswith(TWO) and not message and isinstance(content, bytes):
            ready = json.loads(content)
            ready["version"][0] = ["Headway", "0.0.1"]
            content = json.dumps(ready).encode()
        return kind, content

    cluster._call = other  # type: ignore[method-assign]
    result = scan(folder)
    assert f"worker {TWO} is not used: Headway: 0.0.1 there" in result.stderr
    assert {worker for worker, _ in cluster.sent} == {ONE}
    assert states(folder) == dict.fromkeys(NAMES, "open")


def test_a_worker_with_other_scanners_is_refused(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The workers use the scanners of the workspace in HEADWAY_WORKER_WORKSPACE."""
    other = workspace(tmp_path / "other")
    (other / "scanners").mkdir()
    (other / "scanners" / "own.py").write_text(EXITS)
    monkeypatch.setenv("HEADWAY_WORKER_WORKSPACE", str(other))
    result = scan(folder, code=1)
    assert "no worker of the Dask cluster" in result.stderr
    assert "code in scanners/: " in result.stderr
    assert not (folder / "headway.duckdb").exists()


def test_a_worker_without_the_workspace_is_refused(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEADWAY_WORKER_WORKSPACE", str(tmp_path))
    result = scan(folder, code=1)
    assert "is not inside a Headway workspace" in result.stderr


def test_a_plain_worker_on_another_machine_is_refused(folder: Path, cluster: ThreadCluster) -> None:
    cluster.listed["tcp://10.0.0.7:1001"] = 1
    result = scan(folder)
    assert "worker tcp://10.0.0.7:1001 is not used: it accepts connections" in result.stderr
    assert {worker for worker, _ in cluster.sent} <= {ONE, TWO}


@pytest.mark.fault(26)
def test_a_scanner_that_ends_its_process_affects_only_its_rule(
    folder: Path, cluster: ThreadCluster
) -> None:
    (folder / "campaigns" / "exits.yaml").write_text(EXITING)
    (folder / "scanners").mkdir()
    (folder / "scanners" / "exits.py").write_text(EXITS)
    Repo(folder / "clones" / "two").commit("2020-02-21", {"harm.txt": "harm\n"})
    result = scan(folder, code=3)
    assert "is lost" not in result.stderr
    found = rows(folder, *TODAY, "status", "--by", "repository")
    unknown = {(row["campaign"], row["repository"]) for row in found if row["state"] == "unknown"}
    assert unknown == {("exits", "two")}


def test_a_host_that_is_killed_is_replaced(folder: Path, cluster: ThreadCluster) -> None:
    killed: list[int] = []

    def kill(worker: str) -> None:
        if not killed:
            killed.extend(hosts())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    cluster.before_chunk = kill
    result = scan(folder)
    assert "its host ended with exit code -9" in result.stderr
    assert states(folder) == dict.fromkeys(NAMES, "open")


def test_local_repositories_that_a_worker_cannot_see_are_unknown(
    folder: Path, cluster: ThreadCluster
) -> None:
    moved = folder / "elsewhere"

    def hide(worker: str) -> None:
        if not moved.exists():
            (folder / "clones" / "two").rename(moved)

    cluster.before_chunk = hide
    result = scan(folder, code=3)
    assert "cannot see" in result.stderr
    assert states(folder)["two"] == "unknown"


def test_a_cluster_without_workers_is_an_error(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.listed.clear()
    monkeypatch.setattr("headway.cluster.usable_seats._START_SECONDS", 0.1)
    result = scan(folder, code=1)
    assert "it has no workers; start at least one" in result.stderr
