"""Errors in files that users write, printed in the style of a compiler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from unicodedata import east_asian_width

from headway.errors import HeadwayError
from headway.printable import printable

SIMILARITY = 0.6
"""The minimum similarity, as computed by difflib, of a word and its misspelling."""

_LONGEST_LINE = 200
_SECRET = re.compile(r"(gh[a-z]_|github_pat_|gl[a-z]{2,10}-)([A-Za-z0-9_-]{16,})")


@dataclass(frozen=True, slots=True)
class Problem:
    file: Path
    line: int
    """The 1-based line number."""
    column: int
    """The 1-based column, in characters."""
    message: str
    """A description of the error, as a clause without a full stop."""
    help: str = ""
    """The suggested action, or the value that the user probably meant."""
    source: str = ""
    """The line of the file without its line ending. If it is empty, no line is shown."""
    severity: Literal["error", "warning"] = "error"

    def render(self, root: Path | None = None) -> str:
        """Return the message, the location, the line with a caret below it, and the help.

        The path of a file below `root` is shown relative to `root`.
        """
        shown = self.file
        if root is not None and self.file.is_relative_to(root):
            shown = self.file.relative_to(root)
        place = f"{shown}:{self.line}:{self.column}"
        parts = [f"{self.severity}: {printable(_mask(self.message))}", f"  --> {printable(place)}"]
        if self.source:
            margin = " " * len(str(self.line))
            shown_line, indent = _window(_mask(self.source), self.column)
            parts += [
                f" {margin} |",
                f" {self.line} | {shown_line}",
                f" {margin} | {indent}^",
            ]
        if self.help:
            parts.append(f"  help: {printable(self.help)}")
        return "\n".join(parts)


def _mask(text: str) -> str:
    """Mask strings that look like tokens, because users may paste a token in place of its name."""
    return _SECRET.sub(lambda found: found[1] + "*" * len(found[2]), text)


def _window(source: str, column: int) -> tuple[str, str]:
    """Return the part of a line around a column, and the indentation of the caret below."""
    first = max(0, column - 1 - _LONGEST_LINE // 2) if len(source) > _LONGEST_LINE else 0
    part = source[first : first + _LONGEST_LINE]
    opening = "…" if first else ""
    closing = "…" if first + _LONGEST_LINE < len(source) else ""
    before = opening + printable(source[first : column - 1], keep="\t")
    indent = "".join(
        "\t" if char == "\t" else "  " if east_asian_width(char) in "WF" else " " for char in before
    )
    shown = printable(part, keep="\t")
    return f"{opening}{shown}{closing}", indent


class DefinitionError(HeadwayError):
    """One or more files have errors. The message lists all problems in all files."""

    def __init__(self, problems: Sequence[Problem], root: Path | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(problem.render(root) for problem in problems))


def likely(word: str, allowed: Sequence[str]) -> str:
    """Return `did you mean ...?` for a misspelled word. Otherwise, list any allowed words."""
    close = get_close_matches(word, allowed, n=1, cutoff=SIMILARITY)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"allowed here: {', '.join(allowed)}" if allowed else ""
