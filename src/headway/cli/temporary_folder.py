"""One folder for all temporary files of a command and its child processes.

A killed command leaves its folder behind. The next command deletes this folder, because no process
holds its lock any more.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from headway.errors import HeadwayError
from headway.scratch_dir import remove_stale_scratch_dirs, scratch_dir_beside

_LONGEST_PATH = 72
"""The maximum length of the folder's path. The path of a socket in the folder is 31 characters
longer, and some systems limit the path of a socket to 103 characters.
"""
_SHORT_PARENTS = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - only for a private folder

_outer: str | None = None


class NoTemporaryFolderError(HeadwayError):
    """No folder can hold the temporary files of a command."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"there is no folder for temporary files: {reason}; set TMPDIR to a writable folder "
            "that has a short path and is not full."
        )


def outer() -> str | None:
    """Return the folder for files that outlive the command. None means the default folder."""
    return _outer


def create() -> str | None:
    """Create the folder, for use until this process exits.

    Returns:
        A warning if TMPDIR names a folder that cannot be used, otherwise None.

    Raises:
        NoTemporaryFolderError: No folder can be used.
    """
    global _outer  # noqa: PLW0603 - one per process
    wanted = os.environ.get("TMPDIR")
    try:
        parent = tempfile.gettempdir()
    except FileNotFoundError:
        reason = "the usual ones are missing, read-only or full"
        raise NoTemporaryFolderError(reason) from None
    stack = ExitStack()
    try:
        folder = _private_folder(Path(parent), stack)
        if len(os.fsencode(folder)) > _LONGEST_PATH:
            folder = _with_short_path(folder, stack)
    except OSError as error:
        stack.close()
        raise NoTemporaryFolderError(f"{parent}: {error.strerror}") from error
    _outer = parent
    os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(folder)
    process = os.getpid()

    def delete() -> None:
        if os.getpid() == process:
            stack.close()
            # A worker of a killed command may have held the lock until now.
            remove_stale_scratch_dirs(_target(Path(parent)))

    # Exit handlers run in reverse order. The handlers of multiprocessing, which a command imports
    # later, therefore still find their files.
    atexit.register(delete)
    if wanted and Path(parent).resolve() != Path(wanted).resolve():
        return f"TMPDIR is {wanted}, which is missing, read-only or full; using {parent} instead."
    return None


def _target(parent: Path) -> Path:
    return parent / f"h{os.getuid()}"


def _private_folder(parent: Path, stack: ExitStack) -> Path:
    """Create a folder that only this user can access, and delete folders of killed commands.

    Raises:
        OSError: The folder could not be created.
    """
    return stack.enter_context(scratch_dir_beside(_target(parent)))


def _with_short_path(folder: Path, stack: ExitStack) -> Path:
    """Return a symbolic link to the folder, in a private folder with a short path.

    Raises:
        OSError: No folder with a short path is writable.
    """
    for parent in _SHORT_PARENTS:
        with contextlib.suppress(OSError):
            link = _private_folder(parent, stack) / "t"
            link.symlink_to(folder)
            return link
    raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
