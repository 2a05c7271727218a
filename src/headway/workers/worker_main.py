"""The main loop of a worker process: run calls from a pipe and send back the results."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from headway.workers.active_rule import active_rule_index, error_text, share_slots
from headway.workers.sandbox import ProcessLimits, begin_worker, exit_if_asked
from headway.workers.worker_errors import ProcessChangedError

RETURNED, LOST, RAISED = range(3)
"""The kinds of replies.

A reply is (number of the call, kind, content). The content of RETURNED is the result. LOST means
that a scanner made the process unusable, and its content is a message. The content of RAISED is the
exception (None if it cannot be pickled) and its traceback.
"""


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    limits: ProcessLimits
    begin: Callable[[], object] | None = None
    """Called once in each process, before the first call."""


def work(
    pipe: Connection, slots: Any, setup: WorkerSetup, other_pipes: Sequence[Connection] = ()
) -> None:
    """Run one call after another until the coordinator closes the pipe.

    Args:
        pipe: Receives calls and sends replies.
        slots: Memory for the active rule, shared with the coordinator.
        setup: The settings for preparing this process.
        other_pipes: Pipes of other workers that this process inherited from a fork. This function
            closes them, so that the other workers notice when the coordinator closes its ends.
    """
    for other in other_pipes:
        other.close()
    begin_worker(setup.limits)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    share_slots(slots)
    if setup.begin is not None:
        setup.begin()
    worker = os.getpid()
    while True:
        try:
            number, (function, arguments, keywords) = pipe.recv()
        except (EOFError, ConnectionError):
            return
        try:
            answer = RETURNED, function(*arguments, **keywords)
        except BaseException as error:
            # A scan catches every `Exception` of a scanner. If a scanner is running at this point,
            # it raised another kind of exception, or the process is about to end.
            if isinstance(error, ProcessChangedError) or active_rule_index(slots) is not None:
                answer = LOST, error_text(error)
            elif isinstance(error, Exception):
                exit_if_asked()
                answer = RAISED, (picklable(error), traceback.format_exc())
            else:
                raise
        if os.getpid() != worker:
            os._exit(0)  # This is a copy that a scanner forked. Only the worker may reply.
        try:
            pipe.send((number, *answer))
        except ConnectionError:
            return
        if answer[0] == LOST:
            return


def picklable(error: Exception) -> Exception | None:
    """Return the error if pickling preserves it, and otherwise None."""
    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - a class may raise anything when it is pickled
        return None
    return error if type(copy) is type(error) and str(copy) == str(error) else None
