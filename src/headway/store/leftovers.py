"""Delete files that killed commands left beside a store."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from datetime import datetime
from pathlib import Path

from headway.errors import HeadwayError
from headway.process_tree import is_running
from headway.scratch_dir import remove_stale_scratch_dirs
from headway.store.atomic_update import discard
from headway.store.database import log_of, spill_of
from headway.store.lock import WriteLock
from headway.store.transfer import finish_killed_export

_OF_PROCESS = re.compile(r"\.(?P<kind>tmp|exporting)-(?P<process>\d{1,9})(?:-\d+)?\Z")
"""The suffix of a temporary file or folder, with the process that created it."""


def remove_leftovers(store: Path, now: datetime) -> None:
    """Delete the temporary files of commands that are no longer running, as far as possible.

    Args:
        store: The database file.
        now: The time to record in the store's lock, in UTC.
    """
    with contextlib.suppress(OSError, RuntimeError, HeadwayError):
        target = store.resolve()
        remove_stale_scratch_dirs(target)
        for path in target.parent.glob(f"{target.name}.*-*"):
            found = _OF_PROCESS.search(path.name)
            if found is None or is_running(int(found["process"])):
                continue
            if found["kind"] == "exporting":
                finish_killed_export(path)
            else:
                shutil.rmtree(path, ignore_errors=True)
        new = target.with_name(f"{target.name}.new")
        if any(map(os.path.lexists, (new, log_of(new), spill_of(new)))):
            # A running scan holds the lock and still needs these files.
            with WriteLock(store, now):
                discard(new)
