"""One folder for all temporary files of a command and of the processes that it starts.

A killed command leaves the folder behind. The next command deletes it, because nothing holds the
lock on it any more.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from headway.scratch_dir import scratch_dir_beside

_LONGEST_PARENT = 50
"""The maximum length of the parent folder's path. The path of a socket in the folder, which has 52
more characters, must not exceed 103 on any system.
"""


_outer: str | None = None


def outer() -> str | None:
    """Return the folder for files that remain when the command ends; None means the default."""
    return _outer


def create() -> None:
    """Create the folder, for use until this process exits, if that is possible."""
    global _outer  # noqa: PLW0603 - one per process
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent)) > _LONGEST_PARENT:
        return
    stack = ExitStack()
    try:
        folder = stack.enter_context(scratch_dir_beside(parent / f"h{os.getuid()}"))
    except OSError:
        return
    _outer = os.fspath(parent)
    os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(folder)
    process = os.getpid()

    def delete() -> None:
        if os.getpid() == process:
            stack.close()

    # Exit handlers run in reverse order. Those of multiprocessing, which a command imports later,
    # therefore still find their files.
    atexit.register(delete)
