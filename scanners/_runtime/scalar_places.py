"""Find the line and column of part of a YAML scalar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._ecosystems.source_text import SourceText
from .._ecosystems.yaml_scalars import Scalar
from .scalar_versions import Part

_IGNORED = frozenset(" \t\r\n\"'\\")
"""The characters that YAML adds, removes or repeats in the source of a scalar."""


class ScalarPlaces:
    """The positions of parts of scalars in one file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._source: SourceText | None = None
        self._starts: list[int] = []

    def of(self, scalar: Scalar, parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
        """Yield the line and column of each part, or of the scalar for a part that is not found."""
        if all(part.offset is None for part in parts):
            yield from ((scalar.line, scalar.column) for _ in parts)
            return
        source = self._read()
        offsets = self._offsets(scalar, source.text, sorted({part.offset or 0 for part in parts}))
        for part in parts:
            at = offsets.get(part.offset or 0)
            yield source.position(at) if at is not None else (scalar.line, scalar.column)

    def _read(self) -> SourceText:
        if self._source is None:
            self._source = SourceText(self._content)
            start = 0
            for line in self._source.text.split("\n"):
                self._starts.append(start)
                start += len(line) + 1
        return self._source

    def _offsets(self, scalar: Scalar, text: str, offsets: Sequence[int]) -> dict[int, int]:
        """Map offsets in a scalar's value to offsets in the file, where possible."""
        at = self._starts[scalar.line - 1] + scalar.column - 1
        if text[at : at + 1] in ("|", ">"):
            # The first line of a block scalar contains none of its text.
            at = max(text.find("\n", at), at)
        found: dict[int, int] = {}
        done = 0
        for offset in offsets:
            for character in scalar.value[done:offset]:
                if character not in _IGNORED:
                    at = _next(text, at)
                    if text[at : at + 1] != character:
                        return found
                    at += 1
            done = offset
            start = _next(text, at)
            if text[start : start + 1] != scalar.value[offset]:
                return found
            found[offset] = start
        return found


def _next(text: str, at: int) -> int:
    """Return the offset of the next character that YAML leaves unchanged."""
    while at < len(text) and text[at] in _IGNORED:
        at += 1
    return at
