"""Call a function in a child process with limits, and kill all processes that remain."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from headway.process_tree import (
    children_of,
    descendants_of,
    kill_children,
    need_more_memory,
)
from headway.workers.active_rule import error_text
from headway.workers.sandbox import TOO_MUCH_MEMORY, ProcessLimits, begin_scanner, how_it_died

_CHECK_SECONDS = 0.25
"""The interval between checks of the memory of the child and its descendants, in seconds."""

_T = TypeVar("_T")


class CallLostError(Exception):
    """The child process died or exceeded a limit. The message describes the failure."""


class CallFailedError(Exception):
    """The function raised an exception. The message describes the exception."""


def call_contained(function: Callable[[], _T], seconds: float, limits: ProcessLimits) -> _T:
    """Call a function in a child process.

    Args:
        function: The function. Its result must be picklable.
        seconds: The timeout, in seconds.
        limits: The limits of the child. The memory limit includes its descendants.

    Raises:
        CallLostError: The child died or exceeded a limit.
        CallFailedError: The function raised an exception.
    """
    context = multiprocessing.get_context("fork")
    before = children_of(os.getpid())
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(ours, theirs, function, limits))
    child.start()
    theirs.close()
    try:
        succeeded, answer = _receive(ours, child, seconds, limits)
    except EOFError:
        child.join(1)
        raise CallLostError(how_it_died(child.exitcode)) from None
    finally:
        ours.close()
        _end(child)
        kill_children(before)
    if not succeeded:
        raise CallFailedError(answer)
    result: _T = answer
    return result


def _receive(
    pipe: Connection, child: BaseProcess, seconds: float, limits: ProcessLimits
) -> tuple[bool, Any]:
    """Return the child's reply.

    Raises:
        CallLostError: The child exceeded a limit.
        EOFError: The child died.
    """
    until = time.monotonic() + seconds
    # Also wait for the child to exit, because a process that it started can keep the pipe open.
    while not wait([pipe, child.sentinel], max(0, min(_CHECK_SECONDS, until - time.monotonic()))):
        assert child.pid is not None
        family = [child.pid, *descendants_of(child.pid)]
        if limits.memory_bytes is not None and need_more_memory(family, limits.memory_bytes):
            raise CallLostError(TOO_MUCH_MEMORY)
        if child.exitcode is not None:
            # The child exited, but a process that it started keeps the pipe and the sentinel open.
            break
        if time.monotonic() > until:
            raise CallLostError(f"no response within {seconds:g} s")
    if not pipe.poll(0):
        raise EOFError
    answer: tuple[bool, Any] = pipe.recv()
    return answer


def _end(child: BaseProcess) -> None:
    """Kill the child and its process group, even if the child has exited."""
    assert child.pid is not None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    # The child may not have created its process group yet.
    child.kill()
    child.join()


def _run(
    theirs: Connection, pipe: Connection, function: Callable[[], object], limits: ProcessLimits
) -> None:
    theirs.close()
    begin_scanner(limits)
    child = os.getpid()
    answer: tuple[bool, object]
    try:
        answer = True, function()
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything
        answer = False, error_text(error)
    if os.getpid() != child:
        os._exit(0)  # This is a copy that the function forked. Only the child may reply.
    try:
        pipe.send(answer)
    except OSError:
        os._exit(1)  # The function closed the pipe.
    # Exit at once, because cleaning up could run code that the function has replaced.
    os._exit(0)
