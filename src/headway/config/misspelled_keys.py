"""Find misspelled keys, such as `scaner` in a rule that lacks the required `scanner`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from headway.config.problems import SIMILARITY

_MOST_KEYS = 1000
"""The maximum number of keys in a record that are compared with the known keys."""


def find_misspelled_keys(
    record: Iterable[str], missing: Collection[str], known: Collection[str]
) -> dict[str, str]:
    """Map each misspelled key of a record to the required key that was probably meant.

    Args:
        record: The keys of the record.
        missing: Required keys that the record lacks.
        known: All keys that the record may have, including `missing`. An unknown key that is most
            similar to an optional key is not a misspelled required key.
    """
    keys = list(record)
    absent = [key for key in known if key not in keys]
    found: dict[str, str] = {}
    for key in keys[:_MOST_KEYS]:
        if key in known:
            continue
        closest = get_close_matches(key, absent, n=1, cutoff=SIMILARITY)
        if closest and closest[0] in missing:
            found[key] = closest[0]
            absent.remove(closest[0])
    return found
