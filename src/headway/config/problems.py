"""What is wrong with a file that a user wrote, and where: printed as a compiler would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from unicodedata import east_asian_width

from headway.errors import HeadwayError
from headway.printable import printable

CLOSE_ENOUGH = 0.6
"""From which share of equal letters on a word is taken for a slip of another, as difflib counts."""

_WINDOW = 200
_SECRET = re.compile(r"(gh[a-z]_|github_pat_|gl[a-z]{2,10}-)([A-Za-z0-9_-]{16,})")


@dataclass(frozen=True, slots=True)
class Problem:
    """One error. line and column are 1-based; source is the line itself, without its end.

    message: what was found and what is allowed. help: the next step, or the likely intent.
    """

    file: Path
    line: int
    column: int
    message: str
    help: str = ""
    source: str = ""

    def render(self, root: Path | None = None) -> str:
        """The error, its place, the line with a caret below, and what to do."""
        shown = self.file
        if root is not None and self.file.is_relative_to(root):
            shown = self.file.relative_to(root)
        place = f"{shown}:{self.line}:{self.column}"
        parts = [f"error: {printable(_masked(self.message))}", f"  --> {printable(place)}"]
        if self.source:
            margin = " " * len(str(self.line))
            shown_line, indent = _window(_masked(self.source), self.column)
            parts += [
                f" {margin} |",
                f" {self.line} | {shown_line}",
                f" {margin} | {indent}^",
            ]
        if self.help:
            parts.append(f"  help: {printable(self.help)}")
        return "\n".join(parts)


def _masked(text: str) -> str:
    """Without what looks like a forge's token: it may have been put where its name belongs."""
    return _SECRET.sub(lambda found: found[1] + "*" * len(found[2]), text)


def _window(source: str, column: int) -> tuple[str, str]:
    """The part of a line around a column, and as much white space as brings a caret below it."""
    first = max(0, column - 1 - _WINDOW // 2) if len(source) > _WINDOW else 0
    piece = source[first : first + _WINDOW]
    opening = "…" if first else ""
    closing = "…" if first + _WINDOW < len(source) else ""
    before = opening + printable(source[first : column - 1], keep="\t")
    indent = "".join(
        "\t" if char == "\t" else "  " if east_asian_width(char) in "WF" else " " for char in before
    )
    shown = printable(piece, keep="\t")
    return f"{opening}{shown}{closing}", indent


class DefinitionError(HeadwayError):
    """Files that must be right are wrong; the text is every problem of every file."""

    def __init__(self, problems: Sequence[Problem], root: Path | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(problem.render(root) for problem in problems))


def likely(word: str, allowed: Sequence[str]) -> str:
    """`did you mean ...?` for a near miss, else what is allowed."""
    close = get_close_matches(word, allowed, n=1, cutoff=CLOSE_ENOUGH)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"allowed here: {', '.join(allowed)}" if allowed else ""
