"""The interface of scanner plugins.

A plugin is a Python module that defines one or more concrete subclasses of `ContentScanner`,
`TreeScanner`, `ProjectScanner` or `RepositoryScanner`. The matches that `find` returns must depend
only on its arguments, because Headway calls `find` once for each distinct input and reuses the
result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """The base class for the options of a scanner in a campaign file.

    A subclass declares one field per option. Unknown keys are errors. If a pydantic validator
    raises a `ValueError`, the user sees its message with the line and column of the option. Do not
    declare the keys that every rule has, such as `id`, `paths`, `weight` and `sample`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


OptionsT = TypeVar("OptionsT", bound=Options)
FactsT = TypeVar("FactsT")


@dataclass(frozen=True, slots=True)
class Match:
    """One match that a scanner found in a file."""

    text: str
    """The matched text as it appears in the file.

    Headway later recognises the item by this text, with normalised white space. The text must
    therefore not contain the line number.
    """
    line: int | None = None
    """The 1-based line number. None means that the whole file matches."""
    column: int | None = None
    """The 1-based column, in characters. None means that it is unknown."""
    path: str = ""
    """The path of the file. Content scanners leave it empty, because Headway adds it."""
    captures: Mapping[str, str] = field(default_factory=dict)
    """The captured values, such as a version number, by capture name. `headway burndown --series`
    shows how the values of one capture change over time.
    """


Finder = Callable[[str, bytes], Iterable[tuple[int, Match]]]
"""Takes the path and content of a file, and returns (rule index, match) pairs. The matches of each
rule are ordered by position.
"""


@runtime_checkable
class PreparedFinder(Protocol):
    """A `Finder` that searches many files together faster than one by one.

    Headway calls `prepare` with a group of files before it calls the object for each of them.
    """

    def __call__(self, path: str, content: bytes) -> Iterable[tuple[int, Match]]:
        """Return (rule index, match) pairs, as every `Finder` does."""

    def prepare(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Search the (path, content) pairs. Do not raise an error that affects only one file."""


class Scanner(ABC, Generic[OptionsT]):
    """The base class of all scanners."""

    name: ClassVar[str]
    """The name of the scanner in the `scanner` key of rules."""
    version: ClassVar[str] = "1"
    """The version of the scanner. Change it whenever the scanner finds different matches in the
    same input. Headway then recomputes the history of every rule with this scanner.
    """
    Options: ClassVar[type[Any]] = Options
    """The subclass of `headway.Options` that validates the options of a rule."""
    needs_paths: ClassVar[bool] = False
    """Whether every rule with this scanner must have `paths`."""
    starts_programs: ClassVar[bool] = False
    """Whether the scanner starts external programs. If so, it is called only in processes with
    limits. Only `headway validate` and `headway try` check the samples of its rules.
    """

    def check_machine(self, options: OptionsT) -> None:
        """Raise an exception if a rule with these options cannot run on this machine.

        If `starts_programs` is true, `headway doctor` calls this method and shows the message.
        """


class ContentScanner(Scanner[OptionsT]):
    """The base class of scanners that find matches in the content of a file.

    Headway does not pass symbolic links, submodules or binary files to these scanners. Files with a
    byte order mark for UTF-16 or UTF-32 are first converted to UTF-8, and byte order marks are
    removed. A file is binary if the first 8,000 bytes of the result contain a NUL byte.
    """

    path_matters: ClassVar[bool] = True
    """Whether `find` uses the path. If not, files with the same content are scanned only once."""

    @abstractmethod
    def find(self, options: OptionsT, path: str, content: bytes) -> Iterable[Match]:
        """Find the matches of one rule in one file, ordered by position."""

    def each_line_alone(self, options: OptionsT) -> bool:  # noqa: ARG002 - for those who override
        """Return whether each match in a valid UTF-8 file depends only on its own line.

        If so, Headway searches only the changed lines in a new version of a file, and every match
        must have a `line`. Lines end only at newline characters. The result is ignored if
        `path_matters` is true.
        """
        return False

    def compile(self, rules: Sequence[OptionsT]) -> Finder:
        """Return a function that finds the matches of several rules in one file.

        By default, the function calls `find` for each rule. Override this method if one pass over
        the content can find the matches of several rules.
        """

        def find_all(path: str, content: bytes) -> Iterable[tuple[int, Match]]:
            for index, options in enumerate(rules):
                for match in self.find(options, path, content):
                    yield index, match

        return find_all


class TreeScanner(Scanner[OptionsT]):
    """The base class of scanners that find matches in the paths of the files.

    `find` is called whenever a path that the rule's `paths` select is added or removed.
    """

    each_path_alone: ClassVar[bool] = False
    """Whether each match depends only on its own path. If so, `find` receives only new paths."""

    @abstractmethod
    def find(self, options: OptionsT, paths: Sequence[str]) -> Iterable[Match]:
        """Find the matches of one rule among the paths of one commit.

        Args:
            options: The options of the rule.
            paths: The sorted paths that the rule's `paths` select.
        """


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for the facts of a file that could not be read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A file whose matches are unknown. Its items keep their state."""

    path: str
    reason: str
    """The reason why the matches are unknown, as a clause."""
    cause: str = ""
    """The path of the `Unreadable` file that makes the matches of this file unknown, or an empty
    string.
    """


class ProjectScanner(Scanner[OptionsT], Generic[OptionsT, FactsT]):
    """The base class of scanners that read several files together.

    An example is a scanner that reads the manifests and lock files of a repository. `read` extracts
    the facts from one file, and `find` finds the matches of one rule in the facts of all files in a
    commit. Rules with the same `files` share the facts.

    Binary files are treated as unreadable. Byte order marks are removed, and files are converted to
    UTF-8, as for a `ContentScanner`.
    """

    path_matters: ClassVar[bool] = True
    """Whether `read` uses the path. If not, files with the same content are read only once."""

    @abstractmethod
    def files(self, options: OptionsT) -> Sequence[str]:
        """Return at least one `.gitignore` pattern for the files that the rule reads.

        The rule's `paths` determine in which of these files matches count.
        """

    @abstractmethod
    def read(self, options: OptionsT, path: str, content: bytes) -> FactsT:
        """Return the facts in one file.

        If this method raises an exception, the file is treated as unreadable.

        Args:
            options: The options of one of the rules that share the facts. Use only the options that
                `files` depends on.
            path: The path of the file.
            content: The content of the file.

        Returns:
            The facts, which should be small and must not change afterwards.
        """

    @abstractmethod
    def find(
        self, options: OptionsT, facts: Mapping[str, FactsT | Unreadable]
    ) -> Iterable[Match | Unknown]:
        """Find the matches of one rule in the files of one commit.

        This method is called for each commit that changes the files, so it should only look up
        facts and leave parsing to `read`.

        Args:
            options: The options of the rule.
            facts: Maps the path of each file that `files` selects to its facts, sorted by path.

        Returns:
            The matches, each with the path of one of the files. The matches in an unreadable file
                are always unknown. If the matches in another file depend on the unreadable file,
                return an `Unknown` for that other file.
        """

    def is_affected(
        self,
        options: OptionsT,  # noqa: ARG002 - for those who override
        before: FactsT | None,  # noqa: ARG002
        after: FactsT | None,  # noqa: ARG002
    ) -> bool:
        """Return whether a change to one file can change the rule's matches in any file.

        Override this method to avoid unnecessary calls to `find`. A match also changes if its line
        number changes.

        Args:
            options: The options of the rule.
            before: The facts of the file before the change, or None if the file did not exist.
            after: The facts of the file after the change, or None if the file no longer exists.
        """
        return True


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree, with its repository and commit."""

    folder: Path
    """The folder with the regular files of the commit."""
    repository: str
    """The name of the repository, such as `acme/shop`. It can contain any characters."""
    commit: str
    """The ID of the commit."""
    workspace: Path
    """The folder of headway.toml."""


class RepositoryScanner(Scanner[OptionsT]):
    """The base class of scanners that find matches in a work tree, for example with a command.

    `find` is called only for the tip. The scanner's items therefore have no history before the
    first scan, and change only when a scan runs.
    """

    timeout_seconds: ClassVar[float] = 600.0
    """The timeout of `find`, in seconds. The child process is killed after this time."""

    @abstractmethod
    def find(self, options: OptionsT, tree: Path) -> Iterable[Match]:
        """Find the matches of one rule in a work tree.

        Args:
            options: The options of the rule.
            tree: A folder with the regular files of the commit. The scanner may write to this
                folder. The `path` of each match must be relative to the folder.
        """

    def find_in(self, options: OptionsT, checkout: Checkout) -> Iterable[Match]:
        """Find the matches of one rule in a work tree of a known repository and commit.

        Override this method if `find` needs more information than the files.
        """
        return self.find(options, checkout.folder)
