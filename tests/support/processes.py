"""Start and interrupt Headway processes, and find processes that they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

MARK = "HEADWAY_TEST_MARK"
PATIENCE = 600
"""Seconds until a test gives up on a process that hangs. Even on a busy machine, a process that
works needs less time.
"""


def begin(
    folder: Path, *arguments: str, under: Sequence[str] = (), mark: str | None = None
) -> subprocess.Popen[str]:
    """Start `headway` in a new process group, as a shell does.

    Args:
        folder: The folder of the workspace.
        arguments: The command and its options.
        under: A command, such as `strace`, that runs Headway; empty to run Headway directly.
        mark: A string that identifies all processes that Headway starts; None means the folder.
    """
    # If the tests run in the background, SIGINT may be ignored, and child processes inherit this.
    default_signals = ["env", "--default-signal=INT,TERM"]
    # A killed process could leave an incomplete bytecode file, which other processes would load.
    variables = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    variables["TMPDIR"] = tempfile.gettempdir()
    variables[MARK] = mark or str(folder)
    return subprocess.Popen(
        [*default_signals, *under, sys.executable, "-m", "headway", "-C", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        start_new_session=True,
    )


def run(
    folder: Path, *arguments: str, seconds: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run `headway` as a process, and wait until no process holds its output open.

    Args:
        folder: The folder of the workspace.
        arguments: The command and its options.
        seconds: The time after which the test fails.
    """
    return subprocess.run(
        [sys.executable, "-m", "headway", "-C", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=seconds,
        check=False,
    )


def interrupt(process: subprocess.Popen[str]) -> None:
    """Send SIGINT to the process group of a process, as Ctrl-C in a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def left_behind(mark: object) -> list[str]:
    """Return the commands of running processes with `mark` in their environment or arguments."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        if int(place.name) == os.getpid():
            continue
        try:
            words = [(place / name).read_bytes() for name in ("environ", "cmdline")]
        except OSError:
            continue  # The process has ended in the meantime.
        if any(str(mark).encode() in text for text in words):
            found.append(words[1].replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def has_open(pid: int, file: Path) -> bool:
    """Return whether a process has opened a file and not yet closed it."""
    try:
        return any(place.readlink() == file for place in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def alive(pid: int) -> bool:
    """Return whether a process is running. A zombie process does not count."""
    if sys.platform == "linux":
        try:
            state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
        except OSError:
            return False
        return state.split()[0] not in ("Z", "X")
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until a condition is true. Return False if it is still false after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
