"""A workspace whose commands are killed, and its twin, whose commands are not."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from headway.store.database import connect_to_copy, table_names
from tests.support.kills.launcher import Ended, in_fork, run

Tables = dict[str, tuple[int, str]]
"""The number of rows of each table, and a fingerprint of the rows in any order."""

_DIFFERING = frozenset({"scan", "schema_version"})
"""The tables that may differ: their rows contain times, and repeated scans add rows to the log.
"""
_OPTIONAL_FILES = frozenset(
    {"headway.duckdb.replaced", ".headway/matches", ".headway/matches/1.sqlite"}
)
"""The files that only one workspace may have: the store that `import --replace` replaced, and the
cache of matches, which is written only if a command searches files that no command has searched.
"""
_MANIFEST = "manifest.json"
"""The file in a site that contains the hashes of all pages."""
_HASH = re.compile(r"\b[0-9a-f]{32}\b")
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC")
"""The time of the last scan on a page."""
READINGS = (
    ("status", "--format", "json"),
    ("status", "--by", "repository", "--format", "json"),
    ("items", "--state", "all", "--format", "json"),
    ("burndown", "remove-six", "--format", "json"),
)


@dataclass(frozen=True)
class Workspace:
    """A workspace whose store is a file, and the folder for the output of its commands."""

    folder: Path
    scratch: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    """The environment variables of its commands."""

    @property
    def store(self) -> Path:
        return self.folder / "headway.duckdb"

    def run(self, *arguments: str, today: date) -> Ended:
        """Run a command without disturbing it."""
        words = ("-C", str(self.folder), "--today", str(today), *arguments)
        return run(words, self.scratch, self.variables)

    def tables(self) -> Tables:
        """Describe the tables of the store."""
        return described(in_fork(_tables_of, self.store))

    def exported_tables(self) -> Tables:
        """Describe the tables of the export that the last scan wrote."""
        manifest = self.folder / "headway.duckdb.export" / "manifest.json"
        return described_export(manifest.read_bytes())

    def identity(self) -> object:
        """Return an ID of the store's current version, or None if the store does not exist."""
        try:
            found = self.store.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def files(self) -> Counter[str]:
        """Return the names of all files and folders, without the hashes in these names."""
        names = (str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        return Counter(_HASH.sub("HASH", name) for name in names if name not in _OPTIONAL_FILES)

    def save_store(self) -> None:
        """Keep a copy of the files of the store for `restore_store`."""
        shutil.rmtree(self.scratch / "saved", ignore_errors=True)
        (self.scratch / "saved").mkdir(parents=True)
        for file in self._store_files():
            shutil.copy2(file, self.scratch / "saved")

    def restore_store(self) -> None:
        """Restore the saved store, like a backup."""
        for file in self._store_files():
            file.unlink()
        for file in (self.scratch / "saved").iterdir():
            shutil.copy2(file, self.folder)

    def _store_files(self) -> list[Path]:
        return [self.store, *self.store.parent.glob(f"{self.store.name}.wal")]

    def temporary_files(self) -> set[str]:
        """Return the names of the remaining files in the folder for temporary files."""
        return {path.name for path in (self.scratch / "tmp").glob("*")}


def described(tables: Mapping[str, tuple[int, str]]) -> Tables:
    """Return the tables in which a workspace must not differ from its twin."""
    return {name: (rows, text) for name, (rows, text) in tables.items() if name not in _DIFFERING}


def described_export(manifest: bytes) -> Tables:
    """Describe the tables of an export by its manifest."""
    tables = json.loads(manifest)["tables"]
    return described({name: (table["rows"], table["content"]) for name, table in tables.items()})


def _tables_of(store: Path) -> Tables:
    with closing(connect_to_copy(store)) as connection:
        queries = (
            f"SELECT '{name}', count(*), concat(sum(hash(t)), ' ', bit_xor(hash(t))) FROM {name} t"
            for name in table_names(connection)
        )
        rows = connection.execute(" UNION ALL ".join(queries)).fetchall()
    return {name.strip('"'): (count, text) for name, count, text in rows}


def differences(found: Tables, expected: Tables) -> Iterator[str]:
    """Describe the tables in which two stores or exports differ."""
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            rows = [table.get(name, (None,))[0] for table in (found, expected)]
            yield f"the table {name} differs ({rows[0]} rows instead of {rows[1]})"


def compare(one: Workspace, twin: Workspace, today: date) -> Iterator[str]:
    """Run the same commands in both workspaces, and describe all differences."""
    for arguments in READINGS:
        found, expected = (place.run(*arguments, today=today) for place in (one, twin))
        if (found.code, found.output) != (expected.code, expected.output):
            yield f"`{' '.join(arguments)}` differs: {_first_difference(found, expected)}"
    for place in (one, twin):
        for command in (("export", str(place.folder / "exp")), ("report", "--jobs", "1")):
            ended = place.run(*command, today=today)
            if ended.code:
                yield f"`{command[0]}` ended with {ended.code}: {ended.errors}"
    exports = [(place.folder / "exp" / "manifest.json").read_bytes() for place in (one, twin)]
    yield from differences(*map(described_export, exports))
    yield from _compare_sites(one.folder / "site", twin.folder / "site")


def _first_difference(found: Ended, expected: Ended) -> str:
    lines = zip(found.output.splitlines(), expected.output.splitlines(), strict=False)
    for one, other in lines:
        if one != other:
            return f"{one.strip()} instead of {other.strip()}"
    return f"exit code {found.code} instead of {expected.code}, or more lines; {found.errors}"


def _compare_sites(one: Path, twin: Path) -> Iterator[str]:
    pages = [_pages(folder) for folder in (one, twin)]
    for name in sorted(pages[0].keys() | pages[1].keys()):
        if pages[0].get(name) != pages[1].get(name):
            yield f"the page {name} differs"


def _pages(site: Path) -> dict[str, bytes]:
    """Return the content of each page, without the time of the last scan."""
    return {
        str(path.relative_to(site)): _TIME.sub(b"TIME", path.read_bytes())
        for path in site.rglob("*")
        if path.is_file() and path != site / _MANIFEST
    }
