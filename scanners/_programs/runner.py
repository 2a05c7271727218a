"""Run a rule's program on files from a repository, and return its findings."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from headway import (
    NetworkNotBlockedError,
    ProgramError,
    ProgramLimits,
    ProgramResult,
    ProgramUnavailableError,
    network_can_be_blocked,
    require_program,
    run_program,
)

from .._sarif.log_file import Filter
from .findings import FoundInFiles
from .options import CommandOptions

ATTACHMENTS, FILE, FILES, FOLDER = "{attachments}", "{file}", "{files}", "{folder}"
_UNSAFE = re.compile(r"[^A-Za-z0-9._@+=,-]")
_LONGEST_PATH = 200
_VERSION_SECONDS = 60.0


class Program:
    """The program of one rule."""

    def __init__(self, options: CommandOptions, rule_prefix: str = "") -> None:
        """Prepare to run.

        Args:
            options: The options of the rule.
            rule_prefix: The IDs of rules in SARIF begin after the last occurrence of this string.
        """
        self._options = options
        self._rule_prefix = rule_prefix
        self._limits = ProgramLimits(options.seconds, options.memory_megabytes * 1_000_000)
        self._filter = Filter(options.rule_ids, options.levels)

    def check(self) -> None:
        """Check that the program can be used on this machine.

        Raises:
            ProgramUnavailableError: The program is missing, has the wrong version, or could use the
                network although the rule forbids this.
        """
        options = self._options
        if options.network == "require-block" and not network_can_be_blocked():
            raise NetworkNotBlockedError
        require_program(options.command[0])
        if options.version_command:
            _check_version(options.version_command, options.version, options.network == "allow")

    def search(self, files: Mapping[str, bytes], *, stdin: bool = False) -> FoundInFiles:
        """Run the program on files in a temporary folder.

        Args:
            files: The contents of the files, by safe path.
            stdin: Whether the program reads the only file from standard input.

        Raises:
            ProgramError: The program failed.
            ReportError: The output of the program is invalid.
        """
        with _scratch() as scratch:
            folder = scratch / "work"
            for path, content in files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            given = next(iter(files.values())) if stdin else b""
            return self._run(files, folder, scratch, given)

    def search_folder(self, files: Mapping[str, bytes], folder: Path) -> FoundInFiles:
        """Run the program in a folder that contains the files of a repository.

        Raises:
            ProgramError: The program failed.
            ReportError: The output of the program is invalid.
        """
        with _scratch() as scratch:
            return self._run(files, folder, scratch, b"")

    def _run(
        self, files: Mapping[str, bytes], folder: Path, scratch: Path, stdin: bytes
    ) -> FoundInFiles:
        options = self._options
        for name, text in options.attachments.items():
            (scratch / "attachments" / name).write_text(text, "utf-8")
        arguments = [
            argument
            for template in options.command
            for argument in _filled(template, files, folder, scratch)
        ]
        home = str(scratch / "home")
        result = run_program(
            arguments,
            folder=folder,
            environment={"HOME": home, "TMPDIR": home, **options.environment},
            stdin=stdin,
            limits=self._limits,
            network=options.network == "allow",
        )
        if result.exit_code not in options.exit_codes:
            raise ProgramError(_failure(arguments[0], result))
        found = FoundInFiles(files, folder)
        if options.output == "sarif":
            found.add_sarif(result.output, self._filter, self._rule_prefix)
        else:
            found.add_lines(result.output)
        return found


def _failure(name: str, result: ProgramResult) -> str:
    code = result.exit_code
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    said = f": {result.errors}" if result.errors else ""
    return f"the program `{Path(name).name}` {how}{said}"


@contextmanager
def _scratch() -> Iterator[Path]:
    """Create a temporary folder for one run, and delete it when the block ends.

    Raises:
        ProgramUnavailableError: The folder could not be created, or the block raised `OSError`.
    """
    try:
        with tempfile.TemporaryDirectory(
            prefix="headway-program-", ignore_cleanup_errors=True
        ) as name:
            scratch = Path(os.path.realpath(name))
            for folder in ("attachments", "home", "work"):
                (scratch / folder).mkdir()
            yield scratch
    except OSError as error:
        raise ProgramUnavailableError(
            f"the temporary folder cannot be used: {error.strerror or error}"
        ) from error


def _filled(
    template: str, files: Mapping[str, bytes], folder: Path, scratch: Path
) -> Iterator[str]:
    """Yield an argument with its placeholders replaced. `{files}` expands to several arguments.

    All paths are absolute, so a program cannot mistake a file name for an option.
    """
    if template == FILES:
        yield from (str(folder / path) for path in files)
        return
    filled = template.replace(ATTACHMENTS, str(scratch / "attachments"))
    filled = filled.replace(FOLDER, str(folder))
    if FILE in filled:
        filled = filled.replace(FILE, str(folder / next(iter(files))))
    yield filled


def safe_path(path: str) -> str:
    """Replace characters in a path that programs may misread, and keep the file name suffix.

    The result consists of ASCII letters, digits and a few punctuation characters. No part of the
    path begins with a dash.
    """
    parts = [_UNSAFE.sub("_", part) for part in path.split("/")]
    safe = [
        f"_{part}" if part.startswith("-") or part in ("", ".", "..") else part for part in parts
    ]
    joined = "/".join(safe)
    if len(joined) > _LONGEST_PATH:
        return f"long/{safe[-1][-100:].lstrip('-')}"
    return joined


def is_safe_path(path: str) -> bool:
    """Return whether `safe_path` leaves a path unchanged."""
    return safe_path(path) == path


@lru_cache(maxsize=100)
def _check_version(command: Sequence[str], version: str, network: bool) -> None:
    with _scratch() as scratch:
        result = run_program(
            command,
            folder=scratch / "work",
            environment={},
            limits=ProgramLimits(_VERSION_SECONDS),
            network=network,
        )
    if result.exit_code:
        raise ProgramUnavailableError(_failure(command[0], result))
    printed = " ".join(result.output.decode("utf-8", "replace").split())
    if not re.search(rf"(?<![\w.]){re.escape(version)}(?!\w)", printed):
        raise ProgramUnavailableError(
            f"the rule is for version {version} of `{command[0]}`, but this machine has "
            f"{printed:.60}; install version {version}, or change `version`, so that the next "
            "scan recomputes the history"
        )
