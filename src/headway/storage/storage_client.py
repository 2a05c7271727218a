"""Run operations of object storage in a child process, which alone gets the credentials."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headway.model.object_address import ObjectAddress, storage_variables
from headway.storage.messages import (
    ObjectVersion,
    Patience,
    version_from_json,
    version_to_json,
)
from headway.storage.storage_errors import StorageError

_PASSED_ON = frozenset(
    (
        *("PATH", "HOME", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
        *("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
    )
)
"""Variables for any storage: programs, certificates, proxies and the identity of the machine."""
_ATTEMPTS = 4
"""How often to start the child process before its death counts as an error."""
_INSECURE = ("ALLOW_HTTP", "ALLOW_INVALID_CERTIFICATES")
"""The ends of the names of variables that would weaken the connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request for the newest version."""

    version: ObjectVersion | None
    """None if there is no object."""
    downloaded: bool
    has_hash: bool
    """Whether a downloaded file was compared with the hash that was recorded for it."""
    manifest: ObjectVersion | None
    """The version of the manifest of the export; None if there is none or it was not needed."""


class StorageClient:
    """Runs operations on one store in object storage.

    Args:
        address: The store.
        environment: All environment variables. The child process gets those that it needs.
        patience: How long to wait for the service.
    """

    def __init__(
        self,
        address: ObjectAddress,
        environment: Mapping[str, str],
        patience: Patience,
    ) -> None:
        self.address = address
        self._patience = patience
        own = {*storage_variables(address, environment), *_PASSED_ON} & environment.keys()
        self._environment = {
            name: environment[name]
            for name in own
            # A CI system passes on variables that are not set as empty ones.
            if environment[name] and not name.endswith(_INSECURE)
        }

    def version(self) -> ObjectVersion | None:
        """Return the version of the store; None if there is none."""
        return version_from_json(self._run("version")["version"])

    def fetch(self, known: list[ObjectVersion], target: Path, *, manifest: bool = False) -> Answer:
        """Download the store to a file, unless its version is known.

        Args:
            known: The versions that need no download.
            target: The file to write.
            manifest: Whether to look up the version of the export's manifest first.
        """
        reply = self._run(
            "fetch",
            known=[version_to_json(version) for version in known],
            target=str(target),
            manifest=manifest,
        )
        return Answer(
            version_from_json(reply["version"]),
            reply["downloaded"],
            reply["has_hash"],
            version_from_json(reply["manifest"]),
        )

    def save(self, file: Path, expected: ObjectVersion | None, keep_as: str = "") -> ObjectVersion:
        """Replace the store with a file, on condition that it has the expected version.

        Args:
            file: The new store.
            expected: The version to replace; None if there must be none.
            keep_as: The key of a copy of the store that is replaced; empty for none.
        """
        reply = self._run(
            "save", file=str(file), expected=version_to_json(expected), keep_as=keep_as
        )
        return ObjectVersion(**reply)

    def save_export(self, folder: Path, expected: ObjectVersion | None) -> None:
        """Replace the export of the store, unless another process has replaced it."""
        self._run("save export", folder=str(folder), expected=version_to_json(expected))

    def fetch_export(self, folder: Path) -> bool:
        """Download the export at the address to an empty folder; return whether there is one."""
        return bool(self._run("fetch export", folder=str(folder))["found"])

    def _run(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Run an operation and return its result.

        Raises:
            StorageError: The operation failed.
        """
        request = {
            "operation": operation,
            "address": asdict(self.address),
            "patience": asdict(self._patience),
            "parent": os.getpid(),
            **arguments,
        }
        # The system kills processes if it runs out of memory. All operations can be repeated.
        for _ in range(_ATTEMPTS):
            code, output, errors = self._call(json.dumps(request).encode())
            if code >= 0:
                break
        else:
            reason = f"the process that transfers it was ended by signal {-code}"
            raise StorageError(self.address, "incomplete", reason)
        if code:
            # A bug: the crash report of the command includes this text.
            raise RuntimeError(errors.decode("utf-8", "replace"))
        reply: dict[str, Any] = json.loads(output)
        if "error" in reply:
            raise StorageError(self.address, reply["error"], reply["reason"])
        return reply

    def _call(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Run the child process; return its exit code, its answer and its errors."""
        # Its own session, so that Ctrl-C reaches only this process, which kills the child. `-P`
        # keeps modules in the current folder from being imported.
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "headway.storage.agent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,
        ) as child:
            try:
                output, errors = child.communicate(request)
            except BaseException:
                child.kill()
                raise
        return child.returncode, output, errors
