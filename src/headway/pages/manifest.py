"""What a site is made of: which files follow from which inputs, and what each file must be.

The next build takes over whatever would come out the same. A file that is no longer what was
written, because somebody edited it or a disk lost it, is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MANIFEST = "manifest.json"
_THREADS = 2
_DIGITS = 32


class Unit(NamedTuple):
    """Files that are made together. digest: of everything that they follow from."""

    digest: str
    paths: tuple[str, ...]


@dataclass(slots=True)
class Manifest:
    """files: path to the digest of its content. inputs: digest of all that the site follows from;
    empty when not known.
    """

    inputs: str = ""
    files: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

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
            {str(name): Unit(str(it[0]), tuple(it[1])) for name, it in body["units"].items()},
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
        found = threads.map(lambda path: digest_of_file(site / path), manifest.files)
        return all(
            digest == known for digest, known in zip(found, manifest.files.values(), strict=True)
        )


def digest_of_file(path: Path) -> str | None:
    """None where it cannot be read; a link is not what was written."""
    try:
        if path.is_symlink():
            return None
        with path.open("rb") as file:
            return shortened(hashlib.file_digest(file, "sha256"))
    except OSError:
        return None


def shortened(told: hashlib._Hash) -> str:
    """A digest as a manifest has it: nobody fakes these, so that half of it is plenty."""
    return told.hexdigest()[:_DIGITS]


def digest_of(*parts: object) -> str:
    """Changes whenever what the parts say of themselves does."""
    told = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass")
        told.update(b"%d " % len(data))
        told.update(data)
    return shortened(told)


def digest_of_folder(folder: Path, pattern: str = "*") -> str:
    """Of the names and contents of all files below a folder."""
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return digest_of(*(part for path in files for part in _named(folder, path)))


def _named(folder: Path, path: Path) -> Iterator[object]:
    yield path.relative_to(folder).as_posix()
    yield digest_of_file(path)
