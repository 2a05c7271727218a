"""Which rule's scanner is being asked just now, where whoever watches this process can see it.

A scanner may never answer, or may end the process: this is then all that is left of what it did.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from types import TracebackType

SLOTS = 2
"""How many questions were begun; one more than the index of the rule that is asked, 0 for none."""

_seen: MutableSequence[int] = [0] * SLOTS


class ActiveRule:
    """Stands around one question to a scanner. index: of the first rule that is asked.

    What is on its way to end the process leaves the index standing: it tells who is to blame.
    """

    __slots__ = ("_index",)

    def __init__(self, index: int) -> None:
        self._index = index

    def __enter__(self) -> None:
        _seen[0] += 1
        _seen[1] = self._index + 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, Exception):
            _seen[1] = 0


def show_in(seen: MutableSequence[int]) -> None:
    """From now on in `seen`, which has `SLOTS` places and may be shared with another process."""
    global _seen  # noqa: PLW0603 - of the process, as what it tells of is
    _seen = seen


def active_rule_index(seen: MutableSequence[int]) -> int | None:
    """The index of the rule that is asked, or None."""
    return seen[1] - 1 if seen[1] else None


def said(error: BaseException) -> str:
    """What a scanner raised, in words that fit into one line."""
    if isinstance(error, MemoryError):
        return "it wants more memory than `memory_gigabytes` under [limits] in headway.toml"
    return f"{type(error).__name__}: {error}"[:300]
