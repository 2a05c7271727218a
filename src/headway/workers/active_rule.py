"""The rule whose scanner is running, in memory shared with the coordinator.

After a scanner hangs or ends the process, only this memory identifies the responsible rule.
"""

from __future__ import annotations

import os
from collections.abc import MutableSequence
from types import TracebackType

from headway.printable import printable
from headway.workers.sandbox import TOO_MUCH_MEMORY

_ID_LENGTH = 64
SLOTS = 2 + _ID_LENGTH
"""The number of slots. Slot 0 counts the scanner calls. Slot 1 is the index of the running rule
plus one, or 0 if no rule is running. The other slots contain the blob ID of the content that is
being matched, one character per slot, padded with zeros.
"""

_slots: MutableSequence[int] = [0] * SLOTS


class ActiveRule:
    """A context manager around one call to a scanner.

    If the scanner forks, the child process exits at the end of the call, because only this process
    may communicate with the coordinator.
    """

    __slots__ = ("_index", "_process")

    def __init__(self, index: int) -> None:
        """Prepare to mark a rule as active.

        If several rules are matched together, pass the index of the first one.
        """
        self._index = index

    def __enter__(self) -> None:
        self._process = os.getpid()
        _slots[0] += 1
        _slots[1] = self._index + 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if os.getpid() != self._process:
            os._exit(0)
        # An exception such as SystemExit ends the process, so keep the index for the coordinator.
        if error is None or isinstance(error, Exception):
            _slots[1] = 0


def share_slots(slots: MutableSequence[int]) -> None:
    """Use `slots` from now on. The coordinator can read this array of `SLOTS` numbers."""
    global _slots  # noqa: PLW0603 - one per process, because one scanner runs at a time
    _slots = slots


def share_content(blob: str) -> None:
    """Tell the coordinator the ID of the blob that is about to be matched."""
    _slots[2:] = [*blob.encode("ascii").ljust(_ID_LENGTH, b"\0")]


def active_content(slots: MutableSequence[int]) -> str | None:
    """Return the blob ID from the last call to `share_content`, or None without a call."""
    return bytes(slots[2:]).rstrip(b"\0").decode("ascii") or None


def active_rule_index(slots: MutableSequence[int]) -> int | None:
    """Return the index of the rule whose scanner is running, or None if none is running."""
    return slots[1] - 1 if slots[1] else None


def error_text(error: BaseException) -> str:
    """Describe a scanner's exception in one short line.

    Call this function while the rule is active, because it runs a method of the exception.
    """
    if isinstance(error, MemoryError):
        return TOO_MUCH_MEMORY
    name = type(error).__name__
    try:
        text = f"{name}: {error}"
    except Exception:  # noqa: BLE001 - a plugin may raise anything
        text = name
    return printable(" ".join(text.split()))[:300]
