"""Calls carried out by other processes: what they raise comes back as it is."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NoReturn

import pytest

from headway.errors import HeadwayError
from headway.store.database import StoreDamagedError
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerFaultError, WorkerLostError

_begun: list[str] = []


class TwoArgumentsError(HeadwayError):
    """An error whose sentence is made of more than one thing."""

    exit_code = 7

    def __init__(self, thing: str, reason: str) -> None:
        self.thing = thing
        super().__init__(f"{thing} will not: {reason}")


class ImmovableError(Exception):
    """It makes something else of itself on its way."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("it stays")


def refuse_with(error: Exception) -> NoReturn:
    raise error


def refuse_and_stay() -> NoReturn:
    raise ImmovableError("here")


def damaged(path: Path) -> NoReturn:
    raise StoreDamagedError(path, ValueError("a checksum"))


def begin() -> None:
    _begun.append(f"begun in {os.getpid()}")


def begun() -> list[str]:
    return _begun


def wait_and_tell(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0)
    return number


def die() -> NoReturn:
    os._exit(3)


def test_what_a_call_raises_comes_as_it_is() -> None:
    with Workers(1) as workers:
        with pytest.raises(TwoArgumentsError, match=r"^the door will not: it is shut$") as caught:
            workers.submit(refuse_with, TwoArgumentsError("the door", "it is shut")).result()
        assert (caught.value.thing, caught.value.exit_code) == ("the door", 7)
        with pytest.raises(StoreDamagedError, match=r"^here\.duckdb cannot be read \(a checksum\)"):
            workers.submit(damaged, Path("here.duckdb")).result()
        with pytest.raises(FileNotFoundError) as missing:
            workers.submit(refuse_with, FileNotFoundError(2, "no such file", "x")).result()
        assert missing.value.filename == "x"


def test_the_cause_is_where_it_was_raised() -> None:
    with Workers(1) as workers, pytest.raises(ValueError, match="wrong") as caught:
        workers.submit(refuse_with, ValueError("wrong")).result()
    assert "in refuse_with" in str(caught.value.__cause__)


def test_what_cannot_leave_its_process_is_told_by_its_traceback() -> None:
    with Workers(1) as workers, pytest.raises(WorkerFaultError, match="in refuse_and_stay"):
        workers.submit(refuse_and_stay).result()


def test_a_process_that_dies_takes_its_own_call_with_it_alone() -> None:
    with Workers(1) as workers:
        lost, next_one = workers.submit(die), workers.submit(wait_and_tell, 1)
        with pytest.raises(WorkerLostError, match=r"its process died \(exit code 3\)"):
            lost.result()
        assert next_one.result() == 1


def test_results_of_a_map_come_in_the_order_of_its_parts() -> None:
    with Workers(2) as workers:
        assert list(workers.map(wait_and_tell, range(6))) == list(range(6))


def test_every_process_begins_once() -> None:
    with Workers(1, begin=begin) as workers:
        (once,) = workers.submit(begun).result()
        assert workers.submit(begun).result() == [once]
        assert once != f"begun in {os.getpid()}"
