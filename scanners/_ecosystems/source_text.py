"""The contents of a manifest or lock file, with the line and column of each offset."""

from __future__ import annotations

from .text_position import Lines

_BOM = b"\xef\xbb\xbf"


class SourceText:
    """The decoded contents of one file. Bytes that are not UTF-8 become replacement characters."""

    def __init__(self, content: bytes) -> None:
        self.text = content.removeprefix(_BOM).decode("utf-8", "replace")
        self._lines: Lines | None = None
        self._counted, self._line = 0, 1
        """The last offset that was passed to `line`, and its line number."""

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of a character. Only newlines end a line."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines.place(offset)

    def line(self, offset: int) -> int:
        """Return the 1-based line of a character."""
        if offset < self._counted:
            return self.position(offset)[0]
        # Most readers move forwards, and counting is faster than a table of all lines.
        self._line += self.text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line
