"""Scans in processes of their own, to be disturbed; and what is left of them."""

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
    """Starts `headway` in a process group of its own, as a shell does. under: a command before
    it, such as strace. mark: by which all that it starts can be found again; None: the folder.
    """
    # whatever runs these tests in the background may ignore Ctrl-C, and would hand that on
    attentive = ["env", "--default-signal=INT,TERM"]
    # a process whose writes are cut short would leave half a file of byte code for all others
    variables = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    variables["TMPDIR"] = tempfile.gettempdir()
    variables[MARK] = mark or str(folder)
    return subprocess.Popen(
        [*attentive, *under, sys.executable, "-m", "headway", "-C", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        start_new_session=True,
    )


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does: the signal goes to the whole group."""
    os.killpg(process.pid, signal.SIGINT)


def left_behind(mark: object) -> list[str]:
    """Programs that run and have `mark` in their environment or in their arguments."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        if int(place.name) == os.getpid():
            continue
        try:
            words = [(place / name).read_bytes() for name in ("environ", "cmdline")]
        except OSError:
            continue  # it has ended
        if any(str(mark).encode() in each for each in words):
            found.append(words[1].replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def has_open(pid: int, file: Path) -> bool:
    """Whether a process has a file open."""
    try:
        return any(place.readlink() == file for place in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def alive(pid: int) -> bool:
    """Whether it runs; what has ended and was not yet asked for its exit code does not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes true within so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
