"""Spreads the building of pages over processes; with one, everything happens in this one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar

from headway.errors import HeadwayError
from headway.site.build.build_tasks import Plan
from headway.site.build.page_builder import Builder
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerLostError

# pages are made of very many small records that hold no cycles: at Python's own thresholds a sixth
# of the time goes into looking for some
_COLLECTING = (100_000, 20, 20)
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
    """Processes for the time of the block; none of them outlives it, or us.

    What a part raises comes as it is; `BuilderLostError` when a process died.
    """
    if workers <= 1:
        with _collecting_seldom(), Builder(plan) as builder:
            yield lambda work, parts: (work(builder, part) for part in parts)
        return
    preload = ("headway.site.build.page_builder",)
    try:
        with Workers(workers, begin=partial(_remember, plan), preload=preload) as processes:
            yield lambda work, parts: processes.map(partial(_call, work), parts)
    except WorkerLostError as error:
        raise BuilderLostError from error


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """The block's garbage is collected after so many objects more than usual."""
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECTING)
    try:
        yield
    finally:
        gc.set_threshold(*before)


_plans: list[Plan] = []
_builders: list[Builder] = []


def _remember(plan: Plan) -> None:
    gc.set_threshold(*_COLLECTING)
    _plans.append(plan)


def _call(work: Callable[[Builder, _Part], _Result], part: _Part) -> _Result:
    if not _builders:
        # only now, so that what it raises is what the first call raises
        _builders.append(Builder(_plans[0]))
    return work(_builders[0], part)
