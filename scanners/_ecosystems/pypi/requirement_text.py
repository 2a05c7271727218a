"""Requirement strings, such as `six[extra] >= 1.0; python_version < "3"` (PEP 508)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_REQUIREMENT = re.compile(
    rf"\s*(?P<name>{_NAME.pattern})\s*(?:\[[^\]]*\])?\s*(?P<rest>$|[;@<>=!~(\s].*)", re.DOTALL
)
_OPERATOR = re.compile(r"\s*(?:$|;|@|\(|[<>=!~]=?)")
_END_OF_URL = re.compile(r"\s;|\s--")
_END_OF_RANGE = re.compile(r";|\s--")
_LONGEST_KEPT = 200
"""The maximum number of characters in a name that is kept in memory."""
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")


class RequirementText(NamedTuple):
    """The relevant parts of a requirement."""

    name: str
    constraint: str
    """The range, `@` and a URL, or an empty string for all versions."""
    offset: int
    """The offset of the name in the string."""


def normalise(package: str) -> str:
    """Return the normalised name of a package (PEP 503).

    Raises:
        ValueError: No package can have this name.
    """
    return _kept(package) if len(package) <= _LONGEST_KEPT else _normalise(package)


def _normalise(package: str) -> str:
    if _NAME.fullmatch(package) is None:
        raise ValueError(f"`{package:.100}` is not a valid Python package name")
    return re.sub(r"[-_.]+", "-", package).lower()


_kept = lru_cache(maxsize=1 << 14)(_normalise)
"""Cached, because successive versions of a lock file name the same packages."""


def parse_requirement(text: str) -> RequirementText | None:
    """Split a requirement. Return None for a string that is not a requirement."""
    found = _REQUIREMENT.match(text)
    if found is None:
        return None
    rest = found["rest"].strip()
    if _OPERATOR.match(rest) is None:
        return None
    if rest.startswith("@"):
        constraint = "@ " + _END_OF_URL.split(rest[1:].strip(), maxsplit=1)[0].strip()
    else:
        constraint = _END_OF_RANGE.split(rest, maxsplit=1)[0].strip()
    return RequirementText(found["name"], _bare(constraint), found.start("name"))


def parse_location(text: str) -> RequirementText | None:
    """Read the name in a URL such as `git+https://host/six.git#egg=six`, or return None."""
    egg = _EGG.search(text)
    if egg is None:
        return None
    return RequirementText(egg[1].rstrip("-._"), f"@ {text.split()[0]}", 0)


def _bare(constraint: str) -> str:
    if constraint.startswith("(") and constraint.endswith(")"):
        return constraint[1:-1].strip()
    return constraint
