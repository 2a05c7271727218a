"""Processes that carry out calls, each with its own pipe: what befalls one harms its call alone.

`concurrent.futures.ProcessPoolExecutor` gives up all calls when one process dies, tells not which
of them did it, and waits for ever for one that hangs; scanners do all of that.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from headway.workers import active_rule as asking
from headway.workers.sandbox import ProcessLimits, begin_worker, how_it_died

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LOOKS = 4
"""How often within a deadline a process is looked at."""
_LONGEST_PAUSE = 1.0
_DONE, _LOST, _FAULT = range(3)
_GRACE = 1.0
"""Seconds that a process gets to end by itself."""


class WorkerLostError(Exception):
    """A process died or had to be ended, and its call with it; the text is why.

    rule: index of the rule whose scanner it was asking; None when it was asking none.
    """

    def __init__(self, reason: str, rule: int | None) -> None:
        self.rule = rule
        super().__init__(reason)


class WorkerFaultError(Exception):
    """The call raised something; the text is its traceback in the other process.

    The cause of the error itself, or, where that cannot leave its process, in its place.
    """


class Workers(Executor):
    """At most `count` processes.

    Where this process has a single thread as the block is entered, they are copies of it, made
    there and then: nothing is loaded twice. Else, and in the place of a lost one, each is started
    afresh when there is something to do.

    seconds: how long one question to a scanner may take. begin: called once in each process before
    all else. preload: modules that processes need; they are loaded once for all of them.

    A call that is lost raises `WorkerLostError` from its future; what a call raises comes as it
    is. Leaving the block ends all processes: when it is left by an error, whatever they are doing.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float = math.inf,
        confinement: ProcessLimits = ProcessLimits(),  # noqa: B008 - cannot be changed
        begin: Callable[[], object] | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        self.count = count
        self._seconds = seconds
        self._told = confinement, begin
        self._preload = list(preload)
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._running: set[_Worker] = set()
        self._at_hand: list[_Worker] = []
        self._stopped = False

    def __enter__(self) -> Self:
        # with one, whoever has the calls carries most of them out: see `execute`
        if self.count > 1 and _is_alone():
            for _ in range(self.count):
                self._at_hand.append(_copied(self._seconds, self._told, self._at_hand))
        return self

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """The future of one call, whose function, arguments and result can be pickled."""
        future: Future[_T] = Future()
        self._calls.put((future, (fn, args, kwargs)))
        if len(self._threads) < self.count:
            thread = threading.Thread(target=self._serve, name="headway-worker", daemon=True)
            # before it is remembered: one that has not begun cannot be waited for
            thread.start()
            self._threads.append(thread)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `Executor.shutdown`; with `cancel_futures`, running calls are ended too."""
        if cancel_futures:
            self._stop()
        self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()
        while self._at_hand:
            self._at_hand.pop().end()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown(cancel_futures=error is not None)

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for worker in self._running:
                worker.ask_to_end()

    def _serve(self) -> None:
        """One thread: hands calls to one process, and to a new one when that is lost."""
        # Ctrl-C is for the coordinator to deal with
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        worker: _Worker | None = None
        try:
            while (call := self._calls.get()) is not None:
                future, what = call
                if self._stopped or not future.set_running_or_notify_cancel():
                    continue
                try:
                    worker = worker or self._start()
                    future.set_result(worker.carry_out(what))
                except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                    if worker is not None and isinstance(error, WorkerLostError):
                        self._end(worker)
                        worker = None
                    future.set_exception(error)
                del call, future, what
        finally:
            # for the next thread: there may be one more than is remembered, see `submit`
            self._calls.put(None)
            if worker is not None:
                self._end(worker)

    def _start(self) -> _Worker:
        try:
            worker = self._at_hand.pop()
        except IndexError:
            worker = _fresh(self._seconds, self._told, self._preload)
        with self._lock:
            self._running.add(worker)
            if self._stopped:
                worker.ask_to_end()
        return worker

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._running.discard(worker)
        worker.end()


_Told = tuple[ProcessLimits, Callable[[], object] | None]
"""What a process is told when it begins."""


class _Worker:
    """One process, used by one thread."""

    def __init__(self, process: BaseProcess, pipe: Connection, seen: Any, seconds: float) -> None:
        self.pipe = pipe
        self._process = process
        self._seen = seen
        self._seconds = seconds
        self._busy = False
        self._asked_to_end_at: float | None = None
        self._pause = min(seconds / _LOOKS, _LONGEST_PAUSE)

    def carry_out(self, call: object) -> Any:
        """What the call returns; raises `WorkerLostError` and what the call raises."""
        self._busy = True
        try:
            self.pipe.send(call)
            self._wait()
            kind, answer = self.pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(_GRACE)
            raise WorkerLostError(how_it_died(self._process.exitcode), self._rule()) from None
        self._busy = False
        if kind == _LOST:
            raise WorkerLostError(answer, self._rule())
        if kind == _FAULT:
            raised, there = answer
            if raised is None:
                raise WorkerFaultError(there)
            raise raised from WorkerFaultError(there)
        return answer

    def ask_to_end(self) -> None:
        """Its handler for this signal ends what it has started; may be called by any thread."""
        self._asked_to_end_at = time.monotonic()
        self._signal(signal.SIGTERM, os.kill)

    def end(self) -> None:
        """When it waits for a call it ends by itself; else it is made to."""
        self.pipe.close()
        if self._busy:
            self.ask_to_end()
        self._process.join(_GRACE)
        if self._process.exitcode is None:
            self._signal(signal.SIGKILL, os.killpg)
            self._process.kill()
            self._process.join()
        self._process.close()

    def _wait(self) -> None:
        """Until it answers; raises `WorkerLostError` when a scanner does not, `EOFError` when it
        died.
        """
        last: list[int] = []
        since = time.monotonic()
        while not (ready := wait([self.pipe, self._process.sentinel], self._pause)):
            if self._asked_to_end_at and time.monotonic() - self._asked_to_end_at > _GRACE:
                raise EOFError
            now = list(self._seen)
            if now != last or asking.active_rule_index(now) is None:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > self._seconds:
                raise WorkerLostError(f"no answer within {self._seconds:g} s", self._rule())
        # a process that it has started may hold its end of the pipe open when it is dead
        if self.pipe not in ready and not self.pipe.poll(0):
            raise EOFError

    def _rule(self) -> int | None:
        return asking.active_rule_index(self._seen)

    def _signal(self, number: signal.Signals, send: Callable[[int, int], None]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process.pid is not None:
                send(self._process.pid, number)


def _fresh(seconds: float, told: _Told, preload: list[str]) -> _Worker:
    """One that loads for itself what it needs; any thread may start it."""
    # first, for starting it takes the mask away again, which the fork server and all processes
    # are to inherit
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(preload)
    seen = RawArray("q", asking.SLOTS)
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, seen, *told))
    process.start()
    theirs.close()
    return _Worker(process, ours, seen, seconds)


def _copied(seconds: float, told: _Told, others: Sequence[_Worker]) -> _Worker:
    """A copy of this process, which has no second thread.

    others: the copies that there are already, whose pipes a further one must not hold open.
    """
    context = multiprocessing.get_context("fork")
    seen = RawArray("q", asking.SLOTS)
    ours, theirs = context.Pipe()
    of_others = (ours, *(other.pipe for other in others))
    process = context.Process(target=_work, args=(theirs, seen, *told, of_others))
    # until it has handlers of its own it must not act by ours
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return _Worker(process, ours, seen, seconds)


def _is_alone() -> bool:
    """Whether this process has no second thread, whose locks a copy would never see opened."""
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
    except OSError:
        # no Linux: elsewhere what the system itself has begun may not survive in a copy
        return False


def _work(
    pipe: Connection,
    seen: Any,
    confinement: ProcessLimits,
    begin: Callable[[], object] | None,
    of_others: Sequence[Connection] = (),
) -> None:
    """What a process does: one call after the other, until nobody is there to give one."""
    for each in of_others:
        each.close()
    begin_worker(confinement)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    asking.show_in(seen)
    if begin is not None:
        begin()
    while True:
        try:
            function, arguments, named = pipe.recv()
        except (EOFError, ConnectionError):
            return
        try:
            answer = _DONE, function(*arguments, **named)
        except BaseException as error:
            # what is no Exception passes through the walk: a scanner raised it, or we are to end
            if asking.active_rule_index(seen) is not None:
                answer = _LOST, asking.said(error)
            elif isinstance(error, Exception):
                answer = _FAULT, (_movable(error), traceback.format_exc())
            else:
                raise
        try:
            pipe.send(answer)
        except ConnectionError:
            return
        if answer[0] == _LOST:
            return


def _movable(error: Exception) -> Exception | None:
    """The error where it comes out of another process as it went in; else None."""
    try:
        moved = pickle.loads(pickle.dumps(error))  # noqa: S301 - what we have just written
    except Exception:  # noqa: BLE001 - a class may refuse in any way
        return None
    same = type(moved) is type(error) and str(moved) == str(error)
    return error if same else None
