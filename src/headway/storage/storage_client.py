"""Run object storage operations in a child process. Only this process has the credentials."""

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
"""Variables for all services: programs, certificates, proxies and the machine's identity."""
_ATTEMPTS = 4
"""The maximum number of attempts if the child process is killed."""
_INSECURE = ("ALLOW_HTTP", "ALLOW_INVALID_CERTIFICATES")
"""The suffixes of variables that would make the connection less secure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a request for the latest version."""

    version: ObjectVersion | None
    """The version, or None if the object does not exist."""
    downloaded: bool
    has_hash: bool
    """Whether a downloaded file was compared with its recorded hash."""
    manifest: ObjectVersion | None
    """The version of the export's manifest, or None if it does not exist or was not requested."""


class StorageClient:
    """Runs operations on one store in object storage.

    Args:
        address: The address of the store.
        environment: All environment variables. The child process receives only the ones that it
            needs.
        patience: The limits on waiting for the service.
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
            # CI systems pass unset variables as empty strings.
            if environment[name] and not name.endswith(_INSECURE)
        }

    def version(self) -> ObjectVersion | None:
        """Return the version of the store, or None if it does not exist."""
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
        """Replace the store with a file on the condition that it has the expected version.

        Args:
            file: The new content of the store.
            expected: The version to replace, or None if the store must not exist.
            keep_as: The key for a copy of the replaced store, or an empty string for no copy.
        """
        reply = self._run(
            "save", file=str(file), expected=version_to_json(expected), keep_as=keep_as
        )
        return ObjectVersion(**reply)

    def save_export(self, folder: Path, expected: ObjectVersion | None) -> None:
        """Replace the export of the store, unless another process has replaced it."""
        self._run("save export", folder=str(folder), expected=version_to_json(expected))

    def fetch_export(self, folder: Path) -> bool:
        """Download the export to an empty folder. Return whether the export exists."""
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
        # The system can kill the child to free memory. Operations can be repeated, so try again.
        for _ in range(_ATTEMPTS):
            code, output, errors = self._call(json.dumps(request).encode())
            if code >= 0:
                break
        else:
            reason = f"the process that transfers it was killed by signal {-code}"
            raise StorageError(self.address, "incomplete", reason)
        if code:
            # This is a bug. The crash report of the command includes the output.
            raise RuntimeError(errors.decode("utf-8", "replace"))
        reply: dict[str, Any] = json.loads(output)
        if "error" in reply:
            raise StorageError(self.address, reply["error"], reply["reason"])
        return reply

    def _call(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Run the child process. Return its exit code, standard output and standard error."""
        # Use a separate session, so that Ctrl-C reaches only this process, which kills the child.
        # `-P` prevents imports of modules in the current folder.
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
