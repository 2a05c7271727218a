"""Call a scanner of any kind on example files, and check that it returns valid matches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from headway.model.scope import compiled
from headway.plugins import UnusablePluginError, load_scanner_file, scanner_of
from headway.scan.spots import InvalidMatchError, check_match, check_match_or_unknown, spot_of
from headway.scanner import (
    ContentScanner,
    Match,
    ProjectScanner,
    RepositoryScanner,
    Scanner,
    TreeScanner,
    Unknown,
    Unreadable,
)

Place = tuple[str, int | None, str]
"""The path, line and text of a match. The line is None if the whole file matches."""


class ScannerError(AssertionError):
    """A scanner does not follow its interface, or does not find the matches in an example."""


@dataclass(frozen=True, slots=True)
class Example:
    """Files, the options of a rule, and the rule's matches in the files."""

    options: Mapping[str, Any]
    """The options, as in a campaign file."""
    files: Mapping[str, str | bytes]
    """The contents of the files by path."""
    finds: Sequence[Place] = ()
    """The path, line and text of each match, sorted by path and position."""
    unknown: Sequence[str] = ()
    """The paths of the files that the scanner must report as unreadable or unknown."""

    def contents(self) -> dict[str, bytes]:
        """Return the contents as bytes, sorted by path."""
        return {
            path: content if isinstance(content, bytes) else content.encode()
            for path, content in sorted(self.files.items())
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A scanner's matches in some files."""

    matches: tuple[Match, ...]
    """The matches with their paths, in the scanner's order."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """The reasons why the matches in some files are unknown, by path."""

    @property
    def places(self) -> list[Place]:
        """The path, line and text of each match, sorted by path and position."""
        ordered = sorted(
            self.matches, key=lambda match: (match.path, match.line or 0, match.column or 0)
        )
        return [(match.path, match.line, match.text) for match in ordered]


def load_scanner(scanner: type[Any] | str | Path) -> Scanner[Any]:
    """Return a scanner from its class or from its file in a `scanners` folder.

    Raises:
        ScannerError: The class or file is not a usable scanner, or the file defines several.
    """
    try:
        if isinstance(scanner, str | Path):
            found = load_scanner_file(Path(scanner))
            if len(found) != 1:
                names = ", ".join(sorted(one.name for one in found))
                raise ScannerError(f"{scanner} defines several scanners ({names}); pass a class")
            return found[0]
        return scanner_of(scanner)
    except UnusablePluginError as error:
        raise ScannerError(f"Headway cannot load the scanner: {error}") from error


def options_of(scanner: Scanner[Any], options: Mapping[str, Any]) -> Any:
    """Validate the options of a rule.

    Raises:
        ScannerError: The options are invalid.
    """
    try:
        return scanner.Options(**options)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or "the options"
        raise ScannerError(f"{scanner.name} rejects {place}: {problem['msg']}") from error


def matches_in(
    scanner: Scanner[Any], options: Mapping[str, Any], files: Mapping[str, str | bytes]
) -> list[Match]:
    """Return the matches of one rule in files, sorted by path and position.

    Args:
        scanner: A scanner of any kind.
        options: The options, as in a campaign file.
        files: The contents of the files by path.

    Raises:
        ScannerError: The scanner rejects the options, cannot read a file or returns invalid
            matches.
    """
    example = Example(options, files)
    found = answer(scanner, options_of(scanner, options), example.contents())
    for path, reason in found.unknown.items():
        raise ScannerError(f"{scanner.name} cannot read {path}: {reason}")
    return sorted(found.matches, key=lambda match: (match.path, match.line or 0, match.column or 0))


def answer(scanner: Scanner[Any], options: Any, contents: Mapping[str, bytes]) -> Answer:
    """Return a scanner's valid matches in the given files.

    Raises:
        ScannerError: The scanner returns anything other than valid matches.
    """
    try:
        if isinstance(scanner, ContentScanner):
            return _content_answer(scanner, options, contents)
        if isinstance(scanner, TreeScanner):
            return Answer(_checked(scanner.find(options, list(contents)), contents))
        if isinstance(scanner, ProjectScanner):
            return project_answer(scanner, options, contents)
        assert isinstance(scanner, RepositoryScanner)
        return _repository_answer(scanner, options, contents)
    except InvalidMatchError as error:
        raise ScannerError(f"{scanner.name}: {error}") from error


def _content_answer(
    scanner: ContentScanner[Any], options: Any, contents: Mapping[str, bytes]
) -> Answer:
    matches: list[Match] = []
    unknown: dict[str, str] = {}
    for path, content in contents.items():
        try:
            found = list(scanner.find(options, path, content))
        except Exception as error:  # noqa: BLE001 - an exception makes the file unreadable
            unknown[path] = str(error)
            continue
        for match in found:
            spot_of(check_match(match))
            _require_line(match, content)
            if match.path:
                raise ScannerError(
                    f"{scanner.name} returned a match with the path {match.path!r}; a content "
                    "scanner leaves the path empty"
                )
            matches.append(Match(match.text, match.line, match.column, path, match.captures))
    return Answer(tuple(matches), unknown)


def project_answer(
    scanner: ProjectScanner[Any, Any], options: Any, contents: Mapping[str, bytes]
) -> Answer:
    """Return a project scanner's matches in the files that it reads.

    Raises:
        ScannerError: `files` returns no pattern, or a match is in a file that is not read.
        InvalidMatchError: A match is invalid.
    """
    patterns = tuple(scanner.files(options))
    if not patterns:
        raise ScannerError(f"{scanner.name}: `files` returned no pattern")
    facts: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    for path, content in contents.items():
        if not compiled(patterns).match_file(path):
            continue
        try:
            facts[path] = scanner.read(options, path, content)
        except Exception as error:  # noqa: BLE001 - an exception makes the file unreadable
            facts[path] = Unreadable(str(error))
            unknown[path] = str(error)
    matches: list[Match] = []
    for found in scanner.find(options, facts):
        one = check_match_or_unknown(found)
        if isinstance(one, Unknown):
            unknown.setdefault(one.path, one.reason)
        else:
            matches.append(one)
    return Answer(_checked(matches, {path: contents[path] for path in facts}), unknown)


def _repository_answer(
    scanner: RepositoryScanner[Any], options: Any, contents: Mapping[str, bytes]
) -> Answer:
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        tree = Path(folder)
        for path, content in contents.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content)
        return Answer(_checked(scanner.find(options, tree), contents))


def _checked(found: Iterable[Match], contents: Mapping[str, bytes]) -> tuple[Match, ...]:
    """Return the matches. Raise an error if one is invalid or its path is not a scanned file."""
    matches = []
    for match in map(check_match, found):
        if match.path not in contents:
            raise ScannerError(
                f"a match has the path {match.path!r}, which is not one of the scanned files"
            )
        # The line can be beyond the end of the file, because a scanner may use an outdated report.
        spot_of(match)
        matches.append(match)
    return tuple(matches)


def _require_line(match: Match, content: bytes) -> None:
    lines = content.count(b"\n") + 1
    if match.line is not None and match.line > lines:
        raise ScannerError(f"a match is on line {match.line:,} of a file with {lines:,} lines")
