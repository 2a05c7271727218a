"""The child process that sends the requests of one operation to object storage.

The process reads one JSON object from standard input and writes one to standard output. Its
environment contains the credentials, which no other process of Headway needs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from headway.model.object_address import ObjectAddress
from headway.process_tree import die_with_parent
from headway.storage.bucket import Bucket
from headway.storage.export_transfers import fetch_export, manifest_version, save_export
from headway.storage.messages import Patience, version_from_json, version_to_json
from headway.storage.object_transfers import fetch, save
from headway.storage.storage_errors import StorageError

Request = Mapping[str, Any]


def main() -> None:
    """Process the request on standard input."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    json.dump(answer(request, os.environ), sys.stdout)


def answer(request: Request, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run one operation.

    Args:
        request: The operation, the address, the limits on waiting and the arguments of the
            operation.
        environment: The variables with the storage's settings and credentials.

    Returns:
        The result, or the failure under the `error` and `reason` keys.
    """
    address = ObjectAddress(**request["address"])
    try:
        import obstore  # noqa: F401 - an extra, which may be missing
    except ImportError:
        return {"error": "library", "reason": "the `obstore` package is not installed"}
    try:
        bucket = Bucket(address, environment, Patience(**request["patience"]))
        return _OPERATIONS[request["operation"]](bucket, request)
    except StorageError as error:
        return {"error": error.kind, "reason": error.reason}
    except OSError as error:
        return {"error": "disk", "reason": error.strerror or "a disk error"}


def _version(bucket: Bucket, _: Request) -> dict[str, Any]:
    found = bucket.head(bucket.address.key)
    if found is None:
        bucket.check_exists()
    return {"version": version_to_json(found[0] if found else None)}


def _fetch(bucket: Bucket, request: Request) -> dict[str, Any]:
    key = bucket.address.key
    known = [version for item in request["known"] if (version := version_from_json(item))]
    manifest = manifest_version(bucket, f"{key}.export") if request["manifest"] else None
    found = fetch(bucket, key, known, Path(request["target"]))
    return {
        "version": version_to_json(found.version) if found else None,
        "downloaded": found is not None and found.downloaded,
        "has_hash": found is not None and found.has_hash,
        "manifest": version_to_json(manifest),
    }


def _save(bucket: Bucket, request: Request) -> dict[str, Any]:
    expected = version_from_json(request["expected"])
    file = Path(request["file"])
    return asdict(save(bucket, bucket.address.key, file, expected, request["keep_as"]))


def _save_export(bucket: Bucket, request: Request) -> dict[str, Any]:
    expected = version_from_json(request["expected"])
    export = f"{bucket.address.key}.export"
    return {"saved": save_export(bucket, export, Path(request["folder"]), expected)}


def _fetch_export(bucket: Bucket, request: Request) -> dict[str, Any]:
    return {"found": fetch_export(bucket, bucket.address.key, Path(request["folder"]))}


_OPERATIONS: dict[str, Callable[[Bucket, Request], dict[str, Any]]] = {
    "version": _version,
    "fetch": _fetch,
    "save": _save,
    "save export": _save_export,
    "fetch export": _fetch_export,
}


if __name__ == "__main__":
    main()
