"""The `sarif` and `sarif-folder` scanners read the results of tools that ran elsewhere."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pathspec import GitIgnoreSpec
from pydantic import BeforeValidator, Field, field_validator

from headway import (
    Checkout,
    Match,
    Options,
    ProjectScanner,
    RepositoryScanner,
    Unknown,
    Unreadable,
)

from ._programs.findings import match_of
from ._programs.options import Level, Words, as_list, is_plain_path
from ._programs.tree_files import TreeFiles
from ._sarif.json_values import ReportError
from ._sarif.log_file import Filter, Result, Run, read_log

REPOSITORY = "{repository}"
_LARGEST_FILE = 100_000_000
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SOURCE: tuple[Run, ...] = ()
"""The facts of a file that is not SARIF."""


class ResultOptions(Options):
    """The options that select results."""

    tools: Words = Field(
        default=(),
        description="Count only results of tools whose names match one of these patterns. By "
        "default, the results of all tools count.",
    )
    rule_ids: Words = Field(
        default=(),
        description="Count only results of rules that match one of these patterns, such as "
        "`F4*`; a pattern such as `!F401` excludes rules. By default, the results of all rules "
        "count.",
    )
    levels: Annotated[tuple[Level, ...], BeforeValidator(as_list)] = Field(
        default=(),
        description="Count only results of these levels. By default, all levels count.",
    )
    root: str = Field(
        default="",
        description="The folder of the repository on the machine on which the tool ran, such as "
        "`/home/runner/work/*/*`, if the results have absolute paths. `*` stands for any "
        "folder name.",
    )

    def filter(self) -> Filter:
        """Return the filter that these options describe."""
        return Filter(self.rule_ids, self.levels, self.tools)


class SarifOptions(ResultOptions):
    """The options of a `sarif` rule."""

    files: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        min_length=1, description="The SARIF files, as patterns in the syntax of .gitignore."
    )
    sources: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        min_length=1,
        description="The files that the results are about, as patterns. Each result becomes an "
        "item in the file that it is about or, if that file does not exist, in the SARIF file.",
    )


class SarifFolderOptions(ResultOptions):
    """The options of a `sarif-folder` rule."""

    file: str = Field(
        description="The SARIF file of a repository, relative to the folder of headway.toml. "
        "`{repository}` stands for the name of the repository, such as `acme/shop`.",
    )
    revision: Literal["tip", "any"] = Field(
        default="tip",
        description="tip: the file must state the commit that the tool analysed, and this must be "
        "the branch's latest commit; otherwise, the rule is unknown. any: results of any commit, "
        "and results that name no commit, count as results of the latest commit.",
    )
    version: str = Field(
        default="",
        max_length=100,
        description="If you change this value, the next scan reads the files of all repositories "
        "again.",
    )

    @field_validator("file")
    @classmethod
    def _has_name(cls, file: str) -> str:
        if REPOSITORY not in file or not is_plain_path(file):
            raise ValueError(
                "write a path below the folder of headway.toml that contains `{repository}`, such "
                "as `results/{repository}.sarif`"
            )
        return file


class Sarif(ProjectScanner[SarifOptions, tuple[Run, ...]]):
    """Finds the open results in SARIF files that are committed to the repository.

    The SARIF files determine the history of the items. The commit that removes a result from its
    file fixes the item. Suppressed results and results with the baseline state `absent` do not
    count.
    """

    name = "sarif"
    version = "1"
    Options = SarifOptions

    def files(self, options: SarifOptions) -> Sequence[str]:
        """Return the patterns of the SARIF files and of the source files with results."""
        # A pattern that excludes a source file must not exclude a SARIF file.
        return (*options.sources, *options.files)

    def read(self, options: SarifOptions, path: str, content: bytes) -> tuple[Run, ...]:
        """Return the runs in a SARIF file, or nothing for a source file.

        Raises:
            ReportError: The file is not valid SARIF, or reports that the tool failed.
        """
        return read_log(content) if _patterns(options.files).match_file(path) else _SOURCE

    def find(
        self, options: SarifOptions, facts: Mapping[str, tuple[Run, ...] | Unreadable]
    ) -> Iterator[Match | Unknown]:
        """Find the selected results in the files of one commit.

        Raises:
            ReportError: The results are unknown, because a SARIF file could not be read or names a
                file outside the repository.
        """
        wanted = options.filter()
        for path, runs in facts.items():
            if isinstance(runs, Unreadable):
                if _patterns(options.files).match_file(path):
                    raise ReportError(f"{path:.200} could not be read: {runs.reason}")
                continue
            for run in wanted.runs(runs):
                for address, reason in run.unread:
                    place = address.in_repository(options.root)
                    yield Unknown(place if place in facts else path, reason)
            for result in wanted.results(runs):
                yield _placed(result, options, path, facts)

    def is_affected(
        self,
        options: SarifOptions,  # noqa: ARG002 - the interface requires it
        before: tuple[Run, ...] | None,
        after: tuple[Run, ...] | None,
    ) -> bool:
        """Return whether a SARIF file changed, or a source file was added or removed."""
        return before != after


def _placed(result: Result, options: SarifOptions, file: str, facts: Mapping[str, object]) -> Match:
    """Return the match of a result: in its source file or, if that is missing, the SARIF file."""
    match = match_of(result)
    if result.address is None:
        return replace(match, path=file, line=None, column=None)
    path = result.address.in_repository(options.root)
    if path in facts:
        return replace(match, path=path)
    return replace(match, path=file, line=None, column=None, text=f"{path}: {match.text}")


@lru_cache(maxsize=100)
def _patterns(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns)


class SarifFolder(RepositoryScanner[SarifFolderOptions]):
    """Finds the open results in a folder with one SARIF file for each repository.

    The results describe the branch's tip, so the items have no history before the first scan. If
    the file is missing or describes another commit, the state of the rule is unknown.
    """

    name = "sarif-folder"
    version = "1"
    Options = SarifFolderOptions

    def find(self, options: SarifFolderOptions, tree: Path) -> Iterator[Match]:  # noqa: ARG002 - the interface requires it
        """Raise an error, because the search needs the repository's name. Use `find_in` instead.

        Raises:
            ReportError: Always.
        """
        raise ReportError(
            f"cannot search {tree} without the name of its repository; call `find_in` instead"
        )

    def find_in(self, options: SarifFolderOptions, checkout: Checkout) -> Iterator[Match]:
        """Find the selected results for the tip of a repository.

        Raises:
            ReportError: The results for the tip are unknown.
        """
        name = options.file.replace(REPOSITORY, checkout.repository)
        if not is_plain_path(name):
            raise ReportError(f"the name of the repository cannot be part of a path: {name:.200}")
        wanted = options.filter()
        runs = tuple(wanted.runs(read_log(_content_of(checkout.workspace / name, name))))
        if options.revision == "tip":
            _require_tip(runs, checkout.commit, name)
        for run in runs:
            for address, reason in run.unread:
                raise ReportError(f"{address.in_repository(options.root):.200}: {reason}")
        files = TreeFiles(checkout.folder)
        lines: dict[str, list[bytes]] = {}
        for result in wanted.results(runs):
            if result.address is None:
                raise ReportError(
                    f"{name:.200}: a result of rule {result.rule:.60} has no location"
                )
            path = result.address.in_repository(options.root)
            if path not in files:
                if options.revision == "any":
                    continue  # The file has been removed since the analysis.
                raise ReportError(f"{name:.200}: the repository has no file {path:.200}")
            if path not in lines:
                lines[path] = files[path].split(b"\n")
            yield replace(match_of(result, _line(lines[path], result.line)), path=path)


def _require_tip(runs: Sequence[Run], tip: str, name: str) -> None:
    """Raise an error unless results exist and all of them describe the commit `tip`."""
    for run in runs:
        if run.revision != tip:
            of = f"of commit {run.revision:.12}" if run.revision else "without a commit"
            raise ReportError(
                f"{name:.200} has results {of}, but the branch is at {tip:.12}; run the tool on "
                "that commit, or set `revision: any`"
            )
    if not runs:
        raise ReportError(f"{name:.200} has no results from the tools that the rule selects")


def _line(lines: Sequence[bytes], number: int | None) -> str:
    if number is None or number > len(lines):
        return ""
    return lines[number - 1].decode("utf-8", "backslashreplace")


def _content_of(file: Path, name: str) -> bytes:
    """Return the content of a SARIF file in UTF-8.

    Raises:
        ReportError: The file does not exist, cannot be read or is too large.
    """
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ReportError(f"{name:.200} has more than {_LARGEST_FILE:,} bytes")
        content = file.read_bytes()
        for mark, encoding in _WIDE_MARKS:
            if content.startswith(mark):
                return content[len(mark) :].decode(encoding).encode()
        return content.removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError as error:
        raise ReportError(f"there is no file {name:.200}; put the results there") from error
    except (OSError, ValueError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(f"{name:.200} cannot be read: {error}") from error
