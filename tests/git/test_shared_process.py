"""One git process answers the small requests of a walk as other processes would."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headway.git import missing_blobs, object_check, objects, shared_process
from headway.git.missing_blobs import absent_or_damaged
from headway.git.object_check import object_checker
from headway.git.objects import BlobReader, UnreadableObjectError, read_each_text
from headway.git.process import again_if_killed, stream_git
from headway.git.shared_process import kept_open
from tests.support.git import Repo

NOWHERE = "1" * 40


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit("2026-01-01", {f"{number}.py": f"import six  # {number}\n" for number in range(5)})
    return repo


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the IDs of all git processes that the tested code starts."""
    processes: list[int] = []

    @contextmanager
    def recorded(*arguments: Any, **options: Any) -> Iterator[Any]:
        with stream_git(*arguments, **options) as process:
            processes.append(process.pid)
            yield process

    for module in (objects, object_check, shared_process):
        monkeypatch.setattr(module, "stream_git", recorded)
    return processes


def blobs_of(repo: Repo) -> list[str]:
    return [repo.git("rev-parse", f"HEAD:{number}.py").strip() for number in range(5)]


def everything(repo: Repo, blobs: list[str]) -> list[object]:
    """Return the results of all kinds of requests."""
    git_dir = repo.path / ".git"
    with object_checker(git_dir) as checker:
        checker.add_tree(checker.root_of(repo.head))
        read = [(blob, str(text)) for blob, text in read_each_text(git_dir, blobs, max_bytes=99)]
        checker.flush()
    reader = BlobReader(git_dir, max_bytes=99)
    single = reader.read(blobs[0])
    reader.close()
    return [read, single, absent_or_damaged(git_dir, blobs)]


def test_all_requests_use_one_process(
    repo: Repo, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = blobs_of(repo)
    alone = everything(repo, blobs)
    assert len(started) == 3
    started.clear()
    monkeypatch.setattr(missing_blobs, "run_git", None)
    with kept_open(repo.path / ".git"):
        assert everything(repo, blobs) == alone
    assert len(started) == 1


@pytest.mark.parametrize("problem", ["missing", "too large", "no blob", "many", "much"])
def test_other_requests_use_other_processes(
    repo: Repo, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = blobs_of(repo)
    match problem:
        case "missing":
            blobs.insert(2, NOWHERE)
        case "too large":
            repo.commit("2026-01-02", {"large": "x" * 100})
            blobs.append(repo.git("rev-parse", "HEAD:large").strip())
        case "no blob":
            blobs.append(repo.git("rev-parse", "HEAD^{tree}").strip())
        case "many":
            monkeypatch.setattr(shared_process, "_MOST_BLOBS", 4)
        case _:
            monkeypatch.setattr(shared_process, "_MOST_BYTES", 40)
    alone = everything(repo, blobs)
    with kept_open(repo.path / ".git"):
        assert everything(repo, blobs) == alone


def test_a_damaged_blob_is_found(repo: Repo) -> None:
    first, second, *_ = blobs_of(repo)
    objects_folder = repo.path / ".git" / "objects"
    damaged, other = (objects_folder / blob[:2] / blob[2:] for blob in (first, second))
    damaged.chmod(0o600)
    damaged.write_bytes(other.read_bytes())
    with kept_open(repo.path / ".git"):
        read = dict(read_each_text(repo.path / ".git", [first, second], max_bytes=99))
    assert isinstance(read[first], UnreadableObjectError)
    assert read[second] == b"import six  # 1\n"


def test_a_killed_process_is_replaced(repo: Repo, started: list[int]) -> None:
    blobs = blobs_of(repo)
    alone = everything(repo, blobs)
    started.clear()
    with kept_open(repo.path / ".git"):
        everything(repo, blobs)
        os.kill(started[0], signal.SIGKILL)
        os.waitid(os.P_PID, started[0], os.WEXITED | os.WNOWAIT)
        assert again_if_killed(lambda: everything(repo, blobs)) == alone
    assert len(started) == 2


def test_a_missing_object_does_not_confuse_the_next_request(repo: Repo) -> None:
    git_dir = repo.path / ".git"
    with kept_open(git_dir):
        with (
            pytest.raises(UnreadableObjectError, match=NOWHERE[:12]),
            object_checker(git_dir) as checker,
        ):
            checker.check([NOWHERE, repo.head], b"commit")
        with object_checker(git_dir) as checker:
            checker.check([repo.head], b"commit")


def test_a_forked_process_starts_its_own_git(repo: Repo) -> None:
    git_dir = repo.path / ".git"
    with kept_open(git_dir):
        shared = shared_process.shared_process(git_dir)
        assert shared is not None
        shared.owner += 1
        assert shared_process.shared_process(git_dir) is None


def test_another_repository_does_not_use_the_process(repo: Repo, tmp_path: Path) -> None:
    with kept_open(repo.path / ".git"):
        assert shared_process.shared_process(tmp_path / "other") is None
    assert shared_process.shared_process(repo.path / ".git") is None
