"""Call code in a child process, because the code could crash or hang."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection

from headway.testing.examples import ScannerError

Call = tuple[str, Callable[[], object]]
"""A description of the input, and the call."""
_DONE = ""
"""The message that the child process sends after the last call."""


def failure_of(calls: Iterable[Call], seconds: float) -> str | None:
    """Return a description of the first failing call, or None if all calls end in time.

    An exception counts as a failure only if it reports that the scanner breaks a rule.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(calls, sender), daemon=True)
    with warnings.catch_warnings():
        # Python warns about forks of processes with threads. Such a fork is safe here, because the
        # child only calls the scanner.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()
    process.join(seconds)
    hangs = process.is_alive()
    if hangs:
        process.kill()
        process.join()
    current, problem = _received(receiver)
    if problem is not None:
        return f"breaks a rule with {current}: {problem}"
    if hangs:
        return f"did not end within {seconds:g} seconds; the last input was {current}"
    if current != _DONE:
        return f"ended its process (exit code {process.exitcode}) with {current}"
    return None


def _run(calls: Iterable[Call], sender: Connection) -> None:
    for name, call in calls:
        sender.send((name, None))
        try:
            call()
        except ScannerError as error:
            sender.send((name, str(error)))
            return
        except Exception:  # noqa: BLE001, S112 - an exception makes the file unreadable
            continue
    sender.send((_DONE, None))


def _received(receiver: Connection) -> tuple[str, str | None]:
    """Return the description of the last input, and the problem with it (or None)."""
    last: tuple[str, str | None] = ("no input", None)
    while receiver.poll():
        try:
            last = receiver.recv()
        except EOFError:
            break
    return last
