"""The worker pool of a site build on one machine. A pool of one worker uses the calling process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar

from headway.errors import HeadwayError
from headway.site.build.build_plan import BuildPlan
from headway.site.build.page_builder import PageBuilder
from headway.workers.pool import Workers
from headway.workers.worker_errors import WorkerLostError

# A build creates many small records without reference cycles. With Python's default thresholds, the
# garbage collector would take a sixth of the build's time.
_GC_THRESHOLDS = (100_000, 20, 20)
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class BuilderLostError(HeadwayError):
    """A worker process died during a build."""

    def __init__(self) -> None:
        super().__init__(
            "worker processes of the build died twice, and the old site is unchanged; if a process "
            "ran out of memory, try `headway report --jobs 1`, which needs the least memory."
        )


class BuildPool(Protocol):
    """Calls a method of `PageBuilder` for each task."""

    def __call__(
        self, work: Callable[[PageBuilder, _Task], _Result], tasks: Iterable[_Task]
    ) -> Iterator[_Result]:
        """Call the method for each task, and yield the results in the order of the tasks."""


@contextmanager
def build_pool(plan: BuildPlan, workers: int) -> Iterator[BuildPool]:
    """Start worker processes, and stop them when the block ends.

    Raises:
        BuilderLostError: A worker process died. Errors raised by tasks are passed on unchanged.
    """
    if workers <= 1:
        with rare_collection(), PageBuilder(plan) as builder:
            yield lambda work, tasks: (work(builder, task) for task in tasks)
        return
    preload = ("headway.site.build.page_builder",)
    try:
        with Workers(workers, begin=partial(_begin, plan), preload=preload) as processes:
            yield lambda work, tasks: processes.map(partial(_call, work), tasks)
    except WorkerLostError as error:
        raise BuilderLostError from error


@contextmanager
def rare_collection() -> Iterator[None]:
    """Make garbage collection rare until the block ends."""
    before = gc.get_threshold()
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


_plans: list[BuildPlan] = []
_builders: list[PageBuilder] = []


def _begin(plan: BuildPlan) -> None:
    gc.set_threshold(*_GC_THRESHOLDS)
    _plans.append(plan)


def _call(work: Callable[[PageBuilder, _Task], _Result], task: _Task) -> _Result:
    if not _builders:
        # Create the builder here instead of in `_begin`, so that its errors are raised by the first
        # task.
        _builders.append(PageBuilder(_plans[0]))
    return work(_builders[0], task)
