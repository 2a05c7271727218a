"""Sentences before they have a format: text, with what is strong, code or a link in it.

Every format writes a phrase in its own way and makes all text in it harmless, ours and that of
others alike; so nothing here escapes anything.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LONGEST = 200
"""More of one name, path or reason than this says nothing more; its middle gives way."""


class Part(NamedTuple):
    """kind: text, strong, code or link. url: of a link; a link without one is text."""

    kind: str
    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, or a piece of one."""

    parts: tuple[Part, ...] = ()

    def __add__(self, other: Phrase) -> Phrase:
        return Phrase(self.parts + other.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def plain(self) -> str:
        """The words alone."""
        return "".join(part.text for part in self.parts)


def strong(text: str) -> Phrase:
    """What the eye should find."""
    return Phrase((Part("strong", clipped(text)),))


def code(text: str) -> Phrase:
    """A path, a commit, a line of code."""
    return Phrase((Part("code", clipped(text)),))


def link(text: str, url: str | None) -> Phrase:
    """Text that leads somewhere, if there is somewhere."""
    return Phrase((Part("link", clipped(text), url),))


def say(pattern: str, **values: Phrase | str | int) -> Phrase:
    """`say("{count} in {place}", count=3, place=code("a.py"))`; numbers get their separators."""
    parts: list[Part] = []
    for words, name, _, _ in string.Formatter().parse(pattern):
        if words:
            parts.append(Part("text", words))
        if name is not None:
            parts += as_phrase(values[name]).parts
    return Phrase(tuple(parts))


def as_phrase(value: Phrase | str | int) -> Phrase:
    """What it is, as a phrase."""
    if isinstance(value, Phrase):
        return value
    if isinstance(value, int):
        return Phrase((Part("text", f"{value:,}"),))
    return Phrase((Part("text", clipped(value)),)) if value else Phrase()


def joined(values: Iterable[Phrase | str], last: str = " and ", between: str = ", ") -> Phrase:
    """`a, b and c`."""
    phrases = [as_phrase(value) for value in values]
    whole = Phrase()
    for place, phrase in enumerate(phrases):
        if place:
            whole += as_phrase(last if place == len(phrases) - 1 else between)
        whole += phrase
    return whole


def clipped(text: str) -> str:
    """At most `LONGEST` characters, the middle given way to an ellipsis."""
    if len(text) <= LONGEST:
        return text
    half = (LONGEST - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
