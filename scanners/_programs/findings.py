"""Convert the output of a program to matches in its input files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from headway import Match

from .._sarif.json_values import ReportError
from .._sarif.locations import address_of
from .._sarif.log_file import Filter, Result, Run, read_log
from .json_lines import read_lines

_MESSAGE_LENGTH = 200


class FoundInFiles:
    """The matches in several files by path, and the files with unknown matches."""

    def __init__(self, files: Mapping[str, bytes], folder: Path) -> None:
        """Create an object without matches.

        Args:
            files: The contents of the program's input files, by path in `folder`.
            folder: The working folder of the program.
        """
        self.matches: dict[str, list[Match]] = defaultdict(list)
        self.unknown: dict[str, str] = {}
        self._files = files
        self._root = os.path.realpath(folder)
        self._only = _only(files)
        self._lines: dict[str, list[bytes]] = {}

    def add_lines(self, output: bytes) -> None:
        """Add the matches in JSON lines.

        Raises:
            ReportError: The output is invalid, or a match is not in one of the files.
        """
        for entry in read_lines(output):
            path = self._path(entry.path)
            if entry.unknown:
                self.unknown.setdefault(path, entry.unknown)
                continue
            if entry.line is None and not entry.text:
                raise ReportError("a match has neither `line` nor `text`")
            shown = entry.text or self._text_of(path, entry.line)
            self._add(path, Match(shown, entry.line, entry.column, "", entry.captures))

    def add_sarif(self, output: bytes, wanted: Filter, prefix: str = "") -> None:
        """Add the results in SARIF.

        Args:
            output: The output of the program.
            wanted: Selects the results that become matches.
            prefix: The IDs of rules begin after the last occurrence of this string.

        Raises:
            ReportError: The output is invalid, or a result is not in one of the files.
        """
        runs = read_log(output)
        if prefix:
            runs = tuple(_with_short_rules(run, prefix) for run in runs)
        for run in wanted.runs(runs):
            for unread, reason in run.unread:
                path = self._known(unread.in_repository(self._root))
                self.unknown.setdefault(path, reason or "the tool could not read the file")
        for result in wanted.results(runs):
            address = result.address
            path = self._known(address.in_repository(self._root)) if address else self._path("")
            self._add(path, match_of(result, self._text_of(path, result.line)))

    def _add(self, path: str, match: Match) -> None:
        lines = self._lines_of(path)
        if match.line is not None and match.line > len(lines):
            raise ReportError(
                f"a match is on line {match.line:,}, but the file has only {len(lines):,} lines"
            )
        self.matches[path].append(match)

    def _path(self, path: str) -> str:
        if not path:
            if not self._only:
                raise ReportError("a match has no `path`")
            return self._only
        return self._known(address_of(path, "path").in_repository(self._root))

    def _known(self, path: str) -> str:
        if path not in self._files:
            raise ReportError(
                f"a match is in a file that was not passed to the program: {path:.100}"
            )
        return path

    def _lines_of(self, path: str) -> list[bytes]:
        if path not in self._lines:
            self._lines[path] = self._files[path].split(b"\n")
        return self._lines[path]

    def _text_of(self, path: str, line: int | None) -> str:
        lines = self._lines_of(path)
        if line is None or line > len(lines):
            return ""
        return lines[line - 1].decode("utf-8", "backslashreplace").strip("\r")


def _with_short_rules(run: Run, prefix: str) -> Run:
    results = (replace(entry, rule=entry.rule.rpartition(prefix)[2]) for entry in run.results)
    return replace(run, results=tuple(results))


def _only(files: Mapping[str, bytes]) -> str:
    """Return the path of the only file, or an empty string if there are several."""
    paths = list(islice(files, 2))
    return paths[0] if len(paths) == 1 else ""


def match_of(result: Result, line: str = "") -> Match:
    """Return the match for a SARIF result.

    The match text consists of the rule and the line of code. Without a line of code, it consists of
    the rule, the message and the fingerprint. The fingerprint distinguishes results with the same
    message.

    Args:
        result: The result.
        line: The line of code, or an empty string if it is unknown.
    """
    shown = line or result.snippet
    if not shown.strip():
        mark = f" [{result.fingerprint:.40}]" if result.fingerprint else ""
        shown = f"{result.message}{mark}"
    captures = {"level": result.level}
    if result.message:
        captures["message"] = result.message[:_MESSAGE_LENGTH]
    if result.rule:
        captures["rule"] = result.rule
    text = f"{result.rule}: {shown.strip()}" if result.rule else shown.strip()
    return Match(
        text or "a result with neither a rule nor a message",
        result.line,
        result.column,
        "",
        captures,
    )
