"""Calls run in worker processes, and raise their errors in the caller."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, NoReturn

import pytest

from headway.errors import HeadwayError
from headway.store.database import StoreDamagedError
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerFaultError, WorkerLostError
from tests.support.processes import PATIENCE, eventually

_beginnings: list[str] = []


class TwoArgumentsError(HeadwayError):
    """An error whose constructor takes more than its message."""

    exit_code = 7

    def __init__(self, thing: str, reason: str) -> None:
        self.thing = thing
        super().__init__(f"{thing} will not: {reason}")


class UnpicklableError(Exception):
    """An error that cannot be pickled."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("it stays")


def raise_error(error: Exception) -> NoReturn:
    raise error


def raise_unpicklable() -> NoReturn:
    raise UnpicklableError("here")


def raise_damaged(path: Path) -> NoReturn:
    raise StoreDamagedError(path, ValueError("a checksum"))


def begin() -> None:
    _beginnings.append(f"begun in {os.getpid()}")


def beginnings() -> list[str]:
    return _beginnings


def wait_and_return(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0)
    return number


def die() -> NoReturn:
    os._exit(3)


def fail_when_asked_to_exit() -> NoReturn:
    """Raise another exception in place of the one for SIGTERM, as a DuckDB query does."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    except SystemExit:
        raise RuntimeError("Query interrupted") from None
    raise AssertionError("no signal arrived")


def test_a_future_raises_what_its_call_raised() -> None:
    with Workers(1) as workers:
        with pytest.raises(TwoArgumentsError, match=r"^the door will not: it is shut$") as caught:
            workers.submit(raise_error, TwoArgumentsError("the door", "it is shut")).result()
        assert (caught.value.thing, caught.value.exit_code) == ("the door", 7)
        with pytest.raises(StoreDamagedError, match=r"^here\.duckdb cannot be read \(a checksum\)"):
            workers.submit(raise_damaged, Path("here.duckdb")).result()
        with pytest.raises(FileNotFoundError) as missing:
            workers.submit(raise_error, FileNotFoundError(2, "no such file", "x")).result()
        assert missing.value.filename == "x"


def test_the_cause_shows_where_an_error_was_raised() -> None:
    with Workers(1) as workers, pytest.raises(ValueError, match="wrong") as caught:
        workers.submit(raise_error, ValueError("wrong")).result()
    assert "in raise_error" in str(caught.value.__cause__)


def test_an_unpicklable_error_is_replaced_by_its_traceback() -> None:
    with Workers(1) as workers, pytest.raises(WorkerFaultError, match="in raise_unpicklable"):
        workers.submit(raise_unpicklable).result()


def test_a_process_that_dies_loses_only_its_own_call() -> None:
    with Workers(1) as workers:
        lost, next_one = workers.submit(die), workers.submit(wait_and_return, 1)
        with pytest.raises(WorkerLostError, match=r"its process died \(exit code 3\)"):
            lost.result()
        assert next_one.result() == 1


def test_a_worker_that_is_asked_to_exit_is_lost_whatever_its_call_raises() -> None:
    with Workers(1) as workers:
        with pytest.raises(WorkerLostError):
            workers.submit(fail_when_asked_to_exit).result()
        assert workers.submit(wait_and_return, 2).result() == 2


ENDING = """
import math, os, signal
from headway.workers.sandbox import ProcessLimits
from headway.workers.worker_main import WorkerSetup
from headway.workers.worker_process import fork_worker
worker = fork_worker(WorkerSetup(ProcessLimits()), math.inf, ())
process = worker._process
os.kill(process.pid, signal.SIGKILL)
os.waitpid(process.pid, 0)
worker.end()
process.join()
"""


def test_a_worker_whose_exit_code_is_lost_ends_without_an_error() -> None:
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_map_yields_results_in_order() -> None:
    with Workers(2) as workers:
        assert list(workers.map(wait_and_return, range(6))) == list(range(6))


def test_begin_is_called_once_per_process() -> None:
    with Workers(1, begin=begin) as workers:
        (once,) = workers.submit(beginnings).result()
        assert workers.submit(beginnings).result() == [once]
        assert once != f"begun in {os.getpid()}"


def _server() -> int:
    server: Any = forkserver._forkserver
    process: int = server._forkserver_pid
    return process


@pytest.mark.fault(39)
def test_a_killed_fork_server_is_started_again() -> None:
    with Workers(1) as workers:
        first = workers.submit(os.getppid).result()
        servers = [_server()]
        os.kill(servers[0], signal.SIGKILL)

        def parent() -> int:
            # The worker counts as lost as soon as it notices that its process has a new parent.
            with contextlib.suppress(WorkerLostError):
                return workers.submit(os.getppid).result()
            return first

        assert eventually(lambda: parent() != first)
        assert _server() not in servers


@pytest.mark.fault(39)
@pytest.mark.parametrize("error", [EOFError(), ConnectionRefusedError("refused")])
def test_a_worker_that_cannot_be_started_loses_only_the_call(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    starts: list[object] = []

    def start(*arguments: object) -> NoReturn:
        starts.append(arguments)
        raise error

    with Workers(1) as workers:
        monkeypatch.setattr("headway.workers.pool.start_worker", start)
        with pytest.raises(WorkerLostError, match="could not be started"):
            workers.submit(os.getpid).result()
        monkeypatch.undo()
        assert workers.submit(os.getpid).result() != os.getpid()
    assert len(starts) == 4


@pytest.mark.fault(39)
def test_a_killed_keeper_loses_only_the_running_call() -> None:
    with Workers(1) as workers:
        keeper = workers.submit(os.getppid).result()
        running = workers.submit(time.sleep, PATIENCE)
        os.kill(keeper, signal.SIGKILL)
        with pytest.raises(WorkerLostError):
            running.result()
        assert workers.submit(os.getppid).result() != keeper


FINISH = """
from headway.workers.pool import Workers
from tests.support.processes import eventually
with Workers(2) as pool:
    idle = [worker._process for worker in pool._forked]
    pool.finish()
    assert eventually(lambda: all(process.exitcode == 0 for process in idle))
    print(len(idle))
"""


def test_idle_workers_exit_before_the_pool_ends() -> None:
    # Only a process with a single thread forks workers.
    done = subprocess.run([sys.executable, "-c", FINISH], capture_output=True, check=True)
    assert done.stdout == b"2\n"
