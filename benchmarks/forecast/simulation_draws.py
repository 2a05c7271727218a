"""Randomly drawn weeks of a history, from which forecasts are simulated."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate


class Draws:
    """An endless sequence of randomly drawn weeks, in which recent weeks are more frequent.

    Weeks are drawn on demand.
    """

    def __init__(self, recency: Sequence[float]) -> None:
        self._recency = recency
        self._random = random.Random(len(recency))
        self.drawn: list[int] = []

    def following(self, start: int, count: int) -> list[int]:
        """Return the indices of `count` drawn weeks, beginning with draw number `start`."""
        draw, recency, whole = self._random.random, self._recency, self._recency[-1]
        missing = start + count - len(self.drawn)
        self.drawn += [bisect(recency, draw() * whole) for _ in range(missing)]
        return self.drawn[start : start + count]


@lru_cache(maxsize=64)
def draws(count: int, half_life: float) -> Draws:
    """Return the draws for histories of `count` weeks.

    Histories of the same length share the same draws, so that forecasts differ only because their
    histories differ.
    """
    return Draws(recency(count, half_life))


def recency(count: int, half_life: float) -> list[float]:
    """Return the running totals of the weights of the weeks, oldest first."""
    return list(accumulate(0.5 ** ((count - 1 - place) / half_life) for place in range(count)))


def blocks(counts: Sequence[int], length: int) -> list[int]:
    """For each week, return the sum of the counts of the `length` weeks that start with it.

    After the last week, continue with the first.
    """
    return [
        sum(counts[(begin + number) % len(counts)] for number in range(length))
        for begin in range(len(counts))
    ]
