"""The manifest of a site: fingerprints of its files and of their inputs.

The next build reads the manifest to find reusable files. If a file was edited or deleted after the
build, the next build writes it again.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MANIFEST = "manifest.json"


class TablePiece(NamedTuple):
    """The rows of one campaign in the table of a team."""

    campaign: str
    csv_size: int
    """The size of the rows in the CSV file, in bytes."""
    json_size: int
    """The size of the rows in the JSON file, in bytes, without the separators between pieces."""


class BuiltUnit(NamedTuple):
    """A group of files that were built together."""

    fingerprint: str
    """A fingerprint of all inputs of the files."""

    paths: tuple[str, ...]
    """The paths of the files, relative to the site's root."""

    parts: tuple[str, ...] = ()
    """The names of the units that were built as parts of this unit."""

    pieces: tuple[TablePiece, ...] = ()
    """The pieces of the table that the unit consists of, in order, or an empty tuple for a unit
    that is no table or whose pieces no other table contains.
    """


@dataclass(slots=True)
class Manifest:
    """The files of a site, with their fingerprints."""

    inputs: str = ""
    """A fingerprint of all inputs of the site, or an empty string if it is unknown."""

    files: dict[str, str] = field(default_factory=dict)
    """Maps the path of each file to the fingerprint of its content."""

    units: dict[str, BuiltUnit] = field(default_factory=dict)
    """The units by name, such as `teams/payments`."""

    def add(self, other: Manifest) -> None:
        """Add the files and units of another manifest."""
        self.files |= other.files
        self.units |= other.units

    def text(self) -> str:
        """Return the contents of the manifest file. They are the same for equal manifests."""
        body = {
            "inputs": self.inputs,
            "files": dict(sorted(self.files.items())),
            "units": {name: list(unit) for name, unit in sorted(self.units.items())},
        }
        return json.dumps(body, indent=0, ensure_ascii=True) + "\n"


def read_manifest(site: Path | None) -> Manifest:
    """Read the manifest of a site. Return an empty one if it is missing or damaged."""
    if site is None:
        return Manifest()
    try:
        body = json.loads((site / MANIFEST).read_bytes())
        return Manifest(
            str(body["inputs"]),
            {str(path): str(fingerprint) for path, fingerprint in body["files"].items()},
            {
                str(name): BuiltUnit(
                    str(built[0]),
                    tuple(built[1]),
                    tuple(built[2]),
                    tuple(TablePiece(*piece) for piece in built[3]),
                )
                for name, built in body["units"].items()
            },
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Manifest()


def lists_all(site: Path, manifest: Manifest) -> bool:
    """Return whether a site's folder contains exactly the files of the manifest."""
    return _files_below(site) - {MANIFEST} == manifest.files.keys()


def _files_below(folder: Path) -> set[str]:
    """Return the paths of all files below a folder, relative to the folder, with slashes."""
    # A site has tens of thousands of files, and `Path.rglob` would take many times as long.
    root = str(folder)
    return {
        f"{parent[len(root) + 1 :].replace(os.sep, '/')}/{name}".lstrip("/")
        for parent, _, names in os.walk(root)
        for name in names
    }
