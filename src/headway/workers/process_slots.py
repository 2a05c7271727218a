"""Slots for the processes of a scan, so that idle processors help with large repositories.

A working process holds a slot, which is a lock on a file. The kernel releases the lock when the
process ends, even if the process is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ProcessSlots:
    """The slots of a scan, one for each process that may work at the same time."""

    folder: Path
    """The folder of the lock files. This class does not delete them."""
    count: int

    def take(self) -> int | None:
        """Take a free slot, or return None if all are taken.

        Returns:
            A file descriptor. The slot is free again when all copies of the descriptor are closed.

        Raises:
            OSError: A file could not be opened.
        """
        for number in range(self.count):
            descriptor = os.open(self.folder / f"{number}.slot", os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
            else:
                return descriptor
        return None

    def has_free(self) -> bool:
        """Return whether a slot is free now."""
        with contextlib.suppress(OSError):
            descriptor = self.take()
            if descriptor is not None:
                os.close(descriptor)
                return True
        return False

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold a slot during the block. Wait until a slot is free."""
        descriptor = None
        # If files cannot be locked in the folder, processes work without slots.
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            while (descriptor := self.take()) is None:
                time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            if descriptor is not None:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
