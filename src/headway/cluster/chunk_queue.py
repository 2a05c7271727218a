"""Divide the repositories of a scan into chunks, and choose the next chunk for each seat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

MOST_PER_CHUNK = 50
"""The maximum number of repositories in one chunk. Larger chunks would save almost no time, because
the scheduler needs only about 7 ms per chunk.
"""
_CHUNKS_PER_SEAT = 4
"""The minimum number of chunks in a seat's share of the remaining work. Small chunks let all seats
finish at about the same time.
"""


class ChunkQueue:
    """The repositories that are waiting for a seat.

    Repositories that were put back come first. A seat then gets repositories that it has mirrors
    of, then those without a mirror on any seat, and finally those with mirrors on other seats.
    """

    def __init__(self, sizes: Mapping[str, int], *, largest_first: bool) -> None:
        """Create a queue.

        Args:
            sizes: The expected work for each repository, by key.
            largest_first: Whether the largest repositories come first. Otherwise, the queue has the
                order of `sizes`.
        """
        ordered = sorted(sizes, key=lambda key: -sizes[key]) if largest_first else [*sizes]
        # An unknown size is 0, but even the smallest repository takes some time.
        least = max(sum(sizes.values()) // (100 * len(sizes)), 1) if sizes else 1
        self._work = {key: sizes[key] + least for key in ordered}
        self._single: dict[str, object] = {}
        """The repositories that were put back, each with the seat that did not reply."""
        self._holders: dict[str, object] = {}

    def __len__(self) -> int:
        return len(self._work) + len(self._single)

    def add_seat(self, seat: object, held: Iterable[str]) -> None:
        """Prefer a seat for the repositories that it has mirrors of."""
        for key in held:
            self._holders.setdefault(key, seat)

    def remove_seat(self, seat: object) -> None:
        """Forget the mirrors of a lost seat, so that any seat can take its repositories."""
        self._holders = {key: holder for key, holder in self._holders.items() if holder != seat}

    def put_back(self, key: str, seat: object) -> None:
        """Put a repository back into the queue. It will be alone in its chunk.

        Args:
            key: The key of the repository.
            seat: The seat that did not reply. It gets the repository again only if it is the only
                seat.
        """
        self._single[key] = seat

    def take(self, seat: object, seats: int) -> tuple[str, ...]:
        """Remove and return the next chunk for a seat. It is empty if nothing is left for the seat.

        Args:
            seat: The seat that is free.
            seats: The number of all seats.
        """
        for key, loser in self._single.items():
            if loser is not seat or seats <= 1:
                del self._single[key]
                return (key,)
        limit = sum(self._work.values()) / max(seats * _CHUNKS_PER_SEAT, 1)
        own = [key for key in self._work if self._holders.get(key) == seat]
        chosen = self._first(own, limit)
        if not chosen:
            chosen = self._first([key for key in self._work if key not in self._holders], limit)
        if not chosen:
            chosen = self._first([*self._work], limit)
        for key in chosen:
            del self._work[key]
        return chosen

    def rest(self) -> tuple[str, ...]:
        """Remove and return all remaining repositories."""
        left = (*self._single, *self._work)
        self._single.clear()
        self._work.clear()
        return left

    def _first(self, keys: Sequence[str], limit: float) -> tuple[str, ...]:
        """Return as many repositories from the start of `keys` as fit within the limit.

        Return at least one if `keys` is not empty, and at most `MOST_PER_CHUNK`.
        """
        chosen: list[str] = []
        work = 0.0
        for key in keys[:MOST_PER_CHUNK]:
            work += self._work[key]
            if chosen and work > limit:
                break
            chosen.append(key)
        return tuple(chosen)
