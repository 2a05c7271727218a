"""The version ranges of Terraform and Helm, with versions ordered by semantic versioning."""

from __future__ import annotations

import re
from typing import NamedTuple

from .semver_key import Key, key_of
from .version_sets import (
    ALL,
    VersionSet,
    above,
    at_least,
    at_most,
    below,
    between,
    exactly,
    intersection,
    union,
)

_LONGEST = 500
_COMPARISON = re.compile(
    r"\s*(?P<operator>~>|>=|=>|<=|=<|!=|[=<>~^])?\s*v?"
    r"(?:(?P<numbers>\d{1,20}(?:\.\d{1,20}){0,3})(?P<any>(?:\.[*xX])+)?|[*xX](?:\.[*xX])*)"
    r"(?:-(?P<prerelease>[0-9A-Za-z.\-]+))?(?:\+[0-9A-Za-z.\-]+)?\s*(?:,|(?<=\s)|$)",
    re.ASCII,
)
_HYPHEN = re.compile(r"\s*(\S+)\s+-\s+(\S+)\s*")


class _Version(NamedTuple):
    """A version whose last numbers may be missing, such as `1.2`."""

    numbers: tuple[int, ...]
    prerelease: str

    @property
    def first(self) -> Key:
        return key_of(self.numbers, self.prerelease)

    @property
    def lowest(self) -> Key:
        """The position before all prereleases of the version."""
        return key_of(self.numbers, self.prerelease or "0")

    def next(self, place: int) -> Key:
        """Return the position before the version whose number at index `place` is one higher."""
        kept = self.numbers[:place]
        return key_of((*kept, self.numbers[place] + 1), "0")


def terraform_range(text: str) -> VersionSet:
    """Return the versions in a range such as `>= 1.2, < 2.0` or `~> 5.0`.

    Raises:
        ValueError: The string is not a range.
    """
    return intersection(
        _of_terraform(operator, version) for operator, version, _ in _comparisons(text, "~^", "")
    )


def helm_range(text: str) -> VersionSet:
    """Return the versions in a range such as `^1.2`, `1.x || >=2.1 <3` or `1.2 - 1.4`.

    Raises:
        ValueError: The string is not a range.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a version range must have at most {_LONGEST} characters")
    return union(_helm_alternative(part) for part in text.split("||"))


def _helm_alternative(text: str) -> VersionSet:
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen is not None:
        text = f">={hyphen[1]} <={hyphen[2]}"
    return intersection(_of_helm(*parts) for parts in _comparisons(text, "", "~>"))


def _comparisons(
    text: str, forbidden: str, forbidden_operator: str
) -> list[tuple[str, _Version | None, bool]]:
    """Return each operator, its version (None for any) and whether numbers are missing."""
    found: list[tuple[str, _Version | None, bool]] = []
    stripped = text.strip().rstrip(",")
    position = 0
    while position < len(stripped) <= _LONGEST:
        match = _COMPARISON.match(stripped, position)
        operator = (match["operator"] or "=") if match is not None else ""
        if match is None or operator in forbidden or operator == forbidden_operator:
            break
        version = None
        partial = True
        if match["numbers"] is not None:
            numbers = tuple(map(int, match["numbers"].split(".")))
            version = _Version(numbers, match["prerelease"] or "")
            partial = match["any"] is not None or len(numbers) < 3
        found.append((operator.replace("=>", ">=").replace("=<", "<="), version, partial))
        position = match.end()
    if position < len(stripped) or not found:
        raise ValueError(
            f"`{text:.80}` is not a version range; write, for example, `<2.0` or `>=1.2, <2.0`"
        )
    return found


def _of_terraform(operator: str, version: _Version | None) -> VersionSet:
    if version is None:
        return ALL
    first = version.first
    if operator == "~>":
        place = max(len(version.numbers) - 2, 0)
        return between(first, version.next(place))
    sets = {
        "=": exactly(first),
        "!=": exactly(first).complement(),
        ">": above(first),
        ">=": at_least(first),
        "<": below(version.lowest),
        "<=": at_most(first),
    }
    return sets[operator]


def _of_helm(operator: str, version: _Version | None, partial: bool) -> VersionSet:
    if version is None:
        return ALL
    last = len(version.numbers) - 1
    same = exactly(version.first)
    if partial and not version.prerelease:
        same = between(version.first, version.next(last))
    if operator == "^":
        significant = next((at for at, number in enumerate(version.numbers) if number), last)
        return between(version.first, version.next(significant))
    if operator == "~":
        return between(version.first, version.next(min(last, 1)))
    sets = {
        "=": same,
        "!=": same.complement(),
        ">=": at_least(version.first),
        "<": below(version.lowest),
        ">": at_least(version.first).intersection(same.complement()),
        "<=": below(version.lowest).union(at_most(version.first)).union(same),
    }
    return sets[operator]
