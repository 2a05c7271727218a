"""The manifest of a site: fingerprints of its files, and of the inputs that they were made from.

The next build reads the manifest to reuse files that would not change. A file that was edited or
deleted after the build is written again.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from headway.hashing import file_fingerprint

MANIFEST = "manifest.json"
_THREADS = 2


class BuiltUnit(NamedTuple):
    """Files that were made together from one record."""

    fingerprint: str
    """The fingerprint of everything that the files were made from."""

    paths: tuple[str, ...]

    parts: tuple[str, ...] = ()
    """Names of units that were built as parts of this one."""
    """Paths of the files, below the site's root."""


@dataclass(slots=True)
class Manifest:
    """The files of a site."""

    inputs: str = ""
    """The fingerprint of everything that the site was made from; empty if it is not known."""

    files: dict[str, str] = field(default_factory=dict)
    """Maps the path of each file to the fingerprint of its content."""

    units: dict[str, BuiltUnit] = field(default_factory=dict)
    """Units by name, such as `teams/payments`."""

    def add(self, other: Manifest) -> None:
        """Add the files that another process wrote."""
        self.files |= other.files
        self.units |= other.units

    def text(self) -> str:
        """The text of the manifest file; equal manifests have equal texts."""
        body = {
            "inputs": self.inputs,
            "files": dict(sorted(self.files.items())),
            "units": {name: list(unit) for name, unit in sorted(self.units.items())},
        }
        return json.dumps(body, indent=0, ensure_ascii=True) + "\n"


def read_manifest(site: Path | None) -> Manifest:
    """Read the manifest of a site; empty if there is no site, no manifest, or a damaged one."""
    if site is None:
        return Manifest()
    try:
        body = json.loads((site / MANIFEST).read_bytes())
        return Manifest(
            str(body["inputs"]),
            {str(path): str(digest) for path, digest in body["files"].items()},
            {
                str(name): BuiltUnit(str(built[0]), tuple(built[1]), tuple(built[2]))
                for name, built in body["units"].items()
            },
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Manifest()


def is_intact(site: Path, manifest: Manifest) -> bool:
    """Whether the folder has exactly the files of the manifest, with unchanged contents."""
    present = {
        path.relative_to(site).as_posix() for path in site.rglob("*") if not path.is_dir()
    } - {MANIFEST}
    if present != manifest.files.keys():
        return False
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(lambda path: file_fingerprint(site / path), manifest.files)
        return all(
            digest == known for digest, known in zip(found, manifest.files.values(), strict=True)
        )
