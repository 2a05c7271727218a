"""Start commands as forks of this process, which has already imported Headway.

A fork saves half a second of processor time per command. Some commands are started as new processes
instead, to test signals during the imports. This process adopts all processes that a command leaves
behind.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import multiprocessing.util
import os
import pkgutil
import signal
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import headway
from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.process_tree import adopt_orphans, descendants_of

_ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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

    def wait(self, seconds: float) -> Ended | None:
        """Wait for the command; return None if it has not ended after `seconds`."""
        until = time.monotonic() + seconds
        while (code := _exit_code(self.process)) is None:
            if time.monotonic() > until:
                return None
            time.sleep(0.002)
        texts = [(self.folder / name).read_text("utf-8", "replace") for name in ("out", "err")]
        return Ended(code, *texts)

    def is_alive(self) -> bool:
        """Return whether the process is running; a process that has ended is not reaped."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process, options) is None


def prepare() -> None:
    """Import all modules that commands use, and adopt the processes that commands leave behind."""
    for module in pkgutil.walk_packages(headway.__path__, "headway."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    load_scanners((shipped_folder() / "scanners",))
    adopt_orphans()


def start(arguments: Sequence[str], scratch: Path, *, anew: bool = False) -> Running:
    """Start `headway` in a new session, as a terminal does.

    Args:
        arguments: The command line.
        scratch: A folder for the output, with a folder `tmp` for temporary files.
        anew: Whether to start a new process, which imports its modules itself.
    """
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    # In the new process, Python runs functions that a signal handler must not interrupt.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    process = os.fork()
    if process == 0:
        try:
            _become(arguments, scratch, anew)
        finally:
            os._exit(70)  # A signal during the exit must not let the copy continue as the launcher.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    return Running(process, time.monotonic(), scratch)


def run(arguments: Sequence[str], scratch: Path, seconds: float = 300) -> Ended:
    """Run a command without disturbing it."""
    ended = start(arguments, scratch).wait(seconds)
    assert ended is not None, f"{arguments} hangs"
    return ended


def end(running: Running) -> None:
    """Kill a command that does not end, and everything that it has started."""
    for process in (*descendants_of(running.process), running.process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    os.waitpid(running.process, 0)


def left_running() -> list[int]:
    """Return all processes that commands left behind; they are descendants of this process."""
    reap()
    return descendants_of(os.getpid())


def reap() -> None:
    """Reap all adopted processes that have ended. No command may be running."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _exit_code(process: int) -> int | None:
    found, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(arguments: Sequence[str], scratch: Path, anew: bool) -> None:
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
        variables = {**_ENVIRONMENT, "TMPDIR": str(scratch / "tmp")}
        if anew:
            os.execve(sys.executable, [sys.executable, "-m", "headway", *arguments], variables)
        os.environ.clear()
        os.environ.update(variables)
        tempfile.tempdir = None
        # Processes of a fork server import the main module again, which must be that of Headway.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv = ["headway", *arguments]
        # This import is late, because it installs signal handlers.
        importlib.import_module("headway.__main__").main()
    except SystemExit as error:
        # Do what Python does at exit, because `sys.exit` would also run the launcher's own exit
        # handlers. A command imports multiprocessing late, so that the exit handlers of
        # multiprocessing run first.
        multiprocessing.util._exit_function()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(error.code if isinstance(error.code, int) else int(error.code is not None))
    except BaseException:  # noqa: BLE001 - Python prints it and ends, too
        traceback.print_exc()
        os._exit(70)
