"""The files of a site: written, or taken over from the site that is there."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from headway.hashing import file_fingerprint, shortened
from headway.site.build.manifest import Manifest, Unit

Content = str | bytes
_BUFFER = 1 << 18


class Stream:
    """A file that is written piece by piece; what cannot be encoded in UTF-8 is replaced."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        #: bytes so far
        self.length = 0

    def write(self, content: Content) -> int:
        """The next piece; gives its length, as files do."""
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        self._hash.update(data)
        self._file.write(data)
        self.length += len(data)
        return len(content)

    @property
    def digest(self) -> str:
        """Of everything so far."""
        return shortened(self._hash)


class Output:
    """Writes files of a site into a folder that is to become it.

    Paths are relative to the site's root, with slashes. Several may write into one folder, each
    its own files. old: the site that is there, made of what `known` says; None when there is none.
    """

    def __init__(
        self, folder: Path, old: Path | None = None, known: Manifest | None = None
    ) -> None:
        self._folder = folder
        self._old = old
        self._known = known or Manifest()
        self._made: set[Path] = set()
        self._written = Manifest()

    def write(self, path: str, content: Content) -> None:
        """One file."""
        with self.stream(path) as stream:
            stream.write(content)

    @contextmanager
    def stream(self, path: str) -> Iterator[Stream]:
        """One file, to be written piece by piece."""
        with self._target(path).open("xb", buffering=_BUFFER) as file:
            stream = Stream(file)
            yield stream
        self._written.files[path] = stream.digest

    def read(self, path: str, start: int, length: int) -> bytes:
        """A part of a file that is complete, whoever wrote it; start, length: in bytes."""
        with (self._folder / path).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def make(self, unit: str, digest: str, files: Iterable[tuple[str, Content]]) -> None:
        """Files that are made together, each with its path; they follow from what `digest` tells.

        Whoever gives them may write some of them here itself in the meantime.
        """
        before = len(self._written.files)
        for path, content in files:
            self.write(path, content)
        paths = tuple(list(self._written.files)[before:])
        self._written.units[unit] = Unit(digest, paths)

    def takes_over(self, unit: str, digest: str) -> bool:
        """Whether the old site has these files, just as `make` would make them; then all is done.

        A file that is no longer what was written, because somebody edited it, is not taken.
        """
        there = self._known.units.get(unit)
        if self._old is None or there is None or there.digest != digest:
            return False
        for path in there.paths:
            known = self._known.files.get(path)
            if known is None or file_fingerprint(self._old / path) != known:
                return False
        for path in there.paths:
            _link(self._old / path, self._target(path))
            self._written.files[path] = self._known.files[path]
        self._written.units[unit] = there
        return True

    def hand_over(self) -> Manifest:
        """What was written since this was last asked."""
        written, self._written = self._written, Manifest()
        return written

    def _target(self, path: str) -> Path:
        target = self._folder / path
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        return target


def _link(source: Path, target: Path) -> None:
    """One more name for a file; a copy where the disk has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
