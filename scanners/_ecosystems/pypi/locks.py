"""Read Python's lock files: uv, Poetry, PDM, Pipenv and `pylock.toml` (PEP 751)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from ..facts_builder import FactsBuilder
from ..json_document import load_json, read_json
from ..records import Facts
from ..repository_paths import folder_of, joined
from ..source_text import SourceText
from ..toml_document import read_toml
from .requirement_text import normalise

MEMBER = "member"
"""The kind of link from a lock file to the folder of a project that the lock file covers."""

_PACKAGE = re.compile(r"^\[\[packages?\]\][ \t]*\r?\n((?:(?!\[).*\n?)*)", re.MULTILINE)
_NAME = re.compile(r"^name\s*=\s*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
_VERSION = re.compile(r"^version\s*=\s*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
_LOCAL_SOURCE = re.compile(
    r"^source = \{ (?:editable|virtual|directory) = \"([^\"\n]*)\"", re.MULTILINE
)
_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)
_LONGEST_KEPT = 4000
"""The maximum length of an entry whose parsed form is cached, in characters."""


class _Entry(NamedTuple):
    """The contents of a `[[package]]` table."""

    name: str | None
    version: str | None
    offset: int
    """The offset of the line that contains the package name."""
    folder: str | None
    """The folder of a local package in a uv lock file, relative to the lock file, or else None."""


def read_toml_lock(path: str, content: bytes) -> Facts:
    """Read a lock file with one `[[package]]` table for each version.

    The files are large, so only the lines with names and versions are read.
    """
    source = SourceText(content)
    text = source.text
    conflict = _CONFLICT.search(text) if "<<<<<<< " in text else None
    if conflict is not None:
        line = source.line(conflict.start())
        raise ValueError(f"the file contains a merge conflict, line {line}")
    builder = FactsBuilder(source, normalise)
    count = 0
    for found in _PACKAGE.finditer(text):
        count += 1
        body = found[1]
        entry = _kept_entry(body) if len(body) <= _LONGEST_KEPT else _entry(body)
        if entry.folder is not None:
            member = joined(folder_of(path), entry.folder)
            if member is not None:
                builder.link(MEMBER, member)
        elif entry.name is not None and entry.version is not None:
            builder.lock(entry.name, entry.version, found.start(1) + entry.offset)
    if not count:
        read_toml(source)
    return builder.build()


def _entry(body: str) -> _Entry:
    name, version, local = _NAME.search(body), _VERSION.search(body), _LOCAL_SOURCE.search(body)
    return _Entry(
        name[1] if name else None,
        version[1] if version else None,
        name.start() if name else 0,
        local[1] if local else None,
    )


_kept_entry = lru_cache(maxsize=1 << 14)(_entry)
"""Cached, because successive versions of a lock file share most entries."""


def read_pipfile_lock(_path: str, content: bytes) -> Facts:
    """Read `Pipfile.lock`, which has one object for each package category."""
    source = SourceText(content)
    document = load_json(source)
    builder = FactsBuilder(source, normalise)
    lines = _PipfileLines(source)
    for category, entries in document.items() if isinstance(document, dict) else ():
        if category == "_meta" or not isinstance(entries, Mapping):
            continue
        for name, entry in entries.items():
            version = entry.get("version") if isinstance(entry, Mapping) else None
            if isinstance(version, str):
                builder.lock(
                    name, version.removeprefix("=="), lines.offset(category, name), category
                )
    return builder.build()


class _PipfileLines:
    """Finds the offset of each package in a `Pipfile.lock`.

    Call `offset` in file order, because the search only moves forward.
    """

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._category = ""
        self._at = 0
        self._offsets: Mapping[tuple[str | int, ...], int] | None = None

    def offset(self, category: str, name: str) -> int:
        """Return the offset of a package in the file."""
        if category != self._category:
            self._category = category
            self._advance(f"\n    {json.dumps(category)}: {{")
        self._advance(f"\n        {json.dumps(name)}: {{")
        if self._at >= 0:
            return self._at + len("\n        ")
        if self._offsets is None:
            # The search for text fails if the file is not indented as by pipenv.
            self._offsets = read_json(self._source).offsets
        return self._offsets[category, name]

    def _advance(self, text: str) -> None:
        if self._at >= 0:
            self._at = self._source.text.find(text, self._at)
