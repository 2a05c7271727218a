"""Upload and download the export of a store, in the child process that sends requests.

The export is a folder of objects. The file of a table is named after its content, so it never
changes. The manifest has the same format as in a local export, and is replaced last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from headway.storage.bucket import Bucket
from headway.storage.messages import ObjectVersion
from headway.storage.storage_errors import StorageError

MANIFEST = "manifest.json"
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_KEPT = timedelta(days=1)
"""How long files that are no longer in a manifest are kept for readers of earlier exports."""

Tables = dict[str, dict[str, Any]]
"""The files in a manifest, by table. See `store.transfer`."""


def manifest_version(bucket: Bucket, export: str) -> ObjectVersion | None:
    """Return the version of an export's manifest, or None without an export."""
    found = bucket.head(f"{export}/{MANIFEST}")
    return None if found is None else found[0]


def save_export(bucket: Bucket, export: str, folder: Path, expected: ObjectVersion | None) -> bool:
    """Replace the export, unless another process has replaced it.

    Args:
        bucket: The bucket.
        export: The key of the export, without a trailing slash.
        folder: The local export.
        expected: The version of the manifest before the store was replaced, or None if there was no
            manifest.

    Returns:
        Whether this process replaced the export.

    Raises:
        StorageError: The export could not be written.
    """
    manifest = json.loads((folder / MANIFEST).read_bytes())
    earlier = _earlier_tables(bucket, export)
    listed = {entry.key: entry.modified for entry in bucket.listing(f"{export}/")}
    for table, file in manifest["tables"].items():
        before = earlier.get(table)
        same = before is not None and before["content"] == file["content"]
        if before is not None and same and _key(export, table, before) in listed:
            manifest["tables"][table] = before
        elif _key(export, table, file) not in listed:
            bucket.put(_key(export, table, file), folder / f"{table}.parquet")
    text = json.dumps(manifest, indent=2).encode() + b"\n"
    try:
        bucket.replace(f"{export}/{MANIFEST}", text, expected)
    except StorageError as error:
        # The other process has a newer export, because it replaced the manifest later.
        if error.kind == "changed":
            return False
        raise
    _delete_old_files(bucket, export, listed, (earlier, manifest["tables"]))
    return True


def _delete_old_files(
    bucket: Bucket, export: str, listed: Mapping[str, datetime], needed: Iterable[Tables]
) -> None:
    """Delete unneeded files that are older than the newest object by more than `_KEPT`.

    Args:
        bucket: The bucket.
        export: The key of the export.
        listed: The last modification time of each object in the export.
        needed: The files to keep.
    """
    keys = {_key(export, table, file) for tables in needed for table, file in tables.items()}
    newest = max(listed.values(), default=None)
    old = [
        key
        for key, modified in listed.items()
        if key.endswith(".parquet") and key not in keys and newest and newest - modified > _KEPT
    ]
    if old:
        bucket.delete(old)


def fetch_export(bucket: Bucket, export: str, folder: Path) -> bool:
    """Download an export to an empty folder. The files are not checked.

    Returns:
        Whether the export exists.

    Raises:
        StorageError: The export could not be read.
    """
    found = bucket.read(f"{export}/{MANIFEST}")
    if found is None:
        bucket.check_exists()
        return False
    (folder / MANIFEST).write_bytes(found[0])
    for table, file in _tables(found[0]).items():
        key = _key(export, table, file)
        head = bucket.head(key)
        if head is None:
            raise StorageError(
                bucket.address, "incomplete", f"the file of the table {table} is missing"
            )
        with (folder / f"{table}.parquet").open("wb") as target:
            bucket.download(key, head[0], target)
    return True


def _earlier_tables(bucket: Bucket, export: str) -> Tables:
    found = bucket.read(f"{export}/{MANIFEST}")
    return {} if found is None else _tables(found[0])


def _tables(manifest: bytes) -> Tables:
    """Return the valid entries of a manifest. The manifest is untrusted."""
    try:
        tables = json.loads(manifest)["tables"]
        return dict(_valid_entries(tables))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _valid_entries(tables: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, file in tables.items():
        if (
            _TABLE.match(table)
            and isinstance(file, dict)
            and {"rows", "sha256", "content"} == file.keys()
            and _SHA256.match(str(file["sha256"]))
        ):
            yield table, file


def _key(export: str, table: str, file: Mapping[str, Any]) -> str:
    return f"{export}/{table}.{file['sha256'][:16]}.parquet"
