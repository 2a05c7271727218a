"""Find, measure and kill the processes that this process started, and their descendants.

On Linux, a process can adopt its orphaned descendants. Daemons, which detach themselves, then
remain in the tree of the process that is responsible for them. On other systems, this module finds
and kills no descendants. Callers there kill only process groups.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
_KILL_SECONDS = 5.0
"""The maximum time for killing processes, in seconds. A process that hangs in the kernel can
remain.
"""
_PAUSE_SECONDS = 0.001


def adopt_orphans(adopt: bool = True) -> bool:
    """Make this process adopt its orphaned descendants, or make it stop doing so.

    Returns:
        Whether this process adopted its orphaned descendants before the call.
    """
    import ctypes

    before = ctypes.c_int(0)
    _prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before))
    _prctl(_PR_SET_CHILD_SUBREAPER, int(adopt))
    return bool(before.value)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent process (ID `parent`) dies.

    If the parent has already died, this process exits.
    """
    notice_death_of_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def notice_death_of_parent(number: signal.Signals) -> None:
    """Ask the kernel to signal this process when the thread that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, number)


def is_running(process: int) -> bool:
    """Return whether a process with this ID is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def children_of(process: int) -> list[int]:
    """Return the IDs of a process's children, or an empty list if they cannot be listed."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):
                children += map(int, (thread / "children").read_bytes().split())
    return children


def descendants_of(process: int) -> list[int]:
    """Return the IDs of all processes that descend from a process."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        children = children_of(waiting.pop())
        found += children
        waiting += children
    return found


def need_more_memory(processes: Collection[int], limit: int) -> bool:
    """Return whether the processes together use more than `limit` bytes, excluding mapped files."""
    # The first sum is faster to compute, but counts a shared page once for each process.
    return sum(map(_resident, processes)) > limit and sum(map(_share, processes)) > limit


def _resident(process: int) -> int:
    """Return the memory of a process in bytes, excluding mapped files, or 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/statm").read_bytes().split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _share(process: int) -> int:
    """Return the memory of a process in bytes, excluding mapped files.

    Shared pages are divided among the processes that share them, if the kernel reports the shares.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return _resident(process)


def kill_children(spare: Collection[int] = ()) -> None:
    """Kill the child processes of this process and, if it adopts orphans, all descendants.

    Args:
        spare: The IDs of child processes to keep alive.
    """
    spared = {*spare, _resource_tracker()}
    until = time.monotonic() + _KILL_SECONDS
    while children := [child for child in children_of(os.getpid()) if child not in spared]:
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        if time.monotonic() > until:
            return
        time.sleep(_PAUSE_SECONDS)


def _resource_tracker() -> int | None:
    """Return the ID of multiprocessing's resource tracker, or None if it has not been started."""
    module = sys.modules.get("multiprocessing.resource_tracker")
    return getattr(getattr(module, "_resource_tracker", None), "_pid", None)


def _prctl(option: int, value: Any) -> None:
    # Imported on demand, because importing it takes longer than all other imports of a short
    # command.
    import ctypes

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
