"""Runtime versions: their notations, their order and their end dates."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

Version = tuple[int, ...]
"""The numbers of a version: (3, 10) is 3.10. A version includes all longer versions that begin with
the same numbers.
"""

RUNTIMES = ("python", "node", "java", "go", "ruby", "php", "dotnet")

_NODE_NAMES = {
    "argon": "4",
    "boron": "6",
    "carbon": "8",
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
"""The code names of Node.js versions with long-term support, as in `lts/iron`."""
_BOUND = re.compile(
    r"(?P<operator><=|>=|==|!=|~=|~>|[<>=~^!])?\s*"
    r"(?:[A-Za-z_@/]+[-@]?)?v?(?P<version>\d{1,4}(?:\.(?:\d{1,9}|[xX*]))*)"
)
_SEPARATOR = re.compile(r"[\s,]")
_COMPARISON = re.compile(r"(<=|>=|==|<|>|=)?\s*v?(\d{1,4}(?:\.\d{1,9}){0,3})")


class Stated(NamedTuple):
    """The oldest version that a string names or allows."""

    version: Version
    allows: bool
    """Whether the string allows later versions too, as `>=3.8` does."""


def stated(runtime: str, text: str) -> Stated | None:
    """Return the oldest version that a string such as `3.9.1`, `v18.x` or `^18 || ^20` states.

    The result is None if the string states no version, as in `lts/*`, or states only upper bounds
    and excluded versions.
    """
    text = text.strip()[:200]
    if runtime == "node":
        name = text.lower().removeprefix("lts/").removeprefix("lts-")
        if name in _NODE_NAMES:
            return Stated((int(_NODE_NAMES[name]),), allows=False)
    found: list[Stated] = []
    for alternative in re.split(r"\|\|?", text):
        # In `14 - 16`, the first number is the lower bound.
        lower = re.sub(r"\s+-\s+\S+", "", alternative)
        bounds = [bound for bound in _bounds(runtime, lower) if bound is not None]
        if bounds:
            found.append(max(bounds, key=lambda bound: bound.version))
    return min(found, key=lambda bound: bound.version) if found else None


def _bounds(runtime: str, text: str) -> list[Stated | None]:
    bounds: list[Stated | None] = []
    end = 0
    for found in _BOUND.finditer(text):
        operator, version = found["operator"] or "", numbers(found["version"])
        # Only the first number of a word is the version: `3.9-alpine3.18` means Python 3.9.
        is_first = not end or operator or _SEPARATOR.search(text, end, found.start("version"))
        end = found.end()
        if not version or not is_first:
            continue
        if operator in ("<", "<=", "!=", "!"):
            bounds.append(None)
        else:
            allows = operator in (">", ">=", "^", "~", "~=", "~>")
            bounds.append(Stated(_major_of_java(runtime, version), allows))
    return bounds


def _major_of_java(runtime: str, version: Version) -> Version:
    """Return the version without the leading 1 of old Java versions: 1.8 becomes 8."""
    if runtime == "java" and len(version) > 1 and version[0] == 1:
        return version[1:]
    return version


def numbers(text: str) -> Version:
    """Return the numbers of a version, up to any `x` or `*`."""
    parts = []
    for part in text.split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition of a range such as `>=3.8,<3.10`."""

    operator: str
    version: Version

    def holds(self, version: Version) -> bool:
        """Return whether a version meets the condition. 3.9.1 equals 3.9 and is not above it."""
        ours = version[: len(self.version)]
        ours += (0,) * (len(self.version) - len(ours))
        if self.operator == "<":
            return ours < self.version
        if self.operator == "<=":
            return ours <= self.version
        if self.operator == ">":
            return ours > self.version
        if self.operator == ">=":
            return ours >= self.version
        return ours == self.version


def comparisons(text: str) -> tuple[Comparison, ...]:
    """Parse a range, which is a comma-separated list of conditions that must all hold.

    Raises:
        ValueError: The string is not a range.
    """
    found = []
    for part in text.split(","):
        match = _COMPARISON.fullmatch(part.strip())
        if match is None:
            raise ValueError(
                f"`{part.strip():.40}` is not a condition such as `<3.10` or `18`; "
                "separate several conditions, all of which must hold, with commas"
            )
        found.append(Comparison(match[1] or "=", numbers(match[2])))
    return tuple(found)


@cache
def end_dates(runtime: str) -> Mapping[Version, date | None]:
    """Return the last day of security fixes for each version, or None where it is unknown."""
    file = Path(__file__).with_name("end_of_life.toml")
    with file.open("rb") as stream:
        table = tomllib.load(stream)
    current = dict.fromkeys(table[runtime].get("current", ()))
    ends = current | table[runtime]["ends"]
    return {numbers(version): day for version, day in ends.items()}


def end_of(version: Version, dates: Mapping[Version, date | None]) -> date | None:
    """Return the end date of a version, or None if it is unknown.

    The date is `date.min` for a version that is older than all known versions.

    A version such as (3,) stands for the newest version that begins with its numbers.
    """
    for length in range(len(version), 0, -1):
        if version[:length] in dates:
            return dates[version[:length]]
    newer = [known for known in dates if known[: len(version)] == version]
    if newer:
        return dates[max(newer)]
    return date.min if version < min(dates) else None
