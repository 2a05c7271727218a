"""Start Headway in separate processes, interrupt them and find what they leave behind."""

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


def begin(
    folder: Path, *arguments: str, under: Sequence[str] = (), mark: str | None = None
) -> subprocess.Popen[str]:
    """Start `headway` in a new process group, as a shell does.

    Args:
        folder: The workspace.
        arguments: The command and its options.
        under: A command that runs Headway, such as strace.
        mark: Text that identifies all processes that Headway starts; None means the folder.
    """
    # if the tests run in the background, their parent may ignore Ctrl-C, and children inherit this
    default_signals = ["env", "--default-signal=INT,TERM"]
    # a killed process could leave a truncated byte-code file, which other processes would load
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


def interrupt(process: subprocess.Popen[str]) -> None:
    """Send SIGINT to the whole process group, as Ctrl-C does."""
    os.killpg(process.pid, signal.SIGINT)


def left_behind(mark: object) -> list[str]:
    """Return the running programs with `mark` in their environment or arguments."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        if int(place.name) == os.getpid():
            continue
        try:
            words = [(place / name).read_bytes() for name in ("environ", "cmdline")]
        except OSError:
            continue  # the process has ended
        if any(str(mark).encode() in text for text in words):
            found.append(words[1].replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def has_open(pid: int, file: Path) -> bool:
    """Return whether a process has a file open."""
    try:
        return any(place.readlink() == file for place in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def alive(pid: int) -> bool:
    """Return whether a process is running; a zombie process is not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Return whether a condition becomes true within the given time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
