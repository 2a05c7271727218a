"""Start commands as forks of this process, which has already imported Headway.

A fork saves half a second of processor time per command. Some commands start as new processes
instead, to test signals during imports. This process adopts all processes that a command leaves
behind. Comparisons of stores also run in forks, because this process must not start the threads of
DuckDB.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import multiprocessing.util
import os
import pkgutil
import select
import signal
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import headway
from headway.cli import temporary_folder
from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.process_tree import adopt_orphans, descendants_of

_BYTECODE = Path(__file__).parents[3] / ".cache" / "kills"
"""The folder for compiled modules. New processes start faster with them."""
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPYCACHEPREFIX": str(_BYTECODE),
    "LC_ALL": "C.UTF-8",
}

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_spared: set[int] = set()
"""The IDs of processes that belong to the kill campaign itself, such as its storage server."""


@dataclass(frozen=True)
class Ended:
    """The exit code and the output of a command that has ended."""

    code: int
    """The exit code; the negated signal if a signal killed the process."""
    output: str
    errors: str


@dataclass(frozen=True)
class Running:
    """A command that was started."""

    process: int
    started: float
    """The start time on the monotonic clock."""
    folder: Path
    """The folder of the files `out` and `err`, which contain the output."""

    def is_alive(self) -> bool:
        """Return whether the process is running, without reaping a process that has ended."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process, options) is None

    def ends_within(self, seconds: float) -> bool:
        """Wait for up to `seconds`, and return whether the command has ended."""
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(self.process)
            try:
                poll = select.poll()
                poll.register(handle, select.POLLIN)
                return bool(poll.poll(max(seconds, 0) * 1000))
            finally:
                os.close(handle)
        return True

    def wait(self, seconds: float) -> Ended | None:
        """Wait for the command. Return None if it is still running after `seconds`."""
        if not self.ends_within(seconds):
            return None
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        output, errors = (_text_of(self.folder / name) for name in ("out", "err"))
        return Ended(code, output, errors)


def prepare(spared: Sequence[int] = ()) -> None:
    """Import all modules that commands use, and adopt the processes that commands leave behind.

    Args:
        spared: The IDs of child processes that do not belong to a command.
    """
    _spared.update(spared)
    # A shell can start a background program with these signals ignored, and commands would inherit
    # this.
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    sys.pycache_prefix, sys.dont_write_bytecode = str(_BYTECODE), False
    for module in pkgutil.walk_packages(headway.__path__, "headway."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    load_scanners((shipped_folder() / "scanners",))
    adopt_orphans()
    # Otherwise, each garbage collection in a command would copy the memory of this process.
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def start(
    arguments: Sequence[str],
    scratch: Path,
    variables: Mapping[str, str] | None = None,
    *,
    anew: bool = False,
) -> Running:
    """Start `headway` in a new session, as a terminal does.

    Args:
        arguments: The command line.
        scratch: A folder for the output, with a `tmp` folder for temporary files.
        variables: Further environment variables.
        anew: Whether to start a new process, which imports its modules itself.
    """
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    for name in ("out", "err"):
        (scratch / name).unlink(missing_ok=True)
    # After the fork, Python runs functions that a signal handler must not interrupt.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    process = os.fork()
    if process == 0:
        try:
            _become(arguments, scratch, {**_ENVIRONMENT, **(variables or {})}, anew)
        finally:
            # Even if a signal interrupts the exit, the copy must not continue as the launcher.
            os._exit(70)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    return Running(process, time.monotonic(), scratch)


def run(
    arguments: Sequence[str],
    scratch: Path,
    variables: Mapping[str, str] | None = None,
    seconds: float = 300,
) -> Ended:
    """Run a command without disturbing it."""
    ended = start(arguments, scratch, variables).wait(seconds)
    assert ended is not None, f"{arguments} hangs"
    return ended


def in_fork(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a copy of this process, and return its result as parsed JSON."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                json.dump(function(*arguments), pipe)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the copy must not continue as the launcher
            traceback.print_exc()
        finally:
            os._exit(70)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(process, 0)
    assert answer, f"{function.__name__} failed"
    return json.loads(answer)


def end(running: Running) -> None:
    """Kill a command that hangs, and all processes that it has started."""
    for process in (*descendants_of(running.process), running.process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    os.waitpid(running.process, 0)


def left_running() -> list[int]:
    """Return the descendants of this process that commands left behind."""
    reap()
    own = {descendant for spared in _spared for descendant in (spared, *descendants_of(spared))}
    return [process for process in descendants_of(os.getpid()) if process not in own]


def reap() -> None:
    """Reap all adopted processes that have ended. No command may be running."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _text_of(file: Path) -> str:
    """Return a file's content, or an empty string if a signal came before the file was opened."""
    try:
        return file.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _become(
    arguments: Sequence[str], scratch: Path, environment: Mapping[str, str], anew: bool
) -> None:
    """Turn this process, a copy of the launcher, into the command."""
    try:
        os.setsid()
        adopt_orphans(adopt=False)
        for descriptor, name in ((1, "out"), (2, "err")):
            file = os.open(scratch / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(file, descriptor)
            os.close(file)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (*_SIGNALS, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        variables = {**environment, "TMPDIR": str(scratch / "tmp")}
        if anew:
            os.execve(sys.executable, [sys.executable, "-m", "headway", *arguments], variables)
        os.environ.clear()
        os.environ.update(variables)
        tempfile.tempdir = None
        # A fork server imports the main module again. Replace it with an empty module, so that the
        # fork server does not import the launcher.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv = ["headway", *arguments]
        _register_exit_handlers_late()
        # This import is late, because it installs signal handlers.
        importlib.import_module("headway.__main__").main()
    except SystemExit as error:
        _exit(error.code if isinstance(error.code, int) else int(error.code is not None))
    except BaseException:  # noqa: BLE001 - Python prints it and ends, too
        traceback.print_exc()
        os._exit(70)


def _register_exit_handlers_late() -> None:
    """Let multiprocessing clean up before the temporary folder is deleted, as in a new process.

    A command that runs in a new process imports multiprocessing after it has created this folder.
    """
    handler = multiprocessing.util._exit_function  # type: ignore[attr-defined]
    atexit.unregister(handler)
    create = temporary_folder.create

    def create_before() -> str | None:
        warning = create()
        atexit.register(handler)
        return warning

    temporary_folder.create = create_before


def _exit(code: int) -> None:
    """Run the exit handlers and flush the output, as Python does at exit. Then end the process."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
