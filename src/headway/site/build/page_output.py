"""Write the files of a new site, and compute their fingerprints."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from headway.hashing import shortened
from headway.site.build.manifest import Manifest

Content = str | bytes
_BUFFER = 1 << 18


class Stream:
    """Writes a file piece by piece, and computes its fingerprint.

    Question marks replace characters that UTF-8 cannot encode.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, content: Content) -> int:
        """Write the next piece and return its length."""
        data = encoded(content)
        self._hash.update(data)
        self._file.write(data)
        return len(content)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the content written so far."""
        return shortened(self._hash)


def encoded(content: Content) -> bytes:
    """Encode text as UTF-8. Question marks replace characters that UTF-8 cannot encode."""
    return content.encode("utf-8", "replace") if isinstance(content, str) else content


class Output:
    """Writes files into the folder of a new site, and records their fingerprints.

    Paths are relative to the site's root and use slashes. Several processes can write different
    files to the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: set[str] = set()
        self._written = Manifest()

    def write(self, path: str, content: Content) -> None:
        """Write one file."""
        # Most files of a site are small, and `stream` would take twice as long.
        data = encoded(content)
        with open(self._target(path), "xb") as file:  # noqa: PTH123
            file.write(data)
        self._written.files[path] = shortened(hashlib.sha256(data))

    @contextmanager
    def stream(self, path: str) -> Iterator[Stream]:
        """Create a file that the block writes piece by piece."""
        with open(self._target(path), "xb", buffering=_BUFFER) as file:  # noqa: PTH123
            stream = Stream(file)
            yield stream
        self._written.files[path] = stream.fingerprint

    def hand_over(self) -> Manifest:
        """Return the manifest of the files written since the last call."""
        written, self._written = self._written, Manifest()
        return written

    def _target(self, path: str) -> str:
        """Return the path of a new file, and create its folder."""
        # A site has tens of thousands of files, and operations on `Path` are slow.
        parent = path.rpartition("/")[0]
        if parent not in self._made:
            os.makedirs(f"{self._folder}/{parent}", exist_ok=True)  # noqa: PTH103
            self._made.add(parent)
        return f"{self._folder}/{path}"
