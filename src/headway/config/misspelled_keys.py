"""Keys that were meant to be others: `scaner` where a required `scanner` is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from headway.config.problems import CLOSE_ENOUGH


def slips(record: Iterable[str], wanted: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Unknown keys of a record, each with the key of `wanted` that it stands for.

    wanted: keys that must be there. known: all keys that may be there, these included. A key that
    is more like another one that could still be given is no slip of a wanted one.
    """
    keys = list(record)
    absent = [key for key in known if key not in keys]
    found: dict[str, str] = {}
    for key in keys:
        if key in known:
            continue
        closest = get_close_matches(key, absent, n=1, cutoff=CLOSE_ENOUGH)
        if closest and closest[0] in wanted:
            found[key] = closest[0]
            absent.remove(closest[0])
    return found
