"""The incremental build: which files of the last build are still what this one would write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from headway.hashing import file_fingerprint, fingerprint_of
from headway.site.build.manifest import BuiltUnit, read_manifest
from headway.site.build.page_output import Output
from headway.site.build.publish import Place, link_or_copy


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that are made together from one record."""

    name: str
    """The unit's name in the manifest, such as `teams/payments`."""

    record: object
    """Everything that the files show. Two records are the same if their representations are.

    Where the files show more than fits into memory, the fingerprint of the store's rows stands in.
    """

    templates: tuple[str, ...] = ()
    """The templates that the files are rendered with."""


class IncrementalOutput(Output):
    """Writes units, or reuses the files of the last build where they would come out the same.

    That is so if the unit's record, the templates and everything that all pages depend on have
    not changed, and neither have the files: one that somebody edited is written again.
    """

    def __init__(self, place: Place, templates: Mapping[str, str], constants: str) -> None:
        """
        Args:
            place: The new folder, and the site of the last build.
            templates: Name to fingerprint of each template.
            constants: The fingerprint of everything that all pages depend on.
        """
        super().__init__(place.folder)
        self._last_site = place.old
        self._last_build = read_manifest(place.old)
        self._templates = templates
        self._constants = constants

    def reuse(self, unit: Unit) -> bool:
        """Links the files of the last build into the new site; False if the unit must be built."""
        built = self._last_build.units.get(unit.name)
        if self._last_site is None or built is None:
            return False
        if built.fingerprint != self._fingerprint(unit):
            return False
        files = {path: self._last_build.files.get(path) for path in built.paths}
        for path, fingerprint in files.items():
            if fingerprint is None or file_fingerprint(self._last_site / path) != fingerprint:
                return False
        for path, fingerprint in files.items():
            link_or_copy(self._last_site / path, self._target(path))
            self._written.files[path] = fingerprint or ""
        self._written.units[unit.name] = built
        return True

    @contextmanager
    def building(self, unit: Unit) -> Iterator[None]:
        """Records every file that the block writes as one of the unit's files."""
        before = len(self._written.files)
        yield
        paths = tuple(list(self._written.files)[before:])
        self._written.units[unit.name] = BuiltUnit(self._fingerprint(unit), paths)

    def _fingerprint(self, unit: Unit) -> str:
        templates = [self._templates[name] for name in unit.templates]
        return fingerprint_of(self._constants, templates, unit.record)
