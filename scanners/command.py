"""The `command`, `command-project` and `command-repository` scanners run external programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from headway import (
    ContentScanner,
    Match,
    ProgramError,
    ProjectScanner,
    RepositoryScanner,
    Unknown,
    Unreadable,
)

from ._programs.file_search import FileSearch, RuleSearches
from ._programs.findings import FoundInFiles
from ._programs.options import CommandOptions, Words, as_list
from ._programs.runner import FILE, FILES, FOLDER, Program, is_safe_path
from ._programs.tree_files import TreeFiles


class CommandFileOptions(CommandOptions):
    """The options of a `command` rule."""

    contains: Words = Field(
        default=(),
        description="The program runs only on files that contain at least one of these strings, "
        "which saves time.",
    )

    @model_validator(mode="after")
    def _has_one_input(self) -> CommandFileOptions:
        _refuse(self, FOLDER)
        if FILES in self.command and any(FILE in argument for argument in self.command):
            raise ValueError(f"`command` contains both `{FILE}` and `{FILES}`; use one of them")
        if any(FILES in argument and argument != FILES for argument in self.command):
            raise ValueError(f"`{FILES}` must be a separate argument")
        return self


class CommandProjectOptions(CommandOptions):
    """The options of a `command-project` rule."""

    files: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        min_length=1,
        description="The files that the program receives, as patterns in the syntax of .gitignore.",
    )

    @model_validator(mode="after")
    def _has_no_files(self) -> CommandProjectOptions:
        _refuse(self, FILE, FILES)
        return self


class CommandRepositoryOptions(CommandOptions):
    """The options of a `command-repository` rule."""

    seconds: float = Field(
        default=300.0, gt=0, le=600, description="The time limit of one run, in seconds."
    )

    @model_validator(mode="after")
    def _has_no_files(self) -> CommandRepositoryOptions:
        _refuse(self, FILE, FILES)
        return self


def _refuse(options: CommandOptions, *placeholders: str) -> None:
    for placeholder in placeholders:
        if any(placeholder in argument for argument in options.command):
            raise ValueError(f"this scanner has no `{placeholder}`")


class _RunsProgram:
    """The base class of the scanners that run a program."""

    starts_programs = True

    def check_machine(self, options: CommandOptions) -> None:
        """Check that the program can be used: its presence, version and network access.

        Raises:
            ProgramUnavailableError: The program cannot be used on this machine.
        """
        Program(options).check()


class Command(_RunsProgram, ContentScanner[CommandFileOptions]):
    """Runs a program on each version of a file.

    The program receives the file on standard input, or its path where the command contains
    `{file}`. If the command contains `{files}`, one run searches many files. The program writes one
    JSON object per line for each match, or it writes SARIF.

    The program runs with your permissions, so let only people whom you trust change campaigns.
    """

    name = "command"
    version = "1"
    Options = CommandFileOptions
    needs_paths = True

    def find(self, options: CommandFileOptions, path: str, content: bytes) -> Iterable[Match]:
        """Run the program on one file."""
        return FileSearch(options, options.contains).find(path, content)

    def compile(self, rules: Sequence[CommandFileOptions]) -> RuleSearches:
        """Return a function that runs the programs of several rules.

        Raises:
            ProgramUnavailableError: A program cannot be used on this machine.
        """
        return RuleSearches([FileSearch(options, options.contains) for options in rules])


class CommandProject(_RunsProgram, ProjectScanner[CommandProjectOptions, bytes]):
    """Runs a program on several files of a commit together, such as a manifest and its lock file.

    The program starts in a temporary folder with the files. `{folder}` in an argument is the path
    of this folder. The program runs for each commit that changes one of the files.

    The program runs with your permissions, so let only people whom you trust change campaigns.
    """

    name = "command-project"
    version = "1"
    Options = CommandProjectOptions

    def files(self, options: CommandProjectOptions) -> Sequence[str]:
        """Return the patterns of the program's input files.

        Raises:
            ProgramUnavailableError: The program cannot be used on this machine.
        """
        # Check here, because `find` runs only if a file has changed.
        Program(options).check()
        return options.files

    def read(self, options: CommandProjectOptions, path: str, content: bytes) -> bytes:  # noqa: ARG002 - the interface requires it
        """Return the unchanged content of a file.

        Raises:
            ProgramError: A program may misread the name of the file.
        """
        if not is_safe_path(path):
            raise ProgramError("the name of the file has characters that programs may misread")
        return content

    def find(
        self, options: CommandProjectOptions, facts: Mapping[str, bytes | Unreadable]
    ) -> Iterator[Match | Unknown]:
        """Run the program on the files of a commit."""
        program = Program(options)
        unreadable = [path for path, fact in facts.items() if isinstance(fact, Unreadable)]
        files = {path: fact for path, fact in facts.items() if isinstance(fact, bytes)}
        if unreadable:
            reason = f"{unreadable[0]:.200} could not be read"
            yield from (Unknown(path, reason, unreadable[0]) for path in files)
        elif files:
            yield from _all(program.search(files))


class CommandRepository(_RunsProgram, RepositoryScanner[CommandRepositoryOptions]):
    """Runs a program on all files at the branch's tip. The items have no history.

    The program starts in the folder with the files. `{folder}` in an argument is the path of this
    folder. If the program does not need all files, use `command` or `command-project`, because only
    these scanners find the history of items.

    The program runs with your permissions, so let only people whom you trust change campaigns.
    """

    name = "command-repository"
    version = "1"
    Options = CommandRepositoryOptions

    def find(self, options: CommandRepositoryOptions, tree: Path) -> Iterator[Match]:
        """Run the program in a work tree."""
        program = Program(options)
        program.check()
        found = program.search_folder(TreeFiles(tree), tree)
        for entry in _all(found):
            if isinstance(entry, Unknown):
                raise ProgramError(f"{entry.path:.100}: {entry.reason}")
            yield entry


def _all(found: FoundInFiles) -> Iterator[Match | Unknown]:
    for path, matches in found.matches.items():
        yield from (replace(match, path=path) for match in matches)
    yield from (Unknown(path, reason) for path, reason in found.unknown.items())
