"""The `runtime` scanner finds the language and platform versions in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from headway import Match, Options, ProjectScanner, Unreadable

from ._runtime.places import Place, files, places
from ._runtime.versions import Comparison, Version, comparisons, end_dates, end_of, numbers, stated

Name = Literal["python", "node", "java", "go", "ruby", "php", "dotnet"]


class RuntimeOptions(Options):
    """The options of a `runtime` rule."""

    runtime: Name = Field(description="The language or platform.")
    versions: str | None = Field(
        default=None,
        min_length=1,
        description="The deprecated versions: one condition, or several separated by commas, all "
        "of which must hold; for example `<3.10`, `18` (which includes 18.17) or `>=3.0,<3.9`. "
        "Give either this option or `ends_by`.",
    )
    ends_by: date | None = Field(
        default=None,
        description="Versions are deprecated if their last security fixes are due on or before "
        "this day.",
    )
    ends: dict[str, date] = Field(
        default={},
        description="With `ends_by`: end-of-support dates for individual versions, which override "
        "Headway's built-in dates, for example because you buy extended support.",
    )
    allows: bool = Field(
        default=True,
        description="Whether a range such as `>=3.8` counts if it allows a deprecated version.",
    )

    @field_validator("versions")
    @classmethod
    def _is_range(cls, versions: str | None) -> str | None:
        if versions is not None:
            comparisons(versions)
        return versions

    @field_validator("ends")
    @classmethod
    def _are_versions(cls, ends: dict[str, date]) -> dict[str, date]:
        for version in ends:
            if ".".join(map(str, numbers(version))) != version:
                raise ValueError(f"`{version:.40}` is not a version such as 3.9 or 18")
        return ends

    @model_validator(mode="after")
    def _has_one_condition(self) -> Self:
        if (self.versions is None) == (self.ends_by is None):
            raise ValueError("give either `versions` or `ends_by`")
        if self.ends and self.ends_by is None:
            raise ValueError("`ends` has no effect without `ends_by`; add it or remove `ends`")
        return self


class Runtime(ProjectScanner[RuntimeOptions, tuple[Place, ...]]):
    """Finds places that state a deprecated version of a language or platform."""

    name = "runtime"
    version = "2"
    Options = RuntimeOptions

    def files(self, options: RuntimeOptions) -> Sequence[str]:
        """Return the patterns of the files that can state a version of the runtime."""
        return files(options.runtime)

    def read(self, options: RuntimeOptions, path: str, content: bytes) -> tuple[Place, ...]:
        """Return the places that state a version.

        Raises:
            ValueError: The file cannot be parsed.
        """
        return tuple(places(options.runtime, path, content))

    def find(
        self, options: RuntimeOptions, facts: Mapping[str, tuple[Place, ...] | Unreadable]
    ) -> Iterator[Match]:
        """Yield one match for each place with a deprecated version."""
        condition = _condition(options)
        for path, found in facts.items():
            if isinstance(found, tuple):
                for place in found:
                    match = _match(options, condition, path, place)
                    if match is not None:
                        yield match

    def is_affected(
        self,
        options: RuntimeOptions,  # noqa: ARG002 - the interface requires it
        before: tuple[Place, ...] | None,
        after: tuple[Place, ...] | None,
    ) -> bool:
        """Return whether the versions in a file have changed."""
        return (before or ()) != (after or ())


def _match(options: RuntimeOptions, condition: Condition, path: str, place: Place) -> Match | None:
    """Return the match at a place, or None if its version is not deprecated."""
    found = stated(options.runtime, place.value)
    if found is None or (found.allows and not options.allows):
        return None
    if not _is_deprecated(condition, found.version):
        return None
    version = ".".join(map(str, found.version))
    return Match(
        # A version in a list is a separate place. Other places keep their match text when the
        # version changes.
        text=f"{place.name}: {version}" if place.is_one_of_many else place.name,
        path=path,
        line=place.line,
        column=place.column,
        captures={"version": version, "stated": place.value.strip()},
    )


Condition = tuple[tuple[Comparison, ...], date | None, tuple[tuple[Version, date | None], ...]]
"""The conditions on the version, the latest end date, and the end dates by version."""


@lru_cache(maxsize=1024)
def _dates(
    runtime: str, ends: tuple[tuple[str, date], ...]
) -> tuple[tuple[Version, date | None], ...]:
    return tuple({**end_dates(runtime), **{numbers(version): day for version, day in ends}}.items())


def _condition(options: RuntimeOptions) -> Condition:
    if options.versions is not None:
        return comparisons(options.versions), None, ()
    return (), options.ends_by, _dates(options.runtime, tuple(options.ends.items()))


def _is_deprecated(condition: Condition, version: Version) -> bool:
    conditions, ends_by, dates = condition
    if ends_by is None:
        return all(one.holds(version) for one in conditions)
    ends = end_of(version, dict(dates))
    return ends is not None and ends <= ends_by
