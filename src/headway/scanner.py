"""The contract of a scanner plugin: what it declares, what it is given, what it gives back.

A plugin is a Python module with one or more concrete classes that derive from `ContentScanner`,
`TreeScanner` or `RepositoryScanner`. Whatever a scanner finds must depend on its arguments
alone: the engine calls it once for each distinct input and remembers the answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Base of a scanner's own options in a campaign file; unknown keys are errors there.

    A subclass declares one field per option. A `ValueError` raised in a pydantic validator is
    shown to the user at the option's line and column. `paths`, `weight`, `sample` and `id` belong
    to every rule and are not declared here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


OptionsT = TypeVar("OptionsT", bound=Options)


@dataclass(frozen=True, slots=True)
class Match:
    """One place that a scanner found.

    text: what is matched, as it stands in the file; the item's identity, after white space is
        folded. Never the line number: identity must survive shifted lines.
    line: 1-based, or None when the whole file is meant.
    column: 1-based, in characters, or None.
    path: set by tree and repository scanners; a content scanner leaves it empty, for it is the
        path that it was given.
    captures: named values found with the match, such as a version; each becomes a series.
    """

    text: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    captures: Mapping[str, str] = field(default_factory=dict)


Finder = Callable[[str, bytes], Iterable[tuple[int, Match]]]
"""Path and content of one file to (index of the rule, match), ordered by position in the file."""


class Scanner(ABC, Generic[OptionsT]):
    """What all scanners declare.

    name: the word in a rule's `scanner:`. version: raise it whenever the same input would give
    other matches, for then every history found by it is computed again.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    Options: ClassVar[type[Any]] = Options
    needs_paths: ClassVar[bool] = False
    """Whether a rule without `paths` makes no sense."""


class ContentScanner(Scanner[OptionsT]):
    """Finds matches in the bytes of one file: asked once for each distinct content.

    Binary files (a NUL byte in the first 8,000), symbolic links and submodules are never given.
    """

    path_matters: ClassVar[bool] = True
    """Whether `find` looks at the path. With False, equal contents are read once wherever they
    lie."""

    @abstractmethod
    def find(self, options: OptionsT, path: str, content: bytes) -> Iterable[Match]:
        """Matches of one rule in one file, in the order of their position."""

    def each_line_alone(self, options: OptionsT) -> bool:  # noqa: ARG002 - for those who override
        """Whether in a file of valid UTF-8 what is found in a line depends on that line alone.

        Then every match names its line, a line is what lies between two newlines, and of a new
        version of a file only the lines that changed are asked for. Has no effect where
        `path_matters`.
        """
        return False

    def compile(self, rules: Sequence[OptionsT]) -> Finder:
        """One function that finds the matches of all of `rules` in one pass.

        The default asks `find` for one rule after another; override it where several rules can
        share a pass over the content.
        """

        def find_all(path: str, content: bytes) -> Iterable[tuple[int, Match]]:
            for index, options in enumerate(rules):
                for match in self.find(options, path, content):
                    yield index, match

        return find_all


class TreeScanner(Scanner[OptionsT]):
    """Finds matches in the paths alone: asked again whenever an admitted path comes or goes."""

    each_path_alone: ClassVar[bool] = False
    """True when what is found at a path depends on no other path: then only paths that come are
    asked for."""

    @abstractmethod
    def find(self, options: OptionsT, paths: Sequence[str]) -> Iterable[Match]:
        """Matches among `paths`: those files of one commit that the rule's `paths` admit,
        sorted."""


class RepositoryScanner(Scanner[OptionsT]):
    """Finds matches in a work tree, such as by an external command: asked at the tip only.

    It runs in a child process with a time limit; its items therefore have no history before the
    first scan and move from scan to scan.
    """

    timeout_seconds: ClassVar[float] = 600.0

    @abstractmethod
    def find(self, options: OptionsT, tree: Path) -> Iterable[Match]:
        """Matches below `tree`, a folder that holds the regular files of one commit and that may
        be written to. Each match names its `path` relative to `tree`."""
