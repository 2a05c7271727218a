"""Spreads the building of pages over processes; with one, everything happens in this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Protocol, TypeVar

from headway.errors import HeadwayError
from headway.pages.building import Builder
from headway.pages.plan import Plan

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


class BuilderLostError(HeadwayError):
    """A process that built pages is gone."""

    def __init__(self) -> None:
        super().__init__(
            "a process that built pages died, and the old site stays; if it was ended for want of "
            "memory, `headway report --jobs 1` needs the least."
        )


class Spread(Protocol):
    """Calls a method of `Builder` for each part."""

    def __call__(
        self, work: Callable[[Builder, _Part], _Result], parts: Iterable[_Part]
    ) -> Iterator[_Result]:
        """The results in the order of the parts."""


@contextmanager
def spreading(plan: Plan, workers: int) -> Iterator[Spread]:
    """Processes for the time of the block; none of them outlives it, or us."""
    if workers <= 1:
        with Builder(plan) as builder:
            yield lambda work, parts: (work(builder, part) for part in parts)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["headway.pages.building"])
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(plan,)
    )

    def spread(
        work: Callable[[Builder, _Part], _Result], parts: Iterable[_Part]
    ) -> Iterator[_Result]:
        return executor.map(_call, ((work, part) for part in parts))

    try:
        yield spread
    except BaseException as error:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()
        if isinstance(error, BrokenProcessPool):
            raise BuilderLostError from error
        raise
    executor.shutdown()


_builder: list[Builder] = []


def _begin(plan: Plan) -> None:
    # Ctrl-C reaches the whole process group; the coordinator decides what happens
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _builder.append(Builder(plan))


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _call(task: tuple[Callable[[Builder, _Part], _Result], _Part]) -> _Result:
    work, part = task
    return work(_builder[0], part)
