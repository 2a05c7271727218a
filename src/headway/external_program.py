"""Run an external program with limits, without tokens and, by default, without network access.

If this system cannot block network access, the program runs anyway.
The program's input comes from repositories and its output is untrusted, so both are limited.
Programs are started directly, never through a shell.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from headway.process_tree import children_of, descendants_of, kill_children, need_more_memory

_CHECK_SECONDS = 0.1
"""The interval between checks of the memory and the number of processes, in seconds."""
_STDERR_BYTES = 1 << 16
"""The maximum number of bytes of standard error to keep. Earlier bytes are discarded."""
_PIECE_BYTES = 1 << 16
_PROBE_SECONDS = 10.0
_NAMESPACES = ("--net", "--ipc", "--pid", "--fork", "--kill-child=SIGKILL")
_LAUNCHERS = (
    ("unshare", "--user", "--map-current-user", *_NAMESPACES, "--"),
    ("unshare", "--user", "--map-root-user", *_NAMESPACES, "--"),
    ("bwrap", "--dev-bind", "/", "/", "--unshare-user", "--unshare-net", "--unshare-pid",
     "--die-with-parent", "--"),
)  # fmt: skip
"""Commands that start a program without network access, in its own namespaces. In a user namespace,
the program also cannot read the environment of Headway's processes.
"""


class ProgramError(Exception):
    """A program could not be run, exceeded a limit or failed. The message is a clause."""


class ProgramUnavailableError(ProgramError):
    """A program cannot currently be used on this machine, regardless of its input.

    If a content scanner raises this error, the rule is unknown for the whole repository, and the
    next scan tries again.
    """


class ProgramNotFoundError(ProgramUnavailableError):
    """No program has the given name or path."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the program `{name}` is not on PATH; install it on this machine")


class NetworkNotBlockedError(ProgramUnavailableError):
    """This system cannot block the network access of programs."""

    def __init__(self) -> None:
        super().__init__(
            "this machine cannot block the network access of programs; allow user namespaces, "
            "install bubblewrap, or set `network: allow`"
        )


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """The limits of one run of a program."""

    seconds: float = 30.0
    memory_bytes: int = 2_000_000_000
    """The maximum memory of the program and its child processes together. This limit and
    `processes` apply only on Linux.
    """
    processes: int = 100
    """The maximum number of simultaneous processes."""
    output_bytes: int = 32_000_000
    """The maximum length of standard output."""


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """The result of a program that finished within its limits."""

    exit_code: int
    """The exit code, or the negated number of the signal that ended the program."""
    output: bytes
    errors: str
    """The last non-blank line of standard error without control characters, cut to 200 characters.
    """


@dataclass(slots=True)
class _Run:
    """A run of a program: the process and its output so far."""

    process: subprocess.Popen[bytes]
    limits: ProgramLimits
    stdin: memoryview
    until: float
    output: bytearray = field(default_factory=bytearray)
    errors: bytearray = field(default_factory=bytearray)


def run_program(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    limits: ProgramLimits = ProgramLimits(),
    network: bool = False,
) -> ProgramResult:
    """Run a program and return its output.

    When the program ends, all its child processes are killed. Without process namespaces, processes
    outside the process group can survive until the scanner's own process ends.

    Args:
        arguments: The program and its arguments. The program is a name on PATH or a path.
        folder: The working folder. It is also HOME and the folder for temporary files.
        environment: Variables in addition to PATH, HOME, TMPDIR, LANG, LC_ALL and TZ. The program
            receives no other variables.
        stdin: The standard input.
        limits: The limits.
        network: Whether the program may use the network. If this system cannot block the network,
            the program still runs. See `network_can_be_blocked`.

    Raises:
        ProgramError: The program was not found, could not be started or exceeded a limit.
    """
    program = require_program(arguments[0])
    launcher = () if network else _launcher()
    before = children_of(os.getpid())
    try:
        process = subprocess.Popen(
            [*launcher, program, *arguments[1:]],
            cwd=folder,
            env={**_variables(folder), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        text = f"the program `{arguments[0]}` cannot be started: {reason}"
        raise ProgramUnavailableError(text) from error
    run = _Run(process, limits, memoryview(stdin), time.monotonic() + limits.seconds)
    try:
        _communicate(run)
    finally:
        _end(process)
        kill_children(before)
    return ProgramResult(process.returncode, bytes(run.output), _last_line(bytes(run.errors)))


def require_program(name: str) -> str:
    """Return the path of a program.

    Raises:
        ProgramNotFoundError: No program has this name or path.
    """
    found = shutil.which(name)
    if found is None:
        raise ProgramNotFoundError(name)
    return found


def network_can_be_blocked() -> bool:
    """Return whether this system can start programs without network access."""
    return bool(_launcher())


@cache
def _launcher() -> tuple[str, ...]:
    """Return a command that starts a program without network access, or () if none works."""
    harmless = shutil.which("true")
    for name, *options in _LAUNCHERS if harmless else ():
        found = shutil.which(name)
        if found is None:
            continue
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [found, *options, harmless or ""],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_PROBE_SECONDS,
                check=False,
            )
            if done.returncode == 0:
                return found, *options
    return ()


def _variables(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def _communicate(run: _Run) -> None:
    """Write the input and read the output until the program ends.

    Raises:
        ProgramError: The program exceeded a limit.
    """
    process = run.process
    assert process.stdin is not None
    with selectors.DefaultSelector() as selector:
        for pipe, events in (
            (process.stdin, selectors.EVENT_WRITE),
            (process.stdout, selectors.EVENT_READ),
            (process.stderr, selectors.EVENT_READ),
        ):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, events)
        checked = time.monotonic()
        while len(selector.get_map()) > (process.stdin in _open(selector)):
            ready = selector.select(_CHECK_SECONDS)
            for key, _ in ready:
                if not _transfer(run, key.fileobj):
                    selector.unregister(key.fileobj)
            if not ready and process.poll() is not None:
                return  # A child process of the program keeps the pipes open.
            now = time.monotonic()
            if now - checked >= _CHECK_SECONDS:
                checked = now
                _check(run)
        while process.poll() is None:
            _check(run)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CHECK_SECONDS)


def _open(selector: selectors.BaseSelector) -> list[object]:
    return [key.fileobj for key in selector.get_map().values()]


def _transfer(run: _Run, pipe: object) -> bool:
    """Write to or read from a pipe that is ready. Return whether the pipe is still needed."""
    process = run.process
    try:
        if pipe is process.stdin:
            return _write(run, process.stdin)
        assert process.stdout is not None
        assert process.stderr is not None
        source = process.stdout if pipe is process.stdout else process.stderr
        piece = os.read(source.fileno(), _PIECE_BYTES)
    except BlockingIOError:
        return True
    except OSError:
        return False
    if source is process.stderr:
        run.errors = (run.errors + piece)[-_STDERR_BYTES:]
        return bool(piece)
    run.output += piece
    if len(run.output) > run.limits.output_bytes:
        limit = run.limits.output_bytes
        raise ProgramError(f"the program wrote more than {limit:,} bytes to standard output")
    return bool(piece)


def _write(run: _Run, pipe: IO[bytes] | None) -> bool:
    assert pipe is not None
    if run.stdin:
        run.stdin = run.stdin[os.write(pipe.fileno(), run.stdin[:_PIECE_BYTES]) :]
    if not run.stdin:
        pipe.close()
        return False
    return True


def _check(run: _Run) -> None:
    """Check the limits of a running program.

    Raises:
        ProgramError: The program exceeded one of the limits.
    """
    limits = run.limits
    if time.monotonic() > run.until:
        raise ProgramError(f"the program did not finish within {limits.seconds:g} s")
    family = [run.process.pid, *descendants_of(run.process.pid)]
    if len(family) > limits.processes:
        raise ProgramError(f"the program started more than {limits.processes:,} processes")
    if need_more_memory(family, limits.memory_bytes):
        allowed = limits.memory_bytes // 1_000_000
        raise ProgramError(f"the program needs more than {allowed:,} MB of memory")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the remaining processes of a program, and close its pipes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    printable = "".join(char if char.isprintable() else " " for char in last)
    return " ".join(printable.split())[:200]
