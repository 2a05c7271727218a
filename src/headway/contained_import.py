"""Import plugins so that they can neither stop nor disturb a command.

An imported plugin can hang, end the process, print, fork or start programs. Every import is
therefore tried in a child process first. Only imports that finish there are repeated in this
process.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence

from headway.process_tree import adopt_orphans, children_of, kill_children

IMPORT_SECONDS = 30.0
"""The time limit for the import of one plugin, in seconds."""
_DONE = b"."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def problems_of_imports(imports: Sequence[Callable[[], object]]) -> list[str | None]:
    """Try imports in a child process.

    Returns:
        For each import, the reason why it must not be repeated in this process, or None if it can
            be repeated. Exceptions are not reported, because the repeated import raises them again.
    """
    problems: list[str | None] = []
    killed_at: int | None = None
    while len(problems) < len(imports):
        done, problem, killed = _try(imports[len(problems) :])
        problems += [None] * done
        if killed and killed_at != len(problems):
            killed_at = len(problems)  # The plugin may not have caused the kill, so try again.
        elif problem is not None:
            problems.append(problem)
    return problems


@contextlib.contextmanager
def contain_plugins() -> Iterator[None]:
    """Redirect the output of a `with` block to standard error.

    When the block ends, kill the processes that it started.
    """
    process = os.getpid()
    before = children_of(process)
    adopted = adopt_orphans()
    try:
        with _output_to_stderr(), contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if os.getpid() != process:
            os._exit(0)  # This process is a copy that a plugin forked.
        kill_children(before)
        adopt_orphans(adopted)


def _try(imports: Sequence[Callable[[], object]]) -> tuple[int, str | None, bool]:
    """Run imports in a child process.

    Returns:
        The number of imports that finished, the failure of the next import (None if all finished),
            and whether a signal killed the process before the time limit.
    """
    ours, theirs = os.pipe()
    with contain_plugins():
        # A signal handler must not interrupt the functions that Python runs in a new process.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        child = os.fork()
        if child == 0:
            os.close(ours)
            _run(imports, theirs, before)
        os.close(theirs)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            done, in_time = _count(ours, len(imports))
        finally:
            os.close(ours)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    if done == len(imports):
        return done, None, False
    if not in_time:
        return done, f"the import did not finish within {IMPORT_SECONDS:g} s", False
    code = os.waitstatus_to_exitcode(status)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return done, f"it ended the process ({how})", code < 0


def _run(imports: Sequence[Callable[[], object]], pipe: int, mask: Collection[int]) -> None:
    """Run imports in the child process, report the end of each one, and exit."""
    child = os.getpid()
    try:
        os.setsid()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # The imports are repeated later, so output printed now would appear twice.
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        for run in imports:
            with contextlib.suppress(BaseException):
                run()
            if os.getpid() != child:
                break  # This process is a copy that a plugin forked.
            os.write(pipe, _DONE)
    finally:
        os._exit(0)


def _count(pipe: int, expected: int) -> tuple[int, bool]:
    """Return the number of imports that finished, and whether no import exceeded the time limit."""
    done = 0
    until = time.monotonic() + IMPORT_SECONDS
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while done < expected:
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            return done, False
        received = os.read(pipe, expected)
        if not received:
            return done, True
        done += len(received)
        until = time.monotonic() + IMPORT_SECONDS
    return done, True


@contextlib.contextmanager
def _output_to_stderr() -> Iterator[None]:
    """Redirect all standard output to standard error, including that of child processes."""
    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:
        yield
        return
    try:
        with contextlib.suppress(OSError):
            os.dup2(2, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
