"""The interface of scanner plugins.

A plugin is a Python module with one or more concrete classes that derive from `ContentScanner`,
`TreeScanner` or `RepositoryScanner`. The matches that a scanner finds must depend only on its
arguments, because the engine calls the scanner once for each distinct input and remembers the
result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """The base class for the options of a scanner in a campaign file.

    A subclass declares one field per option; unknown keys are errors. If a pydantic validator
    raises a `ValueError`, it is shown to the user at the option's line and column. Every rule has
    `paths`, `weight`, `sample` and `id`, so they are not declared here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


OptionsT = TypeVar("OptionsT", bound=Options)


@dataclass(frozen=True, slots=True)
class Match:
    """One match that a scanner found."""

    text: str
    """The matched text as it appears in the file. With white space normalised, it identifies the
    item over time, so it must not contain the line number."""
    line: int | None = None
    """The line number, from 1; None means the whole file."""
    column: int | None = None
    """The column in characters, from 1; None means unknown."""
    path: str = ""
    """The path of the file. Content scanners leave it empty, because Headway knows the path."""
    captures: Mapping[str, str] = field(default_factory=dict)
    """Named values that the match captured, such as a version. Each name becomes a series."""


Finder = Callable[[str, bytes], Iterable[tuple[int, Match]]]
"""A function that takes the path and the content of a file, and returns (rule index, match) pairs
ordered by position."""


class Scanner(ABC, Generic[OptionsT]):
    """The base class of all scanners."""

    name: ClassVar[str]
    """The name that rules refer to with `scanner:`."""
    version: ClassVar[str] = "1"
    """The version of the scanner. Change it whenever the same input gives different matches; the
    history of every rule that uses the scanner is then computed again."""
    Options: ClassVar[type[Any]] = Options
    """The class of the scanner's options."""
    needs_paths: ClassVar[bool] = False
    """Whether a rule without `paths` is an error."""


class ContentScanner(Scanner[OptionsT]):
    """Find matches in the content of one file; called once for each distinct content.

    It never gets binary files (a NUL byte in the first 8,000 bytes), symbolic links or submodules.
    UTF-16 and UTF-32 with a byte order mark arrive as UTF-8, and no content has such a mark.
    """

    path_matters: ClassVar[bool] = True
    """Whether `find` uses the path. If not, identical files are scanned once."""

    @abstractmethod
    def find(self, options: OptionsT, path: str, content: bytes) -> Iterable[Match]:
        """Find the matches of one rule in one file, ordered by position."""

    def each_line_alone(self, options: OptionsT) -> bool:  # noqa: ARG002 - for those who override
        """Return whether a match depends only on its own line, in a file that is valid UTF-8.

        If so, every match must have a `line`, counting newline characters, and for a new version
        of a file only the changed lines are searched. This has no effect if `path_matters`.
        """
        return False

    def compile(self, rules: Sequence[OptionsT]) -> Finder:
        """Return a function that finds the matches of several rules in one file.

        The default calls `find` for each rule. Override this method if several rules can share one
        pass over the content.
        """

        def find_all(path: str, content: bytes) -> Iterable[tuple[int, Match]]:
            for index, options in enumerate(rules):
                for match in self.find(options, path, content):
                    yield index, match

        return find_all


class TreeScanner(Scanner[OptionsT]):
    """Find matches in paths; called whenever a path that the rule admits is added or removed."""

    each_path_alone: ClassVar[bool] = False
    """Whether a match depends only on its own path. If so, `find` is called for new paths only."""

    @abstractmethod
    def find(self, options: OptionsT, paths: Sequence[str]) -> Iterable[Match]:
        """Find the matches of one rule among the paths of one commit.

        Args:
            options: The options of the rule.
            paths: The paths that the rule's `paths` admit, sorted.
        """


class RepositoryScanner(Scanner[OptionsT]):
    """Find matches in a work tree, for example with an external command; called at the tip only.

    Items of such a scanner have no history before the first scan, and change only when a scan runs.
    """

    timeout_seconds: ClassVar[float] = 600.0
    """The timeout of `find`, which runs in a child process that is then killed."""

    @abstractmethod
    def find(self, options: OptionsT, tree: Path) -> Iterable[Match]:
        """Find the matches of one rule in a work tree.

        Args:
            options: The options of the rule.
            tree: A folder with the regular files of the commit; the scanner may write to it. Each
                match must have a `path` relative to this folder.
        """
