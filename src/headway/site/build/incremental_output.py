"""Write the files of a site, and reuse unchanged files of the last build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from headway.hashing import fingerprint_of
from headway.site.build.known_files import KnownFiles
from headway.site.build.manifest import BuiltUnit, TablePiece, read_manifest
from headway.site.build.page_output import Output
from headway.site.build.publish import Place, link_or_copy


@dataclass(frozen=True, slots=True)
class Unit:
    """A group of files that are always built together."""

    name: str
    """The name in the manifest, such as `teams/payments`."""

    record: object
    """The data that the files show. Two records are equal if they have the same `repr`.

    If the data does not fit in memory, the record is a fingerprint of the rows in the store.
    """

    templates: tuple[str, ...] = ()
    """The templates that render the files."""


class IncrementalOutput(Output):
    """Writes units of files, and reuses units of the last build.

    A unit is reused if its record, its templates and the inputs that all pages share are unchanged.
    If one of its files has been edited since the last build, the unit is written again.
    """

    def __init__(self, place: Place, templates: Mapping[str, str], constants: str) -> None:
        """Args:
        place: The folders of the new site and of the site of the last build.
        templates: Maps the name of each template to its fingerprint.
        constants: A fingerprint of the inputs that all pages share.
        """
        super().__init__(place.folder)
        self._last_site = place.old
        self._last_build = read_manifest(place.old)
        self._known = KnownFiles(place.old, place.known_files) if place.old is not None else None
        self._templates = templates
        self._constants = constants

    def reuse(self, unit: Unit) -> bool:
        """Link the unit's files from the last build. Return False if they must be built again."""
        built = self._last_build.units.get(unit.name)
        if self._known is None or built is None:
            return False
        if not self._last_build.units.keys() >= set(built.parts):
            return False
        if built.fingerprint != self._fingerprint(unit):
            return False
        files = {path: self._last_build.files.get(path) for path in built.paths}
        for path, fingerprint in files.items():
            if fingerprint is None or not self._known.has(path, fingerprint):
                return False
        for path, fingerprint in files.items():
            link_or_copy(f"{self._last_site}/{path}", self._target(path))
            self._written.files[path] = fingerprint or ""
        self._written.units[unit.name] = built
        for part in built.parts:
            self._written.units[part] = self._last_build.units[part]
        return True

    def fingerprint(self, name: str) -> str:
        """Return the fingerprint of a unit that was built or reused before."""
        return self._written.units[name].fingerprint

    def pieces(self, name: str) -> tuple[TablePiece, ...]:
        """Return the pieces of a table in the last build. Call this only for a reused unit."""
        return self._last_build.units[name].pieces

    @contextmanager
    def building(self, unit: Unit) -> Iterator[list[TablePiece]]:
        """Treat all files that are written in the block as part of this unit.

        Units that the block builds or reuses become parts of this unit.

        Yields:
            A list to which the block can add the pieces of the unit's table.
        """
        files, units = len(self._written.files), len(self._written.units)
        pieces: list[TablePiece] = []
        yield pieces
        paths = tuple(list(self._written.files)[files:])
        parts = tuple(list(self._written.units)[units:])
        fingerprint = self._fingerprint(unit)
        self._written.units[unit.name] = BuiltUnit(fingerprint, paths, parts, tuple(pieces))

    def _fingerprint(self, unit: Unit) -> str:
        templates = [self._templates[name] for name in unit.templates]
        return fingerprint_of(self._constants, templates, unit.record)
