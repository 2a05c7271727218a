"""The files in a work tree. Each file is read on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path


class TreeFiles(Mapping[str, bytes]):
    """Maps the path of each regular file in a folder to its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._resolved = folder.resolve()

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._file(path) is not None

    def __getitem__(self, path: str) -> bytes:
        file = self._file(path)
        if file is None:
            raise KeyError(path)
        return file.read_bytes()

    def __iter__(self) -> Iterator[str]:
        for file in sorted(self._folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(self._folder).as_posix()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _file(self, path: str) -> Path | None:
        """Return a regular file, or None if it is missing, a link or outside the folder."""
        try:
            file = self._folder / path
            inside = file.resolve().is_relative_to(self._resolved)
            return file if inside and file.is_file() and not file.is_symlink() else None
        except (OSError, ValueError):
            return None
