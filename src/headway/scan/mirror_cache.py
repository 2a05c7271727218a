"""Keep all mirrors within the disk budget while a scan fetches and reads them."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from headway.git.mirrors import Mirrors


class MirrorCache:
    """Deletes mirrors that the scan no longer needs, least recently used first.

    A mirror is needed from the start of its fetch until its repository has been read. Threads can
    share one instance.
    """

    def __init__(self, mirrors: Mirrors, budget: int | None) -> None:
        """Configure the cache. `budget` is in bytes. None means no limit."""
        self._mirrors = mirrors
        self._budget = budget
        self._lock = threading.Lock()
        self._needed: dict[str, int] = {}
        """The size of each needed mirror in bytes, by repository key. Until the fetch ends, this is
        the larger of the old size and the size that the forge reports.
        """
        self._others: dict[str, int] | None = None
        """The sizes of all other mirrors by folder, least recently used first."""

    def hold(self, keys: Iterable[str]) -> None:
        """Record that the scan needs these mirrors but does not fetch them."""
        if self._budget is None:
            return
        with self._lock:
            others = self._measured()
            self._needed |= {key: others.pop(self._folder(key), 0) for key in keys}
            self._evict(others)

    def need(self, key: str, size: int, *, must: bool) -> bool:
        """Reserve space for a mirror that will be fetched.

        Args:
            key: The key of the repository.
            size: The expected size of the mirror, in bytes.
            must: Whether to reserve the space even beyond the budget.

        Returns:
            Whether the space was reserved. The space is always reserved if no mirror is needed yet.
        """
        if self._budget is None:
            return True
        with self._lock:
            others = self._measured()
            size = max(size, others.get(self._folder(key), 0), self._needed.get(key, 0))
            if not must and self._needed and sum(self._needed.values()) + size > self._budget:
                return False
            others.pop(self._folder(key), None)
            self._needed[key] = size
            self._evict(others)
        return True

    def fetched(self, key: str) -> None:
        """Measure a needed mirror after its fetch."""
        if self._budget is None:
            return
        with self._lock:
            self._needed[key] = self._mirrors.size(key)
            self._evict(self._measured())

    def release(self, key: str) -> None:
        """Record that the scan no longer needs a mirror."""
        if self._budget is None:
            return
        with self._lock:
            if self._needed.pop(key, None) is not None:
                others = self._measured()
                others[self._folder(key)] = self._mirrors.size(key)
                self._evict(others)

    def _folder(self, key: str) -> str:
        return str(self._mirrors.path(key))

    def _measured(self) -> dict[str, int]:
        if self._others is None:
            self._others = {str(mirror.path): mirror.size for mirror in self._mirrors.by_last_use()}
        return self._others

    def _evict(self, others: dict[str, int]) -> None:
        assert self._budget is not None
        total = sum(self._needed.values()) + sum(others.values())
        while total > self._budget and others:
            folder = next(iter(others))
            total -= others.pop(folder)
            self._mirrors.delete(folder)
