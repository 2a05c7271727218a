"""Run a rule's program on files, with many files in one run if possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from headway import Match, ProgramError

from .._sarif.json_values import ReportError
from .findings import FoundInFiles
from .options import CommandOptions
from .runner import FILE, FILES, Program, safe_path

_Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _AtPath:
    """The matches of the program in one file, or the reason why they are unknown."""

    matches: tuple[Match, ...]
    unknown: str
    """The reason why the matches are unknown, or an empty string if they are known."""


class FileSearch:
    """Searches files with the program of one rule."""

    def __init__(
        self, options: CommandOptions, contains: Sequence[str] = (), rule_prefix: str = ""
    ) -> None:
        """Prepare to search.

        Args:
            options: The options of the rule.
            contains: Every matching file contains at least one of these strings. Without strings,
                every file is searched.
            rule_prefix: The IDs of rules in SARIF begin after the last occurrence of this string.

        Raises:
            ProgramError: The program cannot be used on this machine.
        """
        self._contains = [text.encode() for text in contains]
        self._program = Program(options, rule_prefix)
        self._program.check()
        self.takes_several = FILES in options.command
        self._stdin = not self.takes_several and not any(
            FILE in argument for argument in options.command
        )
        self._known: dict[_Key, _AtPath] = {}
        """The matches in the files of the last batch."""

    def find(self, path: str, content: bytes) -> Iterator[Match]:
        """Yield the matches in a file.

        Raises:
            ProgramError: The program failed, or could not read the file.
            ReportError: The output of the program is invalid.
        """
        if not self._may_match(content):
            return
        at_path = self._known.pop(_key(path, content), None)
        if at_path is None:
            name = safe_path(path)
            found = self._program.search({name: content}, stdin=self._stdin)
            at_path = _at_path(found, name)
        if at_path.unknown:
            raise ProgramError(at_path.unknown)
        yield from at_path.matches

    def prepare(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Search several files in one run, and store the matches for `find`.

        If the run fails, no matches are stored, and `find` searches each file separately.
        """
        self._known.clear()
        chosen = [(path, content) for path, content in files if self._may_match(content)]
        if not self.takes_several or len(chosen) < 2:
            return
        names = [f"{number}/{safe_path(path)}" for number, (path, _) in enumerate(chosen)]
        contents = [content for _, content in chosen]
        try:
            found = self._program.search(dict(zip(names, contents, strict=True)))
        except (ProgramError, ReportError):
            return
        for name, file in zip(names, chosen, strict=True):
            self._known[_key(*file)] = _at_path(found, name)

    def _may_match(self, content: bytes) -> bool:
        return not self._contains or any(text in content for text in self._contains)


class RuleSearches:
    """Searches a file for several rules when called."""

    def __init__(self, searches: Sequence[FileSearch]) -> None:
        self._searches = searches

    def __call__(self, path: str, content: bytes) -> Iterator[tuple[int, Match]]:
        for index, search in enumerate(self._searches):
            for match in search.find(path, content):
                yield index, match

    def prepare(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Search several files in advance, before this object is called for each of them."""
        for search in self._searches:
            search.prepare(files)


def _at_path(found: FoundInFiles, name: str) -> _AtPath:
    matches: Mapping[str, list[Match]] = found.matches
    return _AtPath(tuple(matches.get(name, ())), found.unknown.get(name, ""))


def _key(path: str, content: bytes) -> _Key:
    return path, blake2b(content, digest_size=16).digest()
