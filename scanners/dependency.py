"""The `dependency` scanner finds packages that manifests require or lock files pin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from headway import Match, Options, ProjectScanner, Unknown, Unreadable

from ._ecosystems import NAMES, ecosystem_of
from ._ecosystems.records import Ecosystem, Facts, Finding
from ._ecosystems.version_sets import ALL, VersionSet

Case = Literal["locked", "only-deprecated", "allows-deprecated", "unpinned", "unresolved"]

CASES: tuple[Case, ...] = (
    "locked",
    "only-deprecated",
    "allows-deprecated",
    "unpinned",
    "unresolved",
)
_DEFAULT_CASES: tuple[Case, ...] = ("locked", "only-deprecated", "allows-deprecated")
"""The default cases if only some versions are deprecated."""
_ANY_VERSION = "any"
"""The captured version if the manifest states no version."""
_WORD = re.compile(r"[a-z0-9]+")
_SHARED = re.compile(r"lock|shrinkwrap|^Directory\.|libs\.versions|gradle\.properties")
"""A pattern for files that affect the versions in other files in their folder and below it."""
_MAJOR = re.compile(r"v\d+")
"""The last part of a Go module path with a major version."""
_CACHED = 1 << 16


class DependencyOptions(Options):
    """The options of a `dependency` rule."""

    ecosystem: Annotated[str, WithJsonSchema({"type": "string", "enum": list(NAMES)})] = Field(
        description=f"Package ecosystem: {', '.join(NAMES)}."
    )
    package: str = Field(min_length=1, description="The name of the package.")
    versions: str | None = Field(
        default=None,
        min_length=1,
        description="Deprecated versions, as a range in the syntax of the ecosystem; "
        "default: all versions.",
    )
    cases: tuple[Case, ...] | None = Field(
        default=None,
        min_length=1,
        description="Which cases count. locked: a lock file pins a deprecated version. "
        "only-deprecated: the manifest allows only deprecated versions. "
        "allows-deprecated: the manifest allows deprecated and other versions. unpinned: the "
        "manifest names no version. unresolved: the version cannot be determined. "
        "Default: the first three with `versions`, otherwise all.",
    )

    @field_validator("ecosystem")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            advice = f"did you mean `{close[0]}`?" if close else f"choose from {', '.join(NAMES)}"
            raise ValueError(f"there is no such ecosystem; {advice}")
        return name

    @field_validator("package")
    @classmethod
    def _is_package(cls, name: str, info: ValidationInfo) -> str:
        if "ecosystem" in info.data:
            ecosystem_of(info.data["ecosystem"]).normalise(name)
        return name

    @field_validator("versions")
    @classmethod
    def _is_range(cls, versions: str | None, info: ValidationInfo) -> str | None:
        if versions is None or "ecosystem" not in info.data:
            return versions
        if ecosystem_of(info.data["ecosystem"]).versions(versions).is_empty:
            raise ValueError("this range is empty: no version can satisfy it; correct the range")
        return versions


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for the facts of a file that could not be parsed."""

    reason: str
    words: frozenset[str]
    """All words in the file, in lower case."""


@dataclass(frozen=True, slots=True)
class _Query:
    """The package and versions that a rule looks for."""

    ecosystem: Ecosystem
    package: str
    """The normalised name."""
    deprecated: VersionSet
    cases: frozenset[Case]
    words: frozenset[str]
    """Every file that names the package contains at least one of these words."""

    def is_deprecated(self, version: str) -> bool:
        """Return whether a version is deprecated.

        Raises:
            ValueError: The string is not a version.
        """
        return self.deprecated.is_all or self.deprecated.contains(self.ecosystem.key(version))


class _Unread(NamedTuple):
    """An unreadable file that names the package, or could name it."""

    path: str
    reason: str
    is_broken: bool
    """Whether the file could be read but not parsed."""

    def may_affect(self, path: str, facts: Facts | Broken | Unreadable) -> bool:
        """Return whether this file can affect the versions in another file."""
        folder, _, name = self.path.rpartition("/")
        if _SHARED.search(name) and path.startswith(f"{folder}/" if folder else ""):
            return True
        return isinstance(facts, Facts) and any(self.path == linked for _, linked in facts.links)


class Dependency(ProjectScanner[DependencyOptions, Facts | Broken]):
    """Finds the manifests that require a package, and the lock files that pin it.

    If a manifest's lock file pins the package, the locked version is tested. If only a lock file
    names the package, the match is in the lock file.
    """

    name = "dependency"
    version = "2"
    Options = DependencyOptions

    def files(self, options: DependencyOptions) -> Sequence[str]:
        """Return the patterns of the ecosystem's manifests and lock files."""
        return ecosystem_of(options.ecosystem).files

    def read(self, options: DependencyOptions, path: str, content: bytes) -> Facts | Broken:
        """Return the package facts in a file, or the reason why it cannot be parsed."""
        try:
            return ecosystem_of(options.ecosystem).read(path, content)
        except ValueError as error:
            return Broken(str(error), frozenset(_words(content.decode("utf-8", "replace"))))

    def find(
        self, options: DependencyOptions, facts: Mapping[str, Facts | Broken | Unreadable]
    ) -> Iterator[Match | Unknown]:
        """Yield a match for each declaration of the package whose case the rule selects.

        Also yield an `Unknown` for each broken file, and for each file with declarations that an
        unread file may affect.
        """
        query = _query(options)
        readable = {path: known for path, known in facts.items() if isinstance(known, Facts)}
        unread = list(_unread(query, facts)) if len(readable) < len(facts) else []
        yield from (Unknown(file.path, file.reason) for file in unread if file.is_broken)
        for finding in query.ecosystem.findings(readable, query.package):
            path = finding.path
            causes = (file for file in unread if file.may_affect(path, facts[path]))
            cause = next(causes, None)
            if cause is not None:
                yield Unknown(path, f"{cause.path}: {cause.reason}", cause.path)
                continue
            case, version = _judged(options, query, finding)
            if case in query.cases:
                yield Match(
                    text=query.package,
                    path=path,
                    line=finding.line,
                    column=finding.column,
                    captures={"version": version, "case": case},
                )

    def is_affected(
        self,
        options: DependencyOptions,
        before: Facts | Broken | None,
        after: Facts | Broken | None,
    ) -> bool:
        """Return whether a change to a file can affect what the rule finds."""
        if not isinstance(before, Facts) or not isinstance(after, Facts):
            return True
        package = _query(options).package
        return (
            any(
                package in facts.requirements or package in facts.locked
                for facts in (before, after)
            )
            or before.links != after.links
            or before.variables != after.variables
        )


@lru_cache(maxsize=1024)
def _query(options: DependencyOptions) -> _Query:
    ecosystem = ecosystem_of(options.ecosystem)
    package = ecosystem.normalise(options.package)
    deprecated = ALL if options.versions is None else ecosystem.versions(options.versions)
    cases = options.cases or (CASES if deprecated.is_all else _DEFAULT_CASES)
    segments = [part for part in re.split("[/:]", package) if not _MAJOR.fullmatch(part)]
    words = frozenset(_words(segments[-1] if segments else package))
    return _Query(ecosystem, package, deprecated, frozenset(cases), words)


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.lower())


def _unread(query: _Query, facts: Mapping[str, Facts | Broken | Unreadable]) -> Iterator[_Unread]:
    """Yield the unreadable files, except unparsable files without any word of the name."""
    for path, known in facts.items():
        if isinstance(known, Unreadable):
            yield _Unread(path, known.reason, is_broken=False)
        elif isinstance(known, Broken) and not query.words.isdisjoint(known.words):
            yield _Unread(path, known.reason, is_broken=True)


def _judged(options: DependencyOptions, query: _Query, finding: Finding) -> tuple[Case | None, str]:
    """Return the case of a finding and its version. The case is None for an allowed version."""
    if finding.locked:
        try:
            deprecated = [version for version in finding.locked if query.is_deprecated(version)]
        except ValueError:
            return "unresolved", ", ".join(finding.locked)
        return ("locked" if deprecated else None), ", ".join(deprecated)
    if finding.unresolved:
        return "unresolved", finding.constraint or finding.unresolved
    if not finding.constraint:
        return "unpinned", _ANY_VERSION
    return _case(options.ecosystem, options.versions, finding.constraint), finding.constraint


@lru_cache(maxsize=_CACHED)
def _case(ecosystem: str, versions: str | None, constraint: str) -> Case | None:
    """Compare a declared range with the deprecated versions."""
    reader = ecosystem_of(ecosystem)
    try:
        declared = reader.versions(constraint)
    except ValueError:
        return "unresolved"
    deprecated = ALL if versions is None else reader.versions(versions)
    if declared.intersection(deprecated).is_empty:
        return None
    return "only-deprecated" if declared.is_subset(deprecated) else "allows-deprecated"
