"""Paths of values in configuration files, such as `spec.containers[*].image`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .nodes import MAX_VISITS, Node, UnreadableFileError

Kind = Literal["name", "any name", "item", "any item", "descendants"]

_PART = re.compile(
    r"""(?P<descendants>\*\*)|(?P<any_name>\*)|\[(?P<any_item>\*)\]|\[(?P<item>\d{1,9})\]"""
    r"""|"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<name>[^.\[\]"'*\s]+)"""
)
_LONGEST_PATH = 500
"""The maximum length of a path in messages, in characters."""
_DEEPEST = 200
_BARE = re.compile(r"""[^.\[\]"'*\s]+""")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, from a value to the values below it."""

    kind: Kind
    name: str = ""
    item: int = 0

    @property
    def is_wildcard(self) -> bool:
        """Return whether the step can lead to several values."""
        return self.kind not in ("name", "item")


@dataclass(frozen=True, slots=True)
class Place:
    """A value with its path in the file."""

    node: Node
    parent: Place | None = None
    name: str = ""
    """The key, or an empty string for an item of a list."""
    is_key: bool = False
    depth: int = 0

    @property
    def path(self) -> str:
        """The path. List items are shown as `[*]`, and a very long path is shortened."""
        path = ""
        place = self
        while place.parent is not None:
            name = place.name[:_LONGEST_PATH]
            quoted = name if _BARE.fullmatch(name) else f'"{name}"'
            dot = "." if path and path[0] != "[" else ""
            path = f"{quoted if place.is_key else '[*]'}{dot}{path}"
            place = place.parent
        return path if len(path) <= _LONGEST_PATH else f"…{path[-_LONGEST_PATH:]}"


def parse_key(key: str) -> tuple[Step, ...]:
    """Parse a path.

    Raises:
        ValueError: The path is invalid. The message gives the reason.
    """
    steps: list[Step] = []
    at = 0
    while at < len(key):
        if key[at] == "." and steps:
            at += 1
        elif steps and key[at] != "[":
            raise ValueError(f"write a dot before `{key[at:]}`")
        found = _PART.match(key, at)
        if found is None:
            raise ValueError(
                f"`{key[at:] or '.'}` is not a valid key name; put names with special characters "
                'in quotes, as in `metadata."app.kubernetes.io/name"`'
            )
        steps.append(_step(found))
        at = found.end()
    if not steps or steps[-1].kind == "descendants":
        raise ValueError("the path must end with a key or an item, as in `**.image`")
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["descendants"]:
        return Step("descendants")
    if found["any_name"]:
        return Step("any name")
    if found["any_item"]:
        return Step("any item")
    if found["item"]:
        return Step("item", item=int(found["item"]))
    return Step("name", found["double"] or found["single"] or found["name"])


def names_in(steps: Sequence[Step]) -> frozenset[str]:
    """Return the keys that a file must contain for a value to exist at the path."""
    return frozenset(step.name for step in steps if step.kind == "name")


def values_at(root: Node, steps: Sequence[Step]) -> list[Place]:
    """Return each value at a path once, in no particular order.

    Raises:
        UnreadableFileError: The file has too many values, for example because of its aliases, or
            its values are nested too deeply.
    """
    search = _Search()
    places = [Place(root)]
    for step in steps:
        places = [found for place in places for found in search.follow(place, step)]
    return [whole for place in places for whole in _elements(place)]


class _Search:
    """Follows the steps of a path and counts the visited values."""

    def __init__(self) -> None:
        self._visits = 0

    def follow(self, place: Place, step: Step) -> Iterator[Place]:
        """Yield the values to which a step leads."""
        for found in _below(place, step):
            self._visits += 1
            if self._visits > MAX_VISITS:
                raise UnreadableFileError(f"the file has more than {MAX_VISITS:,} values")
            yield found


def _elements(place: Place) -> Iterator[Place]:
    """Yield a value or, for a list of XML elements with the same name, each element."""
    if place.node.repeats:
        for item in place.node.items:
            yield Place(item, place.parent, place.name, place.is_key, place.depth)
    else:
        yield place


def _below(place: Place, step: Step) -> Iterator[Place]:
    if step.kind in ("item", "any item"):
        items = place.node.items
        for item in items if step.kind == "any item" else items[step.item : step.item + 1]:
            yield Place(item, place, depth=place.depth + 1)
        return
    for element in _elements(place):
        if step.kind == "descendants":
            yield from _descendants(element)
            continue
        for key, value in element.node.members:
            if step.kind == "any name" or key == step.name:
                yield Place(value, element, key, True, element.depth + 1)


def _descendants(place: Place) -> Iterator[Place]:
    """Yield a value and all values below it, each once even if aliases repeat them."""
    waiting, seen = [place], set()
    while waiting:
        current = waiting.pop()
        if id(current.node) in seen:
            continue
        if current.depth > _DEEPEST:
            raise UnreadableFileError(f"the values are nested deeper than {_DEEPEST} levels")
        seen.add(id(current.node))
        yield current
        depth = current.depth + 1
        below = [Place(value, current, key, True, depth) for key, value in current.node.members]
        below += [Place(item, current, depth=depth) for item in current.node.items]
        waiting += reversed(below)
