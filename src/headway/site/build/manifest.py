"""What a site is made of: which files follow from which inputs, and what each file must be.

The next build takes over whatever would come out the same. A file that is no longer what was
written, because somebody edited it or a disk lost it, is written anew.
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
    """Files that were made together."""

    fingerprint: str
    """The fingerprint of everything that the files were made from."""

    paths: tuple[str, ...]


@dataclass(slots=True)
class Manifest:
    """files: path to the digest of its content. inputs: digest of all that the site follows from;
    empty when not known.
    """

    inputs: str = ""
    files: dict[str, str] = field(default_factory=dict)
    units: dict[str, BuiltUnit] = field(default_factory=dict)

    def add(self, other: Manifest) -> None:
        """Takes in what another process wrote."""
        self.files |= other.files
        self.units |= other.units

    def text(self) -> str:
        """As it lies in the site: the same manifest is the same text."""
        body = {
            "inputs": self.inputs,
            "files": dict(sorted(self.files.items())),
            "units": {name: list(unit) for name, unit in sorted(self.units.items())},
        }
        return json.dumps(body, indent=0, ensure_ascii=True) + "\n"


def read_manifest(site: Path | None) -> Manifest:
    """What the site at this folder is made of; an empty one where that cannot be told."""
    if site is None:
        return Manifest()
    try:
        body = json.loads((site / MANIFEST).read_bytes())
        return Manifest(
            str(body["inputs"]),
            {str(path): str(digest) for path, digest in body["files"].items()},
            {
                str(name): BuiltUnit(str(built[0]), tuple(built[1]))
                for name, built in body["units"].items()
            },
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Manifest()


def is_intact(site: Path, manifest: Manifest) -> bool:
    """Whether exactly the files of the manifest are there, each as it was written."""
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if not path.is_dir()} - {
        MANIFEST
    }
    if there != manifest.files.keys():
        return False
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(lambda path: file_fingerprint(site / path), manifest.files)
        return all(
            digest == known for digest, known in zip(found, manifest.files.values(), strict=True)
        )
